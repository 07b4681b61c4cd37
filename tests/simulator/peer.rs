//! A small MDM server, written by hand for tests: TLS, an enrollment profile, SCEP, and one queue. It checks each
//! signature and remembers each message.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use http::{Method, Request, Response};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use pomona::wire::Secret;
use pomona::wire::cms;
use pomona::wire::enroll::EnrollmentProfile;
use pomona::wire::key::PrivateKey;
use pomona::wire::mdm::command::{Request as Command, envelope};
use pomona::wire::plist::{self, Dictionary, Value};
use pomona::wire::scep::{self, Replying};
use pomona::wire::x509::{Cert, Draft, DraftProfile, issue};
use rustls::pki_types::{CertificateDer, PrivatePkcs8KeyDer};
use tokio_rustls::TlsAcceptor;

pub const TOPIC: &str = "com.apple.mgmt.External.peer";
pub const CHALLENGE: &str = "once-only";

/// One MDM message as it came in.
#[derive(Debug, Clone)]
pub struct Heard {
    pub method: Method,
    pub content_type: String,
    pub body: Vec<u8>,
    pub plist: Dictionary,
    pub signature: Signature,
    pub connection: u64,
}

#[derive(Debug, Clone)]
pub struct Signature {
    pub signer: Cert,
    pub digest: pomona::wire::key::Digest,
    /// OIDs of the signed attributes with their values.
    pub attributes: Vec<(String, Vec<u8>)>,
    pub attached: bool,
}

impl Heard {
    pub fn text(&self, key: &str) -> Option<&str> {
        self.plist.get(key).and_then(Value::as_string)
    }

    pub fn data(&self, key: &str) -> Option<&[u8]> {
        self.plist.get(key).and_then(Value::as_data)
    }
}

#[derive(Default)]
pub struct State {
    pub heard: Vec<Heard>,
    /// Commands that wait, by UUID.
    pub queue: VecDeque<(String, Dictionary)>,
    /// SCEP requests: method and raw query.
    pub scep: Vec<(Method, String)>,
    pub issued: Vec<Cert>,
    /// The next messages are answered with these statuses.
    pub refuse_next: VecDeque<u16>,
    /// The next answers to commands are answered with these statuses.
    pub refuse_answers: VecDeque<u16>,
    /// Commands that were put off since the latest Idle.
    put_off: Vec<String>,
    pub connections: u64,
    pub bootstrap_token: Option<Vec<u8>>,
    next: u32,
    capabilities: Vec<String>,
}

pub struct Peer {
    pub address: SocketAddr,
    pub ca: Cert,
    pub state: Arc<Mutex<State>>,
    key: PrivateKey,
    fingerprint: [u8; 32],
}

fn now() -> i64 {
    crate::apple::now()
}

fn ca_key() -> PrivateKey {
    static KEY: std::sync::OnceLock<PrivateKey> = std::sync::OnceLock::new();
    KEY.get_or_init(|| PrivateKey::generate_rsa(2048)).clone()
}

fn draft(name: &str, profile: DraftProfile, serial: u8) -> Draft {
    Draft {
        common_name: name.into(),
        organization: Some("Peer".into()),
        uid: None,
        serial: [serial; 16],
        not_before: now() - 3600,
        not_after: now() + 86_400,
        profile,
    }
}

impl Peer {
    pub async fn start() -> Self {
        Self::offering(&[]).await
    }

