//! HTML: page structs of plain values in, markup out; loads nothing.
