//! What a demo's server has when its page opens: a pretend push certificate, two administrators, an enrollment link,
//! and a library of profiles.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::library;
use crate::actions::accounts::{self, Newcomer};
use crate::actions::tickets::{self, Wish};
use crate::actions::{Failure, passwords, profiles, push_certificate};
use crate::cli::serve::Stage;
use crate::cli::{Exit, Failed};
use crate::daemon::run::Running;
use crate::model::Time;
use crate::model::account::{Actor, Role};
use crate::model::edge::{Dice, roll, roll_uuid};
use crate::simulator::PretendApns;
use crate::store::Store;
use crate::wire::Secret;

/// The profile everyone gets.
const WELCOME: &[u8] = include_bytes!("welcome.mobileconfig");

/// What people and devices are told of it.
pub(super) struct Furniture {
    /// The enrollment link.
    pub(super) link: String,
}

fn failed(failure: impl std::fmt::Display) -> Failed {
    Failed::new(Exit::Failure, failure.to_string(), "")
}

impl Furniture {
    /// Brings everything in. A data folder that was used before keeps its topic, its devices and its profiles.
    pub(super) async fn bring(
        running: &Running,
        stage: &Stage,
        apns: &PretendApns,
        sign_in: &(String, String),
    ) -> Result<Self, Failed> {
        let (store, now, dice) = (&running.store, stage.clock.now(), &*stage.dice);
        // The past comes first, so that the list of activities is in the order of time.
        let then = now.plus_secs(-library::ACCOUNT_DAYS * 86_400);
        administrator(store, sign_in, dice, then).await?;
        colleague(store, dice, then).await?;
        library::furnish(store, &running.authority.ca, dice, now).await.map_err(failed)?;
        everyone(store, &[library::PASSCODE, library::WIFI], now).await.map_err(failed)?;
        push(store, apns, dice, now).await?;
        running.push.take_up();
        let link = running.site.enroll_url(&link(store, dice, now).await?);
        welcome(store, dice, now).await.map_err(failed)?;
        Ok(Self { link })
    }
}

/// A push certificate of the pretend Apple, for the topic this server already has, if it has one.
async fn push(store: &Store, apns: &PretendApns, dice: &dyn Dice, now: Time) -> Result<(), Failed> {
    let known =
        store.read().map_err(failed).and_then(|view| push_certificate::topic(&view).map_err(failed))?;
    let topic =
        known.unwrap_or_else(|| format!("com.apple.mgmt.External.{}", roll_uuid(dice).to_lowercase()));
    let authority = apns.authority().clone();
    let draft = tokio::task::spawn_blocking(move || {
        let files = authority.push_certificate(&topic, now.secs()).map_err(failed)?;
        let certificate = Secret::from(files.certificate_pem());
        let key = Secret::from(files.key_pem());
        push_certificate::Draft::read(&certificate, Some(&key), None, now).map_err(failed)
    })
    .await
    .map_err(failed)??;
    store
        .write(move |w| push_certificate::import(w, &Actor::console(), &draft, None, now))
        .await
        .map_err(|failure: Failure| failed(failure))
}

async fn administrator(
    store: &Store,
    (name, password): &(String, String),
    dice: &dyn Dice,
    now: Time,
) -> Result<(), Failed> {
    let (name, typed, salt) = (name.clone(), password.clone(), roll(dice));
    let hash = tokio::task::spawn_blocking(move || passwords::hash(&typed, &salt))
        .await
        .map_err(failed)?
        .map_err(failed)?;
    let added = store.write(move |w| {
        if accounts::known(w, &name).is_ok() {
            return accounts::change_password(w, &Actor::console(), &name, None, &hash, now);
        }
        let newcomer =
            Newcomer { name, full_name: "Demo Administrator".into(), role: Role::Owner, password: hash };
        accounts::add(w, &Actor::console(), &newcomer, now).map(drop)
    });
    added.await.map_err(failed)
}

/// Who makes profiles, too. Nobody needs to sign in as her: her password is thrown away.
async fn colleague(store: &Store, dice: &dyn Dice, now: Time) -> Result<(), Failed> {
    let (typed, salt) = (URL_SAFE_NO_PAD.encode(roll::<24>(dice)), roll(dice));
    let hash = tokio::task::spawn_blocking(move || passwords::hash(&typed, &salt));
    let hash = hash.await.map_err(failed)?.map_err(failed)?;
    let added = store.write(move |w| {
        if accounts::known(w, "mary").is_ok() {
            return Ok(());
        }
        let newcomer = Newcomer {
            name: "mary".into(),
            full_name: "Mary Somerville".into(),
            role: Role::Admin,
            password: hash,
        };
        accounts::add(w, &Actor::console(), &newcomer, now).map(drop)
    });
    added.await.map_err(|failure: Failure| failed(failure))
}

/// Assigns profiles to Everyone.
async fn everyone(store: &Store, identifiers: &'static [&'static str], now: Time) -> Result<(), Failure> {
    store
        .write(move |w| {
            for identifier in identifiers {
                profiles::assign(w, &Actor::console(), identifier, &[], true, now)?;
            }
            Ok(())
        })
        .await
}

async fn link(store: &Store, dice: &dyn Dice, now: Time) -> Result<String, Failed> {
    let token = URL_SAFE_NO_PAD.encode(roll::<32>(dice));
    let id = hex::encode(roll::<8>(dice));
    let wish = Wish { label: "Demo devices".into(), ..Wish::default() };
    let secret = Secret::from(token.clone());
    store
        .write(move |w| tickets::make(w, &Actor::console(), &wish, id, secret, now))
        .await
        .map_err(|failure: Failure| failed(failure))?;
    Ok(token)
}

async fn welcome(store: &Store, dice: &dyn Dice, now: Time) -> Result<(), Failure> {
    let draft = profiles::Draft::read(WELCOME)?;
    if profiles::unchanged(&store.read()?, &draft)?.is_some() {
        return Ok(());
    }
    let id = hex::encode(roll::<8>(dice));
    store
        .write(move |w| {
            let console = Actor::console();
            let (profile, _) = profiles::import(w, &console, &draft, id, now)?;
            profiles::assign(w, &console, &profile.id, &[], true, now).map(drop)
        })
        .await
}