    /// Its profile names these server capabilities.
    pub async fn offering(capabilities: &[&str]) -> Self {
        let key = ca_key();
        let ca =
            issue(&draft("Peer CA", DraftProfile::DeviceCa, 1), &key.public_der(), None, &key).expect("CA");
        let tls_key = PrivateKey::generate_p256();
        let hosts = DraftProfile::Server { hosts: vec!["127.0.0.1".into(), "localhost".into()] };
        let tls =
            issue(&draft("localhost", hosts, 2), &tls_key.public_der(), Some(&ca), &key).expect("server");
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let secret = PrivatePkcs8KeyDer::from(tls_key.to_pkcs8().expose().to_vec());
        let config = rustls::ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("versions")
            .with_no_client_auth()
            .with_single_cert(vec![CertificateDer::from(tls.der().to_vec())], secret.into())
            .expect("certificate");
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("address");
        let capabilities = capabilities.iter().map(|c| (*c).to_owned()).collect();
        let state = Arc::new(Mutex::new(State { capabilities, ..State::default() }));
        let peer =
            Self { address, ca: ca.clone(), state: state.clone(), key, fingerprint: tls.fingerprint() };
        let desk = Arc::new(Desk { address, ca, key: peer.key.clone(), state });
        let acceptor = TlsAcceptor::from(Arc::new(config));
        tokio::spawn(async move {
            while let Ok((tcp, _)) = listener.accept().await {
                let (acceptor, desk) = (acceptor.clone(), desk.clone());
                tokio::spawn(async move {
                    let Ok(tls) = acceptor.accept(tcp).await else { return };
                    let number = {
                        let mut state = desk.state.lock().expect("state");
                        state.connections += 1;
                        state.connections
                    };
                    let service = service_fn(move |request| {
                        let desk = desk.clone();
                        async move { desk.serve(request, number).await }
                    });
                    let http = hyper::server::conn::http1::Builder::new();
                    let _ = http.serve_connection(TokioIo::new(tls), service).await;
                });
            }
        });
        peer
    }

    pub fn link(&self) -> String {
        format!("https://127.0.0.1:{}/enroll/token", self.address.port())
    }

    pub fn tls_fingerprint(&self) -> [u8; 32] {
        self.fingerprint
    }

    pub fn queue(&self, command: &Command) -> String {
        self.queue_raw(command.to_dictionary())
    }

    pub fn queue_raw(&self, command: Dictionary) -> String {
        let mut state = self.state.lock().expect("state");
        state.next += 1;
        let uuid = format!("COMMAND-{}", state.next);
        state.queue.push_back((uuid.clone(), command));
        uuid
    }

    pub fn heard(&self) -> Vec<Heard> {
        self.state.lock().expect("state").heard.clone()
    }

    /// Messages of one kind: check-ins by MessageType, reports by Status.
    pub fn heard_of(&self, kind: &str) -> Vec<Heard> {
        let is = |h: &Heard| h.text("MessageType").or_else(|| h.text("Status")) == Some(kind);
        self.heard().into_iter().filter(is).collect()
    }

    /// Reports about one command.
    pub fn reports(&self, uuid: &str) -> Vec<Heard> {
        self.heard().into_iter().filter(|h| h.text("CommandUUID") == Some(uuid)).collect()
    }

    /// An enrollment profile of this server.
    pub fn profile(&self) -> Vec<u8> {
        profile(self.address, &self.ca, &self.state.lock().expect("state").capabilities).expose().to_vec()
    }
}

fn profile(address: SocketAddr, ca: &Cert, capabilities: &[String]) -> Secret {
    let base = format!("https://127.0.0.1:{}", address.port());
    let uuid = |n: u8| format!("00000000-0000-4000-8000-0000000000{n:02}");
    EnrollmentProfile {
        organization: "Peer".into(),
        identifier: "org.peer.mdm".into(),
        uuids: [uuid(1), uuid(2), uuid(3), uuid(4)],
        roots: vec![ca.clone()],
        topic: TOPIC.into(),
        server_url: format!("{base}/mdm"),
        scep_url: format!("{base}/scep"),
        challenge: Secret::new(CHALLENGE.as_bytes()),
        subject_common_name: "a-device".into(),
        ca: ca.clone(),
        server_capabilities: capabilities.to_vec(),
    }
    .to_xml()
}

struct Desk {
    address: SocketAddr,
    ca: Cert,
    key: PrivateKey,
    state: Arc<Mutex<State>>,
}

fn reply(status: u16, kind: &str, body: impl Into<Bytes>) -> Response<Full<Bytes>> {
    let response = Response::builder().status(status).header("content-type", kind);
    response.body(Full::new(body.into())).expect("a response")
}

impl Desk {
    async fn serve(
        &self,
        request: Request<Incoming>,
        connection: u64,
    ) -> Result<Response<Full<Bytes>>, hyper::Error> {
        let (head, body) = request.into_parts();
        let body = body.collect().await?.to_bytes();
        let query = head.uri.query().unwrap_or_default().to_owned();
        Ok(match head.uri.path() {
            "/enroll/token/profile" => {
                let capabilities = self.state.lock().expect("state").capabilities.clone();
                let file = profile(self.address, &self.ca, &capabilities);
                reply(200, "application/x-apple-aspen-config", file.expose().to_vec())
            }
            "/scep" => self.scep(&head.method, &query, &body),
            "/mdm" => self.mdm(&head, &body, connection),
            _ => reply(404, "text/plain", "no"),
        })
    }

