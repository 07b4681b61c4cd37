//! The binary reader (`bplist00`).
//!
//! Objects refer to each other by number, so a hundred bytes can describe a billion values, or a value inside
//! itself. Before anything is built, every object that the root reaches is measured once: how many events and
//! bytes it becomes, and how high it stands. A document whose root is too large, too high or circular is refused
//! then. Kinds that MDM never uses (null, sets, keyed-archive UIDs) are refused too.

use super::xml::is_xml_character;
use super::{Date, Dictionary, Integer, Limits, Value, malformed};
use crate::wire::Malformed;

const TRAILER: usize = 32;
/// First second of the year 1 and last of the year 9999, counted from 2001: what both formats can write.
const FIRST_SECOND: f64 = -63_113_904_000.0;
const LAST_SECOND: f64 = 252_423_993_599.0;
/// 2001-01-01T00:00:00Z in seconds since 1970.
const EPOCH: i128 = 978_307_200;

pub(super) fn read(bytes: &[u8], limits: Limits) -> Result<Value, Malformed> {
    let file = File::open(bytes, limits)?;
    let mut seen = vec![Seen::No; file.objects];
    file.measure(file.root, 1, &mut seen)?;
    file.build(file.root)
}

/// What an object becomes.
#[derive(Clone, Copy)]
struct Measure {
    events: usize,
    bytes: usize,
    height: usize,
}

#[derive(Clone, Copy)]
enum Seen {
    No,
    Inside,
    Done(Measure),
}

