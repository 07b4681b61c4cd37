//! Everything that can happen: one function is one transaction.
