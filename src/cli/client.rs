//! The client of the JSON API: over the socket in the data folder, or over TLS with a token.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{Method, Request, StatusCode};
use http_body_util::{BodyExt, Full, Limited};
use hyper_util::rt::TokioIo;
use rustls::pki_types::{CertificateDer, ServerName};
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpStream, UnixStream};

use super::exit::{Exit, Failed};
use crate::simulator::trust::system_roots;
use crate::wire::api::{Answer, Hidden, Page, Problem};
use crate::wire::x509;

/// Largest answer we read.
const ANSWER: usize = 64 << 20;
/// Time to connect.
const CONNECT: Duration = Duration::from_secs(10);

/// A way to a server.
#[derive(Clone)]
pub struct Client {
    way: Way,
    token: Option<Hidden>,
}

#[derive(Clone)]
enum Way {
    Socket(PathBuf),
    Tls { host: String, port: u16, config: Arc<rustls::ClientConfig> },
}

impl Client {
    /// Over the socket of a server on this machine.
    pub fn socket(path: &Path) -> Self {
        Self { way: Way::Socket(path.to_owned()), token: None }
    }

    /// Over TLS to `url` (`https://host[:port]`) with the token in a file. With `ca`, only certificates under it
    /// are believed; without, those the system trusts.
    pub fn tls(url: &str, token_file: Option<&Path>, ca: Option<&Path>) -> Result<Self, Failed> {
        let usage = |said: String, next: &str| Failed::new(Exit::Usage, said, next);
        let uri: http::Uri = url
            .parse()
            .map_err(|_| usage(format!("{url:?} is not an address"), "Write https://mdm.example.org"))?;
        let Some(host) = uri.host().filter(|_| uri.scheme_str() == Some("https")) else {
            return Err(usage(format!("{url:?} is not an https address"), "Write https://mdm.example.org"));
        };
        let token_file = token_file.ok_or_else(|| {
            usage(
                "--server needs a token".into(),
                "Put one into a file and name it with POMONA_TOKEN_FILE or --token-file.",
            )
        })?;
        let token = std::fs::read_to_string(token_file).map_err(|e| {
            Failed::new(Exit::Failure, format!("cannot read {}: {e}", token_file.display()), "")
        })?;
        Ok(Self {
            way: Way::Tls {
                host: host.trim_matches(['[', ']']).to_owned(),
                port: uri.port_u16().unwrap_or(443),
                config: trust(ca)?,
            },
            token: Some(Hidden::new(token.trim())),
        })
    }

    /// Asks and reads the answer's body.
    pub async fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T, Failed> {
        self.json(Method::GET, path, None::<&()>).await
    }

    /// Every item of a list, page after page. `path` has its own query or none.
    pub async fn list<T: DeserializeOwned>(&self, path: &str) -> Result<Vec<T>, Failed> {
        let mut items = Vec::new();
        let mut after = None::<String>;
        loop {
            let asked = match &after {
                None => path.to_owned(),
                Some(after) => {
                    format!("{path}{}after={}", if path.contains('?') { '&' } else { '?' }, encode(after))
                }
            };
            let page: Page<T> = self.get(&asked).await?;
            items.extend(page.items);
            match page.next {
                Some(next) => after = Some(next),
                None => return Ok(items),
            }
        }
    }

    /// Sends JSON and reads the answer's body.
    pub async fn post<T: DeserializeOwned>(&self, path: &str, body: &impl Serialize) -> Result<T, Failed> {
        self.json(Method::POST, path, Some(body)).await
    }

    /// Sends JSON or nothing and reads the answer's body.
    pub async fn json<T: DeserializeOwned>(
        &self,
        method: Method,
        path: &str,
        body: Option<&impl Serialize>,
    ) -> Result<T, Failed> {
        let body = match body {
            Some(body) => serde_json::to_vec(body).map_err(std::io::Error::other)?,
            None => Vec::new(),
        };
        let answer = self.raw(method, path, "application/json", body.into()).await?;
        let answer: Answer<T> = serde_json::from_slice(&answer).map_err(|e| {
            Failed::new(
                Exit::Failure,
                format!("the server's answer cannot be read: {e}"),
                "Compare the versions: `pomona version`.",
            )
        })?;
        Ok(answer.body)
    }

    /// Sends bytes and reads bytes. An answer that is not a success becomes a [`Failed`].
    pub async fn raw(&self, method: Method, path: &str, kind: &str, body: Bytes) -> Result<Bytes, Failed> {
        let (status, answer) = match &self.way {
            Way::Socket(socket) => {
                let stream = UnixStream::connect(socket).await.map_err(|e| no_server(socket, &e))?;
                self.exchange(stream, "localhost", method, path, kind, body).await?
            }
            Way::Tls { host, port, config } => {
                let stream = connect(host, *port, Arc::clone(config)).await?;
                let authority = if *port == 443 { host.clone() } else { format!("{host}:{port}") };
                self.exchange(stream, &authority, method, path, kind, body).await?
            }
        };
        if status.is_success() { Ok(answer) } else { Err(refusal(status, &answer)) }
    }

