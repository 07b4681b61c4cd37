//! Sentences about `actions`.
