//! Sentences about the product, laid out like the house.

mod actions;
mod apple;
mod catalog;
mod cli;
mod daemon;
mod rules;
mod simulator;
mod store;
mod views;
mod web;
mod wire;
mod workers;
