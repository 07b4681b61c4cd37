//! The walk through an XML document.

use super::super::{Limits, malformed};
use super::text::{SPACE, append, attributes_of, is_space, tag_end};
use crate::wire::Malformed;
use std::borrow::Cow;

/// The DOCTYPEs that Apple's software wrote over the years, between `<!DOCTYPE ` and `>`; runs of white space count
/// as one space. None of them is ever fetched.
const DOCTYPES: &[&str] = &[
    r#"plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd""#,
    r#"plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "https://www.apple.com/DTDs/PropertyList-1.0.dtd""#,
    r#"plist PUBLIC "-//Apple Computer//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd""#,
    r#"plist PUBLIC "-//Apple Computer//DTD PLIST 1.0//EN" "https://www.apple.com/DTDs/PropertyList-1.0.dtd""#,
    r#"plist PUBLIC "-//Apple Inc//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd""#,
    r#"plist PUBLIC "-//Apple Inc//DTD PLIST 1.0//EN" "https://www.apple.com/DTDs/PropertyList-1.0.dtd""#,
    r#"plist SYSTEM "file://localhost/System/Library/DTDs/PropertyList.dtd""#,
];

/// Longest text between `<!DOCTYPE` and `>` that is looked at.
const DOCTYPE_BYTES: usize = 256;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Container {
    Array,
    Dictionary,
}

