//! The profiles of a demo, with the history that an office of some months has: made, published and changed by the
//! same actions as people's.

use crate::actions::drafts::{self, New};
use crate::actions::{Failure, profiles};
use crate::model::Time;
use crate::model::account::{Actor, Role};
use crate::model::document::Change;
use crate::model::edge::{Dice, roll, roll_uuid};
use crate::model::profile::Distribution;
use crate::rules::{Refusal, document, entry};
use crate::store::{self, Store, Write};
use crate::wire::Malformed;
use crate::wire::cms::{self, Signing};
use crate::wire::key::{Digest, PrivateKey};
use crate::wire::plist::Value;
use crate::wire::profile::Document;
use crate::wire::x509::{self, Cert, Draft as CertDraft, DraftProfile};

/// What a vendor of antivirus software sends its customers, before it signs it.
const VENDOR: &[u8] = include_bytes!("vendor.mobileconfig");

/// Payload types with their keys; the values as people type them.
type Payloads = &'static [(&'static str, &'static [(&'static str, &'static str)])];

/// What somebody did, so many days ago.
struct Step {
    days_ago: i64,
    by: &'static str,
    identifier: &'static str,
    deed: Deed,
}

enum Deed {
    /// Name, description, content; published.
    New(&'static str, &'static str, Payloads, Distribution),
    /// Changes; published with this note.
    Publish(Payloads, &'static str),
    /// Changes that wait.
    Draft(Payloads),
    /// Put away.
    Archive,
}

pub(super) const PASSCODE: &str = "org.example.passcode";
pub(super) const WIFI: &str = "org.example.wifi";
pub(super) const PUPILS: &str = "org.example.pupils";
pub(super) const MACS: &str = "org.example.mac-basics";
pub(super) const MAIL: &str = "org.example.mail";
const PRINTERS: &str = "org.example.printers";
const SUMMER: &str = "org.example.summer-school";
/// Identifier of the vendor's profile.
pub(super) const SENTINEL: &str = "com.northwind.sentinel.profile";

/// In the order of time.
const HISTORY: &[Step] = &[
    Step {
        days_ago: 118,
        by: "mary",
        identifier: SUMMER,
        deed: Deed::New(
            "Summer School Wi-Fi",
            "For the six weeks of the summer school.",
            &[(
                "wifi.managed",
                &[
                    ("SSID_STR", "Orchard Summer"),
                    ("EncryptionType", "WPA2"),
                    ("Password", "strawberry fields"),
                ],
            )],
            Distribution::Pushed,
        ),
    },
    Step {
        days_ago: 92,
        by: "admin",
        identifier: PASSCODE,
        deed: Deed::New(
            "Passcode",
            "Every device locks itself and asks for a passcode.",
            &[(
                "mobiledevice.passwordpolicy",
                &[("forcePIN", "on"), ("minLength", "4"), ("maxInactivity", "15")],
            )],
            Distribution::Pushed,
        ),
    },
    Step {
        days_ago: 90,
        by: "mary",
        identifier: WIFI,
        deed: Deed::New(
            "Office Wi-Fi",
            "The network of the office, and the authority of the servers in it.",
            &[
                (
                    "wifi.managed",
                    &[
                        ("SSID_STR", "Orchard"),
                        ("EncryptionType", "WPA2"),
                        ("Password", "an apple a day"),
                        ("AutoJoin", "on"),
                    ],
                ),
                (
                    "security.root",
                    &[("PayloadCertificateFileName", "orchard-ca.cer"), ("PayloadContent", CA)],
                ),
            ],
            Distribution::Pushed,
        ),
    },
    Step {
        days_ago: 64,
        by: "mary",
        identifier: MACS,
        deed: Deed::New(
            "Mac Basics",
            "Encryption, firewall, login window and Dock of every Mac.",
            &[
                ("MCX.FileVault2", &[("Enable", "On"), ("Defer", "on"), ("ShowRecoveryKey", "off")]),
                ("security.firewall", &[("EnableFirewall", "on"), ("EnableStealthMode", "on")]),
                (
                    "loginwindow",
                    &[
                        ("SHOWFULLNAME", "on"),
                        ("LoginwindowText", "Example Orchard, serial number %SerialNumber%"),
                        ("DisableConsoleAccess", "on"),
                    ],
                ),
                ("dock", &[("orientation", "left"), ("tilesize", "48"), ("show-recents", "off")]),
            ],
            Distribution::Pushed,
        ),
    },
    Step {
        days_ago: 48,
        by: "mary",
        identifier: PASSCODE,
        deed: Deed::Publish(
            &[("mobiledevice.passwordpolicy", &[("minLength", "6"), ("maxFailedAttempts", "10")])],
            "Six digits, as the insurance asks for.",
        ),
    },
    Step {
        days_ago: 41,
        by: "mary",
        identifier: PUPILS,
        deed: Deed::New(
            "Pupils’ iPads",
            "What pupils may not change on the school’s iPads.",
            &[(
                "applicationaccess",
                &[
                    ("allowAppRemoval", "off"),
                    ("allowAccountModification", "off"),
                    ("allowEraseContentAndSettings", "off"),
                    ("allowExplicitContent", "off"),
                    ("allowInAppPurchases", "off"),
                    ("allowGameCenter", "off"),
                    ("forceAutomaticDateAndTime", "on"),
                    ("ratingApps", "300"),
                ],
            )],
            Distribution::Pushed,
        ),
    },
    Step {
        days_ago: 33,
        by: "admin",
        identifier: MAIL,
        deed: Deed::New(
            "Mail",
            "Everybody’s own mailbox, made of the name and address of the device’s owner.",
            &[(
                "mail.managed",
                &[
                    ("EmailAccountType", "EmailTypeIMAP"),
                    ("EmailAccountDescription", "Example Orchard"),
                    ("EmailAccountName", "%FullName%"),
                    ("EmailAddress", "%email%"),
                    ("IncomingMailServerAuthentication", "EmailAuthPassword"),
                    ("IncomingMailServerHostName", "imap.example.org"),
                    ("IncomingMailServerUseSSL", "on"),
                    ("IncomingMailServerUsername", "%ShortName%"),
                    ("OutgoingMailServerAuthentication", "EmailAuthPassword"),
                    ("OutgoingMailServerHostName", "smtp.example.org"),
                    ("OutgoingMailServerUseSSL", "on"),
                    ("OutgoingMailServerUsername", "%ShortName%"),
                    ("OutgoingPasswordSameAsIncomingPassword", "on"),
                ],
            )],
            Distribution::Pushed,
        ),
    },
    Step {
        days_ago: 27,
        by: "admin",
        identifier: WIFI,
        deed: Deed::Publish(
            &[("wifi.managed", &[("Password", "keeps the doctor away"), ("EncryptionType", "WPA3")])],
            "New access points: WPA3, and a new password.",
        ),
    },
    Step {
        days_ago: 20,
        by: "mary",
        identifier: PRINTERS,
        deed: Deed::New(
            "Printers",
            "The printers of both floors, for whoever wants them.",
            &[("airprint", &[("AirPrint", PRINTERS_LIST)])],
            Distribution::Offered,
        ),
    },
    Step { days_ago: 13, by: "mary", identifier: SUMMER, deed: Deed::Archive },
    Step {
        days_ago: 2,
        by: "mary",
        identifier: PUPILS,
        deed: Deed::Draft(&[("applicationaccess", &[("allowAirDrop", "off"), ("allowGameCenter", "on")])]),
    },
];

/// The two printers.
const PRINTERS_LIST: &str = "<array>\
    <dict><key>IPAddress</key><string>10.20.1.40</string><key>ResourcePath</key><string>ipp/print</string></dict>\
    <dict><key>IPAddress</key><string>10.20.2.40</string><key>ResourcePath</key><string>ipp/print</string></dict>\
    </array>";
/// Stands for the certificate of the server's authority.
const CA: &str = "(the server's own authority)";
/// Days since the vendor's profile was imported.
const VENDOR_DAYS: i64 = 55;
/// Days since the accounts were made: before everything else.
pub(super) const ACCOUNT_DAYS: i64 = 120;
/// Seconds of a day.
const DAY: i64 = 86_400;

/// Makes the library, its history in the order of time.
pub(super) async fn furnish(store: &Store, ca: &Cert, dice: &dyn Dice, now: Time) -> Result<(), Failure> {
    let vendor = profiles::Draft::read(&signed_by_vendor(dice, now).map_err(unmade)?)?;
    let mut vendor = Some((vendor, hex::encode(roll::<8>(dice))));
    for step in HISTORY {
        if step.days_ago < VENDOR_DAYS
            && let Some((draft, id)) = vendor.take()
        {
            let at = now.plus_secs(-VENDOR_DAYS * DAY);
            let imported = move |w: &mut Write| match store::profiles::by_identifier(w, SENTINEL)? {
                Some(_) => Ok(()),
                None => profiles::import(w, &actor("admin"), &draft, id, at).map(drop),
            };
            store.write(imported).await?;
        }
        let ids: Vec<String> = (0..16).map(|_| roll_uuid(dice)).collect();
        let (ca, at, id) =
            (ca.der().to_vec(), now.plus_secs(-step.days_ago * DAY), hex::encode(roll::<8>(dice)));
        // A data folder that was used before keeps what people made of it.
        store.write(move |w| Doing { w, ca: &ca, ids, at }.step(step, id)).await?;
    }
    Ok(())
}

fn unmade(malformed: Malformed) -> Failure {
    Refusal::invalid("profile.unreadable", malformed.to_string()).into()
}

fn actor(name: &str) -> Actor {
    Actor { name: name.into(), role: Role::Owner }
}

struct Doing<'a> {
    w: &'a mut Write,
    ca: &'a [u8],
    ids: Vec<String>,
    at: Time,
}

