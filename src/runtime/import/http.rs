//! Modules from web servers.

use super::args::HttpArgs;
use super::{Contents, Failure};
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use net::client::{Client, ClientOptions, Request};

/// A module larger than this is none.
const LARGEST: usize = 64 << 20;

/// Asks the server.
///
/// # Errors
/// Whatever is no answer with status 200; never holds credentials.
pub(super) async fn fetch(args: &HttpArgs) -> Result<Contents, Failure> {
    let client = Client::new(&args.client, ClientOptions::default()).map_err(|error| error.to_string())?;
    let request = Request {
        method: Method::from_bytes(args.method.as_bytes()).map_err(|_| format!("`method`: {:?} is not a method of HTTP", args.method))?,
        url: &args.url,
        headers: headers(args)?,
        body: Bytes::from(args.body.clone()),
        timeout: args.poll_timeout.std(),
        max_body: LARGEST,
        cut: false,
    };
    let response = client.execute(request).await.map_err(|failure| failure.message)?;
    if response.status != 200 {
        return Err(response.failure().message.into());
    }
    let text = std::str::from_utf8(&response.body).map_err(|_| "the answer is not UTF-8 text".to_owned())?;
    Ok(Contents::of(text.trim()))
}

fn headers(args: &HttpArgs) -> Result<HeaderMap, String> {
    let header = |(name, value): (&String, &String)| {
        let name: HeaderName = name.parse().map_err(|_| format!("`headers`: {name:?} is not a name of a header"))?;
        let value: HeaderValue =
            value.parse().map_err(|_| format!("`headers`: the value of {name} holds characters that headers cannot have"))?;
        Ok((name, value))
    };
    args.headers.iter().map(header).collect()
}
