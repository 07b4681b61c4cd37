//! Decisions, pure: compare and choose.
