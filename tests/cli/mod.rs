//! Sentences about `cli`.
