//! Ways and places in a document, and their text.

use crate::wire::Malformed;
use crate::wire::plist::Value;

/// The way from the top of a payload (or of the profile) to a value: names, and indexes from 0 in arrays.
///
/// As text the parts are joined by `/`; in a part `~1` is a slash and `~0` a tilde (as in RFC 6901, without the leading
/// slash), and a part that is `~` alone is the empty name. No text is the empty way.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Path(pub Vec<String>);

/// A value's place in a document. As text: `PAYLOAD:PATH`, or `:PATH` for the top level. PAYLOAD is
/// [`Payload::id`](super::Payload::id).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// [`Payload::id`](super::Payload::id); none for the top level of the profile.
    pub payload: Option<String>,
    /// The way from there. Empty: the payload itself.
    pub path: Path,
}

impl Path {
    /// Reads the text form. Any text is a path.
    pub fn parse(text: &str) -> Self {
        if text.is_empty() {
            return Self::default();
        }
        let part = |part: &str| match part {
            "~" => String::new(),
            // In this order: `~01` is a tilde and a one.
            part => part.replace("~1", "/").replace("~0", "~"),
        };
        Self(text.split('/').map(part).collect())
    }

    /// With one more part.
    pub fn then(&self, part: impl Into<String>) -> Self {
        let mut parts = self.0.clone();
        parts.push(part.into());
        Self(parts)
    }

    /// The value at the end of this way, from `top`.
    pub(super) fn walk<'a>(&self, top: &'a Value) -> Option<&'a Value> {
        self.0.iter().try_fold(top, |value, part| match value {
            Value::Dictionary(entries) => entries.get(part),
            Value::Array(items) => items.get(index(part)?),
            _ => None,
        })
    }
}

impl std::fmt::Display for Path {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (at, part) in self.0.iter().enumerate() {
            if at > 0 {
                f.write_str("/")?;
            }
            match part.as_str() {
                "" => f.write_str("~")?,
                part if part.contains(['~', '/']) => {
                    f.write_str(&part.replace('~', "~0").replace('/', "~1"))?;
                }
                part => f.write_str(part)?,
            }
        }
        Ok(())
    }
}

impl Place {
    /// Reads the text form.
    ///
    /// # Errors
    /// No colon.
    pub fn parse(text: &str) -> Result<Self, Malformed> {
        let (payload, path) =
            text.split_once(':').ok_or_else(|| Malformed::new("place", "no colon behind the payload"))?;
        let payload = Some(payload.to_owned()).filter(|payload| !payload.is_empty());
        Ok(Self { payload, path: Path::parse(path) })
    }

    /// A place at the top level of the profile.
    pub fn top(key: &str) -> Self {
        Self { payload: None, path: Path(vec![key.to_owned()]) }
    }

    /// With one more part.
    pub fn then(&self, part: impl Into<String>) -> Self {
        Self { payload: self.payload.clone(), path: self.path.then(part) }
    }

    /// Whether `other` is this place or lies below it.
    pub fn holds(&self, other: &Place) -> bool {
        self.payload == other.payload && other.path.0.starts_with(&self.path.0)
    }
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}", self.payload.as_deref().unwrap_or_default(), self.path)
    }
}

/// The index that a part of a way is: a decimal number as people write it, so that one item has one way.
pub fn index(part: &str) -> Option<usize> {
    let plain = part == "0" || (!part.starts_with('0') && part.bytes().all(|b| b.is_ascii_digit()));
    part.parse().ok().filter(|_| plain)
}
