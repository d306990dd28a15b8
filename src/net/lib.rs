//! HTTP for everybody: clients, the server, TLS, proxies, credentials, and the argument blocks that configure them.
//!
//! * [`client`]: requests that push or ask ([`client::Client`]), with the argument block [`client::ClientArgs`].
//! * [`scrape_client`]: fetches pages of metrics into reused buffers.
//! * [`server`]: the blocks `http { }` and `grpc { }`, and a server for an `axum::Router`.
//! * [`backoff`], [`tls`], [`url`]: waits between attempts, TLS from PEM, checked addresses.
//!
//! No error or debug text of this crate holds credentials or the query of an address.

mod args;
mod auth;
pub mod backoff;
pub mod client;
mod connect;
mod error;
mod files;
mod oauth2;
mod proxy;
mod redirect;
pub mod scrape_client;
pub mod server;
pub mod tls;
pub mod url;

pub use tls::install_crypto;
