//! The pages: what they hold, what they never hold, how they look with nothing and with too much in them.

mod deeds;
pub mod editor;
mod escape;
mod gallery;
pub mod html;
mod library;
mod names;
mod pages;
mod words;
