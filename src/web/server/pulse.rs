//! The pulse of one connection: what it does now and since when, so that one watcher can tell work from waiting.
//!
//! hyper's own header timer also runs while a kept connection rests between requests, so it cannot tell a device
//! that will speak again in half a minute from one that sends a header a byte at a time. This can.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering::Relaxed};
use std::task::{Context, Poll, ready};
use std::time::{Duration, Instant};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use crate::web::limits::Limits;

/// Counters of one connection, shared by its stream, its requests and its watcher. Times are milliseconds since
/// the connection began, plus one so that zero can mean "not".
#[derive(Debug)]
pub(super) struct Pulse {
    began: Instant,
    http2: bool,
    in_flight: AtomicU32,
    spoke: AtomicBool,
    quiet_since: AtomicU64,
    head_since: AtomicU64,
    stalled_since: AtomicU64,
}

/// What the watcher should do with a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// All is well.
    Live,
    /// Old or idle: finish what is under way and part.
    Part,
    /// It holds a place without using it: cut.
    Cut(&'static str),
}

impl Pulse {
    pub(super) fn new(http2: bool) -> Arc<Self> {
        Arc::new(Self {
            began: Instant::now(),
            http2,
            in_flight: AtomicU32::new(0),
            spoke: AtomicBool::new(false),
            quiet_since: AtomicU64::new(1),
            head_since: AtomicU64::new(0),
            stalled_since: AtomicU64::new(0),
        })
    }

    fn now(&self) -> u64 {
        u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX - 1) + 1
    }

    /// A request's headers are complete; the returned guard lives until its answer is written or dropped.
    pub(super) fn request(self: &Arc<Self>) -> Busy {
        self.in_flight.fetch_add(1, Relaxed);
        self.spoke.store(true, Relaxed);
        self.head_since.store(0, Relaxed);
        Busy(Arc::clone(self))
    }

    fn bytes_came(&self) {
        // HTTP/2 control frames are no beginning of a request, and idle HTTP/2 connections have few of them.
        if !self.http2 && self.in_flight.load(Relaxed) == 0 && self.head_since.load(Relaxed) == 0 {
            self.head_since.store(self.now(), Relaxed);
        }
    }

    fn write_waits(&self) {
        if self.stalled_since.load(Relaxed) == 0 {
            self.stalled_since.store(self.now(), Relaxed);
        }
    }

    fn write_went(&self) {
        self.stalled_since.store(0, Relaxed);
    }

    /// Judges the connection by `limits`.
    pub(super) fn judge(&self, limits: &Limits) -> Verdict {
        let now = self.now();
        let over = |since: u64, limit: Duration| {
            since != 0 && u128::from(now.saturating_sub(since)) >= limit.as_millis()
        };
        if over(self.stalled_since.load(Relaxed), limits.write_stall) {
            return Verdict::Cut("it does not read its answer");
        }
        if self.in_flight.load(Relaxed) == 0 {
            if over(self.head_since.load(Relaxed), limits.header) {
                return Verdict::Cut("its request headers came too slowly");
            }
            let quiet = self.quiet_since.load(Relaxed);
            if !self.spoke.load(Relaxed) && over(quiet, limits.header) {
                return Verdict::Cut("it asked nothing");
            }
            if over(quiet, limits.idle) {
                return Verdict::Part;
            }
        }
        // A conversation may finish its request after the age is reached, but not take a second age for it.
        if over(1, limits.age * 2) {
            return Verdict::Cut("it is too old");
        }
        if over(1, limits.age) { Verdict::Part } else { Verdict::Live }
    }

    /// How often to judge: often enough that no limit is overrun by more than a quarter, and seldom enough that ten
    /// thousand resting connections cost next to nothing.
    pub(super) fn tick(limits: &Limits) -> Duration {
        let shortest = limits.header.min(limits.idle).min(limits.write_stall).min(limits.age);
        (shortest / 4).clamp(Duration::from_millis(10), Duration::from_secs(5))
    }
}

/// One request under way.
#[derive(Debug)]
pub(super) struct Busy(Arc<Pulse>);

impl Drop for Busy {
    fn drop(&mut self) {
        self.0.quiet_since.store(self.0.now(), Relaxed);
        self.0.in_flight.fetch_sub(1, Relaxed);
    }
}

/// A stream that feeds the pulse.
#[derive(Debug)]
pub(super) struct Pulsing<S> {
    inner: S,
    pulse: Arc<Pulse>,
}

impl<S> Pulsing<S> {
    pub(super) fn new(inner: S, pulse: Arc<Pulse>) -> Self {
        Self { inner, pulse }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Pulsing<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        ready!(Pin::new(&mut self.inner).poll_read(cx, buf))?;
        if buf.filled().len() > before {
            self.pulse.bytes_came();
        }
        Poll::Ready(Ok(()))
    }
}

impl<S> Pulsing<S> {
    fn note<T>(&self, outcome: Poll<io::Result<T>>) -> Poll<io::Result<T>> {
        match &outcome {
            Poll::Pending => self.pulse.write_waits(),
            Poll::Ready(_) => self.pulse.write_went(),
        }
        outcome
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Pulsing<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let outcome = Pin::new(&mut self.inner).poll_write(cx, buf);
        self.note(outcome)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let outcome = Pin::new(&mut self.inner).poll_write_vectored(cx, bufs);
        self.note(outcome)
    }

    fn is_write_vectored(&self) -> bool {
        self.inner.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let outcome = Pin::new(&mut self.inner).poll_flush(cx);
        self.note(outcome)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let outcome = Pin::new(&mut self.inner).poll_shutdown(cx);
        self.note(outcome)
    }
}
