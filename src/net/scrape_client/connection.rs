//! One HTTP/1.1 connection without a task of its own: whoever uses it drives it.

use crate::connect::Stream;
use bytes::Bytes;
use http::{Request, Response};
use http_body_util::Empty;
use hyper::body::{Body, Incoming};
use hyper::client::conn::http1::{Builder, Connection, SendRequest};
use hyper_util::rt::TokioIo;
use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Instant;

/// One read from the socket; larger costs memory per connection, smaller costs system calls.
const READ_BYTES: usize = 16 << 10;
/// The most that is reserved for a page on the word of its server.
const RESERVE_MAX: usize = 4 << 20;

pub(super) struct Conn {
    sender: SendRequest<Empty<Bytes>>,
    /// `None` when the connection has ended.
    driver: Option<Connection<TokioIo<Stream>, Empty<Bytes>>>,
    /// A proxy reads the requests.
    pub(super) proxied: bool,
    /// When it was last used.
    pub(super) since: Instant,
}

impl Conn {
    pub(super) async fn new(stream: Stream) -> Result<Self, hyper::Error> {
        let proxied = stream.proxied;
        let (sender, driver) = Builder::new().read_buf_exact_size(Some(READ_BYTES)).handshake(TokioIo::new(stream)).await?;
        Ok(Self { sender, driver: Some(driver), proxied, since: Instant::now() })
    }

    /// Lets the connection do what it can do now.
    fn drive(&mut self, cx: &mut Context<'_>) -> Result<(), hyper::Error> {
        let Some(driver) = &mut self.driver else { return Ok(()) };
        match Pin::new(driver).poll(cx) {
            Poll::Pending => Ok(()),
            Poll::Ready(result) => {
                self.driver = None;
                result
            }
        }
    }

    /// False when the server has closed it, as far as is known here.
    pub(super) fn is_open(&self) -> bool {
        self.driver.is_some() && !self.sender.is_closed()
    }

    /// True when the next request can be sent: looks whether the server has closed the connection meanwhile.
    pub(super) async fn is_usable(&mut self) -> bool {
        poll_fn(|cx| {
            let driven = self.drive(cx);
            match self.sender.poll_ready(cx) {
                _ if driven.is_err() || self.driver.is_none() => Poll::Ready(false),
                // Something of the last answer is still to come: not worth waiting for.
                Poll::Pending => Poll::Ready(false),
                Poll::Ready(result) => Poll::Ready(result.is_ok()),
            }
        })
        .await
    }

    /// Sends a request and waits for the head of the answer.
    pub(super) async fn send(&mut self, request: Request<Empty<Bytes>>) -> Result<Response<Incoming>, hyper::Error> {
        let answer = self.sender.send_request(request);
        let mut answer = std::pin::pin!(answer);
        let mut broken = None;
        poll_fn(|cx| {
            let Some(driver) = &mut self.driver else { return answer.as_mut().poll(cx) };
            if let Poll::Ready(result) = Pin::new(driver).poll(cx) {
                self.driver = None;
                broken = result.err();
            }
            match (answer.as_mut().poll(cx), broken.take()) {
                // The cause says more than that the answer will not come.
                (Poll::Ready(Err(_)), Some(cause)) => Poll::Ready(Err(cause)),
                (state, cause) => {
                    broken = cause;
                    state
                }
            }
        })
        .await
    }

    /// Reads a body of less than `limit` bytes into `buf`, replacing what is in it. False when it is longer.
    pub(super) async fn read(
        &mut self,
        mut body: Incoming,
        buf: &mut Vec<u8>,
        size: Option<usize>,
        limit: usize,
    ) -> Result<bool, hyper::Error> {
        buf.clear();
        if let Some(size) = size {
            buf.reserve(size.min(RESERVE_MAX).min(limit));
        }
        loop {
            let frame = poll_fn(|cx| {
                // The body goes first, for by asking it lets the connection read on, and last, to take what came.
                if let Poll::Ready(frame) = Pin::new(&mut body).poll_frame(cx) {
                    return Poll::Ready(Ok(frame));
                }
                if let Err(error) = self.drive(cx) {
                    return Poll::Ready(Err(error));
                }
                Pin::new(&mut body).poll_frame(cx).map(Ok)
            });
            let Some(frame) = frame.await? else { return Ok(true) };
            if let Ok(data) = frame?.into_data() {
                if data.len() >= limit.saturating_sub(buf.len()) {
                    return Ok(false);
                }
                buf.extend_from_slice(&data);
            }
        }
    }
}
