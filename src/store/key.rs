//! Keys that sort as their parts do, and from which the parts can be read back without doubt.
//!
//! Text ends with `00 01`, and a zero byte inside is written `00 FF`: so `("ab", "c")` is never `("a", "bc")`, a
//! shorter text sorts before its continuation, and everything under a text is one contiguous span. Numbers are
//! big-endian; moments have their sign bit flipped so that times before 1970 sort first.

use super::Broken;
use super::tables::Table;
use crate::model::Time;

/// A key under construction.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Key(Vec<u8>);

impl Key {
    /// A key that starts with `text`.
    pub fn of(text: &str) -> Self {
        Self(Vec::with_capacity(text.len() + 16)).text(text)
    }

    /// A key that is one hash and nothing else.
    pub fn hash(hash: &[u8; 32]) -> Self {
        Self(hash.to_vec())
    }

    /// A key that starts with a number.
    pub fn number(number: u64) -> Self {
        Self(number.to_be_bytes().to_vec())
    }

    /// A key that starts with a moment.
    pub fn moment(at: Time) -> Self {
        Self(Vec::with_capacity(40)).time(at)
    }

    /// Appends text of any length.
    pub fn text(mut self, text: &str) -> Self {
        for (n, part) in text.as_bytes().split(|byte| *byte == 0).enumerate() {
            if n > 0 {
                self.0.extend_from_slice(&[0, 0xFF]);
            }
            self.0.extend_from_slice(part);
        }
        self.0.extend_from_slice(&[0, 1]);
        self
    }

    /// Appends text that has no end mark: only to find what starts with it, never to keep.
    pub fn open_text(mut self, text: &str) -> Self {
        self.0.extend_from_slice(Self::of(text).bytes().strip_suffix(&[0, 1]).unwrap_or_default());
        self
    }

    /// Appends one byte.
    pub fn u8(mut self, number: u8) -> Self {
        self.0.push(number);
        self
    }

    /// Appends a number.
    pub fn u32(mut self, number: u32) -> Self {
        self.0.extend_from_slice(&number.to_be_bytes());
        self
    }

    /// Appends a number.
    pub fn u64(mut self, number: u64) -> Self {
        self.0.extend_from_slice(&number.to_be_bytes());
        self
    }

    /// Appends a moment.
    pub fn time(self, at: Time) -> Self {
        self.u64(at.0 as u64 ^ (1 << 63))
    }

    /// Appends a hash.
    pub fn bytes32(mut self, hash: &[u8; 32]) -> Self {
        self.0.extend_from_slice(hash);
        self
    }

    /// The key itself.
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// Everything that starts with this key, itself included.
    pub fn span(self) -> Span {
        let to = after(&self.0);
        Span { from: self.0, to }
    }
}

/// The first key behind everything that starts with `prefix`; none when nothing can be behind it.
fn after(prefix: &[u8]) -> Option<Vec<u8>> {
    let last = prefix.iter().rposition(|b| *b != 0xFF)?;
    let mut to = prefix[..=last].to_vec();
    to[last] += 1;
    Some(to)
}

/// A contiguous part of a table: from `from` up to, but without, `to`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Span {
    /// First key.
    pub from: Vec<u8>,
    /// First key no longer in it; none reaches to the end of the table.
    pub to: Option<Vec<u8>>,
}

impl Span {
    /// The whole table.
    pub fn all() -> Self {
        Self { from: Vec::new(), to: None }
    }

    /// What is left of this span before `key`.
    pub fn before(mut self, key: &Key) -> Self {
        if self.to.as_deref().is_none_or(|to| key.bytes() < to) {
            self.to = Some(key.0.clone());
        }
        self
    }

    /// What is left of this span behind `key` and everything that starts with it.
    pub fn behind(mut self, key: &Key) -> Self {
        match after(key.bytes()) {
            Some(from) if from > self.from => self.from = from,
            Some(_) => {}
            None => self.to = Some(self.from.clone()),
        }
        self
    }

    /// Whether nothing can be in it.
    pub fn is_empty(&self) -> bool {
        self.to.as_ref().is_some_and(|to| *to <= self.from)
    }
}

/// Reads the parts of a key in their order.
#[derive(Debug, Clone)]
pub struct Parts<'a> {
    table: Table,
    rest: &'a [u8],
}

