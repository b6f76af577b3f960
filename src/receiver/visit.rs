//! A person who opens the printed URL in a browser: not an event, and not kept.

use std::net::SocketAddr;

use bytes::Bytes;

use super::Reply;
use crate::message::Message;

/// What a browser on this machine is answered, where it asks for the page itself or for its icon (Fetch Metadata, 2.1
/// and 2.3: Sec-Fetch-Dest and Sec-Fetch-Mode).
pub fn answer(message: &Message, peer: SocketAddr, page: &Bytes) -> Option<Reply> {
    let header = |name: &str| message.headers.text(name).unwrap_or_default();
    let is_visit = header("sec-fetch-mode") == "navigate" || header("sec-fetch-dest") == "image";
    if message.method != "GET" || !peer.ip().to_canonical().is_loopback() || !is_visit || !message.body.is_empty() {
        return None;
    }
    match message.url.as_deref() {
        Some("/") => Some(Reply {
            status: 200,
            headers: [
                ("Content-Type", "text/html; charset=utf-8"),
                ("Cache-Control", "no-store"),
            ]
            .into_iter()
            .collect(),
            body: page.clone(),
        }),
        Some("/favicon.ico") => Some(Reply::text(404, "")),
        _ => None,
    }
}
