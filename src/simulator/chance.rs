//! Chance: one source that repeats for a seed (names, serial numbers, faults) and one that nobody can guess
//! (keys, tokens, nonces).

/// A repeatable sequence: SplitMix64. The same seed gives the same fleet again.
#[derive(Debug, Clone)]
pub struct Chance(u64);

impl Chance {
    /// A sequence for member `index` of the fleet with this seed.
    pub fn new(seed: u64, index: u64) -> Self {
        let mut chance = Self(seed ^ index.wrapping_mul(0xd134_2543_de82_ef95));
        chance.word();
        chance
    }

    /// The next 64 bits.
    pub fn word(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `end`, which must not be zero.
    pub fn below(&mut self, end: u64) -> u64 {
        self.word() % end.max(1)
    }

    /// One of `all`, which must not be empty.
    pub fn pick<'a, T>(&mut self, all: &'a [T]) -> &'a T {
        let at = usize::try_from(self.below(all.len() as u64)).unwrap_or(0);
        &all[at]
    }

    /// `N` repeatable bytes.
    pub fn bytes<const N: usize>(&mut self) -> [u8; N] {
        let mut out = [0; N];
        for part in out.chunks_mut(8) {
            let next = self.word().to_le_bytes();
            part.copy_from_slice(&next[..part.len()]);
        }
        out
    }

    /// A repeatable UUID, uppercase.
    pub fn uuid(&mut self) -> String {
        uuid::Builder::from_random_bytes(self.bytes()).into_uuid().hyphenated().to_string().to_uppercase()
    }
}

/// `N` bytes that nobody can guess.
///
/// # Panics
/// If the operating system has no random bytes to give.
pub fn secure<const N: usize>() -> [u8; N] {
    let mut out = [0; N];
    aws_lc_rs::rand::fill(&mut out).expect("the operating system gives random bytes");
    out
}
