//! HTTP/1 requests with one possible end only (rule W13): where one message ends and the next begins must not depend
//! on who reads. The HTTP library is lenient where older standards were, as with line feeds alone, with two ways to
//! tell a length, or with codings before the last one; so what it reads is looked at first (RFC 9112 sections 2.2, 5.1,
//! 6 and 7.1). A head that breaks a rule is replaced by one that nobody understands, which is answered with 400 and the
//! end of the connection; a body that does so ends in an error.

use std::io;
use std::mem::MaybeUninit;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// A longer head is left to the library, which refuses it by its own limit, in bytes.
const LONGEST_HEAD: usize = 64 << 10;
/// Longest line between chunks, in bytes.
const LONGEST_LINE: usize = 4 << 10;
/// Most bytes of trailers.
const LONGEST_TRAILERS: usize = 16 << 10;
/// Most digits of the size of a chunk: 2^60 bytes are enough.
const SIZE_DIGITS: usize = 15;
/// No method begins so.
const NONSENSE: &[u8] = b"\0\r\n\r\n";

/// Broken framing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Ambiguous;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Head,
    /// So many bytes of a body are left.
    Body(u64),
    ChunkSize,
    /// So many bytes of a chunk are left.
    Chunk(u64),
    ChunkEnd,
    /// So many bytes of trailers came.
    Trailers(usize),
    /// Refused: nothing more is let through.
    Over,
    /// Everything is let through, for the library refuses it.
    Open,
}

/// What was read so far.
struct Framing {
    state: State,
    /// The beginning of a head or a line.
    held: Vec<u8>,
}

impl Framing {
    fn new() -> Self {
        Self { state: State::Head, held: Vec::new() }
    }

    /// Takes what came, and puts what may be seen into `out`.
    fn take(&mut self, mut input: &[u8], out: &mut Vec<u8>) -> Result<(), Ambiguous> {
        while !input.is_empty() {
            match self.state {
                State::Over => return Ok(()),
                State::Open => {
                    out.extend_from_slice(input);
                    return Ok(());
                }
                State::Body(left) | State::Chunk(left) => {
                    let here = usize::try_from(left).unwrap_or(usize::MAX).min(input.len());
                    out.extend_from_slice(&input[..here]);
                    input = &input[here..];
                    let left = left - here as u64;
                    self.state = match self.state {
                        State::Body(_) if left == 0 => State::Head,
                        State::Body(_) => State::Body(left),
                        _ if left == 0 => State::ChunkEnd,
                        _ => State::Chunk(left),
                    };
                }
                State::Head => {
                    input = self.hold_line(input);
                    self.head(out);
                }
                State::ChunkSize | State::ChunkEnd | State::Trailers(_) => {
                    input = self.hold_line(input);
                    self.line(out)?;
                }
            }
        }
        Ok(())
    }

    /// Holds `input` up to and with its first line feed, and gives back the rest.
    fn hold_line<'a>(&mut self, input: &'a [u8]) -> &'a [u8] {
        let end = input.iter().position(|b| *b == b'\n').map_or(input.len(), |at| at + 1);
        let (line, rest) = input.split_at(end);
        self.held.extend_from_slice(line);
        rest
    }

    fn head(&mut self, out: &mut Vec<u8>) {
        if self.held.len() > LONGEST_HEAD {
            self.state = State::Open;
            out.append(&mut self.held);
            return;
        }
        if !self.held.ends_with(b"\n") {
            return;
        }
        if self.held == b"\r\n" {
            // Before a request, empty lines mean nothing.
            self.held.clear();
            return;
        }
        let next = if !self.held.ends_with(b"\r\n") {
            Err(Ambiguous)
        } else if self.held.ends_with(b"\r\n\r\n") {
            body_of(&self.held)
        } else {
            return;
        };
        match next {
            Ok(state) => {
                self.state = state;
                out.append(&mut self.held);
            }
            Err(Ambiguous) => {
                self.state = State::Over;
                self.held = Vec::new();
                out.extend_from_slice(NONSENSE);
            }
        }
    }

    /// A line between chunks, once it is whole.
    fn line(&mut self, out: &mut Vec<u8>) -> Result<(), Ambiguous> {
        if self.held.len() > LONGEST_LINE {
            return Err(Ambiguous);
        }
        if !self.held.ends_with(b"\n") {
            return Ok(());
        }
        let line = self.held.strip_suffix(b"\r\n").ok_or(Ambiguous)?;
        self.state = match self.state {
            State::ChunkSize => match chunk_size(line)? {
                0 => State::Trailers(0),
                size => State::Chunk(size),
            },
            State::ChunkEnd if line.is_empty() => State::ChunkSize,
            State::Trailers(_) if line.is_empty() => State::Head,
            State::Trailers(came) if came + line.len() <= LONGEST_TRAILERS => {
                field(line)?;
                State::Trailers(came + line.len())
            }
            _ => return Err(Ambiguous),
        };
        out.append(&mut self.held);
        Ok(())
    }
}

