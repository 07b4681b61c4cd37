//! Fixed keys and certificates, so that tests need not make RSA keys.

use std::time::{Duration, Instant};

use pomona::wire::key::{PrivateKey, sha256};
use pomona::wire::x509::{Cert, Draft, DraftProfile, certs_from_pem, issue};

/// A day in November 2026, when the vectors were made.
pub const NOW: i64 = 1_795_600_000;

/// A vector of tests/vectors.
macro_rules! vector {
    ($name:literal) => {
        include_bytes!(concat!("../vectors/", $name)).as_slice()
    };
}
pub(crate) use vector;

/// What the sig_* vectors sign.
pub const BODY: &[u8] = vector!("body.plist");

pub fn dev_rsa() -> PrivateKey {
    PrivateKey::from_pkcs8(vector!("dev-rsa.pk8.der")).unwrap()
}

/// P-384.
pub fn dev_ec() -> PrivateKey {
    PrivateKey::from_pkcs8(vector!("dev-ec.pk8.der")).unwrap()
}

pub fn fde() -> (Cert, PrivateKey) {
    (first(include_str!("../vectors/fde.pem")), PrivateKey::from_pkcs8(vector!("fde.pk8.der")).unwrap())
}

pub fn scep_ca() -> (Cert, PrivateKey) {
    let key = PrivateKey::from_pkcs8(vector!("scep_test_ca_key.pk8.der")).unwrap();
    (first(include_str!("../vectors/scep_test_ca.pem")), key)
}

pub fn scep_client_key() -> PrivateKey {
    PrivateKey::from_pkcs8(vector!("scep_test_client_key.pk8.der")).unwrap()
}

pub fn first(pem: &str) -> Cert {
    certs_from_pem(pem).unwrap().remove(0)
}

pub fn draft(name: &str, profile: DraftProfile) -> Draft {
    Draft {
        common_name: name.into(),
        organization: Some("Orchard".into()),
        uid: None,
        serial: core::array::from_fn(|at| sha256(name.as_bytes())[at]),
        not_before: NOW - 3600,
        not_after: NOW + 365 * 86_400,
        profile,
    }
}

/// Our own device CA with the key of the FileVault vector.
pub fn our_ca() -> (Cert, PrivateKey) {
    let key = PrivateKey::from_pkcs8(vector!("fde.pk8.der")).unwrap();
    let ca =
        issue(&draft("Orchard Device CA", DraftProfile::DeviceCa), &key.public_der(), None, &key).unwrap();
    (ca, key)
}

/// A certificate by our own CA.
pub fn issued(name: &str, profile: DraftProfile, key: &PrivateKey) -> Cert {
    let (ca, ca_key) = our_ca();
    issue(&draft(name, profile), &key.public_der(), Some(&ca), &ca_key).unwrap()
}

/// A self-signed certificate, as SCEP clients make one for their first request.
pub fn self_signed(name: &str, key: &PrivateKey) -> Cert {
    issue(&draft(name, DraftProfile::Signer), &key.public_der(), None, key).unwrap()
}

/// The shortest of five runs: other tests share the processor.
pub fn shortest(mut run: impl FnMut()) -> Duration {
    let mut once = || {
        let start = Instant::now();
        run();
        start.elapsed()
    };
    (0..5).map(|_| once()).min().unwrap()
}

/// Why something was refused.
pub fn reason<T: std::fmt::Debug>(result: Result<T, pomona::wire::Malformed>) -> String {
    result.unwrap_err().reason
}
