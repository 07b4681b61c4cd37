//! What devices speak to: check-in and commands, SCEP, the enrollment profile.

mod desk;
mod limit;
pub mod mdm;
pub mod profile;
pub mod reply;
pub mod scep;
pub mod verified;

use axum::Router;
use axum::extract::Extension;
use axum::routing::{any, get};

use super::app::App;

/// How devices are served, from the configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeviceConfig {
    /// Enrollment profiles are signed by our CA, so that they show as verified once its root is trusted. Some
    /// simulators read unsigned ones only.
    pub sign_profiles: bool,
    /// SCEP requests may be encrypted with single DES. Only for tests with clients of the last century.
    pub allow_des: bool,
}

impl Default for DeviceConfig {
    fn default() -> Self {
        Self { sign_profiles: true, allow_des: false }
    }
}

/// The routes. Each router counts failures and bounds its cryptography by itself.
pub fn routes() -> Router<App> {
    Router::new()
        .route("/mdm", any(mdm::serve))
        .route("/scep", any(scep::serve))
        .route("/enroll/{token}/profile", get(profile::serve))
        .layer(Extension(desk::Desk::new()))
}
