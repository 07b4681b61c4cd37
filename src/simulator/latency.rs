//! How long things took: counted in buckets, so that a million samples cost as much memory as one.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// Parts of each doubling: the error of a percentile is below 1/32.
const PARTS: u64 = 32;
/// Doublings of a microsecond that are told apart: up to about 19 hours.
const DOUBLINGS: u64 = 36;

/// Counted durations.
#[derive(Debug, Clone)]
pub struct Histogram {
    counts: Vec<u64>,
    count: u64,
    longest: Duration,
}

impl Default for Histogram {
    fn default() -> Self {
        Self { counts: vec![0; (PARTS * DOUBLINGS) as usize], count: 0, longest: Duration::ZERO }
    }
}

impl Histogram {
    /// Counts one.
    pub fn add(&mut self, took: Duration) {
        let micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        let last = self.counts.len() - 1;
        let bucket = usize::try_from(bucket(micros)).unwrap_or(last).min(last);
        self.counts[bucket] += 1;
        self.count += 1;
        self.longest = self.longest.max(took);
    }

    /// How many were counted.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// The longest of all, exactly.
    pub fn longest(&self) -> Duration {
        self.longest
    }

    /// The duration that `share` (0 to 1) of all did not exceed; zero if nothing was counted.
    pub fn at(&self, share: f64) -> Duration {
        let wanted = (self.count as f64 * share.clamp(0.0, 1.0)).ceil().max(1.0) as u64;
        let mut seen = 0;
        for (bucket, count) in self.counts.iter().enumerate() {
            seen += count;
            if seen >= wanted {
                return Duration::from_micros(upper(bucket as u64)).min(self.longest);
            }
        }
        self.longest
    }

    /// The three that people ask for, and the longest.
    pub fn summary(&self) -> Summary {
        Summary {
            count: self.count,
            p50: self.at(0.50),
            p95: self.at(0.95),
            p99: self.at(0.99),
            longest: self.longest,
        }
    }

    /// Takes in another's counts.
    pub fn merge(&mut self, other: &Self) {
        for (mine, theirs) in self.counts.iter_mut().zip(&other.counts) {
            *mine += theirs;
        }
        self.count += other.count;
        self.longest = self.longest.max(other.longest);
    }
}

fn bucket(micros: u64) -> u64 {
    if micros < PARTS {
        return micros;
    }
    let doubling = u64::from(micros.ilog2()) - u64::from(PARTS.ilog2());
    (doubling + 1) * PARTS + ((micros >> doubling) - PARTS)
}

fn upper(bucket: u64) -> u64 {
    if bucket < PARTS {
        return bucket;
    }
    let doubling = bucket / PARTS - 1;
    ((bucket % PARTS + PARTS + 1) << doubling) - 1
}

/// A histogram in five figures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize)]
pub struct Summary {
    /// Samples.
    pub count: u64,
    /// Median.
    pub p50: Duration,
    /// 95 of 100 took no longer.
    pub p95: Duration,
    /// 99 of 100 took no longer.
    pub p99: Duration,
    /// The longest.
    pub longest: Duration,
}

/// What is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Leg {
    /// TCP and TLS.
    Connect,
    /// Download of the enrollment profile.
    Download,
    /// One SCEP request.
    Scep,
    /// One check-in message.
    CheckIn,
    /// One Idle.
    Idle,
    /// One command's answer.
    Answer,
    /// A whole enrollment, from the download to the first TokenUpdate.
    Enrollment,
}

impl Leg {
    /// All of them, in the order of their numbers.
    pub const ALL: [Self; 7] = [
        Self::Connect,
        Self::Download,
        Self::Scep,
        Self::CheckIn,
        Self::Idle,
        Self::Answer,
        Self::Enrollment,
    ];

    /// The word for people.
    pub fn label(self) -> &'static str {
        match self {
            Self::Connect => "connect (TCP and TLS)",
            Self::Download => "download of the profile",
            Self::Scep => "SCEP request",
            Self::CheckIn => "check-in message",
            Self::Idle => "Idle",
            Self::Answer => "answer to a command",
            Self::Enrollment => "whole enrollment",
        }
    }
}

/// Histograms of a whole fleet. Clones count into the same.
#[derive(Debug, Clone, Default)]
pub struct Latencies(Arc<[Mutex<Histogram>; Leg::ALL.len()]>);

impl Latencies {
    /// Counts one.
    pub fn add(&self, leg: Leg, took: Duration) {
        self.0[leg as usize].lock().unwrap_or_else(PoisonError::into_inner).add(took);
    }

    /// A copy of one histogram.
    pub fn of(&self, leg: Leg) -> Histogram {
        self.0[leg as usize].lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// All that were counted at all.
    pub fn summaries(&self) -> Vec<(Leg, Summary)> {
        let all = Leg::ALL.into_iter().map(|leg| (leg, self.of(leg).summary()));
        all.filter(|(_, summary)| summary.count > 0).collect()
    }
}
