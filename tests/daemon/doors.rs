//! The listeners: what strangers may not take, and what everyone else still gets.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::Bytes;
use axum::extract::Extension;
use axum::http::HeaderMap;
use axum::routing::{get, post};
use pomona::daemon::edge::{SystemClock, SystemDice};
use pomona::web::Peer;
use pomona::web::limits::{Limits, Network, Places};
use pomona::web::server::{Door, serve_tls};
use pomona::web::tls::{Shown, server_config};
use pomona::wire::key::PrivateKey;
use pomona::wire::x509::{Cert, Draft, DraftProfile, issue};
use rustls::pki_types::{CertificateDer, ServerName};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::client::TlsStream;
use tokio_util::sync::CancellationToken;

fn certificate(host: &str) -> (Cert, PrivateKey) {
    let key = PrivateKey::generate_p256();
    let draft = Draft {
        common_name: host.into(),
        organization: None,
        uid: None,
        serial: [7; 16],
        not_before: 1_700_000_000,
        not_after: 4_000_000_000,
        profile: DraftProfile::Server { hosts: vec![host.into()] },
    };
    let cert = issue(&draft, &key.public_der(), None, &key).expect("a certificate");
    (cert, key)
}

pub(super) struct Host {
    address: SocketAddr,
    roots: rustls::RootCertStore,
    stop: CancellationToken,
    done: tokio::task::JoinHandle<()>,
    pub(super) finished: Arc<AtomicUsize>,
}

/// Routes that do what a test asks of them.
fn routes(finished: &Arc<AtomicUsize>) -> Router {
    let finished = Arc::clone(finished);
    Router::new()
        .route("/hello", get(|| async { "hello" }))
        .route(
            "/peer",
            get(|peer: Extension<Peer>, headers: HeaderMap| async move {
                format!("{} {:?}", peer.0.0, headers.get("x-forwarded-for"))
            }),
        )
        .route(
            "/panic",
            get(|| async {
                if true {
                    panic!("on purpose")
                }
            }),
        )
        .route("/echo", post(|body: Bytes| async move { body.len().to_string() }))
        .route("/big", get(|| async { vec![b'x'; 8 << 20] }))
        .route(
            "/slow",
            get(move || async move {
                tokio::time::sleep(Duration::from_millis(600)).await;
                finished.fetch_add(1, Ordering::SeqCst);
                "slow"
            }),
        )
}

pub(super) fn short() -> Limits {
    Limits {
        handshake: Duration::from_millis(400),
        header: Duration::from_millis(400),
        body: Duration::from_millis(400),
        idle: Duration::from_millis(1_200),
        write_stall: Duration::from_millis(600),
        drain: Duration::from_millis(1_500),
        ..Limits::default()
    }
}

pub(super) async fn host(limits: Limits) -> Host {
    let (cert, key) = certificate("mdm.example.org");
    let mut roots = rustls::RootCertStore::empty();
    roots.add(CertificateDer::from(cert.der().to_vec())).expect("a root");
    let shown = Shown::new(&[cert], &key).expect("shown");
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let (stop, finished) = (CancellationToken::new(), Arc::new(AtomicUsize::new(0)));
    let door = Arc::new(Door {
        router: routes(&finished),
        names: vec!["mdm.example.org".into(), "alias.example.org".into()],
        places: Arc::new(Places::new(&limits)),
        limits,
        clock: Arc::new(SystemClock),
        dice: Arc::new(SystemDice::new()),
    });
    let tls = server_config(&shown).expect("TLS");
    let done = tokio::spawn(serve_tls(listener, tls, door, stop.clone()));
    Host { address, roots, stop, done, finished }
}

impl Host {
    fn client(&self, alpn: &[&str]) -> tokio_rustls::TlsConnector {
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let mut config = rustls::ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("versions")
            .with_root_certificates(self.roots.clone())
            .with_no_client_auth();
        config.alpn_protocols = alpn.iter().map(|p| p.as_bytes().to_vec()).collect();
        Arc::new(config).into()
    }

    pub(super) async fn connect(&self) -> TlsStream<TcpStream> {
        let tcp = TcpStream::connect(self.address).await.expect("connected");
        let name = ServerName::try_from("mdm.example.org").expect("a name");
        self.client(&["http/1.1"]).connect(name, tcp).await.expect("a handshake")
    }

