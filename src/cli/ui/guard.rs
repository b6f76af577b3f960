//! Who may see the page, and who may do something with it.
//!
//! A browser on this machine runs pages of strangers, and sends them here: by a name of theirs that leads to this machine
//! (DNS rebinding), by forms and scripts (CSRF), and, since cookies know no ports, with this page's cookie to whatever else
//! listens on this machine. So the host is checked by name, the origin wherever it stands, and what a request comes from;
//! the cookie reads what is masked anyway; and the token, which no request but this page's own script carries, does the
//! rest.

use axum::body::Body;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::Response;
use subtle::ConstantTimeEq as _;
use uuid::Uuid;

/// The header that carries the token.
pub const TOKEN: &str = "x-ckwh-token";

/// What the browser is told of every answer. Captured text is text: even where it became markup, nothing of it would run.
const HEADERS: [(header::HeaderName, &str); 8] = [
    (
        header::CONTENT_SECURITY_POLICY,
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; form-action 'self'; \
         base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types ckwh",
    ),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (header::REFERRER_POLICY, "no-referrer"),
    (header::CACHE_CONTROL, "no-store"),
    (
        header::HeaderName::from_static("cross-origin-opener-policy"),
        "same-origin",
    ),
    (
        header::HeaderName::from_static("cross-origin-resource-policy"),
        "same-origin",
    ),
    (
        header::HeaderName::from_static("permissions-policy"),
        "camera=(), geolocation=(), microphone=()",
    ),
];

/// How far a request is trusted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Access {
    /// It shows neither cookie nor token.
    Stranger,
    /// It shows the cookie: it reads what is masked.
    Reader,
    /// It shows the token.
    Owner,
}

/// The secrets of one server, and what its requests must look like.
#[derive(Debug)]
pub struct Guard {
    port: u16,
    token: String,
    cookie: String,
}

impl Guard {
    pub fn new(port: u16) -> Self {
        let random = || format!("{}{}", Uuid::new_v4().simple(), Uuid::new_v4().simple());
        Self {
            port,
            token: random(),
            cookie: random(),
        }
    }

    /// Where a browser begins. What stands behind `#` is never sent: the page's script reads it.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}/#{}", self.port, self.token)
    }

    /// Why a request is answered by nobody, whatever it shows.
    pub fn refusal(&self, head: &Parts) -> Option<(StatusCode, &'static str)> {
        let own = |host: &str| self.is_own(host);
        let host = head.headers.get_all(header::HOST);
        let is_one = host.iter().count() == 1;
        let is_own = host.iter().all(|host| host.to_str().is_ok_and(own));
        let is_own_uri = head.uri.authority().is_none_or(|authority| own(authority.as_str()));
        if !is_one || !is_own || !is_own_uri {
            return Some((
                StatusCode::MISDIRECTED_REQUEST,
                "this page is known as localhost, 127.0.0.1 and [::1] alone",
            ));
        }
        let of = |origin: &HeaderValue| {
            let origin = origin.to_str().ok().and_then(|origin| origin.strip_prefix("http://"));
            origin.is_some_and(own)
        };
        if !head.headers.get_all(header::ORIGIN).iter().all(of) {
            return Some((StatusCode::FORBIDDEN, "another page sent this"));
        }
        let is_from_here = |site: &HeaderValue| matches!(site.as_bytes(), b"same-origin" | b"none");
        if !head.headers.get_all("sec-fetch-site").iter().all(is_from_here) {
            return Some((
                StatusCode::FORBIDDEN,
                "another page led here; type the address into the browser, or open it from the terminal",
            ));
        }
        None
    }

    fn is_own(&self, host: &str) -> bool {
        let name = host.strip_suffix(&format!(":{}", self.port));
        name.is_some_and(|name| matches!(name, "localhost" | "127.0.0.1" | "[::1]"))
    }

    pub fn access(&self, headers: &HeaderMap) -> Access {
        let is = |shown: &[u8], own: &str| bool::from(shown.ct_eq(own.as_bytes()));
        if headers
            .get(TOKEN)
            .is_some_and(|token| is(token.as_bytes(), &self.token))
        {
            return Access::Owner;
        }
        let name = self.cookie_name();
        let cookies = headers.get_all(header::COOKIE).iter();
        let mut pairs = cookies.flat_map(|line| line.as_bytes().split(|byte| *byte == b';'));
        let shows = pairs.any(|pair| {
            let value = pair.trim_ascii().strip_prefix(name.as_bytes());
            let value = value.and_then(|value| value.strip_prefix(b"="));
            value.is_some_and(|value| is(value, &self.cookie))
        });
        if shows { Access::Reader } else { Access::Stranger }
    }

    /// Two servers on one machine have the same cookies, but for their names.
    fn cookie_name(&self) -> String {
        format!("ckwh-{}", self.port)
    }

    /// What gives a browser the cookie.
    pub fn set_cookie(&self) -> String {
        format!(
            "{}={}; Path=/; HttpOnly; SameSite=Strict",
            self.cookie_name(),
            self.cookie
        )
    }
}

/// Adds what every answer says.
pub fn close(mut response: Response<Body>) -> Response<Body> {
    for (name, value) in HEADERS {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    response
}