/// What follows a whole head.
fn body_of(head: &[u8]) -> Result<State, Ambiguous> {
    let head = head.strip_suffix(b"\r\n\r\n").ok_or(Ambiguous)?;
    let mut lines = head.split(|b| *b == b'\n').map(|line| line.strip_suffix(b"\r").unwrap_or(line));
    let request = lines.next().ok_or(Ambiguous)?;
    if request.iter().any(|b| b.is_ascii_control()) {
        return Err(Ambiguous);
    }
    let (mut length, mut chunked) = (None, false);
    for line in lines {
        let (name, value) = field(line)?;
        if name.eq_ignore_ascii_case(b"content-length") {
            let digits = !value.is_empty() && value.iter().all(u8::is_ascii_digit);
            let number = std::str::from_utf8(value).ok().and_then(|v| v.parse::<u64>().ok());
            match (number.filter(|_| digits), length) {
                (Some(number), None) => length = Some(number),
                _ => return Err(Ambiguous),
            }
        } else if name.eq_ignore_ascii_case(b"transfer-encoding") {
            if chunked || !value.eq_ignore_ascii_case(b"chunked") || !request.ends_with(b" HTTP/1.1") {
                return Err(Ambiguous);
            }
            chunked = true;
        }
    }
    match (chunked, length) {
        (true, Some(_)) => Err(Ambiguous),
        (true, None) => Ok(State::ChunkSize),
        (false, Some(0) | None) => Ok(State::Head),
        (false, Some(length)) => Ok(State::Body(length)),
    }
}

/// A field line as name and value, without the white space around the value.
fn field(line: &[u8]) -> Result<(&[u8], &[u8]), Ambiguous> {
    let colon = line.iter().position(|b| *b == b':').ok_or(Ambiguous)?;
    let (name, value) = (&line[..colon], line[colon + 1..].trim_ascii());
    let is_token = |b: &u8| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(b);
    let is_text = |b: &u8| *b == b'\t' || !b.is_ascii_control();
    if name.is_empty() || !name.iter().all(is_token) || !line[colon + 1..].iter().all(is_text) {
        return Err(Ambiguous);
    }
    Ok((name, value))
}

/// The size that the line before a chunk tells; extensions mean nothing to us.
fn chunk_size(line: &[u8]) -> Result<u64, Ambiguous> {
    let digits = line.split(|b| *b == b';').next().unwrap_or_default();
    let is_text = |b: &u8| *b == b'\t' || !b.is_ascii_control();
    if digits.len() > SIZE_DIGITS || !digits.iter().all(u8::is_ascii_hexdigit) || !line.iter().all(is_text) {
        return Err(Ambiguous);
    }
    let digits = std::str::from_utf8(digits).map_err(|_| Ambiguous)?;
    u64::from_str_radix(digits, 16).map_err(|_| Ambiguous)
}

/// A connection whose HTTP/1 requests are looked at on their way in.
pub(super) struct Strict<S> {
    inner: S,
    /// None for HTTP/2, whose frames tell their length once.
    framing: Option<Framing>,
    /// What was looked at and not read yet, from `at` on.
    seen: Vec<u8>,
    at: usize,
}

