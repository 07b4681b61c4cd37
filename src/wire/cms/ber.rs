//! BER made into DER's lengths and string forms, so that one strict reader serves every sender.
//!
//! Real senders need it: `openssl cms -stream` and Apple's own signer write indefinite lengths and strings in
//! pieces; Go's pkcs7 writes encryptedContent as a constructed `[0]`. Only the framing is touched: definite and
//! shortest lengths, constructed OCTET STRINGs joined, and an implicitly tagged `[0]` joined only where it is the
//! content of an EncryptedContentInfo (last in a SEQUENCE after exactly an OID and a SEQUENCE). Order of sets and
//! values of primitives stay as received: signatures are made over them.

use std::borrow::Cow;

use super::fault;
use crate::wire::Malformed;
use crate::wire::asn1::{self, tag};

/// Deepest nesting accepted.
pub const DEEPEST: usize = 32;

/// Elements accepted in a message up to 256 KiB; longer ones may have one for each 64 bytes.
pub const MOST_ELEMENTS: usize = 4096;

/// One element as received.
struct Element<'a> {
    tag: u8,
    body: Body<'a>,
}

enum Body<'a> {
    Primitive(&'a [u8]),
    Constructed(Vec<Element<'a>>),
}

/// The first element of `bytes` in definite, shortest lengths; borrowed where it is that already. Bytes after the
/// element are refused, as are depth over 32, too many elements, lengths beyond the end, and constructed forms of
/// primitive types other than OCTET STRING.
pub fn normalize(bytes: &[u8]) -> Result<Cow<'_, [u8]>, Malformed> {
    let mut reader = Reader { rest: bytes, left: MOST_ELEMENTS.max(bytes.len() / 64), strict: true };
    let root = reader.element(0)?;
    if !reader.rest.is_empty() {
        return Err(fault("bytes after the end"));
    }
    if reader.strict {
        return Ok(Cow::Borrowed(bytes));
    }
    Ok(Cow::Owned(write(&root)?))
}

struct Reader<'a> {
    rest: &'a [u8],
    left: usize,
    /// Nothing seen so far that DER would write in another way.
    strict: bool,
}

impl<'a> Reader<'a> {
    fn bytes(&mut self, count: usize) -> Result<&'a [u8], Malformed> {
        if count > self.rest.len() {
            return Err(fault("length beyond the end"));
        }
        let (front, rest) = self.rest.split_at(count);
        self.rest = rest;
        Ok(front)
    }

    /// Reads one element; `depth` counts the ones around it.
    fn element(&mut self, depth: usize) -> Result<Element<'a>, Malformed> {
        if depth >= DEEPEST {
            return Err(fault("nested deeper than 32"));
        }
        self.left = self.left.checked_sub(1).ok_or_else(|| fault("too many elements"))?;
        let tag = self.bytes(1)?[0];
        if tag & 0x1f == 0x1f {
            return Err(fault("tag number above 30"));
        }
        let constructed = tag & 0x20 != 0;
        let Some(length) = self.length()? else {
            self.strict = false;
            if !constructed {
                return Err(fault("primitive element of indefinite length"));
            }
            let mut children = Vec::new();
            while !self.rest.starts_with(&[0, 0]) {
                children.push(self.element(depth + 1)?);
            }
            self.bytes(2)?;
            return Ok(Element { tag, body: Body::Constructed(children) });
        };
        let content = self.bytes(length)?;
        if !constructed {
            return Ok(Element { tag, body: Body::Primitive(content) });
        }
        if tag == CONSTRUCTED_OCTETS {
            self.strict = false;
        }
        let after = std::mem::replace(&mut self.rest, content);
        let mut children = Vec::new();
        while !self.rest.is_empty() {
            children.push(self.element(depth + 1)?);
        }
        self.rest = after;
        if tag == tag::SEQUENCE && encrypted_content(&children) {
            self.strict = false;
        }
        Ok(Element { tag, body: Body::Constructed(children) })
    }

    /// `None` for an indefinite length.
    fn length(&mut self) -> Result<Option<usize>, Malformed> {
        let first = self.bytes(1)?[0];
        if first < 0x80 {
            return Ok(Some(first.into()));
        }
        let count = usize::from(first & 0x7f);
        if count == 0 {
            return Ok(None);
        }
        if count > 8 {
            return Err(fault("length of more than 8 octets"));
        }
        let octets = self.bytes(count)?;
        let length = octets.iter().fold(0u64, |all, byte| all << 8 | u64::from(*byte));
        if length < 0x80 || octets[0] == 0 {
            self.strict = false;
        }
        usize::try_from(length).map(Some).map_err(|_| fault("length beyond the end"))
    }
}

const CONSTRUCTED_OCTETS: u8 = tag::OCTETS | 0x20;

/// Whether these are the parts of an EncryptedContentInfo whose content came in pieces.
fn encrypted_content(children: &[Element<'_>]) -> bool {
    let [kind, algorithm, Element { tag: 0xa0, body: Body::Constructed(pieces) }] = children else {
        return false;
    };
    kind.tag == tag::OID
        && algorithm.tag == tag::SEQUENCE
        && pieces.iter().all(|piece| piece.tag & !0x20 == tag::OCTETS)
}

fn write(element: &Element<'_>) -> Result<Vec<u8>, Malformed> {
    let children = match &element.body {
        Body::Primitive(content) => return Ok(asn1::tlv(element.tag, content)),
        Body::Constructed(children) => children,
    };
    if element.tag == CONSTRUCTED_OCTETS {
        let mut joined = Vec::new();
        join(children, &mut joined)?;
        return Ok(asn1::tlv(tag::OCTETS, &joined));
    }
    let universal = element.tag & 0xc0 == 0;
    if universal && ![tag::SEQUENCE, tag::SET].contains(&element.tag) {
        return Err(fault("constructed form of a primitive type"));
    }
    let pieces = if element.tag == tag::SEQUENCE && encrypted_content(children) { 2 } else { usize::MAX };
    let mut content = Vec::new();
    for (at, child) in children.iter().enumerate() {
        match &child.body {
            Body::Constructed(octets) if at == pieces => {
                let mut joined = Vec::new();
                join(octets, &mut joined)?;
                content.extend(asn1::primitive(0, &joined));
            }
            _ => content.extend(write(child)?),
        }
    }
    Ok(asn1::tlv(element.tag, &content))
}

/// Appends the pieces of a constructed OCTET STRING.
fn join(pieces: &[Element<'_>], out: &mut Vec<u8>) -> Result<(), Malformed> {
    for piece in pieces {
        match (piece.tag, &piece.body) {
            (tag::OCTETS, Body::Primitive(octets)) => out.extend_from_slice(octets),
            (CONSTRUCTED_OCTETS, Body::Constructed(inner)) => join(inner, out)?,
            _ => return Err(fault("an octet string with pieces of another type")),
        }
    }
    Ok(())
}
