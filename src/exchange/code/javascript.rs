//! JavaScript: a call of `fetch`, a test for Vitest.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::Request;

/// A text between double quotes.
fn quote(text: &str) -> String {
    let quoted = serde_json::Value::from(text).to_string();
    quoted
        .replace('\u{2028}', "\\u2028")
        .replace('\u{2029}', "\\u2029")
        .replace('\u{7f}', "\\u007f")
}

/// A header's value: a character for each byte, as JavaScript has them.
fn bytes(value: &[u8]) -> String {
    match std::str::from_utf8(value).ok().filter(|text| text.is_ascii()) {
        Some(text) => quote(text),
        None => {
            let chars: String = value.iter().copied().map(char::from).collect();
            quote(&chars)
        }
    }
}

/// The body's bytes; a text alone would bring a content type with it.
fn body(request: &Request<'_>) -> String {
    match request.text() {
        Some(text) => format!("new TextEncoder().encode({})", quote(text)),
        None => format!(
            "Uint8Array.from(atob(\"{}\"), (c) => c.charCodeAt(0))",
            STANDARD.encode(request.body)
        ),
    }
}

/// A call of `fetch`.
pub fn fetch(request: &Request<'_>) -> Result<String, String> {
    let bodiless = ["GET", "HEAD"].contains(&request.method);
    if bodiless && !request.body.is_empty() {
        return Err(format!("fetch sends no body with {}", request.method));
    }
    if ["CONNECT", "TRACE", "TRACK"].contains(&request.method) {
        return Err(format!("fetch sends no {}", request.method));
    }
    if !request.is_tidy() {
        return Err("fetch would write its URL in another way".into());
    }
    let mut text = format!(
        "await fetch({}, {{\n  method: {},\n  headers: [\n",
        quote(&request.url),
        quote(request.method)
    );
    for (name, value) in request.headers.iter() {
        text.push_str(&format!("    [{}, {}],\n", quote(name), bytes(value)));
    }
    text.push_str("  ],\n");
    if !bodiless {
        text.push_str(&format!("  body: {},\n", body(request)));
    }
    text.push_str("});\n");
    Ok(text)
}

/// What a file of tests begins with.
pub const VITEST: &str = r#"// Webhooks as they were delivered: the same bytes, signed anew by `ckwh sign` when the test runs. The secret comes from
// the environment, as ckwh takes it; WEBHOOK_URL says where they go.
import { spawnSync } from "node:child_process";
import { request as open } from "node:http";
import { request as openTls } from "node:https";
import { expect, test } from "vitest";

const TARGET = process.env.WEBHOOK_URL ?? "http://localhost:3000";

function signed(args, body) {
  const run = spawnSync(process.env.CKWH ?? "ckwh", ["sign", "-", "--as-is", ...args], { input: body });
  if (run.status !== 0) throw new Error(String(run.stderr));
  return String(run.stdout).trimEnd().split("\n").map((line) => [line.slice(0, line.indexOf(":")), line.slice(line.indexOf(":") + 2)]);
}

function deliver(method, path, headers, body) {
  const { protocol, hostname, port } = new URL(TARGET);
  return new Promise((resolve, reject) => {
    const options = { method, hostname, port, path, headers: headers.flat() };
    const sent = (protocol === "https:" ? openTls : open)(options, (answer) => {
      answer.resume();
      answer.on("end", () => resolve(answer.statusCode));
    });
    sent.on("error", reject);
    sent.end(body);
  });
}
"#;

/// A test of one capture.
pub fn vitest(request: &Request<'_>) -> String {
    let title = format!("capture {}: {} {}", request.id, request.method, request.target);
    let mut text = format!(
        "\ntest({}, async () => {{\n  const body = {};\n  let headers = [\n",
        quote(&title),
        body(request)
    );
    for (name, value) in request.headers.iter() {
        text.push_str(&format!("    [{}, {}],\n", quote(name), bytes(value)));
    }
    text.push_str("    [\"Content-Length\", String(body.length)],\n  ];\n");
    if !request.headers.contains("host") {
        text.push_str("  headers.push([\"Host\", new URL(TARGET).host]);\n");
    }
    if let Some(arguments) = request.sign_arguments(quote) {
        text.push_str(&format!(
            "  const fresh = signed([{}], body);\n  const names = fresh.map(([name]) => name.toLowerCase());\n  headers = headers.filter(([name]) => !names.includes(name.toLowerCase())).concat(fresh);\n",
            arguments
        ));
    }
    text.push_str(&format!(
        "  const status = await deliver({}, {}, headers, body);\n  expect(status).toBeGreaterThanOrEqual(200);\n  expect(status).toBeLessThan(300);\n}});\n",
        quote(request.method),
        quote(request.target)
    ));
    text
}
