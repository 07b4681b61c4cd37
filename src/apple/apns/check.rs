//! `pomona push test`: what is wrong with push, in words, one finding a line.

use super::PushIdentity;
use super::identity::TOPIC_PREFIX;
use crate::apple::{Error, Push, PushTransport, Whose};
use crate::model::Time;
use crate::model::settings::Identity;
use crate::wire::Secret;

/// Remaining days below which the certificate is worth a word.
const SOON_DAYS: i64 = 30;
const DAY_SECS: i64 = 86_400;

/// One finding.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Check {
    /// Whether this is as it should be.
    pub ok: bool,
    /// What was found.
    pub text: String,
    /// What to do next.
    pub next: Option<String>,
}

impl Check {
    fn good(text: impl Into<String>) -> Self {
        Self { ok: true, text: text.into(), next: None }
    }

    fn bad(text: impl Into<String>, next: impl Into<String>) -> Self {
        Self { ok: false, text: text.into(), next: Some(next.into()) }
    }
}

/// Looks at the push certificate, then rings a token that cannot exist: Apple answering that it does not know the
/// token proves that it accepts the certificate. `enrolled_topic` is the topic that enrolled devices named, if any
/// are enrolled. `transport` must speak with that certificate. Findings come in order; the network is left alone
/// when the certificate could not work.
pub async fn push_test(
    stored: Option<&Identity>,
    enrolled_topic: Option<&str>,
    transport: &dyn PushTransport,
    now: Time,
) -> Vec<Check> {
    let Some(stored) = stored else {
        return vec![Check::bad(
            "There is no push certificate.",
            "Get one at https://identity.apple.com/pushcert and import it with `pomona push import`.",
        )];
    };
    let identity = match PushIdentity::from_stored(stored) {
        Ok(identity) => identity,
        Err(malformed) => {
            return vec![Check::bad(
                format!("The push certificate cannot be read: {malformed}."),
                "Import it again with `pomona push import`.",
            )];
        }
    };
    let mut found = look_at(&identity, enrolled_topic, now);
    if let Some(topic) = identity.topic().filter(|_| found.iter().all(|check| check.ok)) {
        found.push(ring_nobody(topic, transport).await);
    }
    found
}

fn look_at(identity: &PushIdentity, enrolled_topic: Option<&str>, now: Time) -> Vec<Check> {
    let certificate = &identity.certificate;
    let mut found = vec![match identity.topic() {
        Some(topic) => Check::good(format!("The push certificate is for the topic {topic}.")),
        None => Check::bad(
            format!(
                "The certificate \"{}\" is no MDM push certificate: its subject has no user ID that begins with {TOPIC_PREFIX}.",
                certificate.subject()
            ),
            "Import the certificate that https://identity.apple.com/pushcert issued, not the one of an app or a web server.",
        ),
    }];
    found.push(if identity.key_fits() {
        Check::good("Its private key belongs to it.")
    } else {
        Check::bad(
            "The private key belongs to another certificate.",
            "Import the certificate together with the key that its request was made with.",
        )
    });
    found.push(dates(certificate.not_before(), certificate.not_after(), now));
    if let (Some(enrolled), Some(topic)) = (enrolled_topic, identity.topic()) {
        found.push(if enrolled == topic {
            Check::good("Enrolled devices listen to this topic.")
        } else {
            Check::bad(
                format!("Enrolled devices listen to another topic, {enrolled}: they cannot be rung with this certificate."),
                "Renew the former certificate under the Apple Account it was made with, and import that one.",
            )
        });
    }
    found
}

fn dates(from: i64, until: i64, now: Time) -> Check {
    const RENEW: &str = "Renew it at https://identity.apple.com/pushcert with the Apple Account it was made with \
                         (\"Renew\", never \"Create\"), and import it. Devices stay enrolled meanwhile.";
    let day = |secs: i64| Time::from_secs(secs).rfc3339().chars().take(10).collect::<String>();
    let left = (until - now.secs()).div_euclid(DAY_SECS);
    if now.secs() > until {
        Check::bad(format!("It expired on {}.", day(until)), RENEW)
    } else if now.secs() < from {
        Check::bad(
            format!("It is not valid before {}.", day(from)),
            "Check this computer's clock, or wait until then.",
        )
    } else if left < SOON_DAYS {
        let text = format!("It is valid until {}, {left} more days.", day(until));
        Check { ok: true, text, next: Some(RENEW.into()) }
    } else {
        Check::good(format!("It is valid until {}.", day(until)))
    }
}

async fn ring_nobody(topic: String, transport: &dyn PushTransport) -> Check {
    let push = Push {
        topic,
        token: Secret::new(vec![0; 32]),
        magic: Secret::new(b"00000000-0000-0000-0000-000000000000".to_vec()),
        expiration_secs: 0,
    };
    match transport.push(push).await {
        Err(error) if error.is_dead_token() => {
            Check::good("Apple's push service answers and accepts the certificate.")
        }
        Ok(_) => Check::good("Apple's push service answers and accepts the certificate."),
        Err(error) => Check { ok: false, text: error.said.clone(), next: Some(advice(&error).into()) },
    }
}

fn advice(error: &Error) -> &'static str {
    match error.whose {
        Whose::Certificate => {
            "Renew the certificate at https://identity.apple.com/pushcert and import it with `pomona push import`."
        }
        Whose::Network => {
            "Let this computer reach api.push.apple.com on port 443 directly, without a proxy that opens TLS, and \
             check its name resolution."
        }
        Whose::Apple => {
            "Try again in a few minutes; https://www.apple.com/support/systemstatus tells of outages."
        }
        Whose::Channel | Whose::Ours => "Look into apns.log, and report it as a fault of Pomona.",
    }
}
