//! What is looked at before anything else: does this request come from our own page, at our own address? And what every
//! answer says about itself.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, HOST, ORIGIN};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use axum::middleware::Next;
use axum::response::Response;

use super::pages::{NOTICE_FOREIGN, is_navigation, policy};
use super::{EVENTS_PATH, answer};
use crate::{ApiError, Code};

/// What every answer says: browsers are told to do nothing with it but show it.
const SAID: [(&str, &str); 5] = [
    ("x-content-type-options", "nosniff"),
    ("referrer-policy", "no-referrer"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
    ("permissions-policy", "camera=(self), microphone=(), geolocation=()"),
];

/// Where this server may be asked.
#[derive(Clone, Debug)]
pub(super) struct Place {
    /// The only values of `Host` that are answered.
    hosts: [String; 2],
    port: u16,
}

/// Why a request is not answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Foreign {
    /// It was sent to another name: a page elsewhere has that name lead here (DNS rebinding).
    Host,
    /// Another page sends it.
    Page,
}

impl Place {
    pub(super) fn new(port: u16) -> Self {
        Self { hosts: [format!("127.0.0.1:{port}"), format!("localhost:{port}")], port }
    }

    /// Gives the port.
    pub(super) fn port(&self) -> u16 {
        self.port
    }

    fn check(&self, request: &Request) -> Result<(), Foreign> {
        let host = one(request.headers(), &HOST)?.ok_or(Foreign::Host)?;
        let told = request.uri().authority().is_none_or(|authority| authority.as_str() == host);
        if !told || !self.hosts.iter().any(|own| own == host) {
            return Err(Foreign::Host);
        }
        match one(request.headers(), &ORIGIN)? {
            Some(origin) if origin.strip_prefix("http://") == Some(host) => {}
            None if *request.method() != Method::POST && request.uri().path() != EVENTS_PATH => {}
            _ => return Err(Foreign::Page),
        }
        match one(request.headers(), &HeaderName::from_static("sec-fetch-site"))? {
            None | Some("same-origin" | "none") => Ok(()),
            Some(_) => Err(Foreign::Page),
        }
    }
}

/// Gives the one value of a header; more than one, or no text, is nothing that a browser sends.
fn one<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Result<Option<&'a str>, Foreign> {
    let mut values = headers.get_all(name).iter();
    match (values.next(), values.next()) {
        (None, _) => Ok(None),
        (Some(value), None) => value.to_str().map(Some).map_err(|_| Foreign::Page),
        _ => Err(Foreign::Page),
    }
}

/// Answers only what comes from our own page, and says on every answer what may be done with it.
pub(super) async fn guard(State(place): State<Arc<Place>>, request: Request, next: Next) -> Response {
    let navigation = is_navigation(&request);
    let mut response = match place.check(&request) {
        Ok(()) => next.run(request).await,
        Err(Foreign::Host) => {
            let why = "请求写的不是这台电脑自己的地址";
            answer::json(StatusCode::MISDIRECTED_REQUEST, &ApiError::new(Code::FOREIGN_PAGE, why))
        }
        Err(Foreign::Page) if navigation => NOTICE_FOREIGN.page(),
        Err(Foreign::Page) => answer::refused(&ApiError::new(Code::FOREIGN_PAGE, "请求不是从街坊自己的页面来的")),
    };
    let headers = response.headers_mut();
    for (name, value) in SAID {
        headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
    }
    headers.entry(CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    if !headers.contains_key(CONTENT_SECURITY_POLICY) {
        headers.insert(CONTENT_SECURITY_POLICY, policy(place.port, ""));
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::body::Body;

    #[test]
    fn only_the_own_page_at_the_own_address_is_answered() {
        let place = Place::new(4_000);
        let own = ("host", "127.0.0.1:4000");
        let origin = ("origin", "http://127.0.0.1:4000");
        type Case<'a> = (&'a str, &'a str, &'a [(&'a str, &'a str)], Option<Foreign>);
        let cases: &[Case<'_>] = &[
            ("GET", "/", &[own], None),
            ("GET", "/", &[("host", "localhost:4000")], None),
            ("GET", "http://127.0.0.1:4000/", &[own], None),
            ("GET", "/", &[own, ("sec-fetch-site", "none")], None),
            ("POST", "/api/status", &[own, origin, ("sec-fetch-site", "same-origin")], None),
            ("GET", "/events", &[own, origin], None),
            ("GET", "/", &[], Some(Foreign::Host)),
            ("GET", "/", &[("host", "127.0.0.1")], Some(Foreign::Host)),
            ("GET", "/", &[("host", "127.0.0.1:4001")], Some(Foreign::Host)),
            ("GET", "/", &[("host", "LOCALHOST:4000")], Some(Foreign::Host)),
            ("GET", "/", &[("host", "rebound.example:4000")], Some(Foreign::Host)),
            ("GET", "/", &[("host", "127.0.0.1:4000.evil.example")], Some(Foreign::Host)),
            ("GET", "http://evil.example/", &[own], Some(Foreign::Host)),
            ("GET", "/", &[own, own], Some(Foreign::Page)),
            ("GET", "/", &[own, ("origin", "null")], Some(Foreign::Page)),
            ("GET", "/", &[own, ("origin", "https://127.0.0.1:4000")], Some(Foreign::Page)),
            ("GET", "/", &[own, ("origin", "http://localhost:4000")], Some(Foreign::Page)),
            ("GET", "/", &[own, ("sec-fetch-site", "cross-site")], Some(Foreign::Page)),
            ("GET", "/enter?t=0", &[own, ("sec-fetch-site", "same-site")], Some(Foreign::Page)),
            ("POST", "/api/status", &[own], Some(Foreign::Page)),
            ("POST", "/api/status", &[own, ("origin", "http://127.0.0.1:4001")], Some(Foreign::Page)),
            ("POST", "/api/status", &[own, origin, origin], Some(Foreign::Page)),
            ("POST", "/api/status", &[own, origin, ("sec-fetch-site", "same-site")], Some(Foreign::Page)),
            ("GET", "/events", &[own], Some(Foreign::Page)),
            ("GET", "/events", &[own, ("origin", "http://evil.example")], Some(Foreign::Page)),
        ];
        for (method, uri, headers, wanted) in cases {
            let mut request = Request::builder().method(*method).uri(*uri);
            for (name, value) in *headers {
                request = request.header(*name, *value);
            }
            let came = place.check(&request.body(Body::empty()).unwrap()).err();
            assert_eq!(came, *wanted, "{method} {uri} {headers:?}");
        }
    }
}