impl<S> Strict<S> {
    pub(super) fn new(inner: S, http2: bool) -> Self {
        Self { inner, framing: (!http2).then(Framing::new), seen: Vec::new(), at: 0 }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Strict<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let Self { inner, framing: Some(framing), seen, at } = &mut *self else {
            return Pin::new(&mut self.inner).poll_read(cx, into);
        };
        loop {
            if *at < seen.len() {
                let here = into.remaining().min(seen.len() - *at);
                into.put_slice(&seen[*at..*at + here]);
                *at += here;
                return Poll::Ready(Ok(()));
            }
            seen.clear();
            *at = 0;
            if framing.state == State::Over || into.remaining() == 0 {
                return Poll::Ready(Ok(()));
            }
            let mut room = [const { MaybeUninit::<u8>::uninit() }; 8 << 10];
            let mut read = ReadBuf::uninit(&mut room);
            ready!(Pin::new(&mut *inner).poll_read(cx, &mut read))?;
            if read.filled().is_empty() {
                return Poll::Ready(Ok(()));
            }
            if framing.take(read.filled(), seen).is_err() {
                framing.state = State::Over;
                let said = "a body whose end is not clear";
                return Poll::Ready(Err(io::Error::new(io::ErrorKind::InvalidData, said)));
            }
        }
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Strict<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, from: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.inner).poll_write(cx, from)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        from: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.inner).poll_write_vectored(cx, from)
    }

    fn is_write_vectored(&self) -> bool {
        self.inner.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// What is let through, and whether a body broke off.
    fn through<'a>(pieces: impl Iterator<Item = &'a [u8]>) -> (Vec<u8>, bool) {
        let (mut framing, mut out) = (Framing::new(), Vec::new());
        for piece in pieces {
            if framing.take(piece, &mut out).is_err() {
                return (out, true);
            }
        }
        (out, false)
    }

    /// Bytes that are near to requests.
    fn near() -> impl Strategy<Value = Vec<u8>> {
        let parts: &[&str] = &[
            "POST / HTTP/1.1\r\n",
            "GET / HTTP/1.0\r\n",
            "Host: a\r\n",
            "Content-Length: 3\r\n",
            "Transfer-Encoding: chunked\r\n",
            "\r\n",
            "\n",
            "\r",
            "abc",
            "3\r\n",
            "0\r\n",
            "2;x=y\r\n",
            "T: u\r\n",
            "\0",
            " ",
        ];
        let part = proptest::sample::select(parts);
        proptest::collection::vec(part, 0..24).prop_map(|parts| parts.concat().into_bytes())
    }

    proptest! {
        #[test]
        fn it_does_not_matter_how_bytes_are_cut_into_pieces(bytes in near(), size in 1..9usize) {
            let whole = through(std::iter::once(bytes.as_slice()));
            let pieces = through(bytes.chunks(size));
            prop_assert_eq!(whole, pieces);
        }

        #[test]
        fn nothing_is_let_through_that_did_not_come(bytes: Vec<u8>) {
            let (out, _) = through(bytes.chunks(5));
            let honest = out.strip_suffix(NONSENSE).unwrap_or(&out);
            prop_assert!(honest.len() <= bytes.len());
        }
    }

    #[test]
    fn a_head_is_seen_when_it_is_whole_and_its_body_as_it_comes() {
        let (mut framing, mut out) = (Framing::new(), Vec::new());
        let head = b"\r\nPOST / HTTP/1.1\r\nContent-Length: 4\r\n\r\n";
        framing.take(&head[..head.len() - 1], &mut out).expect("unclear to nobody");
        assert!(out.is_empty());
        framing.take(b"\nab", &mut out).expect("unclear to nobody");
        assert_eq!(out, b"POST / HTTP/1.1\r\nContent-Length: 4\r\n\r\nab");
        assert_eq!(framing.state, State::Body(2));
    }

    #[test]
    fn a_head_that_never_ends_is_left_to_the_library() {
        let (mut framing, mut out) = (Framing::new(), Vec::new());
        let line = format!("X: {}\r\n", "y".repeat(1000));
        for _ in 0..70 {
            framing.take(line.as_bytes(), &mut out).expect("unclear to nobody");
        }
        assert_eq!(framing.state, State::Open);
        assert_eq!(out.len(), line.len() * 70);
    }
}
