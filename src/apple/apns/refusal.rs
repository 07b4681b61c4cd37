//! Whether Apple refuses our certificate, found out by connections that carry nothing but that question.
//!
//! With TLS 1.3 the client's handshake is over before the server looked at the client's certificate. It refuses by an
//! alert and closes; whatever was sent to it meanwhile makes its system answer with a reset, which may overtake or
//! erase the alert. So here nothing is sent after the handshake: the alert is all that can come, or the server's first
//! words, which mean that the certificate is welcome.

use std::future::Future;
use std::io;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::Instant;
use tokio_rustls::client::TlsStream;

use super::answer::{chain_of, unreached};
use super::watched::Listening;
use crate::apple::{Error, Whose};

/// What the other side thinks of our certificate.
#[derive(Debug, Clone)]
pub(super) enum Verdict {
    /// It speaks with us.
    Welcome,
    /// It refuses the certificate, and said why.
    Refused(Error),
    /// Every connection ended without a word, or there was no time.
    Unknown,
}

/// Connections that are tried: an alert that is lost once is hardly lost again.
const LOOKS: u32 = 5;
/// Rest before another look, times the looks before.
const REST: Duration = Duration::from_millis(50);
/// A server that did not refuse by then waits for the first words of HTTP/2.
const LISTEN: Duration = Duration::from_millis(1_500);
/// Each look takes this long at most.
const LOOK: Duration = Duration::from_secs(5);
/// The first words of an HTTP/2 client (RFC 9113 section 3.4), with empty settings.
const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\x00\x00\x00\x04\x00\x00\x00\x00\x00";

/// Looks until something is known, `LOOKS` times at most, and not beyond `until`. `reach` opens TCP, `secure` makes
/// it TLS with our certificate.
pub(super) async fn look<R, S>(
    reach: impl Fn() -> R,
    secure: impl Fn(TcpStream) -> S,
    until: Instant,
) -> Verdict
where
    R: Future<Output = Result<TcpStream, Error>>,
    S: Future<Output = io::Result<TlsStream<Listening<TcpStream>>>>,
{
    for look in 0..LOOKS {
        tokio::time::sleep(REST * look).await;
        let end = until.min(Instant::now() + LOOK);
        let once = async {
            let Ok(tcp) = reach().await else { return Verdict::Unknown };
            match secure(tcp).await {
                Ok(tls) => listen(tls).await,
                Err(error) => verdict(&error),
            }
        };
        match tokio::time::timeout_at(end, once).await {
            Ok(Verdict::Unknown) => {}
            Ok(found) => return found,
            Err(_) if end == until => break,
            Err(_) => {}
        }
    }
    Verdict::Unknown
}

async fn listen(mut tls: TlsStream<Listening<TcpStream>>) -> Verdict {
    let mut word = [0; 1];
    let first = match tokio::time::timeout(LISTEN, tls.read(&mut word)).await {
        Ok(first) => first,
        Err(_) => match tls.write_all(PREFACE).await.and(tls.flush().await) {
            Ok(()) => tls.read(&mut word).await,
            Err(error) => Err(error),
        },
    };
    match first {
        Ok(0) => Verdict::Unknown,
        Ok(_) => Verdict::Welcome,
        Err(error) => verdict(&error),
    }
}

fn verdict(error: &io::Error) -> Verdict {
    let error = unreached(&chain_of(error));
    if error.whose == Whose::Certificate { Verdict::Refused(error) } else { Verdict::Unknown }
}
