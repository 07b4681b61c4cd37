//! Sentences about `web`.
