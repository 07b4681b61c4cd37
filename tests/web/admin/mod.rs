//! The portal, as people and those who would deceive it use it.

mod accounts;
mod devices;
mod door;
mod editor;
mod forms;
mod library;
mod links;
mod matrix;
mod profiles;
mod push;
mod secrets;
mod sessions;
mod sign_in;
mod speed;
mod words;
