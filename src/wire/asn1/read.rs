//! Reading DER, one element after the other, borrowed from the input.

use super::{tag, time};
use crate::wire::Malformed;

/// One element: its identifier octet, its content, and the whole encoding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tlv<'a> {
    /// Identifier octet.
    pub tag: u8,
    /// Content octets.
    pub value: &'a [u8],
    /// Identifier, length and content as received.
    pub raw: &'a [u8],
}

/// A cursor over DER. Lengths must be definite and minimal; [`crate::wire::cms::ber`] makes BER into that first.
#[derive(Debug, Clone)]
pub struct Der<'a> {
    rest: &'a [u8],
    format: &'static str,
}

impl<'a> Der<'a> {
    /// Starts at the front of `bytes`; `format` names what is read in refusals.
    pub fn new(format: &'static str, bytes: &'a [u8]) -> Self {
        Self { rest: bytes, format }
    }

    /// A refusal in this reader's format.
    pub fn fault(&self, reason: impl Into<String>) -> Malformed {
        Malformed::new(self.format, reason)
    }

    /// Whether nothing is left.
    pub fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    /// Refuses trailing bytes.
    pub fn end(&self) -> Result<(), Malformed> {
        if self.rest.is_empty() { Ok(()) } else { Err(self.fault("bytes after the end")) }
    }

    /// Identifier octet of the next element.
    pub fn peek(&self) -> Option<u8> {
        self.rest.first().copied()
    }

    /// The next element, whatever it is.
    pub fn any(&mut self) -> Result<Tlv<'a>, Malformed> {
        let (tag, header, length) = header(self.rest).map_err(|reason| self.fault(reason))?;
        let end = header.checked_add(length).filter(|end| *end <= self.rest.len());
        let Some(end) = end else { return Err(self.fault("length beyond the end")) };
        let (raw, rest) = self.rest.split_at(end);
        self.rest = rest;
        Ok(Tlv { tag, value: &raw[header..], raw })
    }

    /// The next element, which must carry `tag`.
    pub fn take(&mut self, tag: u8) -> Result<Tlv<'a>, Malformed> {
        match self.peek() {
            Some(found) if found == tag => self.any(),
            Some(found) => Err(self.fault(format!("tag {tag:02x} expected, {found:02x} found"))),
            None => Err(self.fault(format!("tag {tag:02x} expected, nothing found"))),
        }
    }

    /// The next element if it carries `tag`.
    pub fn optional(&mut self, tag: u8) -> Result<Option<Tlv<'a>>, Malformed> {
        if self.peek() == Some(tag) { self.any().map(Some) } else { Ok(None) }
    }

    /// A cursor inside the next element, which must carry `tag`.
    pub fn enter(&mut self, tag: u8) -> Result<Der<'a>, Malformed> {
        Ok(Der { rest: self.take(tag)?.value, format: self.format })
    }

    /// A cursor inside an element already taken.
    pub fn inside(&self, element: Tlv<'a>) -> Der<'a> {
        Der { rest: element.value, format: self.format }
    }

    /// A cursor inside a SEQUENCE.
    pub fn sequence(&mut self) -> Result<Der<'a>, Malformed> {
        self.enter(tag::SEQUENCE)
    }

    /// Content octets of an OBJECT IDENTIFIER.
    pub fn oid(&mut self) -> Result<&'a [u8], Malformed> {
        let value = self.take(tag::OID)?.value;
        if value.is_empty() || value.len() > 64 {
            return Err(self.fault("object identifier of impossible length"));
        }
        Ok(value)
    }

    /// Content octets of an INTEGER, two's complement, minimal.
    pub fn integer(&mut self) -> Result<&'a [u8], Malformed> {
        match self.take(tag::INTEGER)?.value {
            [] => Err(self.fault("empty integer")),
            [0, low, ..] if low & 0x80 == 0 => Err(self.fault("integer with needless zeros")),
            [0xff, low, ..] if low & 0x80 != 0 => Err(self.fault("integer with needless ones")),
            value => Ok(value),
        }
    }

    /// Magnitude of an INTEGER that must not be negative, without leading zeros.
    pub fn magnitude(&mut self) -> Result<&'a [u8], Malformed> {
        match self.integer()? {
            [first, ..] if first & 0x80 != 0 => Err(self.fault("negative integer")),
            [0, rest @ ..] if !rest.is_empty() => Ok(rest),
            value => Ok(value),
        }
    }

    /// A small non-negative INTEGER.
    pub fn small(&mut self) -> Result<u32, Malformed> {
        let value = self.magnitude()?;
        if value.len() > 4 {
            return Err(self.fault("integer too large here"));
        }
        Ok(value.iter().fold(0, |all, byte| all << 8 | u32::from(*byte)))
    }

    /// A BOOLEAN. Any non-zero octet counts as true: old encoders write 1.
    pub fn boolean(&mut self) -> Result<bool, Malformed> {
        match self.take(tag::BOOLEAN)?.value {
            [byte] => Ok(*byte != 0),
            _ => Err(self.fault("boolean of impossible length")),
        }
    }

    /// Content of an OCTET STRING.
    pub fn octets(&mut self) -> Result<&'a [u8], Malformed> {
        Ok(self.take(tag::OCTETS)?.value)
    }

    /// Content of a BIT STRING of whole octets.
    pub fn bits(&mut self) -> Result<&'a [u8], Malformed> {
        match self.take(tag::BITS)?.value {
            [0, bits @ ..] => Ok(bits),
            _ => Err(self.fault("bit string with loose bits")),
        }
    }

    /// A moment, UTCTime or GeneralizedTime in UTC, as seconds since 1970.
    pub fn time(&mut self) -> Result<i64, Malformed> {
        let element = self.any()?;
        match element.tag {
            tag::UTC_TIME => time::utc(element.value),
            tag::GENERALIZED_TIME => time::generalized(element.value),
            _ => None,
        }
        .ok_or_else(|| self.fault("not a moment in UTC"))
    }
}

