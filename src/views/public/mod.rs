//! Pages for people who are not signed in.

pub mod enroll;
pub mod landing;
pub mod signin;
