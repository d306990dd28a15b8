//! The blocks `http { }` and `grpc { }` of components that listen.

use crate::tls::ServerTlsArgs;
use value::Arguments;
use value::types::Duration;

/// The longest duration there is: no limit.
const NEVER: Duration = Duration(i64::MAX);

/// What a component that listens can be told. Squash it into the component's arguments.
#[derive(Arguments, Clone, Debug, PartialEq)]
pub struct ServerArgs {
    /// The HTTP server.
    #[alloy(block, optional, always)]
    pub http: HttpArgs,
    /// The gRPC server.
    #[alloy(block, optional, always)]
    pub grpc: GrpcArgs,
    /// How long requests under way may take to finish when the server stops.
    #[alloy(attr, default = "30s")]
    pub graceful_shutdown_timeout: Duration,
}

/// An HTTP server.
#[derive(Arguments, Clone, Debug, PartialEq)]
pub struct HttpArgs {
    /// Address to listen on. Empty means every address of the machine.
    #[alloy(attr, optional)]
    pub listen_address: String,
    /// Port to listen on; 0 takes a free one.
    #[alloy(attr, nonzero, default = 8080)]
    pub listen_port: i64,
    /// Connections at the same time; further ones wait. 0 means no limit.
    #[alloy(attr, optional)]
    pub conn_limit: i64,
    /// How long a request may take to arrive, with its body.
    #[alloy(attr, nonzero, default = "30s")]
    pub server_read_timeout: Duration,
    /// How long the writing of an answer may stand still.
    #[alloy(attr, nonzero, default = "30s")]
    pub server_write_timeout: Duration,
    /// How long a connection is kept without a request.
    #[alloy(attr, nonzero, default = "2m")]
    pub server_idle_timeout: Duration,
    /// Serves TLS.
    #[alloy(block, optional)]
    pub tls: Option<ServerTlsArgs>,
    /// HTTP/2 without TLS.
    #[alloy(block, optional, always)]
    pub http2: Http2Args,
}

/// HTTP/2 without TLS.
#[derive(Arguments, Clone, Debug, PartialEq)]
pub struct Http2Args {
    /// Accepts HTTP/2 without TLS.
    #[alloy(attr, optional)]
    pub enabled: bool,
    /// Accepted, and without effect, as in the original's library.
    #[alloy(attr, optional)]
    pub max_handlers: i64,
    /// Requests at the same time over one connection.
    #[alloy(attr, nonzero, default = 100)]
    pub max_concurrent_streams: u32,
    /// Accepted, and without effect: the table that headers are unpacked with has the protocol's default size.
    #[alloy(attr, nonzero, default = 4096)]
    pub max_decoder_header_table_size: u32,
    /// Accepted, and without effect: the table that headers are packed with has the protocol's default size.
    #[alloy(attr, nonzero, default = 4096)]
    pub max_encoder_header_table_size: u32,
    /// Bytes of the largest frame that is read; 0 means the protocol's default.
    #[alloy(attr, optional)]
    pub max_read_frame_size: u32,
    /// Accepted, and without effect: only safe ciphers are ever used.
    #[alloy(attr, optional)]
    pub permit_prohibited_ciphers: bool,
    /// Accepted, and without effect: `server_idle_timeout` counts.
    #[alloy(attr, optional)]
    pub idle_timeout: Duration,
    /// After how long without a frame the client is asked for a sign of life; 0 means never.
    #[alloy(attr, optional)]
    pub read_idle_timeout: Duration,
    /// How long to wait for that sign.
    #[alloy(attr, nonzero, default = "15s")]
    pub ping_timeout: Duration,
    /// Accepted, and without effect: `server_write_timeout` counts.
    #[alloy(attr, optional)]
    pub write_byte_timeout: Duration,
    /// Bytes of bodies under way per connection; 0 means the protocol's default.
    #[alloy(attr, optional)]
    pub max_upload_buffer_per_connection: i32,
    /// Bytes of a body under way; 0 means the protocol's default.
    #[alloy(attr, optional)]
    pub max_upload_buffer_per_stream: i32,
}

/// A gRPC server.
#[derive(Arguments, Clone, Debug, PartialEq)]
pub struct GrpcArgs {
    /// Address to listen on. Empty means every address of the machine.
    #[alloy(attr, optional)]
    pub listen_address: String,
    /// Port to listen on; 0 takes a free one.
    #[alloy(attr, optional)]
    pub listen_port: i64,
    /// Connections at the same time; further ones wait. 0 means no limit.
    #[alloy(attr, optional)]
    pub conn_limit: i64,
    /// How long a connection is kept at all.
    #[alloy(attr, nonzero, default = NEVER)]
    pub max_connection_age: Duration,
    /// How long requests may go on after that.
    #[alloy(attr, nonzero, default = NEVER)]
    pub max_connection_age_grace: Duration,
    /// How long a connection is kept without a request.
    #[alloy(attr, nonzero, default = NEVER)]
    pub max_connection_idle: Duration,
    /// Bytes of the largest message that is received.
    #[alloy(attr, nonzero, default = 4_194_304)]
    pub server_max_recv_msg_size: i64,
    /// Bytes of the largest message that is sent.
    #[alloy(attr, nonzero, default = 4_194_304)]
    pub server_max_send_msg_size: i64,
    /// Requests at the same time over one connection.
    #[alloy(attr, nonzero, default = 100)]
    pub server_max_concurrent_streams: u64,
    /// Serves TLS.
    #[alloy(block, optional)]
    pub tls: Option<ServerTlsArgs>,
}
