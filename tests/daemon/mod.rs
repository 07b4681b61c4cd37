//! The daemon: configuration, logs, listeners, the program itself.

mod certificates;
mod config;
mod doctor;
mod doors;
mod logs;
mod program;
mod smuggling;
