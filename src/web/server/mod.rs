//! The doors: listeners with an accept loop of our own, because time and room must be limited before a request
//! exists (`axum::serve` knows no header timeout, rules W13 to W15).

mod body;
mod framing;
mod pulse;
mod request;

use std::io;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream, UnixListener};
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

pub use body::BodyFault;

use self::framing::Strict;
use self::pulse::{Pulse, Pulsing, Verdict};
use self::request::Line;
use super::limits::{Caller, Limits, Place, Places};
use crate::model::edge::{Clock, Dice};

/// What stands behind a listener.
pub struct Door {
    /// The routes.
    pub router: Router,
    /// Host names (lowercase) and addresses that a request may be for; anything else is answered 421. Not asked
    /// on the socket.
    pub names: Vec<String>,
    /// Limits.
    pub limits: Limits,
    /// Places, shared by all listeners that share the limits.
    pub places: Arc<Places>,
    /// For request ids.
    pub clock: Arc<dyn Clock>,
    /// For request ids.
    pub dice: Arc<dyn Dice>,
}

/// Serves TLS on `listener` until `stop`, then lets requests under way finish for `limits.drain` and returns.
pub async fn serve_tls(
    listener: TcpListener,
    tls: Arc<rustls::ServerConfig>,
    door: Arc<Door>,
    stop: CancellationToken,
) {
    let acceptor = TlsAcceptor::from(tls);
    let tracker = TaskTracker::new();
    let cut = CancellationToken::new();
    while let Some((stream, address)) = next(&stop, || listener.accept()).await {
        let caller = Caller::Address(address.ip().to_canonical());
        let Some(place) = door.places.take(caller) else {
            tracing::debug!(peer = %caller, "closed a connection: no place left");
            continue;
        };
        let Some(permit) = door.places.handshake() else { continue };
        let (door, acceptor, stop, cut) = (Arc::clone(&door), acceptor.clone(), stop.clone(), cut.clone());
        tracker.spawn(async move {
            let stream = tokio::select! {
                biased;
                () = cut.cancelled() => return,
                stream = shake_hands(&acceptor, stream, door.limits.handshake) => stream,
            };
            drop(permit);
            let Some(stream) = stream else { return };
            let session = stream.get_ref().1;
            let http2 = session.alpn_protocol() == Some(b"h2".as_slice());
            let name = session.server_name().map(Arc::from);
            converse(stream, http2, caller, name, door, place, stop, cut).await;
        });
    }
    drop(listener);
    drain(tracker, cut, door.limits.drain).await;
}

/// Serves plain HTTP on a Unix socket until `stop`; who may open the socket decides who may ask.
pub async fn serve_socket(listener: UnixListener, door: Arc<Door>, stop: CancellationToken) {
    let tracker = TaskTracker::new();
    let cut = CancellationToken::new();
    while let Some((stream, _)) = next(&stop, || listener.accept()).await {
        let Some(place) = door.places.take(Caller::Socket) else { continue };
        tracker.spawn(converse(
            stream,
            false,
            Caller::Socket,
            None,
            Arc::clone(&door),
            place,
            stop.clone(),
            cut.clone(),
        ));
    }
    drop(listener);
    drain(tracker, cut, door.limits.drain).await;
}

/// The next connection, or none at `stop`. When the system has no descriptor left (F22) it waits and tries again:
/// connections under way go on, and give their descriptors back.
async fn next<T, F>(stop: &CancellationToken, accept: impl Fn() -> F) -> Option<T>
where
    F: Future<Output = io::Result<T>>,
{
    loop {
        let outcome = tokio::select! {
            biased;
            () = stop.cancelled() => return None,
            outcome = accept() => outcome,
        };
        match outcome {
            Ok(connection) => return Some(connection),
            // The client gave up while it waited in line.
            Err(error)
                if matches!(
                    error.kind(),
                    io::ErrorKind::ConnectionAborted | io::ErrorKind::ConnectionReset
                ) => {}
            Err(error) => {
                tracing::warn!(%error, "cannot accept connections at the moment; trying again");
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        }
    }
}

async fn shake_hands(
    acceptor: &TlsAcceptor,
    stream: TcpStream,
    limit: Duration,
) -> Option<tokio_rustls::server::TlsStream<TcpStream>> {
    // Answers are small and waited for.
    let _ = stream.set_nodelay(true);
    match tokio::time::timeout(limit, acceptor.accept(stream)).await {
        Ok(Ok(stream)) => Some(stream),
        Ok(Err(error)) => {
            tracing::debug!(%error, "TLS handshake failed");
            None
        }
        Err(_) => None,
    }
}

/// Serves one connection to its end.
#[allow(clippy::too_many_arguments)]
async fn converse<S>(
    stream: S,
    http2: bool,
    caller: Caller,
    server_name: Option<Arc<str>>,
    door: Arc<Door>,
    place: Place,
    stop: CancellationToken,
    cut: CancellationToken,
) where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let pulse = Pulse::new(http2);
    let limits = door.limits.clone();
    let builder = builder(&limits, http2);
    let line = Line { door, caller, server_name, pulse: Arc::clone(&pulse) };
    let io = TokioIo::new(Strict::new(Pulsing::new(stream, Arc::clone(&pulse)), http2));
    let mut connection = std::pin::pin!(builder.serve_connection(io, line));
    let mut tick = tokio::time::interval(Pulse::tick(&limits));
    tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let mut parting = false;
    loop {
        tokio::select! {
            biased;
            () = cut.cancelled() => break,
            outcome = connection.as_mut() => {
                if let Err(error) = outcome {
                    tracing::debug!(peer = %caller, error = %error, "a connection ended early");
                }
                break;
            }
            () = stop.cancelled(), if !parting => {
                parting = true;
                connection.as_mut().graceful_shutdown();
            }
            _ = tick.tick() => match pulse.judge(&limits) {
                Verdict::Live => {}
                Verdict::Part if parting => {}
                Verdict::Part => {
                    parting = true;
                    connection.as_mut().graceful_shutdown();
                }
                Verdict::Cut(why) => {
                    tracing::debug!(peer = %caller, "cut a connection: {why}");
                    break;
                }
            },
        }
    }
    drop(place);
}

fn builder(limits: &Limits, http2: bool) -> auto::Builder<TokioExecutor> {
    let builder = auto::Builder::new(TokioExecutor::new());
    // ALPN has decided: no guessing from the first bytes.
    let mut builder = if http2 { builder.http2_only() } else { builder.http1_only() };
    builder
        .http1()
        .timer(TokioTimer::new())
        // The watcher knows better: see `pulse`.
        .header_read_timeout(None)
        .half_close(false)
        .max_headers(64)
        .max_buf_size(64 * 1024);
    builder
        .http2()
        .timer(TokioTimer::new())
        .max_concurrent_streams(limits.streams)
        .max_header_list_size(limits.header_list)
        .max_pending_accept_reset_streams(20)
        .max_local_error_reset_streams(64)
        .initial_stream_window_size(256 * 1024)
        .initial_connection_window_size(1024 * 1024)
        .max_send_buf_size(256 * 1024)
        .keep_alive_interval(limits.idle)
        .keep_alive_timeout(limits.write_stall);
    builder
}

/// Waits for connections to finish, at most `limit`, then cuts the rest.
async fn drain(tracker: TaskTracker, cut: CancellationToken, limit: Duration) {
    tracker.close();
    if tokio::time::timeout(limit, tracker.wait()).await.is_err() {
        tracing::warn!(connections = tracker.len(), "cut the connections that did not finish in time");
        cut.cancel();
        tracker.wait().await;
    }
}
