//! Sentences about the product, laid out like the house.

mod wire;
