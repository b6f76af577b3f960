//! Five requests in every format that is read: what is taken in is what was put in, and it goes out and comes in again
//! as it is. The files are made here, from each format's own documentation, which stands beside its reader.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::support::Home;

/// A request that a file is made of.
struct Request {
    kind: &'static str,
    method: &'static str,
    target: &'static str,
    headers: &'static [(&'static str, &'static str)],
    body: &'static [u8],
}

const REQUESTS: [Request; 8] = [
    Request {
        kind: "list",
        method: "POST",
        target: "/hooks/g",
        headers: &[("content-type", "application/json")],
        body: br#"[1,"two",{"three":[]}]"#,
    },
    Request {
        kind: "nested",
        method: "POST",
        target: "/hooks/h",
        headers: &[("x-signature", "sha256=00ff"), ("content-type", "application/json")],
        body: br#"{"body":{"headers":{"a":"b"}},"url":"http://h.test/?a=b&c","empty":{}}"#,
    },
    Request {
        kind: "plain",
        method: "POST",
        target: "/hooks/a?x=1",
        headers: &[("content-type", "application/json"), ("x-github-event", "push")],
        body: br#"{"a":1,"b":[true,null,"x y"],"c":1.50}"#,
    },
    Request {
        kind: "repeated headers",
        method: "POST",
        target: "/hooks/b",
        headers: &[
            ("x-a", "1"),
            ("x-b", "x"),
            ("x-a", "2"),
            ("content-type", "application/json"),
        ],
        body: br#"{"a":"it's \"quoted\" $HOME `id` \\"}"#,
    },
    Request {
        kind: "binary",
        method: "POST",
        target: "/hooks/c",
        headers: &[("content-type", "application/octet-stream")],
        body: b"\x00\xff\xfe\r\n%'\x80",
    },
    Request {
        kind: "unicode",
        method: "POST",
        target: "/hooks/d",
        headers: &[("content-type", "application/json; charset=utf-8"), ("x-c", "d e")],
        body: "{\"é\":\"日本 😀 \u{2028}\"}".as_bytes(),
    },
    Request {
        kind: "empty body",
        method: "POST",
        target: "/hooks/e",
        headers: &[("x-a", "b"), ("content-type", "application/json")],
        body: b"",
    },
    Request {
        kind: "text",
        method: "POST",
        target: "/hooks/f?q=%20z",
        headers: &[("content-type", "application/json"), ("x-long", "a b; c=\"d\", e")],
        body: br#"{"n":-1500.250,"deep":{"list":[{"k":"v"}]}}"#,
    },
];

impl Request {
    fn text(&self) -> Option<&'static str> {
        std::str::from_utf8(self.body).ok()
    }

    fn json(&self) -> Option<Value> {
        serde_json::from_slice(self.body).ok()
    }

    fn base64(&self) -> String {
        STANDARD.encode(self.body)
    }

    /// Headers as an object, where each stands once.
    fn object(&self) -> Option<Value> {
        let mut object = serde_json::Map::new();
        for (name, value) in self.headers {
            if object.insert((*name).to_owned(), (*value).into()).is_some() {
                return None;
            }
        }
        object.insert("host".into(), "h.test".into());
        Some(Value::Object(object))
    }

    /// Headers as an object of lists.
    fn lists(&self) -> Value {
        let mut object = serde_json::Map::new();
        for (name, value) in self.headers.iter().chain(&[("host", "h.test")]) {
            let list = object.entry((*name).to_owned()).or_insert_with(|| json!([]));
            list.as_array_mut().unwrap().push((*value).into());
        }
        Value::Object(object)
    }

    /// Headers as `{"name", "value"}`, under these names.
    fn pairs(&self, name: &str, value: &str) -> Value {
        let pairs = self.headers.iter().chain(&[("host", "h.test")]);
        pairs.map(|(own, text)| json!({name: own, value: text})).collect()
    }

    fn path(&self) -> &'static str {
        self.target.split('?').next().unwrap()
    }

    fn query(&self) -> &'static str {
        self.target.split_once('?').map_or("", |(_, query)| query)
    }

    fn raw(&self, version: &str, line: &str) -> Vec<u8> {
        let mut raw = format!("{} {} {version}{line}Host: h.test{line}", self.method, self.target);
        for (name, value) in self.headers {
            raw.push_str(&format!("{name}: {value}{line}"));
        }
        if version == "HTTP/1.1" {
            raw.push_str(&format!("Content-Length: {}{line}", self.body.len()));
        }
        [raw.as_bytes(), line.as_bytes(), self.body].concat()
    }
}

