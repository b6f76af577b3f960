//! Tunnels: ngrok's inspector, smee.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use super::bodies::{Draft, headers, with_query};
use super::{Read, Wrapper, at, has, text};
use crate::exchange::http;

/// `GET /api/requests/http` of ngrok's agent, and one request of it
/// (<https://ngrok.com/docs/agent/api/#captured-requests>).
pub const NGROK: Wrapper = Wrapper {
    name: "ngrok",
    title: "requests of ngrok's inspector",
    lists: &["requests"],
    is: |value| {
        has(value, &["request"])
            && (text(value, &["request", "raw"]).is_some() && at(value, &["request", "uri"]).is_some())
    },
    read: |value| vec![ngrok(value)],
    is_payload: false,
};

fn ngrok(value: &Value) -> Read {
    let request = at(value, &["request"]).ok_or("it has no request")?;
    let raw = text(request, &["raw"]).unwrap_or_default();
    let bytes = STANDARD.decode(raw).map_err(|_| "its `raw` is not base64")?;
    let parsed = http::first(&bytes);
    let fields = headers(at(request, &["headers"]))?;
    let method = text(request, &["method"]).unwrap_or("POST");
    let uri = text(request, &["uri"]).unwrap_or("/");
    let draft = |method: &str, uri: &str, fields| {
        Draft::new(method, uri, fields)
            .at(at(value, &["start"]))
            .peer(text(value, &["remote_addr"]))
    };
    match parsed {
        Ok(found) => {
            let message = found.message;
            let target = message.url.as_deref().unwrap_or(uri);
            let mut draft = draft(&message.method, target, message.headers);
            found.notes.into_iter().for_each(|note| draft.note(note));
            draft.exact(message.body)
        }
        // A long body is cut, and its head is whole.
        Err(_) if !bytes.is_empty() => {
            draft(method, uri, fields).missing("ngrok keeps the beginning of a long one alone")
        }
        Err(_) => draft(method, uri, fields).body(None),
    }
}

/// What smee.io sends on, as `smee-client` receives it: the headers, `body`, `query` and `timestamp` side by side
/// (<https://github.com/probot/smee.io>, `lib/server.js`).
pub const SMEE: Wrapper = Wrapper {
    name: "smee",
    title: "an event of smee.io",
    lists: &[],
    is: |value| {
        let headers = ["host", "content-type", "user-agent", "x-forwarded-for", "accept"];
        has(value, &["body", "timestamp"])
            && headers
                .iter()
                .any(|name| value.get(*name).is_some_and(Value::is_string))
    },
    read: |value| vec![smee(value)],
    is_payload: false,
};

fn smee(value: &Value) -> Read {
    let object = value.as_object().ok_or("it is no object")?;
    let fields = object
        .iter()
        .filter(|(name, _)| !["body", "query", "timestamp"].contains(&name.as_str()));
    let fields: serde_json::Map<String, Value> = fields.map(|(name, value)| (name.clone(), value.clone())).collect();
    let target = with_query("/", at(value, &["query"]), true);
    Draft::new("POST", target, headers(Some(&Value::Object(fields)))?)
        .at(at(value, &["timestamp"]))
        .body(at(value, &["body"]))
}
