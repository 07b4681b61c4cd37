//! Pages about profiles beside their list and their tabs of old: made, described, reviewed, published, put back,
//! shown as text, handed on; and the catalog of what they may hold.

pub mod badges;
pub mod catalog;
pub mod catalog_add;
pub mod form_rows;
pub mod general;
pub mod hand;
pub mod history;
pub mod import;
pub mod new;
pub mod review;
pub mod short;
pub mod source;
