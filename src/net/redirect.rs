//! Where a redirect leads.

use crate::error::{Failure, FailureKind};
use crate::url::Target;
use http::header::LOCATION;
use http::{HeaderMap, Method, StatusCode};

/// More in a row than any honest server sends.
pub(crate) const MAX: usize = 10;

/// The next step of a request.
pub(crate) struct Step {
    pub(crate) target: Target,
    /// The method changes to GET and the body is left out.
    pub(crate) as_get: bool,
    /// Credentials may go along: same host, and not from https to http.
    pub(crate) trusted: bool,
}

/// The step that an answer asks for; `None` when it is no redirect.
pub(crate) fn step(from: &Target, method: &Method, status: StatusCode, headers: &HeaderMap) -> Result<Option<Step>, Failure> {
    let as_get = match status.as_u16() {
        301..=303 => *method != Method::GET && *method != Method::HEAD,
        307 | 308 => false,
        _ => return Ok(None),
    };
    let Some(location) = headers.get(LOCATION) else { return Ok(None) };
    let fail = |cause: &str| Failure::new(FailureKind::Redirect, format!("{from} redirects to an address that cannot be used: {cause}"));
    let location = location.to_str().map_err(|_| fail("it is not text"))?;
    let target = from.join(location).map_err(|error| fail(&error.to_string()))?;
    let trusted = target.host == from.host && (target.https || !from.https);
    Ok(Some(Step { target, as_get, trusted }))
}

/// A circle, or something like it.
pub(crate) fn too_many(from: &Target) -> Failure {
    Failure::new(FailureKind::Redirect, format!("{from} redirects more than {MAX} times: do two servers send each other the requests?"))
}
