//! Sentences about `rules`.
