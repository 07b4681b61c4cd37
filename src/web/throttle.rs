//! The softlock of sign-in: whoever fails waits, a second at first, then twice as long each time.
//!
//! An account waits by its name alone, from wherever it is tried, so that changing addresses helps no guesser; an
//! address waits when it failed often under any names, so that trying one password on many names does not pay.
//! An account that waits holds up no other, and what was right is refused as well while it waits: otherwise the
//! wait would tell. The address is the connection's own; no header can change it (rule W9).

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Mutex, PoisonError};

use crate::model::Time;

/// First wait, in seconds.
const FIRST_SECS: i64 = 1;
/// Longest wait, in seconds.
const LONGEST_SECS: i64 = 15 * 60;
/// Failures of one address that are free: an office has one address and many who mistype.
const FREE_OF_ADDRESS: u32 = 20;
/// A key that did not fail for so long starts anew, in seconds.
const FORGIVEN_SECS: i64 = 24 * 3600;
/// Characters of a name that are told apart; no account has more.
const LONGEST_NAME: usize = 64;
/// Keys remembered. Beyond it, those that wait least are forgotten.
const REMEMBERED: usize = 10_000;

/// Counts failures by name and by address.
#[derive(Default)]
pub(super) struct Throttle(Mutex<HashMap<Key, Failures>>);

#[derive(Clone, PartialEq, Eq, Hash)]
enum Key {
    Name(String),
    Address(IpAddr),
}

impl Key {
    /// A name as far as names go: what a stranger typed may be a megabyte, and is kept.
    fn name(typed: &str) -> Self {
        Self::Name(typed.chars().take(LONGEST_NAME).collect())
    }
}

#[derive(Clone, Copy)]
struct Failures {
    count: u32,
    latest: Time,
    until: Time,
}

impl Throttle {
    /// Seconds that this name, or this address, still has to wait.
    pub(super) fn wait(&self, name: &str, from: IpAddr, now: Time) -> Option<i64> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let until = [Key::name(name), Key::Address(network(from))]
            .iter()
            .filter_map(|key| kept.get(key))
            .map(|failures| failures.until)
            .max()?;
        let ms = until.since_ms(now);
        (ms > 0).then(|| (ms + 999) / 1000)
    }

    /// Counts a failure; tells how many there were under this name.
    pub(super) fn failed(&self, name: &str, from: IpAddr, now: Time) -> u32 {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= REMEMBERED {
            kept.retain(|_, f| now < f.until);
        }
        if kept.len() >= REMEMBERED {
            kept.clear();
        }
        count(&mut kept, Key::Address(network(from)), FREE_OF_ADDRESS, now);
        count(&mut kept, Key::name(name), 0, now)
    }

    /// A try that was counted before it was looked at was none: forgets the failures of the name, and takes one
    /// from the address.
    pub(super) fn succeeded(&self, name: &str, from: IpAddr) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.remove(&Key::name(name));
        if let Some(failures) = kept.get_mut(&Key::Address(network(from))) {
            failures.count = failures.count.saturating_sub(1);
            if failures.count <= FREE_OF_ADDRESS {
                failures.until = failures.latest;
            }
        }
    }
}

fn count(kept: &mut HashMap<Key, Failures>, key: Key, free: u32, now: Time) -> u32 {
    let fresh = Failures { count: 0, latest: now, until: now };
    let failures = kept.entry(key).or_insert(fresh);
    if now.since_ms(failures.latest) >= FORGIVEN_SECS * 1000 {
        *failures = fresh;
    }
    failures.count = failures.count.saturating_add(1);
    failures.latest = now;
    if let Some(doublings) = failures.count.checked_sub(free + 1) {
        let secs = FIRST_SECS.checked_shl(doublings.min(20)).unwrap_or(LONGEST_SECS).min(LONGEST_SECS);
        failures.until = now.plus_secs(secs);
    }
    failures.count
}

/// The neighborhood that one person can be assumed to command: an IPv4 /24, an IPv6 /64.
fn network(from: IpAddr) -> IpAddr {
    match from {
        IpAddr::V4(v4) => {
            let [a, b, c, _] = v4.octets();
            IpAddr::from([a, b, c, 0])
        }
        IpAddr::V6(v6) => IpAddr::V6(Ipv6Addr::from(u128::from(v6) >> 64 << 64)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> IpAddr {
        text.parse().expect("address")
    }

    #[test]
    fn the_wait_doubles_from_a_second_to_a_quarter_of_an_hour() {
        let throttle = Throttle::default();
        let mut now = Time::from_secs(1_000_000);
        let mut waits = Vec::new();
        for n in 0..12 {
            throttle.failed("ada", at(&format!("192.0.{n}.1")), now);
            let wait = throttle.wait("ada", at("198.51.100.1"), now).expect("it waits");
            waits.push(wait);
            now = now.plus_secs(wait);
            assert_eq!(throttle.wait("ada", at("198.51.100.1"), now), None, "the wait ends when it says");
        }
        assert_eq!(waits, [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900]);
    }

    #[test]
    fn another_name_never_waits_for_one_that_was_guessed_at() {
        let throttle = Throttle::default();
        let now = Time::from_secs(1_000_000);
        for _ in 0..10 {
            throttle.failed("ada", at("192.0.2.1"), now);
        }
        assert!(throttle.wait("ada", at("192.0.2.1"), now).is_some());
        assert_eq!(throttle.wait("grace", at("192.0.2.1"), now), None);
    }

    #[test]
    fn an_endless_name_is_kept_short() {
        let throttle = Throttle::default();
        let (now, endless) = (Time::from_secs(1_000_000), "x".repeat(1 << 20));
        throttle.failed(&endless, at("192.0.2.1"), now);
        assert!(throttle.wait(&endless, at("192.0.2.9"), now).is_some());
        let kept = throttle.0.lock().expect("lock");
        assert!(kept.keys().all(|key| !matches!(key, Key::Name(name) if name.len() > LONGEST_NAME)));
    }

    #[test]
    fn one_password_on_many_names_makes_the_address_wait() {
        let throttle = Throttle::default();
        let now = Time::from_secs(1_000_000);
        for n in 0..=FREE_OF_ADDRESS {
            throttle.failed(&format!("name{n}"), at("2001:db8::1"), now);
        }
        assert!(throttle.wait("grace", at("2001:db8::ffff"), now).is_some(), "the whole /64 waits");
        assert_eq!(throttle.wait("grace", at("2001:db8:0:1::1"), now), None);
    }

    #[test]
    fn a_right_password_and_a_day_of_rest_forgive() {
        let throttle = Throttle::default();
        let now = Time::from_secs(1_000_000);
        throttle.failed("ada", at("192.0.2.1"), now);
        throttle.failed("ada", at("192.0.2.1"), now);
        throttle.succeeded("ada", at("192.0.2.1"));
        assert_eq!(throttle.failed("ada", at("192.0.2.1"), now), 1);
        assert_eq!(throttle.failed("ada", at("192.0.2.1"), now.plus_secs(FORGIVEN_SECS)), 1);
    }
}
