//! Python: a call of `requests`, a test for pytest.

use super::Request;

/// A text between double quotes.
fn quote(text: &str) -> String {
    let mut out = String::from("\"");
    for char in text.chars() {
        match char {
            '"' | '\\' => out.extend(['\\', char]),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            ' '..='~' => out.push(char),
            _ if u32::from(char) < 0x100 => out.push_str(&format!("\\x{:02x}", u32::from(char))),
            _ if u32::from(char) < 0x10000 => out.push_str(&format!("\\u{:04x}", u32::from(char))),
            _ => out.push_str(&format!("\\U{:08x}", u32::from(char))),
        }
    }
    out.push('"');
    out
}

/// Bytes between double quotes.
fn bytes(value: &[u8]) -> String {
    let mut out = String::from("b\"");
    for byte in value {
        match byte {
            b'"' | b'\\' => out.extend(['\\', char::from(*byte)]),
            b'\n' => out.push_str("\\n"),
            b'\r' => out.push_str("\\r"),
            b'\t' => out.push_str("\\t"),
            b' '..=b'~' => out.push(char::from(*byte)),
            _ => out.push_str(&format!("\\x{byte:02x}")),
        }
    }
    out.push('"');
    out
}

/// What a file of requests begins with.
pub const REQUESTS: &str = "import requests\n\n";

/// A call of `requests`, with the URL and the body as they are.
pub fn requests(request: &Request<'_>) -> String {
    let mut text = format!(
        "request = requests.Request({}, {}, data={}, headers={{\n",
        quote(request.method),
        quote(&request.url),
        bytes(request.body)
    );
    for (name, value) in request.joined() {
        text.push_str(&format!("    {}: {},\n", quote(name), bytes(&value)));
    }
    text.push_str(&format!("}}).prepare()\nrequest.url = {}\n", quote(&request.url)));
    text.push_str("print(requests.Session().send(request, allow_redirects=False).status_code)\n");
    text
}

/// What a file of tests begins with.
pub const PYTEST: &str = r#""""Webhooks as they were delivered: the same bytes, signed anew by `ckwh sign` when the test runs.

The secret comes from the environment, as ckwh takes it; WEBHOOK_URL says where they go.
"""

import http.client
import os
import subprocess
from urllib.parse import urlsplit

TARGET = os.environ.get("WEBHOOK_URL", "http://localhost:3000")


def signed(args, body):
    command = [os.environ.get("CKWH", "ckwh"), "sign", "-", "--as-is", *args]
    lines = subprocess.run(command, input=body, check=True, stdout=subprocess.PIPE).stdout.decode().splitlines()
    return [tuple(line.split(": ", 1)) for line in lines]


def deliver(method, path, headers, body):
    url = urlsplit(TARGET)
    connect = http.client.HTTPSConnection if url.scheme == "https" else http.client.HTTPConnection
    connection = connect(url.hostname, url.port)
    connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
    for name, value in headers:
        connection.putheader(name, value)
    connection.endheaders(body)
    return connection.getresponse().status
"#;

/// A test of one capture.
pub fn pytest(request: &Request<'_>) -> String {
    let mut text = format!(
        "\n\ndef test_capture_{}():\n    body = {}\n    headers = [\n",
        request.id,
        bytes(request.body)
    );
    for (name, value) in request.headers.iter() {
        text.push_str(&format!("        ({}, {}),\n", quote(name), bytes(value)));
    }
    text.push_str("        (\"Content-Length\", str(len(body))),\n    ]\n");
    if !request.headers.contains("host") {
        text.push_str("    headers.append((\"Host\", urlsplit(TARGET).netloc))\n");
    }
    if let Some(arguments) = request.sign_arguments(quote) {
        text.push_str(&format!(
            "    fresh = signed([{}], body)\n    names = [name.lower() for name, _ in fresh]\n    headers = [field for field in headers if field[0].lower() not in names] + fresh\n",
            arguments
        ));
    }
    text.push_str(&format!(
        "    assert 200 <= deliver({}, {}, headers, body) < 300\n",
        quote(request.method),
        quote(request.target)
    ));
    text
}