/// Makes a file of a request; `None` where the format can't hold it.
type Make = fn(&Request) -> Option<Vec<u8>>;

fn text(value: Value) -> Option<Vec<u8>> {
    Some(value.to_string().into_bytes())
}

/// A text between PowerShell's quotes, as Chromium's developer tools escape it.
fn powershell(text: &str) -> String {
    let mut out = String::from("\"");
    for char in text.chars() {
        match char {
            '`' | '$' | '"' => out.extend(['`', char]),
            ' '..='~' => out.push(char),
            _ => char
                .encode_utf16(&mut [0; 2])
                .iter()
                .for_each(|unit| out.push_str(&format!("$([char]{unit})"))),
        }
    }
    out + "\""
}

/// A text as Chromium's developer tools escape it for cmd.exe.
fn cmd(text: &str) -> String {
    let mut out = String::from("^\"");
    for char in text.replace('\\', "\\\\").replace('"', "\\\"").chars() {
        match char {
            '%' => out.push_str("^%^"),
            _ if char.is_alphanumeric() || " _-:=+~'/.',?;()*`".contains(char) || !char.is_ascii() => out.push(char),
            _ => out.extend(['^', char]),
        }
    }
    out + "^\""
}

fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "'\\''"))
}

/// Each format, and whether it holds a body's bytes.
const FORMATS: &[(&str, bool, Make)] = &[
    ("jsonl", true, |request| {
        let pairs: Vec<_> = request.headers.iter().collect();
        text(
            json!({"method": request.method, "url": request.target, "headers": pairs, "body_base64": request.base64()}),
        )
    }),
    ("har", true, |request| {
        let post_data = match request.text() {
            Some("") => Value::Null,
            Some(text) => json!({"mimeType": "x", "text": text}),
            None => json!({"mimeType": "x", "text": request.base64(), "encoding": "base64"}),
        };
        let mut own = json!({"method": request.method, "url": format!("http://h.test{}", request.target), "headers": request.pairs("name", "value")});
        if !post_data.is_null() {
            own["postData"] = post_data;
        }
        text(
            json!({"log": {"version": "1.2", "creator": {"name": "x"}, "entries": [{"startedDateTime": "2026-05-08T12:00:00Z", "request": own}]}}),
        )
    }),
    ("http", true, |request| Some(request.raw("HTTP/1.1", "\r\n"))),
    ("http", true, |request| Some(request.raw("HTTP/2", "\n"))),
    ("curl", true, |request| {
        let mut line = format!("curl -X {} 'http://h.test{}'", request.method, request.target);
        for (name, value) in request.headers {
            line.push_str(&format!(" \\\n  -H {}", quoted(&format!("{name}: {value}"))));
        }
        if let Some(text) = request.text().filter(|text| !text.is_empty()) {
            line.push_str(&format!(" \\\n  --data-raw {}", quoted(text)));
        } else if !request.body.is_empty() {
            let octal: String = request.body.iter().map(|byte| format!("\\{byte:03o}")).collect();
            return Some(format!("printf '{octal}' | {line} --data-binary @-").into_bytes());
        }
        Some(line.into_bytes())
    }),
    ("curl", true, |request| {
        let mut line = format!(
            "curl --request {} {}",
            request.method,
            cmd(&format!("http://h.test{}", request.target))
        );
        for (name, value) in request.headers {
            line.push_str(&format!(" ^\r\n  -H {}", cmd(&format!("{name}: {value}"))));
        }
        if !request.body.is_empty() {
            line.push_str(&format!(" ^\r\n  --data-raw {}", cmd(request.text()?)));
        }
        Some(line.into_bytes())
    }),
    ("fetch", true, |request| {
        let mut options =
            json!({"method": request.method, "mode": "cors", "headers": request.pairs("", ""), "body": null});
        options["headers"] = request
            .headers
            .iter()
            .map(|(name, value)| json!([name, value]))
            .collect();
        if !request.body.is_empty() {
            options["body"] = request.text()?.into();
        }
        Some(format!("fetch(\"http://h.test{}\", {options:#});", request.target).into_bytes())
    }),
    ("powershell", true, |request| {
        request.object()?;
        let mut line = format!(
            "Invoke-WebRequest -UseBasicParsing -Uri \"http://h.test{}\" `\r\n-Method \"{}\" `\r\n-Headers @{{\r\n",
            request.target, request.method
        );
        for (name, value) in request.headers.iter().filter(|(name, _)| *name != "content-type") {
            line.push_str(&format!("  {}={}\r\n", powershell(name), powershell(value)));
        }
        let kind = request.headers.iter().find(|(name, _)| *name == "content-type")?.1;
        line.push_str(&format!("}} `\r\n-ContentType {}", powershell(kind)));
        if !request.body.is_empty() {
            line.push_str(&format!(
                " `\r\n-Body ([System.Text.Encoding]::UTF8.GetBytes({}))",
                powershell(request.text()?)
            ));
        }
        Some(line.into_bytes())
    }),
    ("httpie", true, |request| {
        let mut line = String::from("http");
        if !request.body.is_empty() {
            line.push_str(&format!(" --raw {}", quoted(request.text()?)));
        }
        line.push_str(&format!(" {} 'http://h.test{}'", request.method, request.target));
        for (name, value) in request.headers {
            line.push_str(&format!(" {}", quoted(&format!("{name}:{value}"))));
        }
        Some(line.into_bytes())
    }),
    ("http-file", true, |request| {
        let mut file = format!("### it\n{} http://h.test{}\n", request.method, request.target);
        for (name, value) in request.headers {
            file.push_str(&format!("{name}: {value}\n"));
        }
        Some(format!("{file}\n{}\n\n###\n", request.text()?).into_bytes())
    }),
    ("hurl", true, |request| {
        let mut file = format!("{} http://h.test{}\n", request.method, request.target);
        for (name, value) in request.headers {
            file.push_str(&format!("{name}: {value}\n"));
        }
        match request.text() {
            Some(text) => file.push_str(&format!("{text}\n")),
            None => file.push_str(&format!("base64,{};\n", request.base64())),
        }
        Some(format!("{file}HTTP 200\n").into_bytes())
    }),
    ("tcpdump", true, |request| {
        // A byte that is not ASCII is lost in it.
        let raw = String::from_utf8(request.raw("HTTP/1.1", "\n"))
            .ok()
            .filter(|raw| raw.is_ascii())?;
        Some(format!("10:00:00.000002 IP 127.0.0.1.40000 > 127.0.0.1.3000: Flags [P.], seq 1:85, ack 1, win 512, length {}: HTTP: x\nE.....@.@....{raw}\n10:00:00.000003 IP 127.0.0.1.3000 > 127.0.0.1.40000: Flags [.], ack 86, win 512, length 0\nE..4..@\n", raw.len()).into_bytes())
    }),
    ("ngrok", true, |request| {
        text(
            json!({"uri": "/api/requests/http", "requests": [{"id": "x", "start": "2026-05-08T12:00:00-08:00", "request": {
            "method": request.method, "proto": "HTTP/1.1", "headers": request.lists(), "uri": request.target, "raw": STANDARD.encode(request.raw("HTTP/1.1", "\r\n"))}}]}),
        )
    }),
    ("api-gateway", true, |request| {
        let query = (!request.query().is_empty()).then(|| {
            let (name, value) = request.query().split_once('=').unwrap();
            json!({name: value.replace("%20", " ")})
        });
        text(
            json!({"resource": "/{proxy+}", "path": request.path(), "httpMethod": request.method, "headers": {}, "multiValueHeaders": request.lists(),
            "queryStringParameters": query, "requestContext": {"stage": "prod", "requestTimeEpoch": 1_778_241_600_000_i64}, "body": request.base64(), "isBase64Encoded": true}),
        )
    }),
    ("api-gateway", true, |request| {
        // A load balancer leaves the query as it came.
        let query: serde_json::Map<String, Value> = request
            .query()
            .split_once('=')
            .map(|(name, value)| (name.to_owned(), value.into()))
            .into_iter()
            .collect();
        text(
            json!({"requestContext": {"elb": {"targetGroupArn": "arn:x"}}, "httpMethod": request.method, "path": request.path(), "queryStringParameters": query,
            "headers": request.object()?, "body": request.base64(), "isBase64Encoded": true}),
        )
    }),
    ("lambda-url", true, |request| {
        text(
            json!({"version": "2.0", "routeKey": "$default", "rawPath": request.path(), "rawQueryString": request.query(), "headers": request.object()?,
            "requestContext": {"http": {"method": request.method, "path": request.path(), "sourceIp": "192.0.2.1"}, "timeEpoch": 1_778_241_600_000_i64}, "body": request.base64(), "isBase64Encoded": true}),
        )
    }),
    ("github", false, |request| {
        text(
            json!({"id": 1, "guid": "g", "delivered_at": "2026-05-08T12:00:00Z", "event": "push", "url": format!("http://h.test{}", request.target),
            "request": {"headers": request.object()?, "payload": request.json()?}, "response": {}}),
        )
    }),
    ("gitlab", false, |request| {
        text(
            json!([{"id": 1, "url": format!("http://h.test{}", request.target), "trigger": "push_hooks", "request_headers": request.object()?, "request_data": request.json()?, "response_status": "200"}]),
        )
    }),
    ("contentful", true, |request| {
        text(
            json!({"sys": {"type": "WebhookCallDetails", "id": "x"}, "request": {"method": request.method, "url": format!("http://h.test{}", request.target), "headers": request.object()?, "body": request.text()?}, "requestAt": "2026-05-08T12:00:00Z"}),
        )
    }),
    ("svix", false, |request| {
        text(
            json!({"data": [{"id": "atmpt_1", "msgId": "msg_1", "endpointId": "ep_1", "url": format!("http://h.test{}", request.target), "timestamp": "2026-05-08T12:00:00Z",
            "headers": request.object()?, "msg": {"eventType": "x", "payload": request.json()?, "id": "msg_1", "timestamp": "2026-05-08T12:00:00Z"}}], "iterator": null, "done": true}),
        )
    }),
    ("webhook-site", true, |request| {
        text(
            json!({"data": [{"uuid": "u", "token_id": "t", "method": request.method, "content": request.text()?, "headers": request.lists(), "url": format!("http://h.test{}", request.target), "query": {}, "created_at": "2026-05-08 12:00:00"}], "total": 1}),
        )
    }),
    ("csv", true, |request| {
        let cell = |text: &str| format!("\"{}\"", text.replace('"', "\"\""));
        let cells = [
            request.method,
            &format!("http://h.test{}", request.target),
            &request.lists().to_string(),
            request.text()?,
            "2026-05-08 12:00:00",
        ];
        Some(
            format!(
                "uuid,method,url,headers,content,created_at\nu,{}\n",
                cells.map(cell).join(",")
            )
            .into_bytes(),
        )
    }),
    ("webhook-tester", true, |request| {
        text(
            json!([{"uuid": "u", "method": request.method, "request_payload_base64": request.base64(), "headers": request.pairs("name", "value"), "url": format!("http://h.test{}", request.target), "captured_at_unix_milli": 1_778_241_600_000_i64}]),
        )
    }),
    ("hookdeck", false, |request| {
        text(
            json!({"pagination": {}, "count": 1, "models": [{"id": "req_1", "created_at": "2026-05-08T12:00:00.000Z", "data": {"path": request.path(), "query": request.query(), "headers": request.object()?, "body": request.json()?}}]}),
        )
    }),
    ("wiremock", true, |request| {
        text(
            json!({"requests": [{"id": "u", "request": {"url": request.target, "absoluteUrl": format!("http://h.test{}", request.target), "method": request.method, "headers": request.object()?, "bodyAsBase64": request.base64(), "body": "", "loggedDate": 1_778_241_600_000_i64}}], "meta": {"total": 1}}),
        )
    }),
    ("httpbin", true, |request| {
        let data = match request.text() {
            Some(text) => text.to_owned(),
            None => format!("data:application/octet-stream;base64,{}", request.base64()),
        };
        text(
            json!({"args": {}, "data": data, "files": {}, "form": {}, "headers": request.object()?, "json": null, "method": request.method, "origin": "192.0.2.1", "url": format!("http://h.test{}", request.target)}),
        )
    }),
    ("pipedream", false, |request| {
        text(
            json!({"event": {"method": request.method, "path": request.path(), "query": {}, "client_ip": "192.0.2.1", "url": format!("http://h.test{}", request.target), "headers": request.object()?, "body": request.json()?}}),
        )
    }),
    ("n8n", false, |request| {
        text(
            json!([{"headers": request.object()?, "params": {}, "query": {}, "body": request.json()?, "webhookUrl": format!("http://h.test{}", request.target), "executionMode": "test"}]),
        )
    }),
    ("smee", false, |request| {
        request.query().is_empty().then_some(())?;
        let mut event = request.object()?;
        event["body"] = request.json()?;
        event["query"] = json!({});
        event["timestamp"] = 1_778_241_600_000_i64.into();
        text(event)
    }),
    ("postman", true, |request| {
        text(
            json!({"info": {"name": "x", "schema": "https://schema.getpostman.com/json/collection/v2.1.0/collection.json"}, "item": [{"name": "folder", "item": [{"name": "one", "request": {
            "method": request.method, "header": request.pairs("key", "value"), "url": {"raw": format!("http://h.test{}", request.target)}, "body": {"mode": "raw", "raw": request.text()?}}}]}]}),
        )
    }),
];

