//! Rows: a version byte, proof that the bytes are whole, and a body that names its fields.
//!
//! ```text
//! plain   version | CRC-32 of table, key, version and body | body
//! sealed  version | salt | AES-256-GCM of the body, bound to table, key and version
//! ```
//!
//! The body is MessagePack with field names: a field may be added with `#[serde(default)]` or as an `Option`
//! without a new version. A change that cannot be told so raises [`Row::VERSION`] and teaches [`Row::older`] to read
//! what was written before. A row of a newer version than ours is an error and never a guess.
//!
//! redb verifies its pages after a crash and not on every read; the checksum is what tells bit rot from data.

use serde::Serialize;
use serde::de::DeserializeOwned;
use zeroize::Zeroizing;

use super::key::{Key, Span};
use super::tables::{Kind, Table};
use super::{Broken, View, Write};

/// Room made at once for a plain row: most are smaller.
const USUAL: usize = 512;

/// What can be kept in a row.
pub trait Row: Serialize + DeserializeOwned {
    /// Version written today.
    const VERSION: u8 = 1;

    /// Reads the body of a row written by an earlier version. The error is the reason, in words.
    fn older(version: u8, _body: &[u8]) -> Result<Self, String> {
        Err(format!("version {version} is older than any this Pomona can read"))
    }
}

impl Row for String {}
impl Row for u64 {}
impl Row for crate::model::Time {}

fn checksum(table: Table, key: &[u8], version: u8, body: &[u8]) -> [u8; 4] {
    let mut crc = crc32fast::Hasher::new();
    crc.update(table.name().as_bytes());
    crc.update(&[0]);
    crc.update(key);
    crc.update(&[version]);
    crc.update(body);
    crc.finalize().to_le_bytes()
}

/// The value to keep for `row` under `key`.
pub fn encode<R: Row>(v: &impl View, table: Table, key: &[u8], row: &R) -> Result<Vec<u8>, Broken> {
    match table.kind() {
        Kind::Sealed => {
            let body = Zeroizing::new(rmp_serde::to_vec_named(row).map_err(|e| Broken::row(table, e))?);
            let mut value = Vec::with_capacity(body.len() + 64);
            value.push(R::VERSION);
            v.vault().seal(table, key, R::VERSION, body, &mut value).map_err(|e| Broken::row(table, e))?;
            Ok(value)
        }
        Kind::Plain => {
            const HEAD: usize = 1 + 4;
            let mut value = Vec::with_capacity(USUAL);
            value.extend_from_slice(&[R::VERSION, 0, 0, 0, 0]);
            rmp_serde::encode::write_named(&mut value, row).map_err(|e| Broken::row(table, e))?;
            let sum = checksum(table, key, R::VERSION, &value[HEAD..]);
            value[1..HEAD].copy_from_slice(&sum);
            Ok(value)
        }
        Kind::Index => Err(Broken::row(table, "an index keeps no rows")),
    }
}

/// Takes a value apart: its version and its body, proven whole.
pub fn open<'a>(
    v: &impl View,
    table: Table,
    key: &[u8],
    value: &'a [u8],
) -> Result<(u8, std::borrow::Cow<'a, [u8]>), Broken> {
    let (&version, rest) = value.split_first().ok_or_else(|| Broken::row(table, "an empty row"))?;
    if table.kind() == Kind::Sealed {
        let mut body = v.vault().open(table, key, version, rest).map_err(|e| Broken::row(table, e))?;
        return Ok((version, std::mem::take(&mut *body).into()));
    }
    let (sum, body) = rest.split_first_chunk::<4>().ok_or_else(|| Broken::row(table, "a row is cut off"))?;
    if *sum != checksum(table, key, version, body) {
        return Err(Broken::row(table, "a row is damaged: its checksum does not match"));
    }
    Ok((version, body.into()))
}

/// Reads the row that `value` keeps under `key`.
pub fn decode<R: Row>(v: &impl View, table: Table, key: &[u8], value: &[u8]) -> Result<R, Broken> {
    let (version, body) = open(v, table, key, value)?;
    let read = match version.cmp(&R::VERSION) {
        std::cmp::Ordering::Equal => rmp_serde::from_slice(&body).map_err(|e| e.to_string()),
        std::cmp::Ordering::Less => R::older(version, &body),
        std::cmp::Ordering::Greater => {
            Err(format!("version {version} was written by a newer Pomona; this one knows {}", R::VERSION))
        }
    };
    if table.kind() == Kind::Sealed {
        drop(Zeroizing::new(body.into_owned()));
    }
    read.map_err(|e| Broken::row(table, e))
}

