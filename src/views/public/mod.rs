//! Pages outside the portal: for people who are not signed in, and for people who manage nothing.

pub mod enroll;
pub mod landing;
pub mod my_devices;
pub mod signin;
