//! Editing a profile document: what a change does, and when two people's changes meet.

mod apply;
mod known;
mod locate;
mod marks;
mod merge;
mod reach;

pub use apply::apply;
pub(in crate::rules) use known::secret_by_key;
pub use known::{Known, key_at, label_at, payload_label, visit_known};
pub use locate::locate;
pub use marks::{document_mark, mark, mark_at, secret_mark};
pub use merge::merge;