fn pairs(capture: &Value, name: &str) -> Vec<String> {
    let pairs = capture["headers"].as_array().unwrap().iter();
    let own = pairs.filter(|pair| pair[0].as_str().unwrap().eq_ignore_ascii_case(name));
    own.map(|pair| pair[1].as_str().unwrap().to_owned()).collect()
}

fn bytes(capture: &Value) -> Vec<u8> {
    match (capture["body"].as_str(), capture["body_base64"].as_str()) {
        (Some(text), _) => text.as_bytes().to_vec(),
        (_, Some(base64)) => STANDARD.decode(base64).unwrap(),
        _ => Vec::new(),
    }
}

#[test]
fn what_is_taken_in_is_what_was_put_in() {
    for (name, is_exact, make) in FORMATS {
        let mut made = 0;
        for request in &REQUESTS {
            let Some(file) = make(request) else { continue };
            made += 1;
            let home = Home::new();
            home.write("file", &file);
            let (found, ran) = home.import("file", 0);
            let what = format!("{name}, {}: {}", request.kind, ran.stderr);
            assert_eq!(found.len(), 1, "{what}");
            let capture = &found[0];
            assert_eq!(capture["method"], request.method, "{what}");
            let target = capture["target"].as_str().unwrap();
            // What smee sends on has lost its path.
            let path = if *name == "smee" { "/" } else { request.target };
            assert_eq!(target.strip_prefix("http://h.test").unwrap_or(target), path, "{what}");
            assert_eq!(
                bytes(capture),
                request.body,
                "{what} {}",
                String::from_utf8_lossy(&bytes(capture))
            );
            assert_eq!(capture["body_held"].is_null(), *is_exact, "{what} {capture}");
            for (header, _) in request.headers {
                let own = request.headers.iter().filter(|(own, _)| own == header);
                let values: Vec<String> = own.map(|(_, value)| (*value).to_owned()).collect();
                assert_eq!(pairs(capture, header), values, "{what}");
            }
            if made == 2 || request.kind == "binary" {
                comes_back(&home, capture, &what);
            }
        }
        assert!(made >= 3, "{name}: {made}");
    }
}

