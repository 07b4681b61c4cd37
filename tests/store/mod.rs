//! Sentences about `store`.
