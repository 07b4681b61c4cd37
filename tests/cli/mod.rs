//! The command line, as people and scripts meet it: the real program against a real server.

mod commands;
mod demo;
mod help;
mod profiles;
mod scripts;
mod server;
mod sweep;