impl Doing<'_> {
    fn step(mut self, step: &Step, id: String) -> Result<(), Failure> {
        let (by, known) = (actor(step.by), store::profiles::by_identifier(self.w, step.identifier)?);
        match (&step.deed, known) {
            (Deed::New(name, description, payloads, distribution), None) => {
                let new =
                    New { id, uuid: self.id(), identifier: step.identifier.into(), name: (*name).into() };
                let empty = Document::new(&new.identifier, &new.uuid, &new.name);
                let mut changes = vec![
                    set(&empty, "/PayloadDescription", Value::String((*description).into()))?,
                    set(&empty, "/PayloadOrganization", Value::String("Example Orchard".into()))?,
                ];
                changes.extend(self.changes(empty, payloads)?);
                let profile = drafts::create(self.w, &by, new, &changes, self.at)?;
                if *distribution != Distribution::Pushed {
                    drafts::save(self.w, &by, &profile.id, &[], Some(*distribution), self.at)?;
                }
                self.publish(&by, &profile.id, "")
            }
            (Deed::Publish(payloads, note), Some(profile)) if profile.updated < self.at => {
                self.save(&by, &profile.id, payloads)?;
                self.publish(&by, &profile.id, note)
            }
            (Deed::Draft(payloads), Some(profile)) if profile.updated < self.at => {
                self.save(&by, &profile.id, payloads)
            }
            (Deed::Archive, Some(profile)) if profile.archived.is_none() && profile.updated < self.at => {
                drafts::archive(self.w, &by, &profile.id, true, self.at).map(drop)
            }
            _ => Ok(()),
        }
    }

    fn id(&mut self) -> String {
        self.ids.pop().unwrap_or_default()
    }

    fn save(&mut self, by: &Actor, profile: &str, payloads: Payloads) -> Result<(), Failure> {
        let document = drafts::open(self.w, profile)?.document;
        let changes = self.changes(document, payloads)?;
        drafts::save(self.w, by, profile, &changes, None, self.at).map(drop)
    }

    fn publish(&mut self, by: &Actor, profile: &str, note: &str) -> Result<(), Failure> {
        let version = store::drafts::get(self.w, profile)?.map_or(0, |draft| draft.version);
        let uuid = self.id();
        drafts::publish(self.w, by, profile, version, note, uuid, self.at).map(drop)
    }

    /// What people would do to have these payloads in the document.
    fn changes(&mut self, mut document: Document, payloads: Payloads) -> Result<Vec<Change>, Failure> {
        let mut changes = Vec::new();
        for (kind, keys) in payloads {
            let is_there = document::locate(&document, kind).is_ok();
            if !is_there {
                let form = format!("com.apple.{kind}");
                let add = Change::AddPayload { form, uuid: self.id(), starts: Vec::new() };
                document::apply(&mut document, &add)?;
                changes.push(add);
            }
            for (path, text) in *keys {
                let place = document::locate(&document, &format!("{kind}/{path}"))?;
                let value = if *text == CA {
                    Value::Data(self.ca.to_vec())
                } else {
                    match document::key_at(&document, &place) {
                        Some((_, key)) => entry::parse(key, text)?,
                        None => Value::String((*text).into()),
                    }
                };
                let set = Change::Set { place, value, was: None };
                document::apply(&mut document, &set)?;
                changes.push(set);
            }
        }
        Ok(changes)
    }
}

fn set(document: &Document, place: &str, value: Value) -> Result<Change, Refusal> {
    Ok(Change::Set { place: document::locate(document, place)?, value, was: None })
}

/// The vendor's profile as its customers get it.
fn signed_by_vendor(dice: &dyn Dice, now: Time) -> Result<Vec<u8>, Malformed> {
    let key = PrivateKey::generate_p256();
    let draft = CertDraft {
        common_name: "Northwind Security".into(),
        organization: Some("Northwind Security Ltd".into()),
        uid: None,
        serial: roll(dice),
        not_before: now.plus_secs(-400 * DAY).secs(),
        not_after: now.plus_secs(700 * DAY).secs(),
        profile: DraftProfile::Signer,
    };
    let signer = x509::issue(&draft, &key.public_der(), None, &key)?;
    let signing = Signing {
        signer: &signer,
        key: &key,
        chain: &[],
        digest: Digest::Sha256,
        time: None,
        attributes: Vec::new(),
        detached: false,
    };
    Ok(cms::sign(VENDOR, &signing))
}
