//! HTTP message signatures beside those of npm's and of PyPI's http-message-signatures, in both directions.

use serde_json::{Map, Value, json};

use super::support::{Home, run};
use super::{Library, Runtime};

const MESSAGES: Runtime = Runtime {
    command: &["node", "messages.mjs"],
    verifies: &[],
    signs: &[],
};

/// Of RFC 9421 alone.
const PYTHON: Runtime = Runtime {
    command: &[".venv/bin/python", "messages.py"],
    verifies: &[],
    signs: &[],
};

/// Each of the library's algorithms that is meant, the table's name of it, and whether what the library signs is what the
/// specification has: it makes the salt of RSA-PSS as long as the key allows, and RFC 9421, section 3.3.1, has 64 bytes.
const RFC9421: [(&str, &str, bool); 6] = [
    ("hmac-sha256", "hmac-sha256", true),
    ("ed25519", "ed25519", true),
    ("rsa-v1_5-sha256", "rsa-v1_5-sha256", true),
    ("rsa-pss-sha512", "rsa-pss-sha512", false),
    ("ecdsa-p256-sha256", "ecdsa-p256-sha256", true),
    ("ecdsa-p384-sha384", "ecdsa-p384-sha384", true),
];
/// PyPI's library makes the salt as the specification has it.
const OF_PYTHON: [(&str, &str, bool); 6] = [
    RFC9421[0],
    RFC9421[1],
    RFC9421[2],
    ("rsa-pss-sha512", "rsa-pss-sha512", true),
    RFC9421[4],
    RFC9421[5],
];
const CAVAGE: [(&str, &str, bool); 3] = [
    ("hmac-sha256", "hmac-sha256", true),
    ("ed25519", "ed25519", true),
    ("rsa-v1_5-sha256", "rsa-sha256", true),
];

/// A style of the library, and what a table of it has.
struct Style {
    name: &'static str,
    lines: &'static str,
    /// The same components, as the library names them.
    fields: &'static [&'static str],
    is_created: bool,
    algorithms: &'static [(&'static str, &'static str, bool)],
}

const STYLES: [Style; 2] = [
    Style {
        name: "httpbis",
        lines: r#"kind = "rfc9421"
covers = ["@method", "@target-uri", "@authority", "@scheme", "@path", "@query", '@query-param;name="a"', "content-type", "content-digest"]
keyid = "one""#,
        fields: &[
            "@method",
            "@target-uri",
            "@authority",
            "@scheme",
            "@path",
            "@query",
            "@query-param;name=\"a\"",
            "content-type",
            "content-digest",
        ],
        is_created: true,
        algorithms: &RFC9421,
    },
    Style {
        name: "cavage",
        lines: r#"kind = "cavage"
covers = ["(request-target)", "host", "date", "digest"]
keyid = "one""#,
        fields: &["@request-target", "host", "date", "digest"],
        is_created: false,
        algorithms: &CAVAGE,
    },
];

fn write_provider(home: &Home, name: &str, style: &Style, algorithm: &str) {
    let folder = home.work().join(format!(".ckwh/providers/{name}"));
    std::fs::create_dir_all(&folder).unwrap();
    let (from, unit) = if style.is_created {
        ("signature", "s")
    } else {
        ("header:Date", "http-date")
    };
    let table = format!(
        r#"version = 1
title = "{name}"
about = "for a test"
path = "/in?a=b%20c"
secret_env = ["NONE"]
request = {{ style = "javascript", headers = {{ "Content-Type" = "application/json" }} }}
event = {{ type = "body:/type" }}
recognise = {{ header = {{ "Signature" = "." }} }}
timestamp = {{ from = "{from}", unit = "{unit}", tolerance = {{ past = "5m", future = "5m" }} }}
events = {{ "thing.made" = "A thing was made" }}

[[signature]]
algorithm = "{algorithm}"
{lines}
"#,
        lines = style.lines
    );
    std::fs::write(folder.join("provider.toml"), table).unwrap();
    std::fs::write(folder.join("thing.made.json"), "{\"type\":\"thing.made\",\"n\":1}").unwrap();
}

