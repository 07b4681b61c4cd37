//! Loops that empty the `due` rows: the inside goes out.
