//! How fast signed messages are read and made. Not run by default: `cargo test --release -- --ignored speed`.

use std::time::{Duration, Instant};

use pomona::wire::cms::{self, Cipher, Signing};
use pomona::wire::key::{Digest, PrivateKey};
use pomona::wire::scep::{self, Replying};
use pomona::wire::x509::{Cert, DraftProfile, issue, make_csr};

use super::keys::{BODY, NOW, dev_rsa, draft, fde, issued, our_ca, self_signed, vector};

/// Runs for half a second and prints how many a second on one core.
fn rate(what: &str, mut run: impl FnMut()) -> f64 {
    let start = Instant::now();
    let mut count = 0u32;
    while start.elapsed() < Duration::from_millis(500) {
        run();
        count += 1;
    }
    let rate = f64::from(count) / start.elapsed().as_secs_f64();
    println!("{what:<52} {rate:>9.0} /s");
    rate
}

#[test]
#[ignore = "a measurement"]
fn speed_of_signed_messages() {
    let key = dev_rsa();
    let ec = PrivateKey::generate_p256();
    let (ca, ca_key) = our_ca();
    let signer = issued("device", DraftProfile::DeviceIdentity, &key);
    let ec_signer = issued("device", DraftProfile::DeviceIdentity, &ec);
    let large = BODY.repeat(100);
    let how = |signer, key| Signing {
        signer,
        key,
        chain: &[],
        digest: Digest::Sha256,
        time: Some(NOW),
        attributes: vec![],
        detached: true,
    };
    let signed = cms::sign(&large, &how(&signer, &key));
    let ec_signed = cms::sign(&large, &how(&ec_signer, &ec));

    let sign = rate("RSA-2048 signature alone", || drop(key.sign(Digest::Sha256, BODY)));
    rate("detached CMS signed, RSA, 28 KB", || drop(cms::sign(&large, &how(&signer, &key))));
    rate("detached CMS signed, P-256, 28 KB", || drop(cms::sign(&large, &how(&ec_signer, &ec))));
    let verify = rate("detached CMS verified, RSA, 28 KB", || {
        cms::verify_detached(&signed, &large).unwrap();
    });
    rate("detached CMS verified, RSA, 280 bytes", || {
        cms::verify_detached(vector!("sig_rsa_sha256_detached.der"), BODY).unwrap();
    });
    rate("attached CMS verified, BER", || {
        cms::verify_attached(vector!("sig_rsa_sha256_attached_BER.der")).unwrap();
    });
    rate("detached CMS verified, P-256, 28 KB", || {
        cms::verify_detached(&ec_signed, &large).unwrap();
    });
    rate("signer checked against its CA", || assert!(signer.is_issued_by(&ca)));
    rate("certificate parsed", || drop(Cert::parse(signer.der()).unwrap()));
    let (fde_cert, fde_key) = fde();
    rate("envelope opened", || {
        cms::decrypt(vector!("fde_cms_aes256_BER.der"), &fde_cert, &fde_key, false, &[1; 32]).unwrap();
    });
    let own = self_signed("SCEP SIGNER", &key);
    let csr = make_csr(&key, "device", Some("sesame"));
    let random = [7; 64];
    let body =
        scep::make_request(&csr, &own, &key, &ca, Cipher::Aes256, Digest::Sha256, "19", &random, "T", NOW)
            .unwrap();
    let whole = rate("SCEP request read, certificate issued, reply made", || {
        let (request, holds) = scep::parse_request(&body).unwrap();
        assert!(holds);
        let (csr, cipher) = scep::open_request(&request, &ca, &ca_key, false, &[3; 32]).unwrap();
        let identity = draft("3F2504E0", DraftProfile::DeviceIdentity);
        let issued = issue(&identity, csr.public_der(), Some(&ca), &ca_key).unwrap();
        let by = Replying { ra: &ca, ra_key: &ca_key, now: NOW, random: &random };
        scep::success(&request, cipher, &issued, by).unwrap();
    });
    // Three private-key operations are the physical floor of one SCEP exchange.
    println!("SCEP reaches {:.0} % of its RSA floor", 100.0 * whole / (sign / 3.0));
    assert!(verify > 2_000.0, "{verify:.0} verified a second");
}