impl<'a> Parts<'a> {
    /// Starts at the first part of a key of `table`.
    pub fn of(table: Table, key: &'a [u8]) -> Self {
        Self { table, rest: key }
    }

    fn broken(&self) -> Broken {
        Broken::row(self.table, "a key does not have the parts it should have")
    }

    /// The next part, a text.
    pub fn text(&mut self) -> Result<String, Broken> {
        let mut text = Vec::new();
        let mut at = 0;
        loop {
            match (self.rest.get(at), self.rest.get(at + 1)) {
                (Some(0), Some(1)) => break,
                (Some(0), Some(0xFF)) => {
                    text.push(0);
                    at += 2;
                }
                (Some(0), _) | (None, _) => return Err(self.broken()),
                (Some(byte), _) => {
                    text.push(*byte);
                    at += 1;
                }
            }
        }
        self.rest = &self.rest[at + 2..];
        String::from_utf8(text).map_err(|_| self.broken())
    }

    fn take<const N: usize>(&mut self) -> Result<[u8; N], Broken> {
        let (head, rest) = self.rest.split_first_chunk::<N>().ok_or_else(|| self.broken())?;
        self.rest = rest;
        Ok(*head)
    }

    /// The next part, a number.
    pub fn u32(&mut self) -> Result<u32, Broken> {
        self.take().map(u32::from_be_bytes)
    }

    /// The next part, a number.
    pub fn u64(&mut self) -> Result<u64, Broken> {
        self.take().map(u64::from_be_bytes)
    }

    /// The next part, a moment.
    pub fn time(&mut self) -> Result<Time, Broken> {
        self.u64().map(|n| Time((n ^ (1 << 63)) as i64))
    }

    /// The next part, a hash.
    pub fn bytes32(&mut self) -> Result<[u8; 32], Broken> {
        self.take()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    type Sample = (String, u8, i64, String, u32, [u8; 32]);

    fn key((a, b, c, d, e, f): &Sample) -> Key {
        Key::of(a).u8(*b).time(Time(*c)).text(d).u32(*e).bytes32(f)
    }

    /// Texts that are hard for separators: short, of few letters, with zero bytes and with high ones.
    fn text() -> impl Strategy<Value = String> {
        proptest::collection::vec(prop_oneof![Just('a'), Just('\0'), Just('\u{1}'), Just('\u{ff}')], 0..4)
            .prop_map(|chars| chars.into_iter().collect())
    }

    fn sample() -> impl Strategy<Value = Sample> {
        (
            text(),
            0..3u8,
            prop_oneof![Just(i64::MIN), -2..3i64, Just(i64::MAX)],
            text(),
            0..3u32,
            any::<[u8; 32]>(),
        )
    }

    proptest! {
        #[test]
        fn keys_sort_as_their_parts_do(a in sample(), b in sample()) {
            prop_assert_eq!(key(&a).bytes().cmp(key(&b).bytes()), a.cmp(&b));
        }

        #[test]
        fn parts_are_read_back(a in sample()) {
            let key = key(&a);
            let mut parts = Parts::of(Table::Meta, key.bytes());
            prop_assert_eq!(parts.text().unwrap(), a.0);
            prop_assert_eq!(parts.take::<1>().unwrap()[0], a.1);
            prop_assert_eq!(parts.time().unwrap(), Time(a.2));
            prop_assert_eq!(parts.text().unwrap(), a.3);
            prop_assert_eq!(parts.u32().unwrap(), a.4);
            prop_assert_eq!(parts.bytes32().unwrap(), a.5);
            prop_assert!(parts.u64().is_err());
        }

        #[test]
        fn a_span_holds_what_starts_with_its_key_and_nothing_else(a in sample(), b in sample()) {
            let span = Key::of(&a.0).span();
            let inside = key(&b);
            let holds = span.from.as_slice() <= inside.bytes()
                && span.to.as_deref().is_none_or(|to| inside.bytes() < to);
            prop_assert_eq!(holds, a.0 == b.0);
        }

        #[test]
        fn damaged_keys_are_errors_and_never_panics(bytes: Vec<u8>) {
            let mut parts = Parts::of(Table::Meta, &bytes);
            while parts.text().is_ok() {}
            let _ = (parts.u64(), parts.bytes32(), parts.time(), parts.u32());
        }
    }
}
