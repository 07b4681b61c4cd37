//! Whether a push certificate may take the place of another.

use pomona::model::Time;
use pomona::rules::push_certificate::{Candidate, change, fit};

const TOPIC: &str = "com.apple.mgmt.External.a";
const NOW: Time = Time::from_secs(1_800_000_000);

fn candidate() -> Candidate<'static> {
    Candidate {
        topic: Some(TOPIC),
        key_fits: true,
        not_before: NOW.plus_secs(-1),
        not_after: NOW.plus_secs(86_400),
    }
}

#[test]
fn a_certificate_is_judged_by_topic_key_and_dates() {
    assert_eq!(fit(&candidate(), NOW), Ok(TOPIC));
    let cases = [
        (Candidate { topic: None, ..candidate() }, "push.not-mdm"),
        (Candidate { topic: Some("com.example.app"), ..candidate() }, "push.not-mdm"),
        (Candidate { key_fits: false, ..candidate() }, "push.key"),
        (Candidate { not_after: NOW, ..candidate() }, "push.expired"),
        (Candidate { not_before: NOW.plus_secs(86_401), ..candidate() }, "push.not-yet"),
    ];
    for (bad, code) in cases {
        assert_eq!(fit(&bad, NOW).expect_err(code).code, code);
    }
    let fresh = Candidate { not_before: NOW.plus_secs(3_600), ..candidate() };
    assert!(fit(&fresh, NOW).is_ok(), "our clock may be behind Apple's");
}

#[test]
fn another_topic_is_refused_while_devices_know_the_old_one() {
    assert!(change(None, TOPIC, 5, None).is_ok());
    assert!(change(Some(TOPIC), TOPIC, 5, None).is_ok());
    assert!(change(Some("com.apple.mgmt.External.b"), TOPIC, 0, None).is_ok());
    let refused = change(Some("com.apple.mgmt.External.b"), TOPIC, 5, None).expect_err("refused");
    assert!(
        refused.code == "push.topic" && refused.said.contains("5 devices") && refused.said.contains(TOPIC)
    );
    assert!(change(Some("com.apple.mgmt.External.b"), TOPIC, 5, Some("yes")).is_err());
    assert!(change(Some("com.apple.mgmt.External.b"), TOPIC, 5, Some(&format!(" {TOPIC} "))).is_ok());
}
