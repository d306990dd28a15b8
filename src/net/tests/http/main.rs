//! Clients and servers against each other, over real sockets of this machine.

mod arguments;
mod client;
mod credentials;
mod proxies;
mod scrape;
mod server;
mod support;
mod tls;
