//! How answers look in HTTP: the status of each code, and JSON.

use axum::body::Body;
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderValue, StatusCode};
use axum::response::Response;
use serde::Serialize;

use crate::{ApiError, Code};

/// Gives the status of a code.
pub(super) fn status(code: Code) -> StatusCode {
    match code {
        Code::BAD_ARGUMENTS => StatusCode::BAD_REQUEST,
        Code::NO_SESSION => StatusCode::UNAUTHORIZED,
        Code::FOREIGN_PAGE => StatusCode::FORBIDDEN,
        Code::LOCKED => StatusCode::LOCKED,
        Code::PIN_TOO_SOON => StatusCode::TOO_MANY_REQUESTS,
        Code::UNKNOWN_NAME | Code::HOME_UNKNOWN => StatusCode::NOT_FOUND,
        Code::NO_BUILDING | Code::ALREADY_HOME | Code::HOME_UNTOLD | Code::HOMES_FULL => StatusCode::CONFLICT,
        Code::NOT_SAVED | Code::NOT_REACHABLE | Code::STORE_UNUSABLE => StatusCode::SERVICE_UNAVAILABLE,
        // What neighbours may not do: a refusal of the domain.
        _ => StatusCode::UNPROCESSABLE_ENTITY,
    }
}

/// Tells why something was not done, with the status of its code.
pub(super) fn refused(error: &ApiError) -> Response {
    json(status(error.code), error)
}

/// Tells a value.
pub(super) fn json<T: Serialize>(status: StatusCode, value: &T) -> Response {
    let (status, body) = match serde_json::to_vec(value) {
        Ok(body) => (status, body),
        Err(error) => {
            tracing::error!(%error, "an answer could not be written");
            (StatusCode::INTERNAL_SERVER_ERROR, Vec::new())
        }
    };
    with_type(status, "application/json", body)
}

/// Makes an answer of a type.
pub(super) fn with_type(status: StatusCode, kind: &'static str, body: impl Into<Body>) -> Response {
    let mut response = Response::new(body.into());
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_has_its_status() {
        for name in Code::all() {
            let code: Code = serde_json::from_value(name.into()).unwrap();
            let wanted = match name {
                "bad-arguments" => 400,
                "no-session" => 401,
                "foreign-page" => 403,
                "locked" => 423,
                "pin-too-soon" => 429,
                "unknown-name" | "home-unknown" => 404,
                "no-building" | "already-home" | "home-untold" | "homes-full" => 409,
                "not-saved" | "not-reachable" | "store-unusable" => 503,
                _ => 422,
            };
            assert_eq!(status(code).as_u16(), wanted, "{name}");
        }
    }
}
