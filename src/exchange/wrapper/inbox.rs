//! Services and servers that catch requests to be looked at.

use serde_json::Value;

use super::bodies::{Draft, form, headers, with_query, with_raw_query};
use super::{Read, Wrapper, at, has, text};

/// Requests of `GET /token/:id/requests` (<https://docs.webhook.site/api/requests.html>).
pub const WEBHOOK_SITE: Wrapper = Wrapper {
    name: "webhook-site",
    title: "requests of webhook.site",
    lists: &["data"],
    is: |value| has(value, &["uuid", "method", "headers", "content"]) || has(value, &["uuid", "token_id", "method"]),
    read: |value| vec![webhook_site(value)],
    is_payload: false,
};

pub(super) fn webhook_site(value: &Value) -> Read {
    if let Some(kind) = text(value, &["type"]).filter(|kind| *kind != "web") {
        return Err(format!("it is of the type `{}`, and no request", kind.escape_debug()));
    }
    let method = text(value, &["method"]).unwrap_or("POST");
    let url = text(value, &["url"]).unwrap_or("/");
    let url = match at(value, &["query"]) {
        Some(query) if !url.contains('?') => with_query(url, Some(query), true),
        _ => url.to_owned(),
    };
    let draft = Draft::new(method, url, headers(at(value, &["headers"]))?)
        .at(at(value, &["created_at"]))
        .peer(text(value, &["ip"]));
    let content = text(value, &["content"]).unwrap_or_default();
    match at(value, &["request"]).and_then(Value::as_object) {
        // A form's fields stand beside its content, which may be left out.
        Some(fields) if content.is_empty() && !fields.is_empty() => draft.written(form(fields)),
        _ => draft.exact(content),
    }
}

/// Requests of webhook-tester (<https://github.com/tarampampam/webhook-tester>, `api/openapi.yml`), whose first version
/// has `content_base64`.
pub const WEBHOOK_TESTER: Wrapper = Wrapper {
    name: "webhook-tester",
    title: "requests of webhook-tester",
    lists: &["requests"],
    is: |value| {
        let body = ["request_payload_base64", "content_base64"];
        has(value, &["method", "headers"]) && body.iter().any(|name| value.get(*name).is_some())
    },
    read: |value| {
        let draft = || {
            let method = text(value, &["method"]).unwrap_or("POST");
            let time = at(value, &["captured_at_unix_milli"]).or_else(|| at(value, &["created_at_unix"]));
            let body = text(value, &["request_payload_base64"]).or(text(value, &["content_base64"]));
            Draft::new(
                method,
                text(value, &["url"]).unwrap_or("/"),
                headers(at(value, &["headers"]))?,
            )
            .at(time)
            .peer(text(value, &["client_address"]))
            .base64(body.unwrap_or_default())
        };
        vec![draft()]
    },
    is_payload: false,
};

/// Requests and events of Hookdeck (<https://hookdeck.com/docs/api#requests>, `?include=data` for events).
pub const HOOKDECK: Wrapper = Wrapper {
    name: "hookdeck",
    title: "requests of Hookdeck",
    lists: &["models"],
    is: |value| {
        let is_whole = at(value, &["data", "headers"]).is_some()
            && value.get("data").is_some_and(|data| data.get("body").is_some());
        let is_bare = has(value, &["team_id", "source_id"]) && at(value, &["data"]).is_none();
        is_whole || is_bare
    },
    read: |value| {
        let draft = || {
            let data = at(value, &["data"])
                .ok_or("it holds no data: Hookdeck's lists have none unless they are asked for with `include=data`")?;
            let method = text(data, &["method"])
                .or(text(data, &["http_method"]))
                .unwrap_or("POST");
            let path = text(data, &["path"]).filter(|path| !path.is_empty()).unwrap_or("/");
            let target = match text(data, &["query"]) {
                Some(query) => with_raw_query(path, Some(query)),
                None => with_query(path, at(data, &["parsed_query"]).or_else(|| at(data, &["query"])), true),
            };
            let time = at(value, &["ingested_at"]).or_else(|| at(value, &["created_at"]));
            let draft = Draft::new(method, target, headers(at(data, &["headers"]))?).at(time);
            match at(data, &["is_large_payload"]).and_then(Value::as_bool) {
                Some(true) if at(data, &["body"]).is_none() => draft.missing("Hookdeck keeps a long one elsewhere"),
                _ => draft.body(at(data, &["body"])),
            }
        };
        vec![draft()]
    },
    is_payload: false,
};

