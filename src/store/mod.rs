//! Rows on disk: read, write, watch.
