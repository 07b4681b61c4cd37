//! What each device holds, against what the server believes.

use super::Fleet;
use crate::simulator::device::Holdings;

/// What a server believes of one device.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Belief {
    /// Under management.
    pub enrolled: bool,
    /// `PayloadIdentifier` and `PayloadUUID` of each profile that is installed as far as the server knows.
    pub profiles: Vec<(String, String)>,
}

/// A device that holds something else than the server believes.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Mismatch {
    /// Serial number.
    pub serial: String,
    /// UDID.
    pub udid: String,
    /// What differs, in words.
    pub what: String,
}

impl Fleet {
    /// Compares every device. `believes` asks the server about one device: none means that the server does not
    /// know it at all. Meaningful while nothing is under way; devices in a session are waited for.
    pub async fn compare<F, Fut>(&self, believes: F) -> Vec<Mismatch>
    where
        F: Fn(Holdings) -> Fut,
        Fut: Future<Output = Result<Option<Belief>, String>>,
    {
        let mut found = Vec::new();
        for member in self.members() {
            let holds = member.device.lock().await.holdings();
            let belief = believes(holds.clone()).await;
            let mut say = |what: String| {
                let (serial, udid) = (holds.serial.clone(), holds.udid.clone());
                found.push(Mismatch { serial, udid, what });
            };
            match belief {
                Err(said) => say(format!("the server could not be asked: {said}")),
                Ok(None) if holds.enrolled => say("it is enrolled, and the server does not know it".into()),
                Ok(None) => {}
                Ok(Some(belief)) => differences(&holds, &belief).into_iter().for_each(say),
            }
        }
        found
    }
}

fn differences(holds: &Holdings, belief: &Belief) -> Vec<String> {
    if holds.enrolled != belief.enrolled {
        let is = |enrolled: bool| if enrolled { "enrolled" } else { "not enrolled" };
        return vec![format!(
            "it is {}, and the server believes that it is {}",
            is(holds.enrolled),
            is(belief.enrolled)
        )];
    }
    if !holds.enrolled {
        return Vec::new();
    }
    let mut found = Vec::new();
    for (identifier, uuid) in &holds.profiles {
        match belief.profiles.iter().find(|(i, _)| i == identifier) {
            None => found.push(format!("it holds {identifier}, and the server does not know")),
            Some((_, believed)) if believed != uuid => {
                found.push(format!("it holds {identifier} as {uuid}, and the server believes {believed}"));
            }
            Some(_) => {}
        }
    }
    for (identifier, _) in &belief.profiles {
        if !holds.profiles.iter().any(|(i, _)| i == identifier) {
            found.push(format!("it does not hold {identifier}, and the server believes that it does"));
        }
    }
    found
}
