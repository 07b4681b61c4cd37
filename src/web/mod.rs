//! The outside comes in: routes, limits, identity, problem pages.
