//! The administration portal under `/profilemanager`: one file a noun.

pub mod accounts;
pub mod activity;
pub mod commands;
pub mod deeds;
pub mod device;
pub mod device_owner;
pub mod device_parts;
pub mod devices;
pub mod editor;
pub mod enrollment;
pub mod help;
pub mod library;
pub mod logs;
pub mod me;
pub mod overview;
pub mod profile;
pub mod profile_status;
pub mod profiles;
pub mod push;
