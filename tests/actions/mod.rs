//! Sentences about `actions`.

mod device;
mod drafts;
mod exports;
mod imports;
mod library;
mod people;
mod variables;
