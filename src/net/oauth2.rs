//! Tokens fetched with client credentials (RFC 6749, section 4.4), kept until shortly before they expire.

use crate::args::{ClientArgs, OAuth2};
use crate::auth::{SecretSource, basic_header, scheme_header};
use crate::client::{Client, ClientOptions, Response};
use crate::error::{Failure, FailureKind};
use bytes::Bytes;
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue};
use serde::Deserialize;
use std::pin::Pin;
use std::time::{Duration, Instant};
use url::form_urlencoded;
use value::Secret;

/// Tokens are replaced this long before they expire, so that none expires on its way.
const EARLY: Duration = Duration::from_secs(10);
const TIMEOUT: Duration = Duration::from_secs(30);

/// Fetches and keeps one token.
pub(crate) struct TokenSource {
    args: OAuth2,
    secret: SecretSource,
    client: Client,
    state: tokio::sync::Mutex<State>,
}

#[derive(Default)]
struct State {
    token: Option<Token>,
    /// The server wants name and secret in the form rather than in a header.
    in_form: bool,
}

struct Token {
    header: HeaderValue,
    expires: Option<Instant>,
    /// With which it was fetched: another secret needs another token.
    secret: Secret,
}

#[derive(Deserialize)]
struct Answer {
    access_token: String,
    #[serde(default)]
    token_type: String,
    #[serde(default)]
    expires_in: serde_json::Value,
}

#[derive(Deserialize)]
struct Refusal {
    error: String,
    #[serde(default)]
    error_description: String,
}

impl std::fmt::Debug for TokenSource {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TokenSource").field("client_id", &self.args.client_id).finish_non_exhaustive()
    }
}

impl TokenSource {
    pub(crate) fn new(args: &OAuth2, user_agent: &HeaderValue) -> Result<Self, String> {
        let client_args =
            ClientArgs { proxy: args.proxy.clone(), tls_config: args.tls_config.clone().unwrap_or_default(), ..ClientArgs::default() };
        let options = ClientOptions { user_agent: user_agent.clone() };
        let client = Client::new(&client_args, options).map_err(|error| format!("`oauth2`: {error}"))?;
        crate::url::Target::parse(&args.token_url).map_err(|error| format!("`token_url`: {error}"))?;
        let secret = SecretSource::new(&args.client_secret, &args.client_secret_file);
        Ok(Self { args: args.clone(), secret, client, state: tokio::sync::Mutex::default() })
    }

    /// The `Authorization` header. Requests that come while a token is fetched wait for it.
    ///
    /// Boxed, because the token request is a request too and comes by here again.
    pub(crate) fn header(&self) -> Pin<Box<dyn Future<Output = Result<HeaderValue, Failure>> + Send + '_>> {
        Box::pin(self.current())
    }

    async fn current(&self) -> Result<HeaderValue, Failure> {
        let secret = self.secret.get("client_secret_file").await?;
        let mut state = self.state.lock().await;
        if let Some(token) = &state.token
            && token.secret == secret
            && token.expires.is_none_or(|at| Instant::now() < at)
        {
            return Ok(token.header.clone());
        }
        let first = self.fetch(&secret, state.in_form).await;
        let token = match first {
            // Servers disagree about where the secret belongs. What worked is remembered.
            Err(failure) if failure.status().is_some() => match self.fetch(&secret, !state.in_form).await {
                Ok(token) => {
                    state.in_form = !state.in_form;
                    token
                }
                Err(_) => return Err(as_credentials(failure)),
            },
            result => result.map_err(as_credentials)?,
        };
        let header = token.header.clone();
        state.token = Some(token);
        Ok(header)
    }

    /// The next request fetches a new token.
    pub(crate) async fn forget(&self) {
        self.state.lock().await.token = None;
    }

    /// Headers and form of the token request.
    fn request(&self, secret: &Secret, in_form: bool) -> Result<(HeaderMap, String), Failure> {
        let args = &self.args;
        let mut form = form_urlencoded::Serializer::new(String::new());
        form.append_pair("grant_type", "client_credentials");
        if !args.scopes.is_empty() {
            form.append_pair("scope", &args.scopes.join(" "));
        }
        let own = |name: &str| name == "grant_type" || name == "scope";
        for (name, value) in args.endpoint_params.iter().filter(|(name, _)| !own(name)) {
            form.append_pair(name, value);
        }
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/x-www-form-urlencoded"));
        headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
        if in_form {
            form.append_pair("client_id", &args.client_id).append_pair("client_secret", secret.expose());
        } else {
            let encode = |text: &str| form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
            let value = basic_header(&encode(&args.client_id), &encode(secret.expose()));
            headers.insert(AUTHORIZATION, value.map_err(|text| Failure::new(FailureKind::Credentials, text))?);
        }
        Ok((headers, form.finish()))
    }

    async fn fetch(&self, secret: &Secret, in_form: bool) -> Result<Token, Failure> {
        let (headers, form) = self.request(secret, in_form)?;
        let response = self.client.post(&self.args.token_url, headers, Bytes::from(form), TIMEOUT).await?;
        if !(200..300).contains(&response.status) {
            return Err(refusal(response, secret));
        }
        let fail = |text: &str| Failure::new(FailureKind::Credentials, text);
        let answer: Answer =
            serde_json::from_slice(&response.body).map_err(|_| fail("the token server's answer is not JSON with an `access_token`"))?;
        if answer.access_token.is_empty() {
            return Err(fail("the token server's answer has an empty `access_token`"));
        }
        let header = scheme_header(scheme(&answer.token_type), &answer.access_token);
        let header = header.map_err(|_| fail("the token has characters that no header can carry"))?;
        let expires = lifetime(&answer.expires_in).map(|lifetime| Instant::now() + lifetime.saturating_sub(EARLY));
        Ok(Token { header, expires, secret: secret.clone() })
    }
}

fn as_credentials(failure: Failure) -> Failure {
    Failure { kind: FailureKind::Credentials, message: format!("no token from the token server: {}", failure.message), ..failure }
}

/// What the server says, as far as it keeps to the standard: whatever else is in the answer may be the secret.
fn refusal(mut response: Response, secret: &Secret) -> Failure {
    let detail = serde_json::from_slice::<Refusal>(&response.body).map(|refusal| match refusal.error_description.as_str() {
        "" => refusal.error,
        description => format!("{}: {description}", refusal.error),
    });
    response.body = Bytes::new();
    let mut failure = response.failure();
    if let Ok(mut detail) = detail {
        if !secret.is_empty() {
            detail = detail.replace(secret.expose(), "(secret)");
        }
        let detail: String = detail.chars().filter(|c| !c.is_control()).take(200).collect();
        failure.message = format!("{} ({detail})", failure.message);
    }
    failure
}

fn scheme(token_type: &str) -> &str {
    match token_type {
        "" => "Bearer",
        text if text.eq_ignore_ascii_case("bearer") => "Bearer",
        text if text.eq_ignore_ascii_case("mac") => "MAC",
        text if text.eq_ignore_ascii_case("basic") => "Basic",
        text => text,
    }
}

/// A number, or a number in a string; a year at most, so that no clock overflows.
fn lifetime(value: &serde_json::Value) -> Option<Duration> {
    let seconds = match value {
        serde_json::Value::Number(number) => number.as_f64()?,
        serde_json::Value::String(text) => text.trim().parse().ok()?,
        _ => return None,
    };
    (seconds > 0.0).then(|| Duration::from_secs_f64(seconds.min(31_536_000.0)))
}
