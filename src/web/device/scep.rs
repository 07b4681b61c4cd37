//! SCEP (RFC 8894, the part that devices speak): certificates for one-time challenges.

use std::net::IpAddr;
use std::time::Instant;

use axum::body::Bytes;
use axum::extract::{Extension, Request, State};
use axum::http::Method;

use super::desk::Desk;
use super::mdm::read;
use super::reply::DeviceReply;
use crate::actions::Failure;
use crate::actions::certificates::{self, Asked};
use crate::model::Time;
use crate::model::edge::roll;
use crate::store;
use crate::web::app::{App, Peer, RequestId};
use crate::wire::cms::Cipher;
use crate::wire::key::sha256;
use crate::wire::scep::{self, FailInfo, MessageType, Replying};
use crate::wire::x509::{self, Cert};

/// Largest request, in bytes; real ones have about 3 KiB.
const LARGEST: usize = 64 << 10;
/// Content type of an answer to PKIOperation (RFC 8894, 4.3).
const PKI_MESSAGE: &str = "application/x-pki-message";

/// Serves `/scep`.
pub(super) async fn serve(
    State(app): State<App>,
    Extension(desk): Extension<Desk>,
    request: Request,
) -> DeviceReply {
    let started = Instant::now();
    let peer = request.extensions().get::<Peer>().copied().unwrap_or_default().0;
    let id = request.extensions().get::<RequestId>().map_or_else(|| "-".to_owned(), |id| id.0.clone());
    let operation = operation(request.uri().query().unwrap_or_default()).to_owned();
    let mut why = None;
    let reply = match answer(&app, &desk, request, &operation, peer, &mut why).await {
        Ok(reply) | Err(reply) => reply,
    };
    let (status, ms) = (reply.status(), started.elapsed().as_secs_f64() * 1000.0);
    match why {
        Some(why) => {
            // Our own faults are not held against anybody.
            if reply != DeviceReply::Failed {
                desk.failures.count(peer, app.clock.now());
            }
            tracing::warn!(target: "enroll", req = id, %peer, operation, status, ms, why, "completed");
        }
        None => tracing::info!(target: "enroll", req = id, %peer, operation, status, ms, "completed"),
    }
    reply
}

/// The value of `operation` in a raw query.
fn operation(query: &str) -> &str {
    query.split('&').find_map(|pair| pair.strip_prefix("operation=")).unwrap_or_default()
}

async fn answer(
    app: &App,
    desk: &Desk,
    request: Request,
    operation: &str,
    peer: IpAddr,
    why: &mut Option<String>,
) -> Result<DeviceReply, DeviceReply> {
    let is_get = matches!(*request.method(), Method::GET | Method::HEAD);
    if !is_get && *request.method() != Method::POST {
        return Err(DeviceReply::WrongMethod("GET, HEAD, POST"));
    }
    match operation {
        "GetCACaps" if is_get => {
            return Ok(DeviceReply::Bytes("text/plain", scep::CAPABILITIES.as_bytes().to_vec()));
        }
        "GetCACert" if is_get => {
            let der = app.authority.ca.der().to_vec();
            return Ok(DeviceReply::Bytes("application/x-x509-ca-cert", der));
        }
        "GetNextCACert" => return Err(DeviceReply::NotFound),
        "PKIOperation" => {}
        _ => return Err(DeviceReply::BadRequest),
    }
    let now = app.clock.now();
    if desk.failures.too_many(peer, now) {
        return Err(DeviceReply::Busy);
    }
    let message = if is_get {
        let message = scep::message_from_query(request.uri().query().unwrap_or_default());
        Bytes::from(message.map_err(|m| {
            *why = Some(m.to_string());
            DeviceReply::BadRequest
        })?)
    } else {
        let (parts, body) = request.into_parts();
        read(body, &parts.headers, LARGEST).await?
    };
    if message.len() > LARGEST {
        return Err(DeviceReply::TooLarge);
    }
    operate(app, desk, message, now, why).await
}

/// How far a request got.
enum Progress {
    /// It may get the certificate that was made for it, if the transaction agrees.
    May { request: Box<scep::Request>, cipher: Cipher, asked: Asked, made: Cert },
    /// It gets this certificate.
    Gets { request: Box<scep::Request>, cipher: Cipher, issued: Cert },
    /// It gets none: what the client is told, and what the log is told.
    Refused { request: Box<scep::Request>, info: FailInfo, why: String },
}

/// A request to which SCEP knows no answer.
struct Fault {
    reply: DeviceReply,
    why: String,
}

impl Fault {
    fn ours(why: impl ToString) -> Self {
        Self { reply: DeviceReply::Failed, why: why.to_string() }
    }
}

