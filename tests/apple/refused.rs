//! A refused push certificate is always told from a bad network, however badly the refusal is transported.

use std::io::Read as _;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use pomona::apple::apns::{DirectTransport, Endpoint};
use pomona::apple::{PushTransport, Retry, Whose};
use pomona::simulator::PretendApns;
use pomona::wire::Secret;
use rustls::RootCertStore;
use rustls::pki_types::{CertificateDer, PrivatePkcs8KeyDer};
use rustls::server::WebPkiClientVerifier;

use super::{Apple, identity, now, push_to};

/// How a server ends a connection whose client certificate it does not like.
#[derive(Clone, Copy)]
enum End {
    /// Without its alert, by a reset: that is what a client sees when the reset erased the alert on its way.
    Mute,
    /// Without its alert, in order.
    Silent,
    /// With its alert, and then by a reset at once.
    Abrupt,
}

/// A server at Apple's place that trusts the authority of `apns`, and ends the first connections as told and any
/// later one like the last.
struct Server {
    address: SocketAddr,
    connections: Arc<AtomicU32>,
}

impl Server {
    fn start(apns: &PretendApns, ends: &'static [End]) -> Self {
        let authority = apns.authority();
        let own = authority.server_certificate(&["localhost"], now()).expect("a certificate");
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from(authority.ca.der().to_vec())).expect("a root");
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider.clone());
        let key = PrivatePkcs8KeyDer::from(own.key.to_pkcs8().expose().to_vec());
        let mut tls = rustls::ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("versions")
            .with_client_cert_verifier(verifier.build().expect("a verifier"))
            .with_single_cert(vec![CertificateDer::from(own.certificate.der().to_vec())], key.into())
            .expect("a usable certificate");
        tls.alpn_protocols = vec![b"h2".to_vec()];
        let tls = Arc::new(tls);
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("an address");
        let connections = Arc::new(AtomicU32::new(0));
        let count = connections.clone();
        std::thread::spawn(move || {
            for tcp in listener.incoming() {
                let number = count.fetch_add(1, Ordering::Relaxed) as usize;
                let end = ends.get(number).or(ends.last()).copied().expect("an end");
                let Ok(tcp) = tcp else { return };
                let tls = rustls::ServerConnection::new(tls.clone()).expect("usable");
                let _ = refuse(tcp, tls, end);
            }
        });
        Self { address, connections }
    }

    fn connections(&self) -> u32 {
        self.connections.load(Ordering::Relaxed)
    }
}

fn refuse(mut tcp: TcpStream, mut tls: rustls::ServerConnection, end: End) -> std::io::Result<()> {
    tcp.set_nodelay(true)?;
    tcp.set_read_timeout(Some(Duration::from_secs(5)))?;
    loop {
        while tls.wants_write() {
            tls.write_tls(&mut tcp)?;
        }
        if tls.read_tls(&mut tcp)? == 0 {
            return Ok(());
        }
        if tls.process_new_packets().is_err() {
            break;
        }
    }
    match end {
        End::Mute => {}
        End::Silent => {
            tcp.shutdown(std::net::Shutdown::Write)?;
            let _ = tcp.read(&mut [0; 4096]);
            return Ok(());
        }
        End::Abrupt => while tls.write_tls(&mut tcp)? > 0 {},
    }
    then_reset(&tcp)
}

/// Makes the close that follows a reset.
fn then_reset(tcp: &TcpStream) -> std::io::Result<()> {
    rustix::net::sockopt::set_socket_linger(tcp, Some(Duration::ZERO)).map_err(Into::into)
}

/// A push with a certificate that the server does not know.
async fn pushed(ends: &'static [End]) -> (pomona::apple::Error, u32) {
    let (apple, stranger) = (Apple::start().await, Apple::start().await);
    let server = Server::start(&apple.apns, ends);
    let roots = [apple.apns.authority().ca.clone()];
    let endpoint = Endpoint { host: "localhost".into(), address: server.address.to_string() };
    let transport = DirectTransport::new(endpoint, &roots, &identity(&stranger.files)).expect("usable");
    let token = Secret::new(vec![1; 32]);
    let error = transport.push(push_to(&token)).await.expect_err("refused");
    (error, server.connections())
}

fn names_the_certificate(error: &pomona::apple::Error) {
    assert_eq!((error.whose, error.retry), (Whose::Certificate, Retry::NewCertificate), "{error:?}");
    assert!(error.said.starts_with("Apple refused the push certificate"), "{}", error.said);
}

#[tokio::test]
async fn an_alert_with_a_reset_at_its_heels_is_heard() {
    for _ in 0..20 {
        let (error, _) = pushed(&[End::Abrupt]).await;
        names_the_certificate(&error);
    }
}

#[tokio::test]
async fn an_alert_that_was_lost_is_asked_for_again() {
    let (error, connections) = pushed(&[End::Mute, End::Mute, End::Silent, End::Abrupt]).await;
    names_the_certificate(&error);
    assert_eq!(connections, 4);
}

#[tokio::test]
async fn a_server_that_never_says_why_is_a_matter_of_the_network_after_a_bounded_number_of_looks() {
    for end in [&[End::Mute], &[End::Silent]] {
        let (error, connections) = pushed(end).await;
        assert_eq!((error.whose, error.retry), (Whose::Network, Retry::Later { after: None }), "{error:?}");
        assert_eq!(connections, 6);
    }
}

/// A good certificate is never blamed: the connection breaks under the first push, and the look finds it welcome.
#[tokio::test]
async fn a_connection_that_breaks_for_another_reason_stays_a_matter_of_the_network() {
    let apple = Apple::start().await;
    let (token, _) = apple.device(2);
    apple.bells().answer_next([pomona::simulator::apns::Answer::Cut]);
    let transport = apple.transport();
    let error = transport.push(push_to(&token)).await.expect_err("cut");
    assert_eq!(error.whose, Whose::Network, "{error:?}");
    transport.push(push_to(&token)).await.expect("works again");
}
