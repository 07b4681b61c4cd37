//! The clock and the dice: the one place where the outside world's time and chance come in.

use std::time::{SystemTime, UNIX_EPOCH};

use aws_lc_rs::rand::{SecureRandom, SystemRandom};

use crate::model::Time;
use crate::model::edge::{Clock, Dice};

/// The computer's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Time {
        let ms = match SystemTime::now().duration_since(UNIX_EPOCH) {
            Ok(after) => i64::try_from(after.as_millis()).unwrap_or(i64::MAX),
            Err(before) => -i64::try_from(before.duration().as_millis()).unwrap_or(i64::MAX),
        };
        Time(ms)
    }
}

/// The operating system's random source, by way of AWS-LC.
#[derive(Debug, Default)]
pub struct SystemDice(SystemRandom);

impl SystemDice {
    /// Ready at once.
    pub fn new() -> Self {
        Self(SystemRandom::new())
    }
}

impl Dice for SystemDice {
    fn fill(&self, out: &mut [u8]) {
        // AWS-LC ends the process itself when the system has no randomness to give; going on would be worse.
        assert!(self.0.fill(out).is_ok(), "the system's random source failed");
    }
}