impl Container {
    fn name(self) -> &'static str {
        match self {
            Self::Array => "array",
            Self::Dictionary => "dict",
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scalar {
    String,
    Boolean(bool),
    Integer,
    Real,
    Data,
    Date,
}

pub(super) enum Event<'a> {
    Start(Container),
    End,
    Key(Cow<'a, str>),
    Scalar(Scalar, Cow<'a, str>),
}

/// Walks a document and knows at each place what may come next.
pub(super) struct Reader<'a> {
    text: &'a str,
    at: usize,
    limits: Limits,
    events: usize,
    open: Vec<Container>,
    /// A key was read and its value is due.
    keyed: bool,
    /// `<array/>` was read: its end is the next event.
    ends: bool,
    /// The one value of the document is complete.
    done: bool,
}

impl<'a> Reader<'a> {
    pub(super) fn new(text: &'a str, limits: Limits) -> Self {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        Self { text, at: 0, limits, events: 0, open: Vec::new(), keyed: false, ends: false, done: false }
    }

    /// Reads up to and including `<plist>`.
    pub(super) fn open(&mut self) -> Result<(), Malformed> {
        self.spaces();
        if self.rest().starts_with("<?xml") {
            self.declaration()?;
        }
        self.skip()?;
        if self.rest().starts_with("<!DOCTYPE") {
            self.doctype()?;
            self.skip()?;
        }
        match self.tag()? {
            ("plist", false) => Ok(()),
            _ => Err(malformed("the first element is not an open <plist>")),
        }
    }

    /// A refusal with the line where it was met, from 1.
    pub(super) fn on_line(&self, refused: Malformed) -> Malformed {
        let line = 1 + self.text.as_bytes()[..self.at].iter().filter(|b| **b == b'\n').count();
        Malformed { reason: format!("{} (line {line})", refused.reason), ..refused }
    }

    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    fn count(&mut self) -> Result<(), Malformed> {
        self.events += 1;
        if self.events > self.limits.events {
            return Err(malformed(format!("more than {} events", self.limits.events)));
        }
        Ok(())
    }

    fn spaces(&mut self) {
        self.at += self.rest().bytes().take_while(|b| is_space(*b)).count();
    }

    /// White space and comments.
    fn skip(&mut self) -> Result<(), Malformed> {
        loop {
            self.spaces();
            if !self.rest().starts_with("<!--") {
                return Ok(());
            }
            self.comment()?;
        }
    }

    fn comment(&mut self) -> Result<(), Malformed> {
        self.count()?;
        let inside = &self.rest()[4..];
        let end = inside.find("-->").ok_or_else(|| malformed("a comment without an end"))?;
        self.at += 4 + end + 3;
        Ok(())
    }

    /// `<?xml version="1.0" encoding="UTF-8"?>`: other versions and encodings are refused, so that no text means one
    /// thing to us and another to somebody else.
    fn declaration(&mut self) -> Result<(), Malformed> {
        let inside = &self.rest()[5..];
        let end = inside.find('>').ok_or_else(|| malformed("an XML declaration without an end"))?;
        let attributes =
            inside[..end].strip_suffix('?').ok_or_else(|| malformed("an XML declaration without an end"))?;
        for (name, value) in attributes_of(attributes)? {
            let fine = match name {
                "version" => value == "1.0",
                "encoding" => {
                    ["UTF-8", "UTF8", "US-ASCII", "ASCII"].iter().any(|e| value.eq_ignore_ascii_case(e))
                }
                "standalone" => value == "yes" || value == "no",
                _ => false,
            };
            if !fine {
                return Err(malformed("an XML declaration other than version 1.0 in UTF-8"));
            }
        }
        self.at += 5 + end + 1;
        Ok(())
    }

    fn doctype(&mut self) -> Result<(), Malformed> {
        let inside = &self.rest()[9..];
        let end = inside.bytes().take(DOCTYPE_BYTES).position(|b| b == b'>');
        let end = end.ok_or_else(|| malformed("a DOCTYPE that is not Apple's"))?;
        let words = inside[..end].split(SPACE).filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ");
        if !inside.starts_with(SPACE) || !DOCTYPES.contains(&words.as_str()) {
            return Err(malformed("a DOCTYPE that is not Apple's"));
        }
        self.at += 9 + end + 1;
        Ok(())
    }

    /// Reads an opening tag: its name, and whether it closes itself.
    fn tag(&mut self) -> Result<(&'a str, bool), Malformed> {
        let inside = self.rest().strip_prefix('<').ok_or_else(|| malformed("text between elements"))?;
        let length = inside.bytes().take_while(u8::is_ascii_lowercase).count();
        let name = &inside[..length];
        let (attributes, end) = tag_end(&inside[length..])?;
        let (attributes, closed) = match attributes.strip_suffix('/') {
            Some(rest) => (rest, true),
            None => (attributes, false),
        };
        if name.is_empty() || !(attributes.is_empty() || attributes.starts_with(SPACE)) {
            return Err(malformed("an element that property lists do not have"));
        }
        attributes_of(attributes)?;
        self.at += 1 + length + end;
        Ok((name, closed))
    }

    /// Reads `</name>`.
    fn close(&mut self, name: &str) -> Result<(), Malformed> {
        let rest = self.rest();
        let after = rest
            .strip_prefix("</")
            .and_then(|r| r.strip_prefix(name))
            .map(|r| r.trim_start_matches(SPACE))
            .and_then(|r| r.strip_prefix('>'))
            .ok_or_else(|| malformed(format!("<{name}> is not closed where it should be")))?;
        self.at += rest.len() - after.len();
        Ok(())
    }

    /// The text of a scalar or key up to and including its closing tag.
    fn content(&mut self, name: &str) -> Result<Cow<'a, str>, Malformed> {
        let mut text = Cow::Borrowed("");
        loop {
            let rest = self.rest();
            let end = rest.find('<').ok_or_else(|| malformed(format!("<{name}> without an end")))?;
            append(&mut text, &rest[..end], true)?;
            self.at += end;
            let rest = &rest[end..];
            if let Some(inside) = rest.strip_prefix("<![CDATA[") {
                self.count()?;
                let stop = inside.find("]]>").ok_or_else(|| malformed("a CDATA section without an end"))?;
                append(&mut text, &inside[..stop], false)?;
                self.at += 9 + stop + 3;
            } else if rest.starts_with("<!--") {
                self.comment()?;
            } else if rest.starts_with("</") {
                self.close(name)?;
                return Ok(text);
            } else {
                return Err(malformed(format!("an element inside <{name}>")));
            }
        }
    }

    /// The next event, or none when the document was read to its end.
    pub(super) fn next(&mut self) -> Result<Option<Event<'a>>, Malformed> {
        if std::mem::take(&mut self.ends) {
            return self.end();
        }
        self.skip()?;
        if self.rest().starts_with("</") {
            let Some(container) = self.open.last() else {
                self.close("plist")?;
                self.skip()?;
                return match (self.done, self.rest().is_empty()) {
                    (true, true) => Ok(None),
                    (true, false) => Err(malformed("something after </plist>")),
                    (false, _) => Err(malformed("no value")),
                };
            };
            self.close(container.name())?;
            return self.end();
        }
        let (name, closed) = self.tag()?;
        self.count()?;
        if self.done {
            return Err(malformed("more than one value"));
        }
        if name == "key" {
            if self.keyed || self.open.last() != Some(&Container::Dictionary) {
                return Err(malformed("a key where a value should be"));
            }
            self.keyed = true;
            let text = if closed { Cow::Borrowed("") } else { self.content(name)? };
            return Ok(Some(Event::Key(text)));
        }
        if self.open.last() == Some(&Container::Dictionary) && !self.keyed {
            return Err(malformed("a value without a key"));
        }
        self.keyed = false;
        let kind = match name {
            "array" | "dict" => {
                let container = if name == "array" { Container::Array } else { Container::Dictionary };
                self.open.push(container);
                if self.open.len() > self.limits.depth {
                    return Err(malformed(format!("deeper than {} levels", self.limits.depth)));
                }
                self.ends = closed;
                return Ok(Some(Event::Start(container)));
            }
            "string" => Scalar::String,
            "integer" => Scalar::Integer,
            "real" => Scalar::Real,
            "data" => Scalar::Data,
            "date" => Scalar::Date,
            "true" => Scalar::Boolean(true),
            "false" => Scalar::Boolean(false),
            _ => return Err(malformed("an element that property lists do not have")),
        };
        let text = if closed { Cow::Borrowed("") } else { self.content(name)? };
        self.done = self.open.is_empty();
        Ok(Some(Event::Scalar(kind, text)))
    }

    fn end(&mut self) -> Result<Option<Event<'a>>, Malformed> {
        self.count()?;
        if self.keyed {
            return Err(malformed("a key without a value"));
        }
        self.open.pop();
        self.done = self.open.is_empty();
        Ok(Some(Event::End))
    }
}
