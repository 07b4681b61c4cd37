//! Bodies with a deadline on the way in, and with a guard on the way out.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use tokio::time::{Instant, Sleep};

use super::pulse::Busy;
use crate::web::limits::Limits;

/// Why a request body ended early.
#[derive(Debug, thiserror::Error)]
pub enum BodyFault {
    /// It came more slowly than the floor allows.
    #[error("the request body came too slowly")]
    Slow,
    /// It is larger than any route takes.
    #[error("the request body is too large")]
    Large,
    /// The connection failed.
    #[error("the request body broke off")]
    Broken(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// A request body that must keep a pace: the time allowed grows with each byte that came.
pub(super) struct Paced<B> {
    inner: B,
    began: Instant,
    allowed: Duration,
    floor: u64,
    most: u64,
    came: u64,
    alarm: Option<Pin<Box<Sleep>>>,
}

impl<B> Paced<B> {
    pub(super) fn new(inner: B, limits: &Limits) -> Self {
        Self {
            inner,
            began: Instant::now(),
            allowed: limits.body,
            floor: limits.body_floor.max(1),
            most: limits.body_size,
            came: 0,
            alarm: None,
        }
    }

    fn deadline(&self) -> Instant {
        self.began + self.allowed + Duration::from_millis(self.came.saturating_mul(1_000) / self.floor)
    }
}

impl<B> Body for Paced<B>
where
    B: Body<Data = Bytes> + Unpin,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    type Data = Bytes;
    type Error = BodyFault;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyFault>>> {
        let this = &mut *self;
        if let Poll::Ready(frame) = Pin::new(&mut this.inner).poll_frame(cx) {
            return Poll::Ready(match frame {
                Some(Ok(frame)) => {
                    this.came += frame.data_ref().map_or(0, |data| data.len() as u64);
                    Some(if this.came > this.most { Err(BodyFault::Large) } else { Ok(frame) })
                }
                Some(Err(error)) => Some(Err(BodyFault::Broken(error.into()))),
                None => None,
            });
        }
        let deadline = this.deadline();
        // The timer is made only when the body must be waited for: most come with their headers.
        let alarm = this.alarm.get_or_insert_with(|| Box::pin(tokio::time::sleep_until(deadline)));
        if alarm.deadline() != deadline {
            alarm.as_mut().reset(deadline);
        }
        ready!(alarm.as_mut().poll(cx));
        Poll::Ready(Some(Err(BodyFault::Slow)))
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}

/// A response body that keeps its request counted as under way until it is written or dropped.
pub(super) struct Guarded<B> {
    inner: B,
    _busy: Option<Busy>,
}

impl<B> Guarded<B> {
    pub(super) fn new(inner: B, busy: Option<Busy>) -> Self {
        Self { inner, _busy: busy }
    }
}

impl<B: Body + Unpin> Body for Guarded<B> {
    type Data = B::Data;
    type Error = B::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<B::Data>, B::Error>>> {
        Pin::new(&mut self.inner).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http_body_util::{BodyExt, Full};

    #[tokio::test]
    async fn a_body_over_the_size_ends_in_an_error() {
        let limits = Limits { body_size: 4, ..Limits::default() };
        let whole =
            Paced::new(Full::new(Bytes::from_static(b"four")), &limits).collect().await.expect("fits");
        assert_eq!(whole.to_bytes(), "four");
        let over = Paced::new(Full::new(Bytes::from_static(b"fiver")), &limits).collect().await;
        assert!(matches!(over, Err(BodyFault::Large)));
    }
}
