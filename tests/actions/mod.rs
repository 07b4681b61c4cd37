//! Sentences about `actions`.

mod device;
mod people;
