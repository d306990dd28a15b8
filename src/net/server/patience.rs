//! How long a server waits for its clients.

use super::HttpArgs;
use bytes::Bytes;
use futures_util::task::AtomicWaker;
use http_body::{Body, Frame, SizeHint};
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep};

/// No limit: longer than any process lives.
const NEVER: Duration = Duration::from_secs(86_400 * 365);

/// The configured limits.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    /// For a request to arrive.
    pub(super) read: Duration,
    /// For a write that stands still.
    write: Duration,
    /// For a connection without a request.
    idle: Duration,
}

impl Limits {
    /// As in Go, 0 and less mean no limit, and idle connections without a limit of their own get that of reading.
    pub(super) fn new(http: &HttpArgs) -> Self {
        let limit = |wanted: value::types::Duration| Some(wanted.std()).filter(|wanted| !wanted.is_zero()).map(|wanted| wanted.min(NEVER));
        let read = limit(http.server_read_timeout);
        Self {
            read: read.unwrap_or(NEVER),
            write: limit(http.server_write_timeout).unwrap_or(NEVER),
            idle: limit(http.server_idle_timeout).or(read).unwrap_or(NEVER),
        }
    }
}

/// Requests under way on a connection.
#[derive(Debug, Default)]
pub(super) struct Progress {
    requests: AtomicUsize,
    /// The connection: from the end of the last request on it has a clock to look at.
    waker: AtomicWaker,
}

impl Progress {
    pub(super) fn begin(self: &Arc<Self>) -> Guard {
        self.requests.fetch_add(1, Ordering::AcqRel);
        Guard(Arc::clone(self))
    }

    fn is_idle(&self) -> bool {
        self.requests.load(Ordering::Acquire) == 0
    }
}

/// A request under way.
#[derive(Debug)]
pub(super) struct Guard(Arc<Progress>);

impl Drop for Guard {
    fn drop(&mut self) {
        if self.0.requests.fetch_sub(1, Ordering::AcqRel) == 1 {
            self.0.waker.wake();
        }
    }
}

/// What a connection waits for.
#[derive(Clone, Copy, PartialEq)]
enum Waiting {
    /// For a request to begin.
    Idle,
    /// For the head of a request to be complete.
    Head,
    /// For the program; the client owes nothing but the body, which has a clock of its own.
    Answer,
}

/// A connection that ends when the client lets it wait too long.
pub(super) struct Patient<S> {
    stream: S,
    limits: Limits,
    progress: Arc<Progress>,
    waiting: Waiting,
    read_clock: Pin<Box<Sleep>>,
    write_clock: Option<Pin<Box<Sleep>>>,
}

impl<S> Patient<S> {
    pub(super) fn new(stream: S, limits: Limits, progress: Arc<Progress>) -> Self {
        let read_clock = Box::pin(tokio::time::sleep(limits.read));
        Self { stream, limits, progress, waiting: Waiting::Head, read_clock, write_clock: None }
    }

    /// What it waits for now; the clock starts anew when that changes.
    fn wait(&mut self, waiting: Waiting) {
        if self.waiting == waiting {
            return;
        }
        self.waiting = waiting;
        let limit = match waiting {
            Waiting::Idle => self.limits.idle,
            Waiting::Head => self.limits.read,
            Waiting::Answer => return,
        };
        self.read_clock.as_mut().reset(Instant::now() + limit);
    }

    fn poll_write_clock(&mut self, cx: &mut Context<'_>) -> Poll<io::Error> {
        let limit = self.limits.write;
        let clock = self.write_clock.get_or_insert_with(|| Box::pin(tokio::time::sleep(limit)));
        clock.as_mut().poll(cx).map(|()| io::Error::new(io::ErrorKind::TimedOut, "the client does not read its answer"))
    }

    fn written<T>(&mut self, cx: &mut Context<'_>, result: Poll<io::Result<T>>) -> Poll<io::Result<T>> {
        if result.is_pending() {
            return self.poll_write_clock(cx).map(Err);
        }
        self.write_clock = None;
        result
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Patient<S> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = &mut *self;
        this.progress.waker.register(cx.waker());
        if !this.progress.is_idle() {
            this.wait(Waiting::Answer);
        } else if this.waiting == Waiting::Answer {
            this.wait(Waiting::Idle);
        }
        let before = buf.filled().len();
        if let Poll::Ready(result) = Pin::new(&mut this.stream).poll_read(cx, buf) {
            if this.waiting == Waiting::Idle && buf.filled().len() > before {
                this.wait(Waiting::Head);
            }
            return Poll::Ready(result);
        }
        if this.waiting == Waiting::Answer {
            return Poll::Pending;
        }
        ready!(this.read_clock.as_mut().poll(cx));
        Poll::Ready(Err(io::Error::new(io::ErrorKind::TimedOut, "the client sent no complete request in time")))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Patient<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let result = Pin::new(&mut self.stream).poll_write(cx, buf);
        self.written(cx, result)
    }
    fn poll_write_vectored(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bufs: &[io::IoSlice<'_>]) -> Poll<io::Result<usize>> {
        let result = Pin::new(&mut self.stream).poll_write_vectored(cx, bufs);
        self.written(cx, result)
    }
    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let result = Pin::new(&mut self.stream).poll_flush(cx);
        self.written(cx, result)
    }
    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

/// A request's body that must arrive in time.
pub(super) struct Slow<B> {
    body: B,
    clock: Pin<Box<Sleep>>,
}

impl<B> Slow<B> {
    pub(super) fn new(body: B, limit: Duration) -> Self {
        Self { body, clock: Box::pin(tokio::time::sleep(limit)) }
    }
}

impl<B: Body<Data = Bytes> + Unpin> Body for Slow<B>
where
    B::Error: Into<axum::BoxError>,
{
    type Data = Bytes;
    type Error = axum::BoxError;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, axum::BoxError>>> {
        if let Poll::Ready(frame) = Pin::new(&mut self.body).poll_frame(cx) {
            return Poll::Ready(frame.map(|frame| frame.map_err(Into::into)));
        }
        ready!(self.clock.as_mut().poll(cx));
        Poll::Ready(Some(Err("the body of the request did not arrive in time".into())))
    }
    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }
    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// An answer's body; the request is under way until it is gone.
pub(super) struct Counted<B> {
    body: B,
    _guard: Guard,
}

impl<B> Counted<B> {
    pub(super) fn new(body: B, guard: Guard) -> Self {
        Self { body, _guard: guard }
    }
}

impl<B: Body + Unpin> Body for Counted<B> {
    type Data = B::Data;
    type Error = B::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<B::Data>, B::Error>>> {
        Pin::new(&mut self.body).poll_frame(cx)
    }
    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }
    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
