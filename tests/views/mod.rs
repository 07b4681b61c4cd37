//! Sentences about `views`.
