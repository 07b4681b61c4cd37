//! Sentences about `daemon`.
