//! CMS (RFC 5652): signed and enveloped data, BER in, DER out.
//!
//! The mathematics alone. Whether a signer may speak, and whether a certificate chains to anything, is for the
//! caller.

pub mod ber;
mod cipher;
mod enveloped;
mod sign;
mod signed;

pub use cipher::Cipher;
pub(in crate::wire) use cipher::{cbc_decrypt, cbc_encrypt};
pub use enveloped::{cipher_of, decrypt, encrypt};
pub use sign::{Signing, degenerate, sign};
pub(in crate::wire) use signed::only;
pub use signed::{Message, Signed, certificates, verify_attached, verify_detached};

use super::Malformed;
use super::asn1::{Der, tag};

/// Most certificates a message may carry.
pub const MOST_CERTIFICATES: usize = 8;

fn fault(reason: &str) -> Malformed {
    Malformed::new("cms", reason)
}

/// A cursor inside the content of a ContentInfo of this type.
fn content_of<'a>(der: &'a [u8], kind: &[u8], what: &str) -> Result<Der<'a>, Malformed> {
    let mut outer = Der::new("cms", der);
    let mut info = outer.sequence()?;
    outer.end()?;
    if info.oid()? != kind {
        return Err(fault(&format!("the content is not {what}")));
    }
    let mut wrapped = info.enter(tag::context(0))?;
    info.end()?;
    let content = wrapped.sequence()?;
    wrapped.end()?;
    Ok(content)
}