enum Object<'a> {
    Boolean(bool),
    Integer(Integer),
    Real(f64),
    Date(f64),
    Data(&'a [u8]),
    Ascii(&'a [u8]),
    Utf16(&'a [u8]),
    /// References to the items.
    Array(&'a [u8]),
    /// References to the keys, then to the values.
    Dictionary(&'a [u8], &'a [u8]),
}

struct File<'a> {
    /// Header and objects, up to the table of offsets.
    body: &'a [u8],
    offsets: &'a [u8],
    offset_size: usize,
    reference_size: usize,
    objects: usize,
    root: usize,
    limits: Limits,
}

fn big_endian(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0, |n, b| n << 8 | u64::from(*b))
}

impl<'a> File<'a> {
    fn open(bytes: &'a [u8], limits: Limits) -> Result<Self, Malformed> {
        let wrong = || malformed("a binary property list whose trailer is wrong");
        if !bytes.starts_with(b"bplist00") {
            return Err(malformed("a binary property list of an unknown version"));
        }
        let end = bytes.len().checked_sub(TRAILER).filter(|end| *end > 8).ok_or_else(wrong)?;
        let trailer = &bytes[end..];
        let number = |at: usize| usize::try_from(big_endian(&trailer[at..at + 8])).map_err(|_| wrong());
        let (offset_size, reference_size) = (usize::from(trailer[6]), usize::from(trailer[7]));
        let (objects, root, table) = (number(8)?, number(16)?, number(24)?);
        if !(1..=8).contains(&offset_size)
            || !(1..=8).contains(&reference_size)
            || table < 9
            || root >= objects
        {
            return Err(wrong());
        }
        // Each object is at least one event of an honest document, so this also bounds the memory of `measure`.
        if objects > limits.events {
            return Err(malformed(format!("more than {} events", limits.events)));
        }
        let table_end = objects.checked_mul(offset_size).and_then(|n| n.checked_add(table));
        let table_end = table_end.filter(|e| *e <= end).ok_or_else(wrong)?;
        let (body, offsets) = (&bytes[..table], &bytes[table..table_end]);
        Ok(Self { body, offsets, offset_size, reference_size, objects, root, limits })
    }

    fn take(&self, at: usize, length: usize) -> Result<&'a [u8], Malformed> {
        at.checked_add(length)
            .and_then(|end| self.body.get(at..end))
            .ok_or_else(|| malformed("an object that reaches beyond the file"))
    }

    fn object(&self, number: usize) -> Result<Object<'a>, Malformed> {
        let entry = number * self.offset_size;
        let at = big_endian(&self.offsets[entry..entry + self.offset_size]);
        let at = usize::try_from(at).ok().filter(|at| (8..self.body.len()).contains(at));
        let at = at.ok_or_else(|| malformed("an object outside the file"))?;
        let (kind, low) = (self.body[at] >> 4, self.body[at] & 15);
        Ok(match (kind, low) {
            (0x0, 0x8) => Object::Boolean(false),
            (0x0, 0x9) => Object::Boolean(true),
            (0x1, 0..=4) => Object::Integer(integer(self.take(at + 1, 1 << low)?)?),
            (0x2, 2) => Object::Real(f32::from_bits(big_endian(self.take(at + 1, 4)?) as u32).into()),
            (0x2, 3) => Object::Real(f64::from_bits(big_endian(self.take(at + 1, 8)?))),
            (0x3, 3) => Object::Date(f64::from_bits(big_endian(self.take(at + 1, 8)?))),
            (0x4 | 0x5 | 0x6 | 0xa | 0xd, _) => {
                let (count, start) = self.count(at, low)?;
                let sized = |unit: usize| {
                    let length = count.checked_mul(unit);
                    length.ok_or_else(|| malformed("an object that reaches beyond the file"))
                };
                match kind {
                    0x4 => Object::Data(self.take(start, count)?),
                    0x5 => Object::Ascii(self.take(start, count)?),
                    0x6 => Object::Utf16(self.take(start, sized(2)?)?),
                    0xa => Object::Array(self.take(start, sized(self.reference_size)?)?),
                    _ => {
                        let half = sized(self.reference_size)?;
                        let keys = self.take(start, half)?;
                        Object::Dictionary(keys, self.take(start + half, half)?)
                    }
                }
            }
            _ => return Err(malformed("an object of a kind that MDM does not use")),
        })
    }

    /// How many units follow a marker, and where they start.
    fn count(&self, at: usize, low: u8) -> Result<(usize, usize), Malformed> {
        if low < 15 {
            return Ok((low.into(), at + 1));
        }
        let marker = self.take(at + 1, 1)?[0];
        if !(0x10..=0x13).contains(&marker) {
            return Err(malformed("an object whose length is no number"));
        }
        let size = 1usize << (marker & 15);
        let count = usize::try_from(big_endian(self.take(at + 2, size)?));
        let count = count.map_err(|_| malformed("an object that reaches beyond the file"))?;
        Ok((count, at + 2 + size))
    }

    fn references(&self, bytes: &'a [u8]) -> impl Iterator<Item = Result<usize, Malformed>> + use<'_, 'a> {
        bytes.chunks_exact(self.reference_size).map(|chunk| {
            usize::try_from(big_endian(chunk))
                .ok()
                .filter(|number| *number < self.objects)
                .ok_or_else(|| malformed("a reference to an object that is not there"))
        })
    }

    /// Measures an object that stands `level` containers deep (itself included, if it is one).
    fn measure(&self, number: usize, level: usize, seen: &mut [Seen]) -> Result<Measure, Malformed> {
        let measure = match seen[number] {
            Seen::Done(measure) => measure,
            Seen::Inside => return Err(malformed("a value inside itself")),
            Seen::No => {
                let leaf = |bytes| Measure { events: 1, bytes, height: 0 };
                let (first, second) = match self.object(number)? {
                    Object::Data(bytes) | Object::Ascii(bytes) => {
                        return self.note(number, leaf(bytes.len()), seen);
                    }
                    // One UTF-16 unit becomes at most three bytes.
                    Object::Utf16(bytes) => return self.note(number, leaf(bytes.len() / 2 * 3), seen),
                    Object::Array(items) => (items, &[][..]),
                    Object::Dictionary(keys, values) => (keys, values),
                    _ => return self.note(number, leaf(0), seen),
                };
                if level > self.limits.depth {
                    return Err(self.too_deep());
                }
                seen[number] = Seen::Inside;
                let mut sum = Measure { events: 2, bytes: 0, height: 0 };
                for child in self.references(first).chain(self.references(second)) {
                    let child = self.measure(child?, level + 1, seen)?;
                    sum.events = sum.events.saturating_add(child.events);
                    sum.bytes = sum.bytes.saturating_add(child.bytes);
                    sum.height = sum.height.max(child.height);
                    self.within(sum)?;
                }
                sum.height += 1;
                return self.note(number, sum, seen);
            }
        };
        if level - 1 + measure.height > self.limits.depth {
            return Err(self.too_deep());
        }
        Ok(measure)
    }

    fn note(&self, number: usize, measure: Measure, seen: &mut [Seen]) -> Result<Measure, Malformed> {
        self.within(measure)?;
        seen[number] = Seen::Done(measure);
        Ok(measure)
    }

    fn within(&self, measure: Measure) -> Result<(), Malformed> {
        if measure.events > self.limits.events {
            return Err(malformed(format!("more than {} events", self.limits.events)));
        }
        if measure.bytes > self.limits.bytes {
            return Err(malformed(format!("more than {} bytes once decoded", self.limits.bytes)));
        }
        Ok(())
    }

    fn too_deep(&self) -> Malformed {
        malformed(format!("deeper than {} levels", self.limits.depth))
    }

    /// Builds an object that was measured: the recursion is as deep as the limit allows and not deeper.
    fn build(&self, number: usize) -> Result<Value, Malformed> {
        Ok(match self.object(number)? {
            Object::Boolean(value) => Value::Boolean(value),
            Object::Integer(value) => Value::Integer(value),
            Object::Real(value) if value.is_finite() => Value::Real(value),
            Object::Real(_) => return Err(malformed("a real that is no number")),
            Object::Date(seconds) => Value::Date(date(seconds)?),
            Object::Data(bytes) => Value::Data(bytes.to_vec()),
            Object::Ascii(bytes) => Value::String(ascii(bytes)?),
            Object::Utf16(bytes) => Value::String(utf16(bytes)?),
            Object::Array(items) => {
                let items = self.references(items).map(|item| self.build(item?));
                Value::Array(items.collect::<Result<_, _>>()?)
            }
            Object::Dictionary(keys, values) => {
                let mut entries = Dictionary::new();
                for (key, value) in self.references(keys).zip(self.references(values)) {
                    let key = match self.object(key?)? {
                        Object::Ascii(bytes) => ascii(bytes)?,
                        Object::Utf16(bytes) => utf16(bytes)?,
                        _ => return Err(malformed("a key that is not a string")),
                    };
                    if entries.insert(key, self.build(value?)?).is_some() {
                        return Err(malformed("a key stands twice in its dictionary"));
                    }
                }
                Value::Dictionary(entries)
            }
        })
    }
}

