//! What the process owes its surroundings: no core dumps, enough descriptors, a word when it panics.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Descriptors that connections may not take: for the database, the logs, Apple and the odd file.
pub const RESERVED: usize = 64;
/// What we ask of the system; macOS refuses "unlimited" for descriptors.
const DESCRIPTORS: u64 = 65_536;

/// At the start of the program that serves: files are readable by the group at most, memory never reaches the
/// disk as a core dump (rule W19), and descriptors are as many as the system gives.
pub fn settle() {
    rustix::process::umask(rustix::fs::Mode::RWXO | rustix::fs::Mode::WGRP);
    let none = Rlimit { current: Some(0), maximum: Some(0) };
    if let Err(error) = setrlimit(Resource::Core, none) {
        tracing::warn!(%error, "core dumps cannot be forbidden");
    }
    let now = getrlimit(Resource::Nofile);
    let wanted = now.maximum.unwrap_or(DESCRIPTORS).min(DESCRIPTORS);
    if now.current.is_some_and(|current| current < wanted) {
        let _ = setrlimit(Resource::Nofile, Rlimit { current: Some(wanted), maximum: now.maximum });
    }
}

/// Connections that leave [`RESERVED`] descriptors free: `wanted`, or fewer.
pub fn connections(wanted: usize) -> usize {
    match getrlimit(Resource::Nofile).current {
        Some(descriptors) => {
            let room = usize::try_from(descriptors).unwrap_or(usize::MAX).saturating_sub(RESERVED).max(16);
            wanted.min(room)
        }
        None => wanted,
    }
}

/// Panics go to the log, with their place. Whoever catches them decides what they mean.
pub fn log_panics() {
    let before = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        let said = panic.payload_as_str().unwrap_or("no words");
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        let thread = std::thread::current().name().unwrap_or("?").to_owned();
        tracing::error!(thread, place, "panic: {said}");
        // Without a subscriber nobody has heard it.
        if !tracing::enabled!(tracing::Level::ERROR) {
            before(panic);
        }
    }));
}
