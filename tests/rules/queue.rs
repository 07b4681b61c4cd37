//! Which command comes next.

use pomona::model::Time;
use pomona::model::command::{Command, Errand, Priority, State};
use pomona::model::enrollment::EnrollmentId;
use pomona::rules::queue::{
    BURST_SECS, MAX_OFFERS, OFFER_WINDOW_SECS, Turn, consider, not_now, offered, ring_again_secs,
};

const NOW: Time = Time::from_secs(1_795_000_000);

fn command(uuid: &str) -> Command {
    Command {
        uuid: uuid.into(),
        enrollment: EnrollmentId::parse("D").expect("an id"),
        seq: 1,
        request_type: "RestartDevice".into(),
        priority: Priority::Normal,
        by: "ada".into(),
        errand: Errand::Plain,
        state: State::Queued,
        created: NOW,
        sent_at: None,
        offers: 0,
        offers_since: None,
        not_now_first: None,
        not_now_last: None,
        not_now_count: 0,
        finished: None,
        errors: vec![],
        not_understood: None,
    }
}

/// What is handed out of a queue, and what is parked on the way there.
fn choose(queue: &[Command], idle: bool, now: Time) -> (Vec<String>, Option<String>) {
    let mut park = vec![];
    for command in queue {
        match consider(command, idle, now) {
            Turn::Skip => {}
            Turn::Park => park.push(command.uuid.clone()),
            Turn::Offer => return (park, Some(command.uuid.clone())),
        }
    }
    (park, None)
}

fn next(queue: &[Command], idle: bool, now: Time) -> Option<String> {
    choose(queue, idle, now).1
}

#[test]
fn the_first_unfinished_command_is_next() {
    let mut queue = [command("A"), command("B")];
    assert_eq!(next(&queue, true, NOW).as_deref(), Some("A"));
    for state in [
        State::Acknowledged,
        State::Error,
        State::FormatError,
        State::Canceled,
        State::Dropped,
        State::NoAnswer,
    ] {
        queue[0].state = state;
        assert_eq!(next(&queue, true, NOW).as_deref(), Some("B"));
    }
    assert_eq!(next(&[], true, NOW), None);
}

#[test]
fn what_answered_notnow_waits_for_the_next_idle_or_for_the_end_of_the_burst() {
    let mut queue = [command("A"), command("B")];
    not_now(&mut queue[0], NOW);
    assert_eq!(next(&queue, false, NOW).as_deref(), Some("B"));
    assert_eq!(next(&queue[..1], false, NOW), None);
    assert_eq!(next(&queue, true, NOW).as_deref(), Some("A"));
    assert_eq!(next(&queue, false, NOW.plus_secs(BURST_SECS)).as_deref(), Some("A"));
}

#[test]
fn what_is_offered_again_and_again_is_parked_and_stops_nobody() {
    let mut queue = [command("A"), command("B")];
    for n in 0..MAX_OFFERS {
        assert_eq!(next(&queue, true, NOW.plus_secs(i64::from(n))).as_deref(), Some("A"));
        offered(&mut queue[0], true, NOW.plus_secs(i64::from(n)));
    }
    let (park, next) = choose(&queue, true, NOW.plus_secs(OFFER_WINDOW_SECS - 1));
    assert_eq!((park, next.as_deref()), (vec!["A".to_owned()], Some("B")));
    let (park, next) = choose(&queue, true, NOW.plus_secs(OFFER_WINDOW_SECS));
    assert_eq!((park, next.as_deref()), (vec![], Some("A")), "the hour is over");
}

#[test]
fn a_report_that_is_repeated_parks_nothing() {
    let mut queue = [command("A")];
    for n in 0..20 {
        assert_eq!(next(&queue, false, NOW.plus_secs(n)).as_deref(), Some("A"));
        offered(&mut queue[0], false, NOW.plus_secs(n));
    }
    assert_eq!(queue[0].offers, 1);
}

#[test]
fn a_notnow_is_an_answer_and_never_leads_to_parking() {
    let mut one = command("A");
    for n in 0..50 {
        offered(&mut one, true, NOW.plus_secs(n));
        not_now(&mut one, NOW.plus_secs(n));
    }
    assert_eq!(next(std::slice::from_ref(&one), true, NOW.plus_secs(50)).as_deref(), Some("A"));
    assert_eq!((one.not_now_count, one.not_now_first), (50, Some(NOW)));
}

#[test]
fn rings_for_a_busy_device_get_rarer() {
    let waits: Vec<i64> = (0..8).map(ring_again_secs).collect();
    assert!(waits.windows(2).all(|pair| pair[0] <= pair[1]));
    assert_eq!((waits[1], waits[7]), (15 * 60, 24 * 3600));
}