/// One, two and four bytes are unsigned, eight are signed; sixteen hold unsigned 64-bit numbers.
fn integer(bytes: &[u8]) -> Result<Integer, Malformed> {
    match bytes.len() {
        16 => {
            let number = bytes.iter().fold(0u128, |n, b| n << 8 | u128::from(*b)) as i128;
            i64::try_from(number)
                .map(Integer::from)
                .or_else(|_| u64::try_from(number).map(Integer::from))
                .map_err(|_| malformed("an integer that is no 64-bit number"))
        }
        8 => Ok((big_endian(bytes) as i64).into()),
        _ => Ok(big_endian(bytes).into()),
    }
}

fn date(seconds: f64) -> Result<Date, Malformed> {
    let wrong = || malformed("a date that the calendar does not have");
    if !(FIRST_SECOND..=LAST_SECOND).contains(&seconds) {
        return Err(wrong());
    }
    // Whole seconds and the fraction apart: a product with 10^9 would lose digits that the number has.
    let whole = seconds.floor();
    // Rounded, so that a date which was written from nanoseconds comes back as the same nanoseconds.
    let nanoseconds = ((seconds - whole) * 1e9).round() as i128;
    let since_1970 = (whole as i128 + EPOCH) * 1_000_000_000 + nanoseconds;
    let stamp = jiff::Timestamp::from_nanosecond(since_1970).map_err(|_| wrong())?;
    Date::from_xml_format(&stamp.to_string()).map_err(|_| wrong())
}

fn ascii(bytes: &[u8]) -> Result<String, Malformed> {
    if !bytes.is_ascii() {
        return Err(malformed("an ASCII string with other bytes"));
    }
    checked(bytes.iter().map(|b| char::from(*b)).collect())
}

fn utf16(bytes: &[u8]) -> Result<String, Malformed> {
    let units = bytes.chunks_exact(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]]));
    let text: Result<String, _> = char::decode_utf16(units).collect();
    checked(text.map_err(|_| malformed("a string that is not UTF-16"))?)
}

/// Both formats carry the same strings: what XML cannot write is refused here too.
fn checked(text: String) -> Result<String, Malformed> {
    if text.chars().all(is_xml_character) {
        Ok(text)
    } else {
        Err(malformed("a character that XML does not have"))
    }
}