    /// Sends raw bytes and reads to the end of the connection, or for `limit`.
    pub(super) async fn say(&self, text: &str) -> String {
        let mut stream = self.connect().await;
        stream.write_all(text.as_bytes()).await.expect("written");
        read_all(&mut stream, Duration::from_secs(3)).await
    }
}

pub(super) async fn read_all(stream: &mut TlsStream<TcpStream>, limit: Duration) -> String {
    let mut bytes = Vec::new();
    let _ = tokio::time::timeout(limit, stream.read_to_end(&mut bytes)).await;
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Milliseconds until the other side closes.
async fn closed_after(stream: &mut (impl AsyncReadExt + Unpin), limit: Duration) -> Option<u128> {
    let began = Instant::now();
    let mut sink = Vec::new();
    tokio::time::timeout(limit, stream.read_to_end(&mut sink)).await.ok().map(|_| began.elapsed().as_millis())
}

const GET: &str = "GET /hello HTTP/1.1\r\nHost: mdm.example.org\r\n\r\n";
const GET_CLOSE: &str = "GET /hello HTTP/1.1\r\nHost: mdm.example.org\r\nConnection: close\r\n\r\n";

#[tokio::test(flavor = "multi_thread")]
async fn w15_silence_before_during_and_after_the_handshake_is_cut() {
    let host = host(short()).await;
    let mut silent = TcpStream::connect(host.address).await.expect("connected");
    let ms = closed_after(&mut silent, Duration::from_secs(3)).await.expect("closed without a handshake");
    assert!((350..1_500).contains(&ms), "{ms} ms");
    let mut quiet = host.connect().await;
    let ms = closed_after(&mut quiet, Duration::from_secs(3)).await.expect("closed without a request");
    assert!((350..1_500).contains(&ms), "{ms} ms");
}

#[tokio::test(flavor = "multi_thread")]
async fn w15_headers_that_drip_are_cut_and_others_are_served_meanwhile() {
    let host = host(short()).await;
    let mut dripping = Vec::new();
    for _ in 0..50 {
        let mut stream = host.connect().await;
        stream.write_all(b"GET /hello HTTP/1.1\r\nX: ").await.expect("written");
        dripping.push(stream);
    }
    let began = Instant::now();
    assert!(host.say(GET_CLOSE).await.starts_with("HTTP/1.1 200"));
    assert!(began.elapsed() < Duration::from_secs(1), "a new client waited");
    let mut one = dripping.pop().expect("one");
    let drip = async {
        for _ in 0..100 {
            tokio::time::sleep(Duration::from_millis(50)).await;
            if one.write_all(b"x").await.is_err() || one.flush().await.is_err() {
                return true;
            }
        }
        false
    };
    assert!(
        tokio::time::timeout(Duration::from_secs(4), drip).await.expect("in time"),
        "a byte at a time kept it"
    );
    for mut stream in dripping {
        assert!(closed_after(&mut stream, Duration::from_secs(2)).await.is_some());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn w15_a_body_that_drips_is_refused_and_a_steady_one_is_not() {
    let host = host(short()).await;
    let head = "POST /echo HTTP/1.1\r\nHost: mdm.example.org\r\nContent-Length: 3000\r\n\r\n";
    let mut stream = host.connect().await;
    stream.write_all(head.as_bytes()).await.expect("written");
    stream.write_all(b"x").await.expect("written");
    let began = Instant::now();
    let answer = read_all(&mut stream, Duration::from_secs(3)).await;
    assert!(answer.starts_with("HTTP/1.1 4"), "{answer}");
    assert!(began.elapsed() < Duration::from_millis(1_500));
    // Three KiB in twice the time, above the floor: each KiB brings a second.
    let mut steady = host.connect().await;
    steady.write_all(head.as_bytes()).await.expect("written");
    for _ in 0..3 {
        steady.write_all(&[b'y'; 1_000]).await.expect("written");
        tokio::time::sleep(Duration::from_millis(250)).await;
    }
    let answer = read_all(&mut steady, Duration::from_millis(500)).await;
    assert!(answer.ends_with("3000"), "{answer}");
}

#[tokio::test(flavor = "multi_thread")]
async fn w15_a_client_that_does_not_read_is_cut() {
    let host = host(short()).await;
    let mut stream = host.connect().await;
    stream.write_all(b"GET /big HTTP/1.1\r\nHost: mdm.example.org\r\n\r\n").await.expect("written");
    tokio::time::sleep(Duration::from_millis(2_000)).await;
    let mut got = Vec::new();
    let _ = tokio::time::timeout(Duration::from_secs(3), stream.read_to_end(&mut got)).await.expect("closed");
    assert!(got.len() < 8 << 20, "everything arrived: {}", got.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kept_connection_serves_many_requests_and_rests_between_them() {
    let host = host(short()).await;
    let mut stream = host.connect().await;
    for _ in 0..3 {
        stream.write_all(GET.as_bytes()).await.expect("written");
        let mut answer = vec![0; 4_096];
        let n = stream.read(&mut answer).await.expect("read");
        assert!(String::from_utf8_lossy(&answer[..n]).ends_with("hello"));
        // Longer than a header may take, shorter than a connection may rest.
        tokio::time::sleep(Duration::from_millis(700)).await;
    }
    let ms = closed_after(&mut stream, Duration::from_secs(3)).await.expect("closed when idle");
    assert!(ms < 1_500, "{ms} ms");
}

#[tokio::test(flavor = "multi_thread")]
async fn f14_a_body_over_the_limit_is_refused_before_it_is_read() {
    let host = host(Limits { body_size: 1_000, ..short() }).await;
    let post = |length: usize| {
        format!(
            "POST /echo HTTP/1.1\r\nHost: mdm.example.org\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n{}",
            "z".repeat(length.min(1_000))
        )
    };
    assert!(host.say(&post(1_000)).await.ends_with("1000"));
    assert!(host.say(&post(1_001)).await.starts_with("HTTP/1.1 413"));
    let chunk = "z".repeat(600);
    let chunked = format!(
        "POST /echo HTTP/1.1\r\nHost: mdm.example.org\r\nTransfer-Encoding: chunked\r\n\r\n258\r\n{chunk}\r\n258\r\n{chunk}\r\n0\r\n\r\n"
    );
    let answer = host.say(&chunked).await;
    assert!(answer.starts_with("HTTP/1.1 4"), "{answer}");
}

#[tokio::test(flavor = "multi_thread")]
async fn w12_a_request_for_another_host_is_misdirected() {
    let host = host(short()).await;
    let ask = |lines: &str| format!("GET /hello HTTP/1.1\r\n{lines}Connection: close\r\n\r\n");
    for (lines, status) in [
        ("Host: mdm.example.org\r\n", "200"),
        ("Host: MDM.example.org:8443\r\n", "200"),
        ("Host: evil.example\r\n", "421"),
        // Known here, but not the name of this handshake.
        ("Host: alias.example.org\r\n", "421"),
        ("Host: mdm.example.org\r\nHost: evil.example\r\n", "400"),
        ("", "400"),
    ] {
        let answer = host.say(&ask(lines)).await;
        assert!(answer.starts_with(&format!("HTTP/1.1 {status}")), "{lines:?}: {answer}");
        assert!(!answer.contains("evil"), "{answer}");
    }
    let absolute =
        "GET https://evil.example/hello HTTP/1.1\r\nHost: mdm.example.org\r\nConnection: close\r\n\r\n";
    assert!(host.say(absolute).await.starts_with("HTTP/1.1 400"));
}

#[tokio::test(flavor = "multi_thread")]
async fn w9_nobody_tells_us_an_address_of_their_choice() {
    let host = host(short()).await;
    let answer = host
        .say("GET /peer HTTP/1.1\r\nHost: mdm.example.org\r\nX-Forwarded-For: 8.8.8.8\r\nConnection: close\r\n\r\n")
        .await;
    assert!(answer.ends_with("127.0.0.1 None"), "{answer}");
}

#[tokio::test(flavor = "multi_thread")]
async fn w17_no_client_certificate_is_asked_for() {
    #[derive(Debug)]
    struct Asked(Arc<AtomicUsize>);
    impl rustls::client::ResolvesClientCert for Asked {
        fn resolve(
            &self,
            _: &[&[u8]],
            _: &[rustls::SignatureScheme],
        ) -> Option<Arc<rustls::sign::CertifiedKey>> {
            self.0.fetch_add(1, Ordering::SeqCst);
            None
        }
        fn has_certs(&self) -> bool {
            true
        }
    }
    let host = host(short()).await;
    let asked = Arc::new(AtomicUsize::new(0));
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_root_certificates(host.roots.clone())
        .with_client_cert_resolver(Arc::new(Asked(Arc::clone(&asked))));
    let tcp = TcpStream::connect(host.address).await.expect("connected");
    let name = ServerName::try_from("mdm.example.org").expect("a name");
    let mut stream =
        tokio_rustls::TlsConnector::from(Arc::new(config)).connect(name, tcp).await.expect("a handshake");
    stream.write_all(GET_CLOSE.as_bytes()).await.expect("written");
    assert!(read_all(&mut stream, Duration::from_secs(2)).await.ends_with("hello"));
    assert_eq!(asked.load(Ordering::SeqCst), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn w20_a_panic_is_one_answer_500_and_no_more() {
    let host = host(short()).await;
    let mut stream = host.connect().await;
    for _ in 0..20 {
        stream.write_all(b"GET /panic HTTP/1.1\r\nHost: mdm.example.org\r\n\r\n").await.expect("written");
        let mut answer = vec![0; 4_096];
        let n = stream.read(&mut answer).await.expect("read");
        let answer = String::from_utf8_lossy(&answer[..n]).into_owned();
        assert!(answer.starts_with("HTTP/1.1 500"), "{answer}");
        assert!(answer.contains("x-request-id: 0"), "{answer}");
    }
    stream.write_all(GET_CLOSE.as_bytes()).await.expect("the same connection lives");
    assert!(read_all(&mut stream, Duration::from_secs(2)).await.ends_with("hello"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_house_closes_at_once_and_opens_again() {
    let host = host(Limits { connections: 3, ..short() }).await;
    let mut held = Vec::new();
    for _ in 0..3 {
        let mut stream = host.connect().await;
        stream.write_all(b"GET /slow HTTP/1.1\r\nHost: mdm.example.org\r\n\r\n").await.expect("written");
        held.push(stream);
    }
    let mut fourth = TcpStream::connect(host.address).await.expect("connected");
    let ms = closed_after(&mut fourth, Duration::from_secs(2)).await.expect("closed");
    assert!(ms < 200, "{ms} ms");
    drop(held);
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert!(host.say(GET_CLOSE).await.ends_with("hello"));
}

#[tokio::test(flavor = "multi_thread")]
async fn one_address_gets_its_share() {
    let nobody = vec![Network::parse("192.0.2.0/24").expect("a network")];
    let host = host(Limits { per_address: 2, exempt: nobody, ..short() }).await;
    let _held = (host.connect().await, host.connect().await);
    let mut third = TcpStream::connect(host.address).await.expect("connected");
    assert!(closed_after(&mut third, Duration::from_millis(300)).await.expect("closed") < 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn w14_http2_serves_within_its_limits() {
    let host = host(Limits { header_list: 4_096, ..short() }).await;
    let tcp = TcpStream::connect(host.address).await.expect("connected");
    let name = ServerName::try_from("mdm.example.org").expect("a name");
    let stream = host.client(&["h2"]).connect(name, tcp).await.expect("a handshake");
    assert_eq!(stream.get_ref().1.alpn_protocol(), Some(b"h2".as_slice()));
    let executor = hyper_util::rt::TokioExecutor::new();
    let io = hyper_util::rt::TokioIo::new(stream);
    let (mut sender, connection) = hyper::client::conn::http2::handshake(executor, io).await.expect("h2");
    tokio::spawn(connection);
    let request = |host: &str, padding: usize| {
        http::Request::builder()
            .uri(format!("https://{host}/hello"))
            .header("x-padding", "p".repeat(padding))
            .body(http_body_util::Empty::<Bytes>::new())
            .expect("a request")
    };
    let plain = sender.send_request(request("mdm.example.org", 1)).await.expect("an answer");
    assert_eq!(plain.status(), 200);
    let coalesced = sender.send_request(request("alias.example.org", 1)).await.expect("an answer");
    assert_eq!(coalesced.status(), 421, "a coalesced connection for another name");
    let large = sender.send_request(request("mdm.example.org", 8_000)).await;
    assert!(large.fails_or(|answer| answer.status() == 431));
}

/// One HTTP/2 frame (RFC 9113, 4.1).
fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let mut bytes = (payload.len() as u32).to_be_bytes()[1..].to_vec();
    bytes.extend([kind, flags]);
    bytes.extend(stream.to_be_bytes());
    bytes.extend(payload);
    bytes
}

/// An HTTP/2 connection that has said hello and nothing more.
async fn raw_h2(host: &Host) -> TlsStream<TcpStream> {
    let tcp = TcpStream::connect(host.address).await.expect("connected");
    let name = ServerName::try_from("mdm.example.org").expect("a name");
    let mut stream = host.client(&["h2"]).connect(name, tcp).await.expect("a handshake");
    let mut hello = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_vec();
    hello.extend(frame(4, 0, 0, &[]));
    stream.write_all(&hello).await.expect("written");
    stream
}

/// `GET https://mdm.example.org/` in HPACK: three entries of the static table and a literal.
fn get_block() -> Vec<u8> {
    let mut block = vec![0x82, 0x87, 0x84, 0x41, 15];
    block.extend(b"mdm.example.org");
    block
}

#[tokio::test(flavor = "multi_thread")]
async fn w14_floods_of_resets_pings_and_continuations_end_their_own_connection_alone() {
    let host = host(short()).await;
    let resets = |n: u32| {
        let stream = 2 * n + 1;
        [frame(1, 5, stream, &get_block()), frame(3, 0, stream, &8_u32.to_be_bytes())].concat()
    };
    // Headers without end, a few bytes at a time.
    let continuations = |n: u32| match n {
        0 => frame(1, 1, 1, &get_block()),
        _ => frame(9, 0, 1, &[0x40, 1, b'a', 1, b'b'].repeat(100)),
    };
    let pings = |n: u32| frame(6, 0, 0, &u64::from(n).to_be_bytes());
    let floods: [(&str, Flood); 3] =
        [("resets", &resets), ("continuations", &continuations), ("pings", &pings)];
    for (what, flood) in floods {
        let mut stream = raw_h2(&host).await;
        let (mut reader, mut writer) = tokio::io::split(&mut stream);
        let flooding = async {
            for n in 0..100_000 {
                if writer.write_all(&flood(n)).await.is_err() {
                    return;
                }
            }
        };
        let ended = async {
            let mut sink = vec![0; 64 * 1024];
            while matches!(reader.read(&mut sink).await, Ok(n) if n > 0) {}
        };
        let bounded = tokio::time::timeout(Duration::from_secs(20), async {
            tokio::select! { () = flooding => {}, () = ended => {} }
        });
        let began = Instant::now();
        let (outcome, answer) = tokio::join!(bounded, host.say(GET_CLOSE));
        assert!(answer.ends_with("hello"), "{what}: others were not served");
        assert!(outcome.is_ok(), "{what} went on and on");
        assert!(began.elapsed() < Duration::from_secs(20));
    }
    assert!(host.say(GET_CLOSE).await.ends_with("hello"));
    assert_eq!(host.finished.load(Ordering::SeqCst), 0);
}

trait FailsOr<T> {
    fn fails_or(self, good: impl FnOnce(T) -> bool) -> bool;
}

impl<T, E> FailsOr<T> for Result<T, E> {
    fn fails_or(self, good: impl FnOnce(T) -> bool) -> bool {
        self.map_or(true, good)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn f27_stopping_lets_requests_under_way_finish_and_takes_no_new_ones() {
    let host = host(short()).await;
    let mut stream = host.connect().await;
    let mut idle = host.connect().await;
    idle.write_all(GET.as_bytes()).await.expect("written");
    let mut first = [0; 512];
    let _ = idle.read(&mut first).await.expect("read");
    stream.write_all(b"GET /slow HTTP/1.1\r\nHost: mdm.example.org\r\n\r\n").await.expect("written");
    tokio::time::sleep(Duration::from_millis(100)).await;
    host.stop.cancel();
    let answer = read_all(&mut stream, Duration::from_secs(2)).await;
    assert!(answer.ends_with("slow"), "{answer}");
    assert!(closed_after(&mut idle, Duration::from_secs(1)).await.is_some(), "an idle connection ends");
    assert!(TcpStream::connect(host.address).await.is_err(), "a new connection was taken");
    tokio::time::timeout(Duration::from_secs(2), host.done).await.expect("stopped").expect("well");
}

#[tokio::test(flavor = "multi_thread")]
async fn f27_what_does_not_finish_is_cut_in_time() {
    let host = host(Limits { drain: Duration::from_millis(200), ..short() }).await;
    let mut stream = host.connect().await;
    stream.write_all(b"GET /slow HTTP/1.1\r\nHost: mdm.example.org\r\n\r\n").await.expect("written");
    tokio::time::sleep(Duration::from_millis(50)).await;
    let began = Instant::now();
    host.stop.cancel();
    host.done.await.expect("well");
    assert!(began.elapsed() < Duration::from_millis(550), "{:?}", began.elapsed());
    assert_eq!(host.finished.load(Ordering::SeqCst), 0);
}

/// Frames of a flood, by the number of the stream.
type Flood<'a> = &'a dyn Fn(u32) -> Vec<u8>;
