//! Forms of payloads and their keys.

use super::Availability;
use crate::wire::plist::Value;

/// A form: what one payload (or command, declaration) may hold.
#[derive(Debug, Clone)]
pub struct Form {
    /// File stem in Apple's schema; unique.
    pub id: String,
    /// `PayloadType`.
    pub payload_type: String,
    /// For people.
    pub label: String,
    /// One sentence.
    pub help: Option<String>,
    /// Its shelf.
    pub category: String,
    /// Other words for it.
    pub synonyms: Vec<String>,
    /// Where it exists.
    pub availability: Availability,
    /// Its keys, Apple's order.
    pub keys: Vec<Key>,
    /// Conditional rules.
    pub rules: Vec<Rule>,
    /// How values of several payloads combine on a device, when Apple says so for the whole form (`apply`).
    pub combine: Option<Combine>,
    /// Written by the server alone, never by people (`com.apple.mdm`, `com.apple.declarations`).
    pub internal: bool,
    /// Release of Apple's schema that states it.
    pub release: String,
}

/// Type of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Text.
    String,
    /// Whole number.
    Integer,
    /// Number with a fraction.
    Real,
    /// On or off.
    Boolean,
    /// A moment, UTC, to the second.
    Date,
    /// Bytes.
    Data,
    /// A list; its one child is the item.
    Array,
    /// Keys and values; a child named `ANY…` stands for any key.
    Dictionary,
    /// Any property list value.
    Any,
}

/// Smallest and largest number, both inclusive.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Range {
    /// Smallest.
    pub min: Option<f64>,
    /// Largest.
    pub max: Option<f64>,
}

/// How several values of one key combine on a device (`comb` of the schema).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Combine {
    /// True if any is true.
    Or,
    /// True if all are true.
    And,
    /// The smallest.
    Min,
    /// The largest.
    Max,
    /// All of them together.
    Union,
    /// All of them one after the other, twins included.
    Append,
    /// What all have.
    Intersection,
    /// The first that was set.
    First,
    /// Earliest of the allowed values in their order of strictness.
    EnumLowest,
    /// Latest of the allowed values.
    EnumHighest,
}

/// A key of a form.
#[derive(Debug, Clone)]
pub struct Key {
    /// Name, as in the property list. For the item of an array a mere name.
    pub name: String,
    /// Type.
    pub kind: Kind,
    /// For people: ours, Apple's title, or derived from the name.
    pub label: String,
    /// One line.
    pub help: Option<String>,
    /// Must be there.
    pub required: bool,
    /// What devices take when it is not set.
    pub default: Option<Value>,
    /// The only values allowed.
    pub values: Vec<Value>,
    /// What the values are called, by their text; may miss some.
    pub value_labels: Vec<(String, String)>,
    /// Words for true and false, where On and Off read badly.
    pub states: Option<(String, String)>,
    /// Bounds of a number.
    pub range: Option<Range>,
    /// Fewest and most items of an array.
    pub repeats: Option<(u32, Option<u32>)>,
    /// Regular expression of a text.
    pub pattern: Option<String>,
    /// What sort of text or number it is, for its control and its check.
    pub field: Field,
    /// Password, private key, token: never shown again once set.
    pub secret: bool,
    /// Unit of a number (`s`, `min`, `days`, `px` …).
    pub unit: Option<String>,
    /// An example.
    pub example: Option<String>,
    /// Other words for it.
    pub synonyms: Vec<String>,
    /// Sub-heading in a large form.
    pub section: Option<String>,
    /// In words: when it is needed, where no rule can say it.
    pub needed: Option<String>,
    /// What to use instead of a deprecated key.
    pub replaced_by: Option<String>,
    /// How values combine.
    pub combine: Option<Combine>,
    /// Where it exists, parents' facts taken over.
    pub availability: Availability,
    /// Keys of a dictionary, the item of an array. Empty when [`Key::same`] is set.
    pub keys: Vec<Key>,
    /// A recursive form: the children are those of the key at this address (names from the top of the form).
    pub same: Option<Vec<String>>,
}

