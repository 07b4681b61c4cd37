//! How a device gets its identity: SCEP (RFC 8894) as Apple's clients speak it.

use std::time::Instant;

use base64::Engine as _;
use bytes::Bytes;
use http::{Method, Uri};

use super::keychain::{Identity, self_signed};
use super::latency::{Latencies, Leg};
use super::line::{Call, Line, Reply};
use super::{Trouble, chance};
use crate::wire::cms::{self, Cipher};
use crate::wire::key::{Digest, PrivateKey};
use crate::wire::scep::{self, make_request, read_reply, transaction_id_for};
use crate::wire::x509::{Cert, make_csr};

/// What to ask for.
#[derive(Debug)]
pub struct Order<'a> {
    /// Address of the SCEP server, without a query.
    pub url: &'a Uri,
    /// Common name for the request; the server names the certificate as it likes.
    pub common_name: &'a str,
    /// challengePassword.
    pub challenge: Option<&'a str>,
    /// The key to certify.
    pub key: PrivateKey,
    /// The RSA key that signs the request and opens the reply; usually the same.
    pub signer_key: PrivateKey,
    /// Sends the request by GET even where POST is offered.
    pub by_get: bool,
    /// The device's clock, in seconds since 1970.
    pub now: i64,
}

/// Gets a certificate: capabilities, the CA's certificate, one PKCSReq.
pub async fn obtain(line: &mut Line, order: &Order<'_>, latencies: &Latencies) -> Result<Identity, Trouble> {
    let caps = ask(line, order, "GetCACaps", "", latencies).await?.ok("GetCACaps")?;
    let caps = String::from_utf8_lossy(&caps.body).into_owned();
    let offers = |word: &str| caps.lines().any(|line| line.trim().eq_ignore_ascii_case(word));
    let ca = authority(ask(line, order, "GetCACert", "&message=MDM", latencies).await?.ok("GetCACert")?)?;

    let csr = make_csr(&order.key, order.common_name, order.challenge);
    let signer = self_signed(&order.signer_key, order.common_name, order.now)?;
    let transaction = transaction_id_for(&order.key.public_der()).map_err(Trouble::malformed("SCEP"))?;
    let random: [u8; 64] = chance::secure();
    let cipher = if offers("AES") || offers("SCEPStandard") { Cipher::Aes128 } else { Cipher::TripleDes };
    let digest = if offers("SHA-256") || offers("SCEPStandard") { Digest::Sha256 } else { Digest::Sha1 };
    let message = make_request(
        &csr,
        &signer,
        &order.signer_key,
        &ca,
        cipher,
        digest,
        "19",
        &random,
        &transaction,
        order.now,
    )
    .map_err(Trouble::malformed("SCEP"))?;

    let reply = if offers("POSTPKIOperation") && !order.by_get {
        post(line, order, message, latencies).await?
    } else {
        // macOS leaves `+` and `/` as they are and escapes `=` alone.
        let text = base64::engine::general_purpose::STANDARD.encode(message).replace('=', "%3D");
        ask(line, order, "PKIOperation", &format!("&message={text}"), latencies).await?
    };
    let reply = reply.ok("PKIOperation")?;
    let read = read_reply(&reply.body, &transaction, &random[..16], &ca, &signer, &order.signer_key);
    match read.map_err(Trouble::malformed("CertRep"))? {
        scep::Reply::Issued(certificate) if certificate.public_der() == order.key.public_der() => {
            Ok(Identity { certificate, key: order.key.clone() })
        }
        scep::Reply::Issued(_) => Err(Trouble::Rule("SCEP issued a certificate for another key".into())),
        scep::Reply::Failed { info, text } => Err(Trouble::NotIssued { info, text }),
        scep::Reply::Pending => {
            Err(Trouble::Rule("SCEP let the request hang, which devices handle badly".into()))
        }
    }
}

/// The CA's certificate, alone or first of several.
fn authority(reply: Reply) -> Result<Cert, Trouble> {
    let ca = match reply.content_type.as_deref() {
        Some("application/x-x509-ca-cert") => Cert::parse(&reply.body),
        Some("application/x-x509-ca-ra-cert") => cms::certificates(&reply.body).and_then(|certs| {
            let none = || crate::wire::Malformed::new("scep", "no certificate among the CA certificates");
            certs.into_iter().next().ok_or_else(none)
        }),
        other => return Err(Trouble::Rule(format!("GetCACert came as {other:?}"))),
    };
    ca.map_err(Trouble::malformed("GetCACert"))
}

async fn ask(
    line: &mut Line,
    order: &Order<'_>,
    operation: &str,
    more: &str,
    latencies: &Latencies,
) -> Result<Reply, Trouble> {
    let path = format!("{}?operation={operation}{more}", order.url.path());
    send(line, Call { method: Method::GET, path, headers: Vec::new(), body: Bytes::new() }, latencies).await
}

async fn post(line: &mut Line, order: &Order<'_>, body: Vec<u8>, l: &Latencies) -> Result<Reply, Trouble> {
    let path = format!("{}?operation=PKIOperation", order.url.path());
    let headers = vec![("content-type", "application/x-pki-message".to_owned())];
    send(line, Call { method: Method::POST, path, headers, body: body.into() }, l).await
}

async fn send(line: &mut Line, call: Call, latencies: &Latencies) -> Result<Reply, Trouble> {
    let began = Instant::now();
    let reply = line.call(&call).await;
    latencies.add(Leg::Scep, began.elapsed());
    reply
}
