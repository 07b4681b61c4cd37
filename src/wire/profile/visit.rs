//! A walk over everything that is set.

use super::document::{Document, Payload};
use super::path::{Path, Place};
use crate::wire::plist::Value;

/// A value on the walk.
#[derive(Clone, Copy)]
pub struct Visited<'a> {
    /// The payload and its id; none at the top level of the profile.
    pub payload: Option<(&'a str, Payload<'a>)>,
    /// The way to it. Empty: the payload itself.
    pub path: &'a [String],
    /// The value.
    pub value: &'a Value,
}

impl Visited<'_> {
    /// Its place.
    pub fn place(&self) -> Place {
        Place { payload: self.payload.map(|(id, _)| id.to_owned()), path: Path(self.path.to_vec()) }
    }
}

/// Where the walk goes from a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// To what it holds, if it holds anything, then on.
    Into,
    /// On, without what it holds.
    Over,
}

/// What is still to be seen of a container.
enum Rest<'a> {
    Items(std::iter::Enumerate<std::slice::Iter<'a, Value>>),
    Entries(Box<dyn Iterator<Item = (&'a String, &'a Value)> + 'a>),
}

impl<'a> Rest<'a> {
    fn of(value: &'a Value) -> Option<Self> {
        match value {
            Value::Array(items) => Some(Self::Items(items.iter().enumerate())),
            Value::Dictionary(entries) => Some(Self::Entries(Box::new(entries.iter()))),
            _ => None,
        }
    }

    fn next(&mut self) -> Option<(String, &'a Value)> {
        match self {
            Self::Items(items) => items.next().map(|(at, value)| (at.to_string(), value)),
            Self::Entries(entries) => entries.next().map(|(key, value)| (key.clone(), value)),
        }
    }
}

impl Document {
    /// Shows everything: the general settings in their order, then payload by payload; what holds something is shown
    /// before what it holds. The list of payloads itself is not shown.
    pub fn visit(&self, each: &mut dyn FnMut(&Visited<'_>) -> Step) {
        for (key, value) in self.body.iter().filter(|(key, _)| *key != "PayloadContent") {
            below(None, vec![key.clone()], value, each);
        }
        for (id, payload) in self.ids() {
            // The value that holds this dictionary: payloads are counted as they stand in the list.
            let Some(value) = self
                .body
                .get("PayloadContent")
                .and_then(Value::as_array)
                .and_then(|a| a.get(payload.position))
            else {
                continue;
            };
            below(Some((&id, payload)), Vec::new(), value, each);
        }
    }
}

fn below(
    payload: Option<(&str, Payload<'_>)>,
    mut path: Vec<String>,
    value: &Value,
    each: &mut dyn FnMut(&Visited<'_>) -> Step,
) {
    let mut open: Vec<Rest<'_>> = Vec::new();
    if each(&Visited { payload, path: &path, value }) == Step::Into {
        open.extend(Rest::of(value));
    }
    while let Some(rest) = open.last_mut() {
        let Some((part, value)) = rest.next() else {
            open.pop();
            // What was shown last in this container was taken off already; the container itself is next.
            if !open.is_empty() {
                path.pop();
            }
            continue;
        };
        path.push(part);
        let step = each(&Visited { payload, path: &path, value });
        match Rest::of(value).filter(|_| step == Step::Into) {
            Some(rest) => open.push(rest),
            None => {
                path.pop();
            }
        }
    }
}