fn sent(home: &Home, provider: &str, key: &str, more: &[&str]) -> Value {
    let send = [
        "send",
        "thing.made",
        "--provider",
        provider,
        "--secret-file",
        key,
        "--to",
        "https://hooks.example.com/in?a=b%20c",
        "--dry-run",
        "--json",
    ];
    let made = run(&mut home.ckwh(&[&send[..], more].concat()), b"");
    assert_eq!(made.status, 0, "{provider}: {}", made.stderr);
    serde_json::from_slice(&made.stdout).unwrap()
}

fn verified(home: &Home, provider: &str, key: &str, request: &Value) -> Value {
    let args = ["verify", "-", "--provider", provider, "--secret-file", key, "--json"];
    let verified = run(&mut home.ckwh(&args), request.to_string().as_bytes());
    serde_json::from_slice(&verified.stdout).unwrap()
}

/// A request as the library reads one.
fn given(request: &Value) -> Value {
    let pairs = request["headers"].as_array().unwrap().iter();
    let headers: Map<String, Value> = pairs
        .map(|pair| (pair[0].as_str().unwrap().to_owned(), pair[1].clone()))
        .collect();
    json!({ "method": request["method"], "url": request["url"], "headers": headers })
}

/// Headers as a request has them.
fn pairs(headers: &Value) -> Value {
    headers
        .as_object()
        .unwrap()
        .iter()
        .map(|(name, value)| json!([name, value]))
        .collect()
}

fn both_ways(library: &mut Library, home: &Home, style: &Style, (theirs, ours, signs): (&str, &str, bool)) {
    let of = format!("{}-{}", style.name, ours.replace('_', "-"));
    write_provider(home, &of, style, ours);
    let made = library.ask(&json!({ "do": "key", "alg": theirs }));
    for half in ["private", "public"] {
        std::fs::write(home.work().join(format!("{of}.{half}")), made[half].as_str().unwrap()).unwrap();
    }
    let (private, public) = (format!("{of}.private"), format!("{of}.public"));
    let ask = |request: &Value| json!({ "do": "verify", "style": style.name, "alg": theirs, "key": made["public"], "request": given(request) });
    let mut request = sent(home, &of, &private, &[]);
    let answer = library.ask(&ask(&request));
    assert_eq!(answer["ok"], true, "{of}: {answer} {request}");
    assert_eq!(verified(home, &of, &public, &request)["reason"], "valid", "{of}");
    for fault in ["signature", "secret"] {
        let broken = sent(home, &of, &private, &["--break", fault]);
        assert_ne!(library.ask(&ask(&broken))["ok"], true, "{of}, {fault}");
    }
    if !signs {
        return;
    }
    let headers = request["headers"].as_array_mut().unwrap();
    headers.retain(|pair| !pair[0].as_str().unwrap().to_ascii_lowercase().starts_with("signature"));
    let created = style.is_created.then(|| jiff::Timestamp::now().as_second());
    let question = json!({
        "do": "sign", "style": style.name, "alg": theirs, "key": made["private"], "id": "one",
        "request": given(&request), "fields": style.fields, "created": created,
    });
    let signed = library.ask(&question);
    assert!(signed["headers"].is_object(), "{of}: {signed}");
    request["headers"] = pairs(&signed["headers"]);
    let verdict = verified(home, &of, &public, &request);
    assert_eq!(verdict["reason"], "valid", "{of}: {verdict} {request}");
    request["body"] = "{\"type\":\"thing.made\",\"n\":2}".into();
    let verdict = verified(home, &of, &public, &request);
    assert_eq!(verdict["reason"], "mismatch", "{of}: {verdict}");
    assert_eq!(verdict["causes"][0]["kind"], "content.header", "{of}: {verdict}");
}

#[test]
fn messages_signed_on_either_side_verify_on_the_other() {
    let Some(mut library) = MESSAGES.start() else { return };
    let home = Home::new();
    for style in &STYLES {
        for algorithm in style.algorithms {
            both_ways(&mut library, &home, style, *algorithm);
        }
    }
}

#[test]
fn messages_signed_on_either_side_of_python_verify_on_the_other() {
    let Some(mut library) = PYTHON.start() else { return };
    let home = Home::new();
    for algorithm in OF_PYTHON {
        both_ways(&mut library, &home, &STYLES[0], algorithm);
    }
}
