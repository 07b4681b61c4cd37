//! Whose devices a demo's are, and who gets which profile: as an administrator would write it down once they are there.

use std::collections::BTreeMap;

use super::library;
use crate::actions::{Failure, devices, profiles};
use crate::model::Time;
use crate::model::account::{Actor, Role};
use crate::model::device::{Device, Owner, Platform};
use crate::model::enrollment::EnrollmentId;
use crate::store::{self, Store, Write};

/// Devices of a large demo that get owners and profiles of their own.
const MOST: usize = 200;
/// Devices in one transaction.
const AT_ONCE: usize = 25;

/// First names of the pretend owners, with their surnames.
const SURNAMES: &[(&str, &str)] = &[
    ("Ada", "Lovelace"),
    ("Alan", "Turing"),
    ("Barbara", "Liskov"),
    ("Blaise", "Pascal"),
    ("Carl", "Gauss"),
    ("Dorothy", "Vaughan"),
    ("Edsger", "Dijkstra"),
    ("Emmy", "Noether"),
    ("Frances", "Allen"),
    ("Grace", "Hopper"),
    ("Hedy", "Lamarr"),
    ("Ida", "Rhodes"),
    ("Joan", "Clarke"),
    ("Katherine", "Johnson"),
    ("Leonhard", "Euler"),
    ("Margaret", "Hamilton"),
    ("Niklaus", "Wirth"),
    ("Radia", "Perlman"),
    ("Annie", "Easley"),
    ("Chien-Shiung", "Wu"),
    ("Donald", "Knuth"),
    ("Evelyn", "Boyd"),
    ("Hypatia", "of Alexandria"),
    ("John", "Backus"),
    ("Lise", "Meitner"),
    ("Mary", "Jackson"),
    ("Sofia", "Kovalevskaya"),
    ("Tony", "Hoare"),
    ("Fatima", "al-Fihri"),
    ("Gladys", "West"),
    ("Ramon", "Llull"),
    ("Shafi", "Goldwasser"),
];

fn owner(name: &str) -> Option<Owner> {
    let (first, _) = name.split_once('\u{2019}')?;
    let surname = SURNAMES.iter().find(|(known, _)| *known == first).map(|(_, surname)| *surname);
    let short: String = first.to_lowercase().chars().filter(char::is_ascii_alphanumeric).collect();
    let team = ["Teachers", "Office", "Science"][short.len() % 3];
    Some(Owner {
        full_name: surname.map_or_else(|| first.to_owned(), |surname| format!("{first} {surname}")),
        email: format!("{short}@example.org"),
        short_name: short,
        fields: BTreeMap::from([("Team".to_owned(), team.to_owned())]),
    })
}

/// Everything that is done once devices are there.
pub(super) async fn hand_out(store: &Store, now: Time) -> Result<(), Failure> {
    let mut found = Vec::new();
    store::devices::each(&store.read()?, |device| {
        found.push(device);
        found.len() < MOST
    })?;
    found.sort_by(|a, b| a.name.cmp(&b.name));
    let by = Actor { name: "mary".into(), role: Role::Owner };
    for (page, some) in found.chunks(AT_ONCE).enumerate() {
        let (some, by) = (some.to_vec(), by.clone());
        let first = page * AT_ONCE;
        store.write(move |w| describe(w, &by, &some, first, now)).await?;
    }
    // After the owners: the mail of a device without one would wait for it.
    let of = |wanted: fn(&Device) -> bool| -> Vec<EnrollmentId> {
        found.iter().filter(|device| wanted(device)).map(|device| device.id.clone()).collect()
    };
    let macs = of(|device| device.platform == Platform::Mac);
    let pads = of(|device| device.platform == Platform::IPad);
    let owned = of(|device| owner(&device.name).is_some());
    for (profile, ids) in [
        (library::MACS, macs.clone()),
        (library::SENTINEL, macs),
        (library::PUPILS, pads),
        (library::MAIL, owned),
    ] {
        let by = by.clone();
        store.write(move |w| assign(w, &by, profile, &ids, now)).await?;
    }
    Ok(())
}

fn describe(w: &mut Write, by: &Actor, some: &[Device], first: usize, now: Time) -> Result<(), Failure> {
    for (at, device) in some.iter().enumerate() {
        // What somebody wrote down in an earlier demo stays.
        if device.owner != Owner::default() || !device.fields.is_empty() {
            continue;
        }
        let number = first + at + 1;
        let room = format!("{}{:02}", 1 + number % 2, 1 + number % 12);
        let fields = BTreeMap::from([
            ("Room".to_owned(), room),
            ("AssetTag".to_owned(), format!("EO-{:04}", 1_000 + number * 7)),
        ]);
        devices::describe(w, by, &device.id, &owner(&device.name).unwrap_or_default(), &fields, now)?;
    }
    Ok(())
}

fn assign(w: &mut Write, by: &Actor, profile: &str, ids: &[EnrollmentId], now: Time) -> Result<(), Failure> {
    let Some(profile) = store::profiles::by_identifier(w, profile)? else { return Ok(()) };
    let there = store::profiles::assigned_to(w, &profile.id)?;
    let new: Vec<EnrollmentId> = ids.iter().filter(|id| !there.contains(id)).cloned().collect();
    profiles::assign(w, by, &profile.id, &new, false, now).map(drop)
}