/// The row under `key`.
pub fn get<R: Row>(v: &impl View, table: Table, key: &Key) -> Result<Option<R>, Broken> {
    let mut found = None;
    v.raw_read(table, key.bytes(), &mut |value| {
        found = Some(decode(v, table, key.bytes(), value)?);
        Ok(())
    })?;
    Ok(found)
}

/// Puts `row` under `key`, in place of what was there.
pub fn put<R: Row>(w: &mut Write, table: Table, key: &Key, row: &R) -> Result<(), Broken> {
    let value = encode(w, table, key.bytes(), row)?;
    w.raw_put(table, key.bytes(), value)
}

/// Puts a key into an index.
pub fn mark(w: &mut Write, table: Table, key: &Key) -> Result<(), Broken> {
    w.raw_put(table, key.bytes(), Vec::new())
}

/// Removes what is under `key`, if anything is.
pub fn remove(w: &mut Write, table: Table, key: &Key) -> Result<(), Broken> {
    w.raw_remove(table, key.bytes())
}

/// Rows of a span in key order, or from its end when `reverse`, at most `limit`.
pub fn list<R: Row>(
    v: &impl View,
    table: Table,
    span: Span,
    reverse: bool,
    limit: usize,
) -> Result<Vec<R>, Broken> {
    let mut rows = Vec::new();
    if limit > 0 {
        v.raw_scan(table, &span, reverse, &mut |key, value| {
            rows.push(decode(v, table, key, value)?);
            Ok(rows.len() < limit)
        })?;
    }
    Ok(rows)
}

/// Keys of a span, each read by `part`, in key order or from the end, at most `limit`.
pub fn keys<T>(
    v: &impl View,
    table: Table,
    span: Span,
    reverse: bool,
    limit: usize,
    part: impl Fn(&mut super::key::Parts<'_>) -> Result<T, Broken>,
) -> Result<Vec<T>, Broken> {
    let mut found = Vec::new();
    if limit > 0 {
        v.raw_scan(table, &span, reverse, &mut |key, _| {
            found.push(part(&mut super::key::Parts::of(table, key))?);
            Ok(found.len() < limit)
        })?;
    }
    Ok(found)
}

/// Follows an index: an entry without its row is a fault of ours or of the disk.
pub fn must<T>(table: Table, found: Option<T>) -> Result<T, Broken> {
    found.ok_or_else(|| Broken::row(table, "an index names a row that is not there"))
}

/// A kept number, zero before it was ever set.
pub fn counter(v: &impl View, name: &str) -> Result<u64, Broken> {
    Ok(get(v, Table::Counters, &Key::of(name))?.unwrap_or(0))
}

/// Moves a kept number by `by` and returns it.
pub fn count(w: &mut Write, name: &str, by: i64) -> Result<u64, Broken> {
    let number = counter(w, name)?
        .checked_add_signed(by)
        .ok_or_else(|| Broken::row(Table::Counters, format!("{name} left its range")))?;
    put(w, Table::Counters, &Key::of(name), &number)?;
    Ok(number)
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;
    use crate::store::Store;

    /// As it was first written.
    #[derive(Serialize, Deserialize)]
    struct First {
        name: String,
    }
    impl Row for First {}

    /// One field more: no new version.
    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Grown {
        name: String,
        #[serde(default)]
        age: u32,
        nick: Option<String>,
    }
    impl Row for Grown {}

    /// Another shape: a new version, which reads the old one.
    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Second {
        names: Vec<String>,
    }
    impl Row for Second {
        const VERSION: u8 = 2;
        fn older(version: u8, body: &[u8]) -> Result<Self, String> {
            match version {
                1 => {
                    let first: First = rmp_serde::from_slice(body).map_err(|e| e.to_string())?;
                    Ok(Self { names: vec![first.name] })
                }
                other => Err(format!("no version {other}")),
            }
        }
    }

    #[test]
    fn rows_of_older_versions_are_read_and_those_of_newer_ones_refused() {
        for table in [Table::Settings, Table::Identities] {
            let store = Store::in_memory();
            let key = Key::of("k");
            let put_key = key.clone();
            store
                .write_blocking(move |w| put(w, table, &put_key, &First { name: "ada".into() }))
                .expect("written");
            let read = store.read().expect("read");
            let grown = Grown { name: "ada".into(), age: 0, nick: None };
            assert_eq!(get(&read, table, &key).expect("grown"), Some(grown));
            let second = Second { names: vec!["ada".into()] };
            assert_eq!(get(&read, table, &key).expect("older"), Some(second));

            let put_key = key.clone();
            let second = Second { names: vec!["ada".into(), "bo".into()] };
            store.write_blocking(move |w| put(w, table, &put_key, &second)).expect("written");
            let newer = get::<First>(&store.read().expect("read"), table, &key).err().expect("refused");
            assert!(newer.0.contains("newer Pomona"), "{newer}");
        }
    }
}
