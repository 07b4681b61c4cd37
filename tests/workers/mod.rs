//! Sentences about `workers`.

mod device;
mod push;
mod push_retry;
mod renew;
