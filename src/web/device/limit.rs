//! Failures a minute by address: guessing challenges and probing the decryption shall be slow.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Mutex, PoisonError};

use crate::model::Time;

/// Failures of one address in [`WINDOW_MS`] before it has to wait.
const MAX: u32 = 30;
/// One minute, in milliseconds.
const WINDOW_MS: i64 = 60_000;
/// Addresses remembered; beyond it, those whose minute is over are forgotten.
const REMEMBERED: usize = 10_000;

/// Counts failures.
#[derive(Default)]
pub(super) struct Failures(Mutex<HashMap<IpAddr, (Time, u32)>>);

impl Failures {
    /// Whether this address failed too often of late.
    pub(super) fn too_many(&self, from: IpAddr, now: Time) -> bool {
        let counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        counts.get(&whole(from)).is_some_and(|(since, n)| *n >= MAX && now.since_ms(*since) < WINDOW_MS)
    }

    /// Counts one.
    pub(super) fn count(&self, from: IpAddr, now: Time) {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if counts.len() >= REMEMBERED {
            counts.retain(|_, (since, _)| now.since_ms(*since) < WINDOW_MS);
        }
        if counts.len() >= REMEMBERED {
            counts.clear();
        }
        let entry = counts.entry(whole(from)).or_insert((now, 0));
        if now.since_ms(entry.0) >= WINDOW_MS {
            *entry = (now, 0);
        }
        entry.1 = entry.1.saturating_add(1);
    }
}

/// Who has one IPv6 address has the 2^64 beside it.
fn whole(from: IpAddr) -> IpAddr {
    match from {
        IpAddr::V4(_) => from,
        IpAddr::V6(v6) => IpAddr::V6(Ipv6Addr::from(u128::from(v6) >> 64 << 64)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thirty_failures_a_minute_and_no_more() {
        let failures = Failures::default();
        let from: IpAddr = "192.0.2.1".parse().expect("address");
        let start = Time::from_secs(1000);
        for _ in 0..30 {
            assert!(!failures.too_many(from, start));
            failures.count(from, start);
        }
        assert!(failures.too_many(from, start.plus_secs(59)));
        assert!(!failures.too_many(from, start.plus_secs(60)));
        assert!(!failures.too_many("192.0.2.2".parse().expect("address"), start));
    }

    #[test]
    fn addresses_of_one_ipv6_network_count_as_one() {
        let failures = Failures::default();
        let now = Time::from_secs(1000);
        for n in 0..30_u128 {
            failures.count(IpAddr::V6(Ipv6Addr::from((0x2001_0db8_u128 << 96) + n)), now);
        }
        assert!(failures.too_many("2001:db8::ffff".parse().expect("address"), now));
        assert!(!failures.too_many("2001:db8:0:1::1".parse().expect("address"), now));
    }
}