/// Sorts of text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Field {
    /// Nothing special.
    #[default]
    Plain,
    /// Several lines.
    Multiline,
    /// Web address.
    Url,
    /// Mail address.
    Email,
    /// Host name.
    Hostname,
    /// Bundle identifier of an app.
    BundleId,
    /// Regular expression.
    Regexp,
    /// Object identifier.
    Oid,
    /// Path of a file.
    Path,
    /// `PayloadUUID` of an identity payload in this profile.
    Identity,
    /// `PayloadUUID` of a certificate payload in this profile.
    Certificate,
    /// `PayloadUUID` of some payload in this profile.
    Payload,
    /// Apple developer team.
    TeamId,
    /// Code requirement.
    CodeRequirement,
}

/// A rule between keys of a form. Addresses are names from the top of the form, or from the item named by `within`.
#[derive(Debug, Clone, PartialEq)]
pub struct Rule {
    /// Address of the array item it is about; none for the form itself.
    pub within: Option<Vec<String>>,
    /// Holds when each of these keys has one of these values (a default counts); empty: any value that is set.
    pub when: Vec<(Vec<String>, Vec<Value>)>,
    /// Then these must be set.
    pub needs: Vec<Vec<String>>,
    /// Then these must not be set.
    pub forbids: Vec<Vec<String>>,
    /// Then at least one of these must be set.
    pub one_of: Vec<Vec<String>>,
    /// In words.
    pub says: String,
}

/// A curated short form.
#[derive(Debug, Clone, PartialEq)]
pub struct Recipe {
    /// Word in forms and addresses.
    pub id: String,
    /// For people.
    pub label: String,
    /// One sentence.
    pub help: String,
    /// [`Form::id`].
    pub form: String,
    /// Addresses of the keys that it shows, in order.
    pub keys: Vec<Vec<String>>,
    /// What it starts with.
    pub starts: Vec<(Vec<String>, Value)>,
}

impl Form {
    /// The key at this address in a document: names and indexes from the top of the payload, as in
    /// `["EAPClientConfiguration", "AcceptEAPTypes", "0"]`. Follows recursion and free keys.
    pub fn key<S: AsRef<str>>(&self, path: &[S]) -> Option<&Key> {
        let (first, rest) = path.split_first()?;
        let mut key = child(&self.keys, first.as_ref())?;
        for segment in rest {
            let segment = segment.as_ref();
            let keys = self.keys_of(key);
            key = match key.kind {
                Kind::Array if segment.parse::<usize>().is_ok() => keys.first()?,
                Kind::Array => return None,
                _ => child(keys, segment)?,
            };
        }
        Some(key)
    }

    /// The key at this address in the form: names from the top, items of arrays with the name they have here.
    pub fn at<S: AsRef<str>>(&self, address: &[S]) -> Option<&Key> {
        let (first, rest) = address.split_first()?;
        let mut key = self.keys.iter().find(|key| key.name == first.as_ref())?;
        for name in rest {
            key = self.keys_of(key).iter().find(|key| key.name == name.as_ref())?;
        }
        Some(key)
    }

    /// The children of a key of this form: its own, or those it shares by recursion.
    pub fn keys_of<'a>(&'a self, key: &'a Key) -> &'a [Key] {
        match &key.same {
            Some(address) => self.at(address).map_or(&[], |other| &other.keys),
            None => &key.keys,
        }
    }

    /// Every key with its address, parents before children; recursion is not followed.
    pub fn walk<'a>(&'a self, each: &mut dyn FnMut(&[&'a str], &'a Key)) {
        fn down<'a>(keys: &'a [Key], address: &mut Vec<&'a str>, each: &mut dyn FnMut(&[&'a str], &'a Key)) {
            for key in keys {
                address.push(&key.name);
                each(address, key);
                down(&key.keys, address, each);
                address.pop();
            }
        }
        down(&self.keys, &mut Vec::new(), each);
    }

    /// Whether a device of this system may have several payloads of this form; none where Apple does not say.
    pub fn may_repeat(&self, os: super::Os) -> Option<bool> {
        self.availability.on(os).multiple
    }
}

/// The key of this name, or the free key that stands for it.
fn child<'a>(keys: &'a [Key], name: &str) -> Option<&'a Key> {
    keys.iter()
        .find(|key| key.name == name && !key.is_free())
        .or_else(|| keys.iter().find(|key| key.is_free()))
}

impl Key {
    /// Stands for any key of its dictionary.
    pub fn is_free(&self) -> bool {
        self.name.starts_with("ANY")
    }
}
