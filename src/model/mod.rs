//! Nouns: constructors parse, so nothing needs checking later.

pub mod account;
pub mod activity;
pub mod certificate;
pub mod command;
pub mod deed;
pub mod device;
pub mod document;
pub mod due;
pub mod edge;
pub mod enrollment;
pub mod profile;
pub mod seen;
pub mod settings;
pub mod site;
pub mod standing;
pub mod ticket;
pub mod time;

pub use time::Time;
