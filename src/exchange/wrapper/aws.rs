//! What AWS gives to functions: API Gateway's two formats, load balancers, function URLs; and Netlify, which has the
//! first.
//!
//! The forms are those of AWS's developer guides: "Set up Lambda proxy integrations in API Gateway", "Working with AWS
//! Lambda proxy integrations for HTTP APIs", "Using Lambda functions as targets", "Lambda function URLs".

use serde_json::Value;

use super::bodies::{Draft, headers, with_query, with_raw_query};
use super::{Read, Wrapper, at, has, text};

/// Payload format 2.0: HTTP APIs and function URLs.
pub const FUNCTION: Wrapper = Wrapper {
    name: "lambda-url",
    title: "an event of a function URL or an HTTP API (payload format 2.0)",
    lists: &[],
    is: |value| has(value, &["rawPath", "headers"]) && at(value, &["requestContext", "http", "method"]).is_some(),
    read: |value| vec![version_2(value)],
    is_payload: false,
};

/// Payload format 1.0: REST APIs, load balancers.
pub const LAMBDA: Wrapper = Wrapper {
    name: "api-gateway",
    title: "an event of API Gateway or a load balancer",
    lists: &[],
    is: |value| {
        let has_headers = has(value, &["headers"]) || has(value, &["multiValueHeaders"]);
        has(value, &["httpMethod", "path"]) && has_headers && has(value, &["body"])
    },
    read: |value| vec![version_1(value)],
    is_payload: false,
};

fn version_1(event: &Value) -> Read {
    let method = text(event, &["httpMethod"]).ok_or("it has no httpMethod")?;
    let is_balancer = at(event, &["requestContext", "elb"]).is_some();
    let path = text(event, &["path"]).unwrap_or("/");
    let query = at(event, &["multiValueQueryStringParameters"]).or_else(|| at(event, &["queryStringParameters"]));
    // A load balancer leaves a query as it came.
    let target = with_query(path, query, !is_balancer);
    let fields = headers(at(event, &["multiValueHeaders"]).or_else(|| at(event, &["headers"])))?;
    let time = at(event, &["requestContext", "requestTimeEpoch"]);
    let mut draft = Draft::new(method, target, fields)
        .at(time)
        .peer(text(event, &["requestContext", "identity", "sourceIp"]));
    if query.is_some() && !is_balancer {
        draft
            .note("its query was written again from its parameters, so a URL that was signed may be written otherwise");
    }
    body(event, draft)
}

fn version_2(event: &Value) -> Read {
    let http = at(event, &["requestContext", "http"]).ok_or("it has no requestContext.http")?;
    let method = text(http, &["method"]).ok_or("it has no method")?;
    let path = text(event, &["rawPath"]).unwrap_or("/");
    let target = with_raw_query(path, text(event, &["rawQueryString"]));
    let mut fields = headers(at(event, &["headers"]))?;
    let cookies: Vec<&str> = at(event, &["cookies"])
        .and_then(Value::as_array)
        .map(|cookies| cookies.iter().filter_map(Value::as_str).collect())
        .unwrap_or_default();
    if !cookies.is_empty() && !fields.contains("cookie") {
        fields.append("cookie", cookies.join("; "));
    }
    let draft = Draft::new(method, target, fields)
        .at(at(event, &["requestContext", "timeEpoch"]))
        .peer(text(http, &["sourceIp"]));
    body(event, draft)
}

fn body(event: &Value, draft: Draft) -> Read {
    let is_base64 = at(event, &["isBase64Encoded"])
        .and_then(Value::as_bool)
        .unwrap_or(false);
    match text(event, &["body"]) {
        Some(text) if is_base64 => draft.base64(text),
        _ => draft.body(at(event, &["body"])),
    }
}
