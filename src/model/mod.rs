//! Nouns: constructors parse, so nothing needs checking later.
