//! Files of others: `.http`, Postman's collections.

use serde_json::json;

use super::Request;

/// A request of a `.http` file.
pub fn http_file(request: &Request<'_>) -> Result<String, String> {
    let body = request.text().ok_or("a .http file holds no bytes that are not text")?;
    let is_line_of_its_own = |line: &str| {
        ["###", "< ", "<@ ", "> ", ">> ", "<> "]
            .iter()
            .any(|start| line.starts_with(start))
    };
    let edges = body.starts_with(['\n', '\r', ' ', '\t']) || body.ends_with(['\n', '\r', ' ', '\t']);
    if body.contains('\r') || edges || body.lines().any(is_line_of_its_own) || body.contains("{{") {
        return Err("a .http file would read its body in another way".into());
    }
    if request.url.contains("{{") {
        return Err("a .http file would read its URL in another way".into());
    }
    let mut text = format!("### capture {}\n{} {}\n", request.id, request.method, request.url);
    for (name, value) in request.headers.iter() {
        let value = std::str::from_utf8(value).map_err(|_| "a .http file holds no bytes that are not text")?;
        if value.contains("{{") {
            return Err("a .http file would read a header in another way".into());
        }
        text.push_str(&format!("{name}: {value}\n"));
    }
    text.push_str(&format!("\n{body}\n"));
    Ok(text)
}

/// What stands before the first request of a collection.
pub fn postman_begin() -> String {
    let info = json!({
        "name": "captures",
        "schema": "https://schema.getpostman.com/json/collection/v2.1.0/collection.json",
    });
    format!("{{\"info\":{info},\"item\":[\n")
}

/// What stands behind the last request of a collection.
pub const POSTMAN_END: &str = "]}\n";

/// A request of a collection.
pub fn postman(request: &Request<'_>) -> Result<String, String> {
    let body = request
        .text()
        .ok_or("a collection of Postman holds no bytes that are not text")?;
    if body.contains("{{") || request.url.contains("{{") {
        return Err("Postman would put a variable where `{{` stands".into());
    }
    let mut fields = Vec::new();
    for (name, value) in request.headers.iter() {
        let value =
            std::str::from_utf8(value).map_err(|_| "a collection of Postman holds no bytes that are not text")?;
        fields.push(json!({"key": name, "value": value}));
    }
    let mut item = json!({
        "name": format!("capture {}: {} {}", request.id, request.method, request.target),
        "protocolProfileBehavior": {"disableBodyPruning": true, "disableUrlEncoding": true, "followRedirects": false},
        "request": {"method": request.method, "header": fields, "url": request.url},
    });
    if !body.is_empty() {
        item["request"]["body"] = json!({"mode": "raw", "raw": body});
    }
    Ok(item.to_string())
}