/// The journal of WireMock, `GET /__admin/requests` (<https://wiremock.org/docs/verifying/>).
pub const WIREMOCK: Wrapper = Wrapper {
    name: "wiremock",
    title: "the journal of WireMock",
    lists: &["requests"],
    is: |value| {
        let request = value.get("request").unwrap_or(value);
        has(request, &["url", "method", "headers"])
            && (has(request, &["bodyAsBase64"]) || has(request, &["loggedDate"]))
    },
    read: |value| {
        let draft = || {
            let request = value.get("request").unwrap_or(value);
            let method = text(request, &["method"]).unwrap_or("POST");
            let draft = Draft::new(
                method,
                text(request, &["url"]).unwrap_or("/"),
                headers(at(request, &["headers"]))?,
            )
            .at(at(request, &["loggedDate"]))
            .peer(text(request, &["clientIp"]));
            match text(request, &["bodyAsBase64"]) {
                Some(body) => draft.base64(body),
                None => draft.body(at(request, &["body"])),
            }
        };
        vec![draft()]
    },
    is_payload: false,
};

/// What httpbin's `/post` and `/anything` answer, and Postman's echo (<https://httpbin.org>).
pub const HTTPBIN: Wrapper = Wrapper {
    name: "httpbin",
    title: "an answer of httpbin",
    lists: &[],
    is: |value| has(value, &["args", "data", "headers", "url"]),
    read: |value| {
        let draft = || {
            let method = text(value, &["method"]).unwrap_or("POST");
            let url = text(value, &["url"]).unwrap_or("/");
            let draft = Draft::new(method, url, headers(at(value, &["headers"]))?).peer(text(value, &["origin"]));
            let fields = at(value, &["form"])
                .and_then(Value::as_object)
                .filter(|fields| !fields.is_empty());
            match (text(value, &["data"]), fields) {
                (Some(""), Some(fields)) => draft.written(form(fields)),
                (Some(text), _) => match text.strip_prefix("data:application/octet-stream;base64,") {
                    Some(base64) => draft.base64(base64),
                    None => draft.exact(text),
                },
                _ => draft.body(at(value, &["data"])),
            }
        };
        vec![draft()]
    },
    is_payload: false,
};

/// An event of a Pipedream source or of RequestBin (<https://pipedream.com/docs/workflows/building-workflows/triggers>).
pub const PIPEDREAM: Wrapper = Wrapper {
    name: "pipedream",
    title: "an event of Pipedream or RequestBin",
    lists: &["data"],
    is: |value| {
        let event = value.get("event").or_else(|| value.get("e")).unwrap_or(value);
        has(event, &["method", "path", "headers", "body"]) || has(event, &["method", "client_ip", "headers"])
    },
    read: |value| {
        let draft = || {
            let event = value.get("event").or_else(|| value.get("e")).unwrap_or(value);
            let method = text(event, &["method"]).unwrap_or("POST");
            let target = match text(event, &["url"]) {
                Some(url) => url.to_owned(),
                None => with_query(text(event, &["path"]).unwrap_or("/"), at(event, &["query"]), true),
            };
            let time = at(value, &["metadata", "emit_ts"]).or_else(|| at(event, &["timestamp"]));
            let draft = Draft::new(method, target, headers(at(event, &["headers"]))?)
                .at(time)
                .peer(text(event, &["client_ip"]));
            draft.body(at(event, &["bodyRaw"]).or_else(|| at(event, &["body"])))
        };
        vec![draft()]
    },
    is_payload: false,
};

/// What n8n's webhook node gives on (<https://docs.n8n.io/integrations/builtin/core-nodes/n8n-nodes-base.webhook/>).
pub const N8N: Wrapper = Wrapper {
    name: "n8n",
    title: "an item of n8n's webhook node",
    lists: &[],
    is: |value| has(value, &["headers", "params", "query", "body"]),
    read: |value| {
        let draft = || {
            let url = with_query(text(value, &["webhookUrl"]).unwrap_or("/"), at(value, &["query"]), true);
            Draft::new("POST", url, headers(at(value, &["headers"]))?).body(at(value, &["body"]))
        };
        vec![draft()]
    },
    is_payload: false,
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_request_is_told() {
        let mail = serde_json::json!({"uuid": "u", "token_id": "t", "type": "email", "method": null, "content": "x"});
        assert!((WEBHOOK_SITE.is)(&mail));
        assert!(webhook_site(&mail).unwrap_err().contains("`email`"));
        let listed = serde_json::json!({"id": "req_1", "team_id": "t", "source_id": "s", "ingested_at": "2026-11-01T10:00:00.000Z"});
        assert!((HOOKDECK.is)(&listed));
        assert!(
            (HOOKDECK.read)(&listed)[0]
                .as_ref()
                .unwrap_err()
                .contains("include=data")
        );
    }
}
