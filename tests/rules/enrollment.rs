//! The life of an enrollment.

use pomona::model::Time;
use pomona::model::certificate::{Certificate, Purpose};
use pomona::model::enrollment::{EnrollmentId, Kind, PendingRenewal, State};
use pomona::rules::enrollment::{Arrival, arrival, begin, begin_user, check_out, close_user, token_update};

const NOW: Time = Time::from_secs(1_795_000_000);

fn id(text: &str) -> EnrollmentId {
    EnrollmentId::parse(text).expect("an id")
}

fn certificate(n: u8, purpose: Purpose) -> Certificate {
    Certificate {
        fingerprint: [n; 32],
        der: vec![n],
        purpose,
        challenge: [n; 32],
        issued: NOW,
        not_after: NOW.plus_secs(86_400),
        enrollment: None,
        revoked: None,
    }
}

fn portal(n: u8) -> Certificate {
    certificate(n, Purpose::Portal { ticket: "t".into(), serial: None })
}

fn renewal(n: u8) -> Certificate {
    certificate(n, Purpose::Renewal { enrollment: id("D") })
}

#[test]
fn who_was_never_heard_of_is_new() {
    assert_eq!(arrival(None, &portal(1)), Arrival::New);
    assert_eq!(arrival(None, &renewal(1)), Arrival::New);
}

#[test]
fn only_the_challenge_that_was_sent_makes_a_renewal() {
    let mut known = begin(None, id("D"), Kind::Device, &portal(1), Arrival::New, NOW);
    token_update(&mut known, false, NOW);
    assert_eq!(arrival(Some(&known), &renewal(2)), Arrival::Anew, "none is pending");
    known.renewal = Some(PendingRenewal { challenge: [2; 32], sent_at: NOW, tries: 1 });
    assert_eq!(arrival(Some(&known), &renewal(2)), Arrival::Renewal);
    assert_eq!(arrival(Some(&known), &renewal(3)), Arrival::Anew, "another challenge");
    assert_eq!(arrival(Some(&known), &portal(2)), Arrival::Anew, "another purpose");
    check_out(&mut known, NOW);
    assert_eq!(arrival(Some(&known), &renewal(2)), Arrival::Anew, "it left meanwhile");
}

#[test]
fn a_renewal_keeps_what_a_new_beginning_forgets() {
    let mut known = begin(None, id("D"), Kind::Device, &portal(1), Arrival::New, NOW);
    token_update(&mut known, false, NOW);
    known.renewal = Some(PendingRenewal { challenge: [2; 32], sent_at: NOW, tries: 1 });
    let later = NOW.plus_secs(60);
    let renewed = begin(Some(known.clone()), id("D"), Kind::Device, &renewal(2), Arrival::Renewal, later);
    assert_eq!((renewed.state, renewed.tally), (State::Enrolled, 1));
    assert_eq!((renewed.certificate, renewed.renewal.clone()), (Some([2; 32]), None));
    assert_eq!(arrival(Some(&renewed), &renewal(2)), Arrival::Renewal, "said again");
    let anew = begin(Some(known), id("D"), Kind::Device, &portal(3), Arrival::Anew, later);
    assert_eq!((anew.state, anew.tally, anew.first_seen), (State::Authenticated, 0, NOW));
    assert_eq!((anew.authenticated_at, anew.certificate), (later, Some([3; 32])));
}

#[test]
fn a_renewal_that_finds_setup_assistant_waiting_was_a_new_beginning() {
    let mut known = begin(None, id("D"), Kind::Device, &portal(1), Arrival::New, NOW);
    token_update(&mut known, false, NOW);
    known.renewal = Some(PendingRenewal { challenge: [2; 32], sent_at: NOW, tries: 1 });
    let mut renewed = begin(Some(known), id("D"), Kind::Device, &renewal(2), Arrival::Renewal, NOW);
    let mut settled = renewed.clone();
    let completed = token_update(&mut settled, false, NOW);
    assert!(!completed.first && !completed.was_anew && settled.renewed_at.is_none());
    let completed = token_update(&mut renewed, true, NOW);
    assert!(completed.first && completed.was_anew && renewed.awaiting);
}

#[test]
fn the_first_token_update_completes_and_the_others_do_not() {
    let mut known = begin(None, id("D"), Kind::Device, &portal(1), Arrival::New, NOW);
    assert!(!known.is_enrolled());
    assert!(token_update(&mut known, false, NOW).first);
    assert!(!token_update(&mut known, false, NOW.plus_secs(5)).first);
    assert_eq!((known.tally, known.enrolled_at), (2, Some(NOW)));
}

#[test]
fn a_user_channel_that_was_closed_opens_again_as_if_for_the_first_time() {
    let mut user = begin_user(id("D:U"), NOW);
    token_update(&mut user, false, NOW);
    close_user(&mut user);
    assert!(!user.is_enrolled());
    assert!(token_update(&mut user, false, NOW).first);
}