    async fn exchange<S>(
        &self,
        stream: S,
        authority: &str,
        method: Method,
        path: &str,
        kind: &str,
        body: Bytes,
    ) -> Result<(StatusCode, Bytes), Failed>
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let lost =
            |e: hyper::Error| Failed::new(Exit::Unreachable, format!("the connection failed: {e}"), "");
        let (mut sender, connection) =
            hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.map_err(lost)?;
        let connection = tokio::spawn(connection);
        let mut request = Request::builder().method(method).uri(path).header(http::header::HOST, authority);
        if !body.is_empty() {
            request = request.header(http::header::CONTENT_TYPE, kind);
        }
        if let Some(token) = &self.token {
            request = request.header(http::header::AUTHORIZATION, format!("Bearer {}", token.expose()));
        }
        let request = request
            .body(Full::new(body))
            .map_err(|e| Failed::new(Exit::Usage, format!("this cannot be asked: {e}"), ""))?;
        let response = sender.send_request(request).await.map_err(lost)?;
        let status = response.status();
        let answer = Limited::new(response.into_body(), ANSWER)
            .collect()
            .await
            .map_err(|e| Failed::new(Exit::Failure, format!("the answer broke off: {e}"), ""))?;
        connection.abort();
        Ok((status, answer.to_bytes()))
    }
}

async fn connect(
    host: &str,
    port: u16,
    config: Arc<rustls::ClientConfig>,
) -> Result<tokio_rustls::client::TlsStream<TcpStream>, Failed> {
    let unreachable = |said: String, next: &str| Failed::new(Exit::Unreachable, said, next);
    let tcp = tokio::time::timeout(CONNECT, TcpStream::connect((host, port)))
        .await
        .map_err(|_| unreachable(format!("{host}:{port} does not answer"), "Is it the right address?"))?
        .map_err(|e| unreachable(format!("cannot reach {host}:{port}: {e}"), "Is the server running?"))?;
    let name = ServerName::try_from(host.to_owned())
        .map_err(|_| Failed::new(Exit::Usage, format!("{host:?} is no host name"), ""))?;
    tokio_rustls::TlsConnector::from(config).connect(name, tcp).await.map_err(|e| {
        unreachable(
            format!("no trust in {host}:{port}: {e}"),
            "If the server uses its own authority, get it there with `pomona cert ca` and name the file with --ca or POMONA_CA_FILE.",
        )
    })
}

fn no_server(socket: &Path, error: &std::io::Error) -> Failed {
    let (said, next) = if error.kind() == std::io::ErrorKind::PermissionDenied {
        (
            format!("the socket {} is not yours to open", socket.display()),
            "Use the account that runs the server, or sudo.",
        )
    } else {
        (
            format!("no server answers at {}", socket.display()),
            "Start one with `pomona serve`, name its data folder with --data, or reach another computer's with --server.",
        )
    };
    Failed::new(Exit::Unreachable, said, next)
}

/// What the server said when it did not do it, with the exit code that fits.
fn refusal(status: StatusCode, answer: &[u8]) -> Failed {
    let exit = match status {
        StatusCode::NOT_FOUND | StatusCode::GONE => Exit::NotFound,
        StatusCode::CONFLICT => Exit::Conflict,
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN | StatusCode::PRECONDITION_REQUIRED => Exit::Refused,
        _ => Exit::Failure,
    };
    match serde_json::from_slice::<Problem>(answer) {
        Ok(problem) => {
            // Whatever its status: what lacks a confirmation, or has a wrong one, was refused.
            let unconfirmed = problem.code == "device.name" || problem.code.ends_with("confirm");
            let exit = if unconfirmed { Exit::Refused } else { exit };
            Failed { exit, code: Some(problem.code), said: problem.said, next: problem.next }
        }
        Err(_) => Failed::new(exit, format!("the server answered {status}"), ""),
    }
}

fn trust(ca: Option<&Path>) -> Result<Arc<rustls::ClientConfig>, Failed> {
    let mut roots = rustls::RootCertStore::empty();
    if let Some(file) = ca {
        let wrong = |why: String| Failed::new(Exit::Usage, format!("{}: {why}", file.display()), "");
        let text = std::fs::read_to_string(file).map_err(|e| wrong(e.to_string()))?;
        for cert in x509::certs_from_pem(&text).map_err(|e| wrong(e.to_string()))? {
            roots.add(CertificateDer::from(cert.der().to_vec())).map_err(|e| wrong(e.to_string()))?;
        }
    } else {
        let known = system_roots().map_err(|e| Failed::new(Exit::Failure, e.to_string(), ""))?;
        roots.add_parsable_certificates(known.iter().map(|cert| CertificateDer::from(cert.der().to_vec())));
    }
    let mut config =
        rustls::ClientConfig::builder_with_provider(Arc::new(rustls::crypto::aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(std::io::Error::other)?
            .with_root_certificates(roots)
            .with_no_client_auth();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}

/// Percent-encodes a path segment or a query value (RFC 3986: all but the unreserved).
pub fn encode(text: &str) -> String {
    text.bytes()
        .map(|b| match b {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => char::from(b).to_string(),
            b => format!("%{b:02X}"),
        })
        .collect()
}