    fn scep(&self, method: &Method, query: &str, body: &[u8]) -> Response<Full<Bytes>> {
        self.state.lock().expect("state").scep.push((method.clone(), query.to_owned()));
        if query.starts_with("operation=GetCACaps") {
            return reply(200, "text/plain", scep::CAPABILITIES);
        }
        if query.starts_with("operation=GetCACert") {
            return reply(200, "application/x-x509-ca-cert", self.ca.der().to_vec());
        }
        let message = if *method == Method::GET {
            scep::message_from_query(query).expect("a message in the query")
        } else {
            body.to_vec()
        };
        let (request, holds) = scep::parse_request(&message).expect("a SCEP request");
        assert!(holds, "the request's signature holds");
        let random = [9; 64];
        let by = Replying { ra: &self.ca, ra_key: &self.key, now: now(), random: &random };
        let (csr, cipher) =
            scep::open_request(&request, &self.ca, &self.key, false, &[0; 32]).expect("an open request");
        let answer = if csr.challenge() == Some(CHALLENGE) {
            let mut state = self.state.lock().expect("state");
            let serial = u8::try_from(state.issued.len() + 10).expect("few");
            let draft = draft("issued", DraftProfile::DeviceIdentity, serial);
            let cert = issue(&draft, csr.public_der(), Some(&self.ca), &self.key).expect("issued");
            state.issued.push(cert.clone());
            scep::success(&request, cipher, &cert, by).expect("a reply")
        } else {
            scep::failure(&request, scep::FailInfo::BadRequest, "", by)
        };
        reply(200, "application/x-pki-message", answer)
    }

    fn mdm(&self, head: &http::request::Parts, body: &[u8], connection: u64) -> Response<Full<Bytes>> {
        let header =
            |name: &str| head.headers.get(name).and_then(|v| v.to_str().ok()).unwrap_or_default().to_owned();
        let signature = pomona::wire::pem::decode_base64(&header("mdm-signature")).expect("base64");
        let signed = cms::verify_detached(&signature, body).expect("a signature over the body");
        assert!(signed.signer.is_issued_by(&self.ca), "signed with what we issued");
        let heard = Heard {
            method: head.method.clone(),
            content_type: header("content-type"),
            body: body.to_vec(),
            plist: plist::parse_dictionary(body, plist::Limits::DEVICE).expect("a property list"),
            signature: Signature {
                signer: signed.signer,
                digest: signed.digest,
                attributes: signed.attributes,
                attached: signed.content.is_some(),
            },
            connection,
        };
        let mut state = self.state.lock().expect("state");
        state.heard.push(heard.clone());
        let is_answer = heard.text("CommandUUID").is_some();
        let refused = match state.refuse_next.pop_front() {
            None if is_answer => state.refuse_answers.pop_front(),
            refused => refused,
        };
        if let Some(status) = refused.filter(|status| *status != 200) {
            return reply(status, "text/plain", "refused on request");
        }
        if heard.text("MessageType").is_some() {
            return check_in(&mut state, &heard);
        }
        let uuid = heard.text("CommandUUID").unwrap_or_default();
        match heard.text("Status") {
            Some("Idle") => state.put_off.clear(),
            Some("NotNow") => state.put_off.push(uuid.to_owned()),
            _ => state.queue.retain(|(waiting, _)| waiting != uuid),
        }
        match state.queue.iter().find(|(waiting, _)| !state.put_off.contains(waiting)) {
            Some((uuid, command)) => reply(200, "application/xml", envelope(uuid, command)),
            None => reply(200, "application/xml", Bytes::new()),
        }
    }
}

fn check_in(state: &mut State, heard: &Heard) -> Response<Full<Bytes>> {
    match heard.text("MessageType") {
        Some("SetBootstrapToken") => {
            state.bootstrap_token = heard.data("BootstrapToken").map(<[u8]>::to_vec);
        }
        Some("GetBootstrapToken") => {
            if let Some(token) = &state.bootstrap_token {
                let token = pomona::wire::mdm::checkin::bootstrap_reply(&Secret::new(token.clone()));
                return reply(200, "application/xml", token);
            }
        }
        _ => {}
    }
    reply(200, "application/xml", Bytes::new())
}
