//! PEM (RFC 7468): base64 between `-----BEGIN x-----` and `-----END x-----`.

use base64::Engine;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig, general_purpose::STANDARD};

use super::Malformed;

/// Largest text read, in bytes.
const LONGEST: usize = 1024 * 1024;

const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

/// Every block of a text with its label, in order. Text around the blocks is skipped: Keychain and openssl write
/// names of certificates there. Texts over 1 MiB, blocks without their end, and the encrypted form of before
/// PKCS #8 (`Proc-Type: 4,ENCRYPTED`) are refused.
pub fn blocks(text: &str) -> Result<Vec<(String, Vec<u8>)>, Malformed> {
    let fault = |reason: &str| Malformed::new("pem", reason);
    if text.len() > LONGEST {
        return Err(fault("longer than 1 MiB"));
    }
    let mut found = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find("-----BEGIN ") {
        rest = &rest[at + 11..];
        let Some((label, after)) = rest.split_once("-----") else {
            return Err(fault("a BEGIN line is cut off"));
        };
        if label.len() > 64 || label.contains(['\n', '\r']) {
            return Err(fault("a BEGIN line is not complete"));
        }
        let Some((body, after)) = after.split_once(&format!("-----END {label}-----")) else {
            return Err(fault("a block has no END line"));
        };
        if body.contains("ENCRYPTED") {
            return Err(fault("the key is encrypted in the form of before PKCS #8; decrypt it first"));
        }
        if body.contains(':') {
            return Err(fault("a block has headers, which PEM certificates and keys do not have"));
        }
        found.push((label.to_string(), decode_base64(body)?));
        rest = after;
    }
    Ok(found)
}

/// One block, 64 columns, ends with a newline.
pub fn block(label: &str, der: &[u8]) -> String {
    let text = STANDARD.encode(der);
    let mut out = format!("-----BEGIN {label}-----\n");
    for line in text.as_bytes().chunks(64) {
        out.extend(line.iter().map(|byte| char::from(*byte)));
        out.push('\n');
    }
    out.push_str(&format!("-----END {label}-----\n"));
    out
}

/// Base64 as messages carry it: white space skipped, padding present or not.
pub fn decode_base64(text: &str) -> Result<Vec<u8>, Malformed> {
    let packed: Vec<u8> = text.bytes().filter(|byte| !byte.is_ascii_whitespace()).collect();
    LENIENT.decode(packed).map_err(|_| Malformed::new("pem", "not base64"))
}
