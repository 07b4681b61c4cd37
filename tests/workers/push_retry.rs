//! When to try again, and when to leave Apple alone.

use pomona::rules::retry::{
    Allowed, Breaker, FIRST_WAIT_MS, LONGEST_WAIT_MS, Pace, at_work_until, ring_again_secs, wait_ms,
};

const LATEST: [u8; 4] = [0; 4];
const SOONEST: [u8; 4] = [0xff; 4];

#[test]
fn waits_double_from_a_second_to_a_quarter_of_an_hour() {
    let whole: Vec<_> = (0..12).map(|n| wait_ms(n, FIRST_WAIT_MS, LONGEST_WAIT_MS, LATEST)).collect();
    let seconds = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900];
    assert_eq!(whole, seconds.map(|s| s * 1_000));
    for n in [63, 64, 1_000, u32::MAX] {
        assert_eq!(wait_ms(n, FIRST_WAIT_MS, LONGEST_WAIT_MS, LATEST), LONGEST_WAIT_MS);
    }
}

#[test]
fn chance_takes_off_up_to_half() {
    for n in 0..40 {
        let whole = wait_ms(n, FIRST_WAIT_MS, LONGEST_WAIT_MS, LATEST);
        assert_eq!(wait_ms(n, FIRST_WAIT_MS, LONGEST_WAIT_MS, SOONEST), whole - whole / 2);
        let between = wait_ms(n, FIRST_WAIT_MS, LONGEST_WAIT_MS, [0x80, 0, 0, 0]);
        assert!(between > whole / 2 && between < whole);
    }
}

#[test]
fn who_does_not_come_is_rung_ever_more_seldom() {
    let minutes: Vec<_> = (0..8).map(|n| ring_again_secs(n) / 60).collect();
    assert_eq!(minutes, [15, 15, 60, 240, 720, 1_440, 1_440, 1_440]);
}

#[test]
fn a_few_failures_are_nothing_and_five_in_a_row_stop_everything_but_a_probe() {
    let mut breaker = Breaker::default();
    for _ in 0..3 {
        for _ in 1..Breaker::PATIENCE {
            assert!(!breaker.failed(0, LATEST));
            assert_eq!(breaker.allowed(0), Allowed::All);
        }
        assert!(!breaker.works(), "no pause was ended");
    }
    for _ in 1..Breaker::PATIENCE {
        breaker.failed(0, LATEST);
    }
    assert!(breaker.failed(100, LATEST), "the pause begins now");
    assert_eq!(breaker.allowed(100), Allowed::Nothing(Some(2_100)));
    assert!(!breaker.failed(200, LATEST), "late failures change nothing");
    assert_eq!(breaker.allowed(2_099), Allowed::Nothing(Some(2_100)));
    assert_eq!(breaker.allowed(2_100), Allowed::Probe);
    breaker.probe();
    assert_eq!(breaker.allowed(2_200), Allowed::Nothing(None), "one at a time");
}

#[test]
fn failed_probes_come_ever_more_seldom_up_to_once_a_minute() {
    let mut breaker = Breaker::default();
    for _ in 0..Breaker::PATIENCE {
        breaker.failed(0, LATEST);
    }
    let mut now = 2_000;
    for seconds in [4, 8, 16, 32, 60, 60] {
        assert_eq!(breaker.allowed(now), Allowed::Probe);
        breaker.probe();
        breaker.failed(now, LATEST);
        assert_eq!(breaker.allowed(now), Allowed::Nothing(Some(now + seconds * 1_000)));
        now += seconds * 1_000;
    }
    breaker.probe();
    assert!(breaker.works(), "that ended a pause");
    assert_eq!(breaker.allowed(now), Allowed::All);
    assert!(!breaker.failed(now, LATEST), "patience is whole again");
}

#[test]
fn a_refused_certificate_is_tried_four_times_an_hour_at_most() {
    let mut breaker = Breaker::default();
    assert!(breaker.hopeless(0, SOONEST));
    let Allowed::Nothing(Some(until)) = breaker.allowed(0) else { panic!("nothing is allowed") };
    assert!(until >= LONGEST_WAIT_MS / 2);
    breaker.reset();
    assert_eq!(breaker.allowed(0), Allowed::All);
}

#[test]
fn the_pace_is_kept_over_any_second() {
    let mut pace = Pace::new(200);
    let mut sent = Vec::new();
    for now in 0..3_000_u64 {
        while pace.available(now) > 0 {
            pace.take();
            sent.push(now);
        }
    }
    assert!((590..=620).contains(&sent.len()), "{}", sent.len());
    for from in 0..2_000 {
        let in_a_second = sent.iter().filter(|at| (from..from + 1_000).contains(*at)).count();
        assert!(in_a_second <= 220, "{in_a_second} from {from} ms on");
    }
    let mut pace = Pace::new(200);
    while pace.available(0) > 0 {
        pace.take();
    }
    assert_eq!(pace.wait_ms(), 5);
    assert!(Pace::new(0).available(0) >= 1, "a pace of nothing would never end");
}

#[test]
fn a_clock_that_was_set_back_does_not_make_a_channel_look_at_work() {
    assert_eq!(at_work_until(&[], pomona::model::Time(0)), None);
}
