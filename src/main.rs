//! The `pomona` program.

fn main() {}
