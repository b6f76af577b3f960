//! Tokens: what makes one that can't be right, a body that is one, and several algorithms in one table.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::Value;
use sha2::Sha256;

use super::support::{Home, Run, missing, run};
use super::table::table;
use crate::keys::make_keys;

const KEY: &str = "a shared secret";

/// A token of these claims by HMAC-SHA-256, as RFC 7515 has it.
fn token(claims: &str, key: &[u8]) -> String {
    let [header, claims] = [r#"{"alg":"HS256"}"#, claims].map(|text| URL_SAFE_NO_PAD.encode(text));
    let mut mac = Hmac::<Sha256>::new_from_slice(key).unwrap();
    mac.update(format!("{header}.{claims}").as_bytes());
    let tag = URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes());
    format!("{header}.{claims}.{tag}")
}

fn write(home: &Home, lines: &str) {
    home.write(
        "../home/.config/ckwh/providers/mine/provider.toml",
        table("Mine", "X-Token", lines),
    );
}

fn verify(home: &Home, token: &str, secret: &str) -> Run {
    let header = format!("X-Token: {token}");
    let args = [
        "verify",
        "-",
        "--provider",
        "mine",
        "--json",
        "-H",
        &header,
        "--secret-file",
        "secret",
    ];
    home.write("secret", secret);
    run(&mut home.ckwh(&args), b"{}")
}

#[test]
fn a_time_that_is_no_number_is_refused() {
    let home = Home::new();
    write(&home, "kind = \"jwt\"\nalgorithm = \"HS256\"");
    for (claims, reason, says) in [
        (r#"{"exp":4102444800}"#, "valid", ""),
        (r#"{"exp":4102444800.5,"nbf":1}"#, "valid", ""),
        (r#"{"exp":"1"}"#, "malformed-header", "`exp` is no number of seconds"),
        (r#"{"exp":null}"#, "malformed-header", "`exp` is no number of seconds"),
        (r#"{"exp":1e400}"#, "malformed-header", "`exp` is no number of seconds"),
        (
            r#"{"nbf":"2999-01-01"}"#,
            "malformed-header",
            "`nbf` is no number of seconds",
        ),
        (r#"{"exp":1}"#, "stale", "expired"),
        (r#"{"exp":-1e300}"#, "stale", "expired"),
        (r#"{"nbf":4102444800}"#, "future", "not to be used before"),
    ] {
        let verdict = verify(&home, &token(claims, KEY.as_bytes()), KEY).line(i32::from(reason != "valid"));
        assert_eq!(verdict["reason"], reason, "{claims}: {verdict}");
        let detail = verdict["detail"].as_str().unwrap_or_default();
        assert!(detail.contains(says), "{claims}: {detail}");
    }
}

/// Whoever has the public key could make an HMAC with its text, in whatever form that is.
#[test]
fn several_algorithms_are_each_the_tables_and_a_public_key_is_no_shared_secret() {
    let home = Home::new();
    write(
        &home,
        "kind = \"jwt\"\nalgorithm = \"RS256\"\n[[signature]]\nheaders = [\"X-Token\"]\nkind = \"jwt\"\nalgorithm = \"HS256\"",
    );
    let good = token(r#"{"iat":1}"#, KEY.as_bytes());
    assert_eq!(verify(&home, &good, KEY).line(0)["reason"], "valid");
    let none = good.replace("eyJhbGciOiJIUzI1NiJ9", &URL_SAFE_NO_PAD.encode(r#"{"alg":"none"}"#));
    assert_eq!(verify(&home, &none, KEY).line(1)["reason"], "malformed-header");
    let Some((_, public)) = make_keys(&home, "RSA") else {
        return missing("openssl");
    };
    let pem = std::fs::read_to_string(home.work().join(public)).unwrap();
    let der = pem.lines().filter(|line| !line.starts_with("---")).collect::<String>();
    assert!(STANDARD.decode(&der).is_ok());
    for key in [pem.trim_end(), &der] {
        let forged = verify(&home, &token(r#"{"iat":1}"#, key.as_bytes()), key);
        assert_ne!(forged.line(1)["reason"], "valid");
    }
}

#[test]
fn a_body_that_is_a_token_is_signed_verified_broken_and_signed_again() {
    let home = Home::new();
    let text = table("Mine", "X-Token", "kind = \"jwt\"\nalgorithm = \"HS256\"")
        .replace("headers = [\"X-Token\"]", "from = \"body\"");
    let text = text.replace("event = { type = \"any\" }", "event = { type = \"claim:/data/type\" }");
    home.write("../home/.config/ckwh/providers/mine/provider.toml", text);
    home.write(
        "../home/.config/ckwh/providers/mine/made.json",
        r#"{"data":"{\"type\":\"made\"}","n":1}"#,
    );
    let send = |more: &[&str]| {
        let args = [&["send", "mine", "made", "--dry-run", "--json", "--secret", KEY], more].concat();
        home.run(&args)
    };
    let verify = |request: &Run, status| {
        let args = ["verify", "-", "--provider", "mine", "--json", "--secret", KEY];
        run(&mut home.ckwh(&args), &request.stdout).line(status)
    };
    let sent = send(&[]);
    let body = sent.line(0)["body"].as_str().unwrap().to_owned();
    assert_eq!(body.matches('.').count(), 2, "{body}");
    let verdict = verify(&sent, 0);
    assert_eq!(
        (&verdict["reason"], &verdict["detail"]),
        (&"valid".into(), &Value::Null),
        "{verdict}"
    );
    for fault in ["signature", "body", "secret", "header"] {
        let verdict = verify(&send(&["--break", fault]), 1);
        assert_ne!(verdict["reason"], "valid", "{fault}");
    }
    // RFC 7519 by another's hand.
    let theirs = token(r#"{"data":"{\"type\":\"made\"}","iat":1}"#, KEY.as_bytes());
    let args = [
        "verify",
        "-",
        "--provider",
        "mine",
        "-H",
        "A: b",
        "--json",
        "--secret",
        KEY,
    ];
    assert_eq!(run(&mut home.ckwh(&args), theirs.as_bytes()).line(0)["reason"], "valid");
    let odd = run(&mut home.ckwh(&args), b"{}").line(1);
    assert!(
        odd["detail"].as_str().unwrap().contains("no token of the form"),
        "{odd}"
    );
}

#[test]
fn an_unknown_kind_is_told_with_its_own_line() {
    let home = Home::new();
    write(
        &home,
        "item = \"{sig}\"\nencoding = \"hex\"\nkind = \"hmac-sha255\"\ncontent = [\"{body}\"]",
    );
    let refused = home.run(&["providers", "show", "mine"]);
    let error = refused.error(2);
    assert!(
        error.contains("provider.toml:14: unknown kind `hmac-sha255`"),
        "{error}"
    );
    assert!(error.contains("`jwt`"), "{error}");
}
