//! Sentences about `workers`.
