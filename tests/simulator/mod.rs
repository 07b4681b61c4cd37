//! Sentences about `simulator`.