async fn operate(
    app: &App,
    desk: &Desk,
    message: Bytes,
    now: Time,
    why: &mut Option<String>,
) -> Result<DeviceReply, DeviceReply> {
    let mut told = |fault: Fault| {
        *why = Some(fault.why);
        fault.reply
    };
    let at = app.clone();
    let mut progress = desk.work(move || prepare(&at, &message, now)).await?.map_err(&mut told)?;
    if let Progress::May { request, cipher, asked, made } = progress {
        let issued = app.store.write(move |w| certificates::issue(w, &asked, &made, now)).await;
        progress = match issued {
            Ok(issued) => Progress::Gets { request, cipher, issued },
            Err(failure) => refuse(request, failure).map_err(&mut told)?,
        };
    }
    if let Progress::Refused { why: reason, .. } = &progress {
        *why = Some(reason.clone());
    }
    let at = app.clone();
    match desk.work(move || respond(&at, progress, now)).await? {
        Ok(body) => Ok(DeviceReply::Bytes(PKI_MESSAGE, body)),
        Err(fault) => {
            *why = Some(fault.why);
            Err(fault.reply)
        }
    }
}

/// Reads a request, decides, and signs the certificate it may get: all that is slow, before the transaction.
///
/// Whatever is wrong inside the envelope (its padding, its request, its challenge) is answered with the same
/// words, so that nobody learns from an answer how a guess was wrong.
fn prepare(app: &App, message: &[u8], now: Time) -> Result<Progress, Fault> {
    let (request, holds) = scep::parse_request(message)
        .map_err(|m| Fault { reply: DeviceReply::BadRequest, why: m.to_string() })?;
    let request = Box::new(request);
    let refused = |request, info, why: &str| Ok(Progress::Refused { request, info, why: why.to_owned() });
    if !holds {
        return refused(request, FailInfo::BadMessageCheck, "the signature does not hold");
    }
    let renews = match request.message_type {
        MessageType::PkcsReq => None,
        MessageType::RenewalReq => Some(request.signer.fingerprint()),
        MessageType::Other => {
            return refused(request, FailInfo::BadRequest, "a message type that is not served");
        }
    };
    let authority = &app.authority;
    let decoy = roll(app.dice.as_ref());
    let allow_des = app.config.devices.allow_des;
    let opened = scep::open_request(&request, &authority.ca, &authority.key, allow_des, &decoy);
    let (csr, cipher) = match opened {
        Ok(opened) => opened,
        Err(FailInfo::BadAlg) => {
            return refused(request, FailInfo::BadAlg, "a key or cipher that is not accepted");
        }
        Err(_) => return refused(request, FailInfo::BadRequest, "the envelope cannot be opened or read"),
    };
    let Some(challenge) = csr.challenge() else {
        return refused(request, FailInfo::BadRequest, "no challenge");
    };
    let asked = Asked { challenge: sha256(challenge.as_bytes()), key: sha256(csr.public_der()), renews };
    let view = app.store.read().map_err(Fault::ours)?;
    match certificates::look(&view, &asked, now) {
        Ok(Some(issued)) => return Ok(Progress::Gets { request, cipher, issued }),
        Ok(None) => {}
        Err(failure) => return refuse(request, failure),
    }
    let organization = store::settings::get(&view).map_err(Fault::ours)?.unwrap_or_default().organization;
    let draft = certificates::draft(app.dice.as_ref(), &organization, now);
    let made =
        x509::issue(&draft, csr.public_der(), Some(&authority.ca), &authority.key).map_err(Fault::ours)?;
    Ok(Progress::May { request, cipher, asked, made })
}

fn refuse(request: Box<scep::Request>, failure: Failure) -> Result<Progress, Fault> {
    match failure {
        Failure::Refused(refusal) => {
            Ok(Progress::Refused { request, info: FailInfo::BadRequest, why: refusal.code.to_owned() })
        }
        Failure::Broken(broken) => Err(Fault::ours(broken)),
    }
}

fn respond(app: &App, progress: Progress, now: Time) -> Result<Vec<u8>, Fault> {
    let random = roll(app.dice.as_ref());
    let by = Replying { ra: &app.authority.ca, ra_key: &app.authority.key, now: now.secs(), random: &random };
    match progress {
        Progress::Gets { request, cipher, issued } => {
            scep::success(&request, cipher, &issued, by).map_err(Fault::ours)
        }
        Progress::Refused { request, info, .. } => Ok(scep::failure(&request, info, "", by)),
        Progress::May { .. } => Err(Fault::ours("a request was left undecided")),
    }
}
