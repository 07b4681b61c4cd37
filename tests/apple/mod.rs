//! Sentences about `apple`.
