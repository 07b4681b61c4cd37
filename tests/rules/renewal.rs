//! When a device gets a new identity, and when it is asked again.

use pomona::model::Time;
use pomona::model::enrollment::{Enrollment, EnrollmentId, Kind, PendingRenewal, State};
use pomona::rules::renewal::{Facts, Step, begins, days_left, is_alarming, step};

const DAY: i64 = 86_400;
const END: Time = Time::from_secs(1_800_000_000);

fn id(n: usize) -> EnrollmentId {
    EnrollmentId::parse(&format!("00008020-{n:016X}")).expect("an id")
}

fn before_end(days: i64) -> Time {
    END.plus_secs(-days * DAY)
}

fn enrollment(renewal: Option<PendingRenewal>) -> Enrollment {
    Enrollment {
        id: id(1),
        kind: Kind::Device,
        state: State::Enrolled,
        tally: 1,
        first_seen: before_end(397),
        authenticated_at: before_end(397),
        enrolled_at: Some(before_end(397)),
        checked_out_at: None,
        awaiting: false,
        user_short_name: None,
        user_long_name: None,
        certificate: Some([1; 32]),
        renewal,
        renewed_at: None,
    }
}

fn pending(days: i64, tries: u32) -> Option<PendingRenewal> {
    Some(PendingRenewal { challenge: [0; 32], sent_at: before_end(days), tries })
}

fn decide(enrollment: &Enrollment, waits: bool, now: Time) -> Step {
    step(&Facts { enrollment, not_after: Some(END), waits, seen: Some(now) }, now)
}

#[test]
fn a_fleet_that_enrolled_in_one_hour_renews_over_two_weeks() {
    let mut by_day = [0; 14];
    for n in 0..10_000 {
        let at = begins(&id(n), END, before_end(397));
        assert_eq!(at, begins(&id(n), END, before_end(200)), "always the same moment");
        let day = at.since_ms(before_end(60)).div_euclid(DAY * 1000);
        by_day[usize::try_from(day).expect("not before 60 days")] += 1;
    }
    assert!(by_day.iter().all(|n| (600..830).contains(n)), "{by_day:?}");
}

#[test]
fn where_little_time_is_left_a_fleet_renews_within_the_first_half_of_it() {
    for n in 0..1_000 {
        let at = begins(&id(n), END, before_end(10));
        assert!(at >= before_end(10) && at <= before_end(5), "{at:?}");
    }
    assert_eq!(begins(&id(1), END, END.plus_secs(5)), END.plus_secs(5), "past its end: at once");
}

#[test]
fn nothing_is_sent_before_its_time_or_to_whoever_left() {
    let mut one = enrollment(None);
    assert_eq!(decide(&one, false, before_end(90)), Step::Later(begins(&one.id, END, before_end(90))));
    assert_eq!(decide(&one, false, before_end(50)), Step::Send);
    one.state = State::Authenticated;
    assert_eq!(decide(&one, false, before_end(50)), Step::Later(before_end(49)));
    one.state = State::CheckedOut;
    assert_eq!(decide(&one, false, before_end(50)), Step::Over);
    let stranger = Facts { enrollment: &enrollment(None), not_after: None, waits: false, seen: None };
    assert_eq!(step(&stranger, before_end(50)), Step::Over);
}

#[test]
fn a_device_in_a_drawer_is_not_rung_but_its_renewal_lies_ready_past_the_end() {
    let one = enrollment(None);
    let at = |seen: Option<Time>, now| {
        step(&Facts { enrollment: &one, not_after: Some(END), waits: false, seen }, now)
    };
    assert_eq!(at(Some(before_end(58)), before_end(50)), Step::Later(before_end(49)));
    assert_eq!(at(None, before_end(50)), Step::Later(before_end(49)));
    assert_eq!(at(Some(before_end(56)), before_end(50)), Step::Send);
    assert_eq!(at(Some(before_end(58)), END.plus_secs(1)), Step::Send);
}

#[test]
fn a_command_that_waits_is_left_until_its_challenge_is_nearly_over() {
    let one = enrollment(pending(55, 1));
    assert_eq!(decide(&one, true, before_end(50)), Step::Later(before_end(49)));
    assert_eq!(decide(&one, true, before_end(26).plus_secs(-1)), Step::Later(before_end(25).plus_secs(-1)));
    assert_eq!(decide(&one, true, before_end(26)), Step::Send);
}

#[test]
fn a_device_that_did_not_take_its_identity_is_asked_again_more_and_more_seldom_and_daily_at_the_end() {
    for (tries, days) in [(1, 1), (2, 2), (3, 4), (4, 7), (9, 7)] {
        let one = enrollment(pending(50, tries));
        let again = before_end(50 - days);
        assert_eq!(decide(&one, false, again.plus_secs(-1)), Step::Later(again), "{tries}");
        assert_eq!(decide(&one, false, again), Step::Send, "{tries}");
    }
    let one = enrollment(pending(12, 9));
    assert_eq!(decide(&one, false, before_end(11)), Step::Send);
}

#[test]
fn a_person_hears_of_it_once_when_little_time_is_left() {
    assert!(!is_alarming(None, END, before_end(50)));
    assert!(is_alarming(None, END, before_end(13)));
    assert!(is_alarming(pending(20, 3).as_ref(), END, before_end(13)));
    assert!(!is_alarming(pending(13, 3).as_ref(), END, before_end(12)));
    assert_eq!((days_left(END, before_end(3)), days_left(END, END.plus_secs(1))), (3, -1));
}
