//! Where a redirect leads, and what of a request goes there (RFC 9110, 15.4).

use reqwest::header::LOCATION;

use crate::delivery::Endpoint;
use crate::exchange::credentials::Credentials;
use crate::message::Message;

/// How many are followed.
pub const MOST: usize = 5;

/// The next request, where an answer to the last one redirects it: with a `Host` of its own and, on another origin that
/// is not this machine, without credentials. `None` also where it leads to no place that HTTP goes to.
pub fn next(
    from: &Endpoint,
    message: &Message,
    response: &reqwest::Response,
    credentials: &Credentials,
) -> Option<(Endpoint, Message)> {
    let status = response.status().as_u16();
    if !matches!(status, 301 | 302 | 303 | 307 | 308) {
        return None;
    }
    let location = response.headers().get(LOCATION)?;
    let location = std::str::from_utf8(location.as_bytes()).ok()?;
    let to = from.redirected(location)?;
    let mut message = message.clone();
    message.headers.remove("host");
    // As browsers and curl have it: what was posted is posted again where the answer says so, and nowhere else.
    let is_read = matches!(message.method.as_str(), "GET" | "HEAD");
    if status == 303 && !is_read || matches!(status, 301 | 302) && message.method == "POST" {
        "GET".clone_into(&mut message.method);
        message.body = bytes::Bytes::new();
        message.headers.retain(|name, _| {
            !name
                .get(..8)
                .is_some_and(|start| start.eq_ignore_ascii_case("content-"))
        });
    }
    if to.url().origin() != from.url().origin() && !to.is_loopback() {
        credentials.take_from(&mut message.headers, |_| false);
    }
    Some((to, message))
}
