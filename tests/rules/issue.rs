//! Certificates: to whom, and for whom. The purpose table itself is `id_purpose_table` in `web::device::identity`.

use pomona::model::Time;
use pomona::model::certificate::{Certificate, Purpose};
use pomona::model::enrollment::{EnrollmentId, Kind};
use pomona::model::ticket::{Challenge, Ticket, Used};
use pomona::rules::enrollment::{Arrival, begin, check_out};
use pomona::rules::issue::{Issue, RETRY_SECS, Standing, may_speak, redeem};
use pomona::wire::Secret;

const NOW: Time = Time::from_secs(1_795_000_000);

fn id(text: &str) -> EnrollmentId {
    EnrollmentId::parse(text).expect("an id")
}

fn challenge(purpose: Purpose) -> Challenge {
    Challenge { purpose, created: NOW, expires: NOW.plus_secs(3600), used: None }
}

fn ticket() -> Ticket {
    Ticket {
        id: "t".into(),
        label: String::new(),
        token: Secret::new(vec![1]),
        by: "ada".into(),
        created: NOW,
        expires: NOW.plus_secs(60),
        max_uses: Some(1),
        uses: 0,
        revoked: None,
        serial: None,
    }
}

#[test]
fn a_challenge_is_for_one_key_and_that_key_may_ask_again_for_a_quarter_of_an_hour() {
    let renewal = || Purpose::Renewal { enrollment: id("D") };
    let mut one = challenge(renewal());
    assert_eq!(redeem(&one, None, &[1; 32], NOW), Ok(Issue::New));
    one.used = Some(Used { at: NOW, key: [1; 32], certificate: [9; 32] });
    let last = NOW.plus_secs(RETRY_SECS).plus_ms(-1);
    assert_eq!(redeem(&one, None, &[1; 32], last), Ok(Issue::Again([9; 32])));
    assert_eq!(redeem(&one, None, &[1; 32], last.plus_ms(1)).expect_err("over").code, "scep.used");
    assert_eq!(redeem(&one, None, &[2; 32], NOW).expect_err("another key").code, "scep.used");
    assert_eq!(
        redeem(&challenge(renewal()), None, &[1; 32], NOW.plus_secs(3600)).expect_err("old").code,
        "scep.expired"
    );
}

#[test]
fn a_link_decides_as_long_as_nothing_was_issued_for_the_challenge() {
    let mut one = challenge(Purpose::Portal { ticket: "t".into(), serial: None });
    assert_eq!(redeem(&one, None, &[1; 32], NOW).expect_err("gone").code, "scep.link");
    // The link itself may be over: the profile was downloaded while it was open.
    assert_eq!(redeem(&one, Some(&ticket()), &[1; 32], NOW.plus_secs(120)), Ok(Issue::New));
    let used_up = Ticket { uses: 1, ..ticket() };
    let revoked = Ticket { revoked: Some(NOW), ..ticket() };
    for closed in [&used_up, &revoked] {
        assert_eq!(redeem(&one, Some(closed), &[1; 32], NOW).expect_err("closed").code, "scep.link");
    }
    one.used = Some(Used { at: NOW, key: [1; 32], certificate: [9; 32] });
    for closed in [&used_up, &revoked] {
        assert_eq!(redeem(&one, Some(closed), &[1; 32], NOW), Ok(Issue::Again([9; 32])));
    }
}

#[test]
fn a_certificate_speaks_for_its_own_device_while_it_is_the_newest() {
    let bound = Certificate {
        fingerprint: [1; 32],
        der: vec![1],
        purpose: Purpose::Portal { ticket: "t".into(), serial: None },
        challenge: [1; 32],
        issued: NOW,
        not_after: NOW.plus_secs(100),
        enrollment: Some(id("D")),
        revoked: None,
    };
    let enrollment = begin(None, id("D"), Kind::Device, &bound, Arrival::New, NOW);
    let speak = |certificate: Option<&Certificate>, device: &str, now: Time| {
        may_speak(certificate, &id(device), Some(&enrollment), now).map_err(|refusal| refusal.code)
    };
    assert_eq!(speak(Some(&bound), "D", NOW), Ok(Standing::Full));
    assert_eq!(speak(Some(&bound), "D", NOW.plus_secs(100)), Ok(Standing::RenewOnly));
    assert_eq!(speak(Some(&bound), "E", NOW), Err("identity.other"));
    assert_eq!(speak(None, "D", NOW), Err("identity.unknown"));
    let unbound = Certificate { enrollment: None, ..bound.clone() };
    assert_eq!(speak(Some(&unbound), "D", NOW), Err("identity.unbound"));
    let revoked = Certificate { revoked: Some(NOW), ..bound.clone() };
    assert_eq!(speak(Some(&revoked), "D", NOW), Err("identity.revoked"));
    let former = Certificate { fingerprint: [2; 32], ..bound.clone() };
    assert_eq!(speak(Some(&former), "D", NOW), Err("identity.superseded"));
    assert_eq!(may_speak(Some(&bound), &id("D"), None, NOW).expect_err("unknown").code, "enrollment.unknown");
    let mut left = enrollment.clone();
    check_out(&mut left, NOW);
    let refused = may_speak(Some(&bound), &id("D"), Some(&left), NOW).expect_err("it left");
    assert_eq!(refused.code, "enrollment.checked_out");
}
