//! Figures are counted right.

use std::time::Duration;

use pomona::simulator::latency::{Histogram, Latencies, Leg};

#[test]
fn percentiles_are_within_a_thirty_second_part() {
    let mut histogram = Histogram::default();
    (1..=10_000_u64).for_each(|ms| histogram.add(Duration::from_micros(ms * 100)));
    assert_eq!(histogram.count(), 10_000);
    for (share, truth) in [(0.5, 500.0), (0.95, 950.0), (0.99, 990.0)] {
        let found = histogram.at(share).as_secs_f64() * 1_000.0;
        assert!((found - truth).abs() / truth < 1.0 / 32.0, "{share}: {found} ms");
    }
    assert_eq!(histogram.longest(), Duration::from_secs(1));
    assert_eq!(histogram.at(1.0), Duration::from_secs(1));
}

#[test]
fn nothing_counted_is_zero_and_extremes_do_not_overflow() {
    let mut histogram = Histogram::default();
    assert_eq!(histogram.summary(), Default::default());
    histogram.add(Duration::ZERO);
    histogram.add(Duration::MAX);
    assert_eq!(histogram.at(0.5), Duration::ZERO);
    assert_eq!(histogram.longest(), Duration::MAX);
    assert!(histogram.at(0.99) >= Duration::from_secs(60_000));
}

#[test]
fn a_fleet_counts_into_one_set_of_histograms() {
    let latencies = Latencies::default();
    latencies.clone().add(Leg::Idle, Duration::from_millis(5));
    latencies.add(Leg::Idle, Duration::from_millis(7));
    let summaries = latencies.summaries();
    assert_eq!(summaries.len(), 1);
    assert_eq!((summaries[0].0, summaries[0].1.count), (Leg::Idle, 2));
}
