//! What Apple documents.

mod availability;
mod cli;
mod forms;
mod measure;
mod python;
mod search;
mod sweep;
