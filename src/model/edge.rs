//! What the edge lends to the rooms below: the time, and randomness.

use super::Time;

/// Tells the time. Implemented by the daemon; tests set their own.
pub trait Clock: Send + Sync {
    /// This moment.
    fn now(&self) -> Time;
}

/// Fills bytes from a secure source. Implemented by the daemon; tests may seed their own.
pub trait Dice: Send + Sync {
    /// Fills `out`.
    fn fill(&self, out: &mut [u8]);
}

/// `N` random bytes.
pub fn roll<const N: usize>(dice: &dyn Dice) -> [u8; N] {
    let mut out = [0; N];
    dice.fill(&mut out);
    out
}

/// A random version 4 UUID, uppercase as Apple writes them.
pub fn roll_uuid(dice: &dyn Dice) -> String {
    uuid::Builder::from_random_bytes(roll(dice)).into_uuid().hyphenated().to_string().to_uppercase()
}
