//! The interface's files, and the few pages that stand without them.

use std::borrow::Cow;

use axum::body::Body;
use axum::extract::Request;
use axum::http::header::{ACCEPT, ALLOW, CACHE_CONTROL, CONTENT_SECURITY_POLICY};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode};
use axum::response::Response;
use sha2::{Digest, Sha256};

use super::answer::with_type;
use super::parts::file_name;

/// The one page of the interface; it knows all places.
const INDEX: &str = "index.html";
/// Files whose names change with their content.
const HASHED: &str = "_app/immutable/";
const HTML: &str = "text/html; charset=utf-8";

/// Where the interface's files come from.
pub trait Pages: Send + Sync + 'static {
    /// Gives a file by its path, without a first slash: `index.html`, `_app/immutable/…`.
    fn file(&self, path: &str) -> Option<Cow<'static, [u8]>>;
}

/// A page that says one thing, in Chinese and in English.
#[derive(Clone, Copy, Debug)]
pub(super) struct Notice {
    status: StatusCode,
    chinese: [&'static str; 2],
    english: [&'static str; 2],
    /// What to type.
    command: &'static str,
}

const OPEN: &str = "kaifong --data DIR open";

/// A link was used twice, or too late.
pub(super) const NOTICE_SPENT: Notice = Notice {
    status: StatusCode::FORBIDDEN,
    chinese: [
        "这个链接不能用了",
        "一个链接只能打开一次，十分钟内有效。在终端里输入下面这行（DIR 是你的数据目录），会得到一个新的：",
    ],
    english: [
        "This link can no longer be used",
        "A link opens once, within ten minutes. Type this in a terminal (DIR is your data folder) to get a new one:",
    ],
    command: OPEN,
};
/// This browser was never let in, or too many came after it.
pub(super) const NOTICE_OUTSIDE: Notice = Notice {
    status: StatusCode::UNAUTHORIZED,
    chinese: [
        "请凭链接进来",
        "这个浏览器还没有进来过，或者太久了。在终端里输入下面这行（DIR 是你的数据目录），打开它给的链接：",
    ],
    english: [
        "Please come in by a link",
        "This browser has not been let in, or too long ago. Type this in a terminal (DIR is your data folder) and open the link that it prints:",
    ],
    command: OPEN,
};
/// Another page led here.
pub(super) const NOTICE_FOREIGN: Notice = Notice {
    status: StatusCode::FORBIDDEN,
    chinese: ["不能从别的网页过来", "请把街坊的地址抄进浏览器的地址栏，或者在终端里输入："],
    english: [
        "Other pages cannot lead here",
        "Please type Kaifong's address into the address bar yourself, or type in a terminal:",
    ],
    command: OPEN,
};
/// The interface was not built.
const NOTICE_UNBUILT: Notice = Notice {
    status: StatusCode::SERVICE_UNAVAILABLE,
    chinese: ["界面还没有做出来", "街坊开着，但这个程序里没有界面。在源代码的文件夹里输入下面这行，再刷新："],
    english: [
        "The interface has not been built",
        "Kaifong is running, but without its interface. Type this in the folder of the source, then reload:",
    ],
    command: "make ui",
};

const STYLE: &str = "body{margin:12vh auto;max-width:34rem;padding:0 1.25rem;font:1.0625rem/1.6 system-ui,sans-serif;\
    background:#F8F1E4;color:#2B211A}h1{font-size:1.5rem}code{display:block;padding:.75rem 1rem;background:#FFFCF5;\
    border:1px solid #8C7B69;border-radius:.5rem;font-size:1rem}section+section{margin-top:2.5rem}\
    @media(prefers-color-scheme:dark){body{background:#1A1512;color:#F3E9DB}code{background:#27201B}}";

impl Notice {
    /// Gives the page. Its style's hash is in the policy for port 0: it connects to nothing.
    pub(super) fn page(self) -> Response {
        let Self { status, chinese, english, command } = self;
        let section = |lang: &str, [title, text]: [&str; 2]| {
            format!("<section lang=\"{lang}\"><h1>{title}</h1><p>{text}</p><code>{command}</code></section>")
        };
        let html = format!(
            "<!doctype html><html lang=\"zh-Hans\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" \
             content=\"width=device-width\"><title>街坊 Kaifong</title><style>{STYLE}</style></head><body>{}{}</body></html>",
            section("zh-Hans", chinese),
            section("en", english)
        );
        let policy = policy(0, &html);
        let mut response = with_type(status, HTML, html);
        response.headers_mut().insert(CONTENT_SECURITY_POLICY, policy);
        response
    }
}

/// Whether somebody goes to a page, as opposed to a page that fetches something.
pub(super) fn is_navigation(request: &Request) -> bool {
    let text = |name: &str| request.headers().get(name).and_then(|value| value.to_str().ok());
    let shown = match text("sec-fetch-mode") {
        Some(mode) => mode == "navigate",
        None => text(ACCEPT.as_str()).is_some_and(|accepted| accepted.contains("text/html")),
    };
    shown && matches!(*request.method(), Method::GET | Method::HEAD)
}

/// Answers with a file of the interface; any other place that somebody goes to is the one page's business. Who was not let
/// in sees no page.
pub(super) fn serve(pages: &dyn Pages, port: u16, request: &Request, let_in: bool) -> Response {
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        let mut response = with_type(StatusCode::METHOD_NOT_ALLOWED, "text/plain", Body::empty());
        response.headers_mut().insert(ALLOW, HeaderValue::from_static("GET, HEAD"));
        return response;
    }
    let none = || with_type(StatusCode::NOT_FOUND, "text/plain", "404");
    let path = request.uri().path();
    let name = match path {
        "/" => INDEX.to_owned(),
        path => match file_name(path) {
            Some(name) => name,
            None => return none(),
        },
    };
    let is_place = !name.contains('.') && !name.starts_with("_app/");
    let (name, file) = match pages.file(&name) {
        Some(file) => (name, Some(file)),
        None if path == "/" || (is_place && is_navigation(request)) => (INDEX.to_owned(), pages.file(INDEX)),
        None => return none(),
    };
    let kind = kind(&name);
    match file {
        _ if kind == HTML && !let_in => NOTICE_OUTSIDE.page(),
        None => NOTICE_UNBUILT.page(),
        Some(file) => {
            let mut said = HeaderMap::new();
            if kind == HTML {
                let html = String::from_utf8_lossy(&file);
                said.insert(CONTENT_SECURITY_POLICY, policy(port, &html));
            } else {
                let fresh = if name.starts_with(HASHED) { "public, max-age=31536000, immutable" } else { "no-cache" };
                said.insert(CACHE_CONTROL, HeaderValue::from_static(fresh));
            }
            let mut response = with_type(StatusCode::OK, kind, file.into_owned());
            response.headers_mut().extend(said);
            response
        }
    }
}

fn kind(name: &str) -> &'static str {
    match name.rsplit_once('.').map_or("", |(_, ending)| ending) {
        "html" => HTML,
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "json" => "application/json",
        "webmanifest" => "application/manifest+json",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "jpg" | "jpeg" => "image/jpeg",
        "webp" => "image/webp",
        "avif" => "image/avif",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        "woff" => "font/woff",
        "ttf" => "font/ttf",
        "wasm" => "application/wasm",
        "mp3" => "audio/mpeg",
        "ogg" => "audio/ogg",
        "wav" => "audio/wav",
        "txt" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

/// Gives the policy of a page (Content Security Policy 3): nothing but its own origin, and those inline scripts and styles
/// that stand in it. Attributes may style, because components place things with them; they cannot run anything.
pub(super) fn policy(port: u16, html: &str) -> HeaderValue {
    let (scripts, styles) = (hashes(html, "script"), hashes(html, "style"));
    let sockets = match port {
        0 => String::new(),
        port => format!(" ws://127.0.0.1:{port} ws://localhost:{port}"),
    };
    let text = format!(
        "default-src 'self'; script-src 'self'{scripts}; style-src 'self'{styles}; style-src-attr 'unsafe-inline'; \
         img-src 'self' data: blob:; connect-src 'self'{sockets}; object-src 'none'; frame-ancestors 'none'; \
         form-action 'self'; base-uri 'none'"
    );
    // Hashes and numbers are plain text; were they not, nothing at all would be allowed.
    HeaderValue::from_str(&text).unwrap_or(HeaderValue::from_static("default-src 'none'"))
}

/// Gives the hashes of a page's inline elements of one kind, each after a blank.
fn hashes(html: &str, tag: &str) -> String {
    let (opened, closed) = (format!("<{tag}"), format!("</{tag}>"));
    let elements = html.split(&opened).skip(1).filter_map(|rest| rest.split_once('>'));
    let inline = elements.filter(|(attributes, _)| !attributes.contains("src="));
    let bodies = inline.filter_map(|(_, rest)| rest.split_once(&closed)).map(|(body, _)| body);
    bodies.map(|body| format!(" 'sha256-{}'", data_encoding::BASE64.encode(&Sha256::digest(body.as_bytes())))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn inline_scripts_are_allowed_by_their_hash_and_no_others() {
        let html = "<script src=\"/a.js\"></script><script>alert(1)</script><style>p{}</style>";
        let policy = policy(4_000, html);
        let policy = policy.to_str().unwrap();
        // The hash as every other tool computes it: printf 'alert(1)' | openssl dgst -sha256 -binary | base64
        let script = "script-src 'self' 'sha256-bhHHL3z2vDgxUt0W3dWQOrprscmda2Y5pLsLg4GF+pI=';";
        assert!(policy.contains(script), "{policy}");
        assert_eq!(policy.matches("sha256-").count(), 2, "{policy}");
        assert!(policy.contains("connect-src 'self' ws://127.0.0.1:4000 ws://localhost:4000;"), "{policy}");
        assert!(!policy.contains("script-src 'self' 'unsafe"), "{policy}");
    }
}
