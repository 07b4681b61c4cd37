//! Whether a push certificate may take the place of the present one.

use crate::model::Time;
use crate::rules::Refusal;

/// What must be known of a push certificate to judge it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Candidate<'a> {
    /// UID of its subject.
    pub topic: Option<&'a str>,
    /// Its key is the one that came along.
    pub key_fits: bool,
    /// Begin of validity.
    pub not_before: Time,
    /// End of validity.
    pub not_after: Time,
}

/// What every MDM topic begins with.
const TOPIC_PREFIX: &str = "com.apple.mgmt.";
/// A certificate may be this much newer than our clock, in seconds.
const CLOCK_SLACK_SECS: i64 = 86_400;

/// Judges a certificate by itself; gives its topic.
pub fn fit<'a>(new: &Candidate<'a>, now: Time) -> Result<&'a str, Refusal> {
    let topic = new.topic.filter(|t| t.starts_with(TOPIC_PREFIX)).ok_or_else(|| {
        Refusal::invalid(
            "push.not-mdm",
            "This is not an MDM push certificate: its subject has no UID that begins with com.apple.mgmt. Take the \
             file that Apple's Push Certificates Portal gave you.",
        )
    })?;
    if !new.key_fits {
        return Err(Refusal::invalid(
            "push.key",
            "The private key does not belong to this certificate. Take the key with which it was requested.",
        ));
    }
    if now >= new.not_after {
        return Err(Refusal::invalid(
            "push.expired",
            format!(
                "This certificate ended on {}. Renew it in Apple's Push Certificates Portal.",
                day(new.not_after)
            ),
        ));
    }
    if new.not_before > now.plus_secs(CLOCK_SLACK_SECS) {
        return Err(Refusal::invalid(
            "push.not-yet",
            format!("This certificate begins on {}. Is this server's clock right?", day(new.not_before)),
        ));
    }
    Ok(topic)
}

/// Judges a change of topic: devices know only the topic they enrolled with, and no push with another one reaches
/// them. `confirmed` is the new topic as a person typed it.
pub fn change(old: Option<&str>, new: &str, enrolled: u64, confirmed: Option<&str>) -> Result<(), Refusal> {
    let same = old.is_none_or(|old| old == new);
    if same || enrolled == 0 || confirmed.is_some_and(|typed| typed.trim() == new) {
        return Ok(());
    }
    let devices = if enrolled == 1 { "1 device".to_owned() } else { format!("{enrolled} devices") };
    Err(Refusal::conflict(
        "push.topic",
        format!(
            "This is a new certificate with another topic ({new}), not a renewal: {devices} would not hear of this \
             server again until they are enrolled anew. Renew the present certificate ({}) instead. To change the \
             topic all the same, type the new topic.",
            old.unwrap_or_default()
        ),
    ))
}

fn day(at: Time) -> String {
    at.rfc3339().chars().take(10).collect()
}