/// Exports the one capture in every format that is read, and imports it again.
fn comes_back(home: &Home, capture: &Value, what: &str) {
    for format in [
        "jsonl",
        "har",
        "curl",
        "http",
        "fetch",
        "httpie",
        "http-file",
        "postman",
    ] {
        let ran = home.run(&[
            "captures",
            "export",
            "1",
            "--with-credentials",
            "--format",
            format,
            "-o",
            "out",
        ]);
        if ran.status == 1 && ran.stderr.contains("is not exported") {
            continue;
        }
        ran.text(0);
        let (back, _) = Home::new().import(home.work().join("out").to_str().unwrap(), 0);
        let what = format!("{what} as {format}");
        assert_eq!(back[0]["method"], capture["method"], "{what}");
        assert_eq!(bytes(&back[0]), bytes(capture), "{what}");
        let target = |capture: &Value| {
            let target = capture["target"].as_str().unwrap().to_owned();
            ["http://h.test", "http://localhost"]
                .iter()
                .fold(target, |target, host| target.replace(host, ""))
        };
        assert_eq!(target(&back[0]), target(capture), "{what}");
        for pair in capture["headers"].as_array().unwrap() {
            let header = pair[0].as_str().unwrap();
            if ["content-length", "connection"].contains(&header.to_ascii_lowercase().as_str()) {
                continue;
            }
            assert_eq!(pairs(&back[0], header), pairs(capture, header), "{what} {header}");
        }
    }
}