/// Identifier, header length and content length of the element in front.
fn header(bytes: &[u8]) -> Result<(u8, usize, usize), &'static str> {
    let (&tag, &first) = match bytes {
        [tag, first, ..] => (tag, first),
        _ => return Err("ends inside an element"),
    };
    if tag & 0x1f == 0x1f {
        return Err("tag number above 30");
    }
    if first < 0x80 {
        return Ok((tag, 2, first.into()));
    }
    let count = usize::from(first & 0x7f);
    if count == 0 {
        return Err("indefinite length");
    }
    if count > 4 {
        return Err("length of more than 4 octets");
    }
    let Some(octets) = bytes.get(2..2 + count) else { return Err("ends inside a length") };
    let length = octets.iter().fold(0usize, |all, byte| all << 8 | usize::from(*byte));
    if length < 0x80 || octets[0] == 0 {
        return Err("length not in its shortest form");
    }
    Ok((tag, 2 + count, length))
}

impl Tlv<'_> {
    /// Text of a string type, whichever of the directory's eight it is. `None` for other types and bad bytes.
    pub fn text(&self) -> Option<String> {
        match self.tag {
            tag::UTF8 => std::str::from_utf8(self.value).ok().map(str::to_owned),
            tag::PRINTABLE | tag::IA5 | tag::NUMERIC | tag::TELETEX => {
                Some(self.value.iter().map(|byte| char::from(*byte)).collect())
            }
            tag::BMP if self.value.len().is_multiple_of(2) => {
                let units = self.value.chunks_exact(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]]));
                char::decode_utf16(units).collect::<Result<_, _>>().ok()
            }
            tag::UNIVERSAL if self.value.len().is_multiple_of(4) => self
                .value
                .chunks_exact(4)
                .map(|four| char::from_u32(u32::from_be_bytes([four[0], four[1], four[2], four[3]])))
                .collect(),
            _ => None,
        }
    }
}
