//! Reads the config, opens everything, ties the knot, stops in order.
