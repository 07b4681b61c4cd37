//! The last-seen map of the device endpoint. It is a noun that workers flush, so it lives with the nouns.

pub use crate::model::seen::Seen;
