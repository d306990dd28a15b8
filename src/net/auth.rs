//! Credentials of requests.

use crate::args::{ClientArgs, SecretHeaders};
use crate::error::{Failure, FailureKind};
use crate::files::{self, Watched};
use crate::oauth2::TokenSource;
use crate::url::Target;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::header::AUTHORIZATION;
use http::{HeaderMap, HeaderName, HeaderValue};
use std::sync::Arc;
use value::Secret;

/// A secret written in the configuration, or in a file.
#[derive(Clone, Debug)]
pub(crate) enum SecretSource {
    Text(Secret),
    File(Arc<Watched<Secret>>),
}

impl SecretSource {
    pub(crate) fn new(text: &Secret, file: &str) -> Self {
        if file.is_empty() { Self::Text(text.clone()) } else { Self::File(files::secret(file)) }
    }

    pub(crate) async fn get(&self, argument: &str) -> Result<Secret, Failure> {
        match self {
            Self::Text(text) => Ok(text.clone()),
            Self::File(file) => match file.get().await {
                Ok(secret) => Ok((*secret).clone()),
                Err(error) => Err(Failure::new(FailureKind::Credentials, format!("`{argument}`: {error}"))),
            },
        }
    }
}

/// What goes into the `Authorization` header.
#[derive(Debug)]
enum Scheme {
    None,
    /// It never changes.
    Fixed(HeaderValue),
    Basic {
        username: String,
        password: SecretSource,
    },
    Other {
        scheme: String,
        credentials: SecretSource,
    },
    OAuth2(Box<TokenSource>),
}

/// Adds credentials and the configured headers to requests.
#[derive(Debug)]
pub(crate) struct Auth {
    scheme: Scheme,
    headers: HeaderMap,
}

impl Auth {
    pub(crate) fn new(args: &ClientArgs, user_agent: &HeaderValue) -> Result<Self, String> {
        let scheme = if let Some(basic) = &args.basic_auth {
            match SecretSource::new(&basic.password, &basic.password_file) {
                SecretSource::Text(password) => Scheme::Fixed(basic_header(&basic.username, password.expose())?),
                password => Scheme::Basic { username: basic.username.clone(), password },
            }
        } else if let Some(other) = &args.authorization {
            match SecretSource::new(&other.credentials, &other.credentials_file) {
                SecretSource::Text(text) => Scheme::Fixed(scheme_header(other.scheme(), text.expose())?),
                credentials => Scheme::Other { scheme: other.scheme().to_owned(), credentials },
            }
        } else if let Some(oauth2) = &args.oauth2 {
            Scheme::OAuth2(Box::new(TokenSource::new(oauth2, user_agent)?))
        } else {
            Scheme::None
        };
        Ok(Self { scheme, headers: header_map("http_headers", &args.http_headers)? })
    }

    /// Sets the headers of a request to `target`.
    pub(crate) async fn apply(&self, target: &Target, headers: &mut HeaderMap) -> Result<(), Failure> {
        for name in self.headers.keys() {
            headers.remove(name);
        }
        for (name, value) in &self.headers {
            headers.append(name, value.clone());
        }
        if headers.contains_key(AUTHORIZATION) {
            return Ok(());
        }
        let invalid = |text: String| Failure::new(FailureKind::Credentials, text);
        let value = match &self.scheme {
            Scheme::None => match &target.user {
                Some((name, password)) => basic_header(name, password).map_err(invalid)?,
                None => return Ok(()),
            },
            Scheme::Fixed(value) => value.clone(),
            Scheme::Basic { username, password } => {
                basic_header(username, password.get("password_file").await?.expose()).map_err(invalid)?
            }
            Scheme::Other { scheme, credentials } => {
                scheme_header(scheme, credentials.get("credentials_file").await?.expose()).map_err(invalid)?
            }
            Scheme::OAuth2(source) => source.header().await?,
        };
        headers.insert(AUTHORIZATION, value);
        Ok(())
    }

    /// Learns that the server refused the credentials: a fetched token is fetched anew.
    pub(crate) async fn refused(&self) {
        if let Scheme::OAuth2(source) = &self.scheme {
            source.forget().await;
        }
    }
}

impl ClientArgs {
    /// The headers that these arguments add to requests, for clients of other libraries. Secrets in files are read
    /// now, and tokens fetched.
    ///
    /// # Errors
    /// When a file cannot be read, a token is not given, or a header cannot be sent.
    pub async fn headers(&self) -> Result<HeaderMap, Failure> {
        let invalid = |text: String| Failure::new(FailureKind::Credentials, text);
        let auth = Auth::new(self, &HeaderValue::from_static("ferroalloy")).map_err(invalid)?;
        let nowhere = Target::parse("http://localhost/").map_err(|error| Failure::new(FailureKind::Invalid, error.to_string()))?;
        let mut headers = HeaderMap::new();
        auth.apply(&nowhere, &mut headers).await?;
        Ok(headers)
    }
}

/// `Basic …`
pub(crate) fn basic_header(name: &str, password: &str) -> Result<HeaderValue, String> {
    scheme_header("Basic", &STANDARD.encode(format!("{name}:{password}")))
}

pub(crate) fn scheme_header(scheme: &str, text: &str) -> Result<HeaderValue, String> {
    let text = if text.is_empty() { scheme.to_owned() } else { format!("{scheme} {text}") };
    let mut value = HeaderValue::from_str(&text)
        .map_err(|_| "the credentials have characters that no header can carry: is there a line break in them?".to_owned())?;
    value.set_sensitive(true);
    Ok(value)
}

/// Headers of an argument, checked.
pub(crate) fn header_map(argument: &str, headers: &SecretHeaders) -> Result<HeaderMap, String> {
    let mut out = HeaderMap::new();
    for (name, values) in &headers.0 {
        let header = HeaderName::from_bytes(name.as_bytes()).map_err(|_| format!("`{argument}`: {name:?} is not a valid header name"))?;
        for value in values {
            let mut value = HeaderValue::from_str(value.expose())
                .map_err(|_| format!("`{argument}`: the value of {name:?} has characters that no header can carry"))?;
            value.set_sensitive(true);
            out.append(header.clone(), value);
        }
    }
    Ok(out)
}
