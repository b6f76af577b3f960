//! What providers keep of the deliveries that they made.

use serde_json::Value;

use super::bodies::{Draft, form, headers};
use super::{Read, Wrapper, at, has, text};
use crate::json;

/// A delivery of `GET /repos/{owner}/{repo}/hooks/{hook_id}/deliveries/{delivery_id}`
/// (<https://docs.github.com/en/rest/repos/webhooks#get-a-delivery-for-a-repository-webhook>).
pub const GITHUB: Wrapper = Wrapper {
    name: "github",
    title: "a delivery that GitHub keeps",
    lists: &[],
    is: |value| has(value, &["guid", "event"]) && has(value, &["delivered_at"]),
    read: |value| vec![github(value)],
    is_payload: false,
};

fn github(value: &Value) -> Read {
    let Some(request) = at(value, &["request"]) else {
        return Err("it holds no request: GitHub's list of deliveries has none; ask for each by its id".into());
    };
    let mut fields = headers(at(request, &["headers"]))?;
    // GitHub keeps the headers of the webhook; its content type is one of them, or JSON.
    if !fields.contains("content-type") {
        fields.append("content-type", "application/json");
    }
    let is_form = fields
        .text("content-type")
        .is_some_and(|kind| kind.starts_with("application/x-www-form-urlencoded"));
    let url = text(value, &["url"]).unwrap_or("/");
    let draft = Draft::new("POST", url, fields).at(at(value, &["delivered_at"]));
    match at(request, &["payload"]) {
        Some(payload @ (Value::Object(_) | Value::Array(_))) if is_form => {
            let mut field = serde_json::Map::new();
            field.insert("payload".into(), payload.to_string().into());
            draft.written(form(&field))
        }
        payload => draft.body(payload),
    }
}

/// An event of `GET /projects/:id/hooks/:hook_id/events`
/// (<https://docs.gitlab.com/ee/api/project_webhooks.html>).
pub const GITLAB: Wrapper = Wrapper {
    name: "gitlab",
    title: "an event of a webhook that GitLab keeps",
    lists: &[],
    is: |value| has(value, &["request_headers", "request_data"]),
    read: |value| {
        let draft = || {
            let url = text(value, &["url"]).unwrap_or("/");
            Ok::<_, String>(
                Draft::new("POST", url, headers(at(value, &["request_headers"]))?).at(at(value, &["created_at"])),
            )
        };
        vec![draft().and_then(|draft| draft.body(at(value, &["request_data"])))]
    },
    is_payload: false,
};

/// A call of `GET /spaces/{space_id}/webhooks/{webhook_id}/calls/{call_id}`
/// (<https://www.contentful.com/developers/docs/references/content-management-api/#/reference/webhook-calls>).
pub const CONTENTFUL: Wrapper = Wrapper {
    name: "contentful",
    title: "a webhook call that Contentful keeps",
    lists: &["items"],
    is: |value| text(value, &["sys", "type"]) == Some("WebhookCallDetails"),
    read: |value| {
        let draft = || {
            let request = at(value, &["request"]).ok_or("it holds no request")?;
            let method = text(request, &["method"]).unwrap_or("POST");
            let url = text(request, &["url"]).or(text(value, &["url"])).unwrap_or("/");
            let draft = Draft::new(method, url, headers(at(request, &["headers"]))?).at(at(value, &["requestAt"]));
            draft.body(at(request, &["body"]))
        };
        vec![draft()]
    },
    is_payload: false,
};

/// Attempts of `GET /api/v1/app/{app_id}/attempt/endpoint/{endpoint_id}?with_msg=true`
/// (<https://api.svix.com/docs#tag/Message-Attempt>).
pub const SVIX: Wrapper = Wrapper {
    name: "svix",
    title: "message attempts of Svix",
    lists: &["data"],
    is: |value| has(value, &["msgId"]) && has(value, &["endpointId"]),
    read: |value| vec![svix_attempt(value)],
    is_payload: false,
};

/// A message of Svix's, which stands in its attempts too.
pub const SVIX_MESSAGE: Wrapper = Wrapper {
    name: "svix-message",
    title: "messages of Svix",
    lists: &["data"],
    is: |value| has(value, &["eventType", "payload"]) && text(value, &["id"]).is_some_and(|id| id.starts_with("msg_")),
    read: |value| vec![svix(value, value, "/")],
    is_payload: false,
};

fn svix_attempt(value: &Value) -> Read {
    let url = text(value, &["url"]).filter(|url| !url.is_empty()).unwrap_or("/");
    match at(value, &["msg"]) {
        Some(message) => svix(value, message, url),
        None => Err("it holds no message: ask for the attempts with `with_msg=true`".into()),
    }
}

fn svix(attempt: &Value, message: &Value, url: &str) -> Read {
    let mut fields = headers(at(attempt, &["sentHeaders"]).or_else(|| at(attempt, &["headers"])))?;
    let time = at(attempt, &["timestamp"]);
    let id = text(message, &["id"]).or(text(attempt, &["msgId"])).unwrap_or_default();
    let signed = fields.contains("svix-signature") || fields.contains("webhook-signature");
    if !fields.contains("content-type") {
        fields.append("content-type", "application/json");
    }
    if !fields.contains("svix-id") && !fields.contains("webhook-id") {
        fields.append("svix-id", id);
        let at = time
            .and_then(Value::as_str)
            .and_then(|time| time.parse::<jiff::Timestamp>().ok());
        if let Some(at) = at {
            fields.append("svix-timestamp", at.as_second().to_string());
        }
    }
    let mut draft = Draft::new("POST", url, fields).at(time);
    if !signed {
        draft.note("the signature that was sent is not in it");
    }
    draft.body(at(message, &["payload"]))
}

/// An event of `GET /v1/events` (<https://docs.stripe.com/api/events/object>), which is also what a webhook's body is.
pub const STRIPE: Wrapper = Wrapper {
    name: "stripe",
    title: "events of Stripe",
    lists: &["data"],
    is: |value| text(value, &["object"]) == Some("event") && has(value, &["type", "data"]),
    read: |value| vec![stripe(value)],
    is_payload: true,
};

fn stripe(value: &Value) -> Read {
    let written = json::rewrite(value, &json::AS_WRITTEN_INDENT_2, usize::MAX).unwrap_or_default();
    let fields = headers(Some(
        &serde_json::json!({"content-type": "application/json; charset=utf-8"}),
    ))?;
    let mut draft = Draft::new("POST", "/", fields).at(at(value, &["created"]));
    draft.note("it is the event alone: the headers of its delivery are not in it, and so no signature");
    draft.written(String::from_utf8_lossy(&written).into_owned())
}
