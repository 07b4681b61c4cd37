//! Certificates, with everything that is asked of one.
#![no_main]

use libfuzzer_sys::fuzz_target;
use pomona::wire::x509::Cert;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(cert) = Cert::parse(bytes) {
        let _ = (cert.common_name(), cert.organization(), cert.uid(), cert.subject(), cert.serial_hex());
        let _ = (cert.not_before(), cert.not_after(), cert.hosts(), cert.is_issued_by(&cert));
        assert_eq!(Cert::parse(cert.der()).expect("the same bytes"), cert);
        let _ = cert.public_der();
    }
});
