//! Messages whose signature holds. Only this file makes a [`Verified`], so no handler can act on anything else.

use axum::body::Bytes;
use axum::http::HeaderMap;
use base64::Engine;
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig};

use crate::wire::mdm::checkin::CheckIn;
use crate::wire::mdm::report::Report;
use crate::wire::x509::Cert;
use crate::wire::{Malformed, cms};

/// The header that proves who speaks: base64 of a detached CMS over the body (Apple, `SignMessage`).
const HEADER: &str = "mdm-signature";
/// Largest signature, in bytes after base64. Real ones have about 2 KiB.
const LARGEST: usize = 10 * 1024;
/// Simulators leave the padding out at times.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &base64::alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// A message with the certificate that signed it over exactly these bytes. Whether that certificate may speak is
/// not said by this.
#[derive(Debug, Clone)]
pub struct Verified<T> {
    signer: Cert,
    said: T,
    raw: Bytes,
}

impl<T> Verified<T> {
    /// The certificate that signed it.
    pub fn signer(&self) -> &Cert {
        &self.signer
    }

    /// What was said.
    pub fn said(&self) -> &T {
        &self.said
    }

    /// What was said, and the bytes in which it was said.
    pub fn into_parts(self) -> (T, Bytes) {
        (self.said, self.raw)
    }
}

/// A check-in, if its signature holds and it can be read.
pub fn check_in(headers: &HeaderMap, body: Bytes) -> Result<Verified<CheckIn>, Malformed> {
    let signer = signer(headers, &body)?;
    Ok(Verified { signer, said: CheckIn::parse(&body)?, raw: body })
}

/// A report, if its signature holds and it can be read.
pub fn report(headers: &HeaderMap, body: Bytes) -> Result<Verified<Report>, Malformed> {
    let signer = signer(headers, &body)?;
    Ok(Verified { signer, said: Report::parse(&body)?, raw: body })
}

fn signer(headers: &HeaderMap, body: &[u8]) -> Result<Cert, Malformed> {
    let bad = |reason: &str| Malformed::new("mdm-signature", reason);
    let mut values = headers.get_all(HEADER).iter();
    let (Some(value), None) = (values.next(), values.next()) else {
        return Err(bad("the header is missing, or there are several"));
    };
    let value = value.as_bytes();
    if value.len() > LARGEST / 3 * 4 + 1024 {
        return Err(bad("too long"));
    }
    let signature = if value.iter().any(u8::is_ascii_whitespace) {
        let mut text = Vec::with_capacity(value.len());
        text.extend(value.iter().copied().filter(|b| !b.is_ascii_whitespace()));
        BASE64.decode(text)
    } else {
        BASE64.decode(value)
    };
    let signature = signature.map_err(|_| bad("not base64"))?;
    if signature.len() > LARGEST {
        return Err(bad("too long"));
    }
    Ok(cms::verify_detached(&signature, body)?.signer)
}
