//! `providers new --learn`: a provider's folder from one delivery and its secret.

use std::fs;
use std::path::Path;

use serde_json::Value;

use super::support::{Home, Run, run};

/// The secret of Standard Webhooks' published example.
const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

impl Home {
    /// Runs `ckwh` with [`SECRET`] in `MINE_KEY`.
    fn learn(&self, args: &[&str], stdin: &[u8]) -> Run {
        run(self.ckwh(args).env("MINE_KEY", SECRET), stdin)
    }

    /// What is told of a new provider that is learned from one delivery and its secret.
    fn learned(&self, name: &str, delivery: &[u8]) -> Value {
        let new = ["providers", "new", name, "--learn", "-", "--secret-env", "MINE_KEY"];
        self.learn(&[&new[..], &["--json"]].concat(), delivery).line(0)
    }

    /// One delivery, as `send` would make it.
    fn delivery(&self, provider: &str, event_type: &str, more: &[&str]) -> Vec<u8> {
        let send = [
            "send",
            event_type,
            "--provider",
            provider,
            "--secret",
            SECRET,
            "--dry-run",
        ];
        let sent = self.run(&[&send[..], more].concat());
        assert_eq!(sent.status, 0, "{}", sent.stderr);
        sent.stdout
    }
}

/// Every file below `folder`, with its path.
fn files(folder: &Path) -> Vec<(String, String)> {
    let mut all = Vec::new();
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        if entry.path().is_dir() {
            all.extend(files(&entry.path()));
        } else {
            let text = fs::read_to_string(entry.path()).unwrap();
            all.push((entry.path().display().to_string(), text));
        }
    }
    all
}

#[test]
fn a_delivery_and_its_secret_make_a_provider() {
    let home = Home::new();
    for (provider, event_type, format, key, form) in [
        (
            "standard-webhooks",
            "invoice.paid",
            "json",
            "strip:whsec_ base64",
            "v1,{sig}",
        ),
        ("stripe", "invoice.paid", "http", "", "t={timestamp},v1={sig}"),
        ("shopify", "orders/create", "curl", "", "{sig}"),
        ("github", "push", "json", "", "sha256={sig}"),
    ] {
        let name = format!("my-{provider}");
        let delivery = home.delivery(provider, event_type, &["--print", format]);
        let learned = home.learned(&name, &delivery);
        assert_eq!((&learned["type"], &learned["found"]), (&"learned".into(), &true.into()));
        assert_eq!(learned["event_type"], event_type, "{learned}");
        assert_eq!(learned["known_as"], provider, "{learned}");
        assert_eq!(learned["secret"], "MINE_KEY");
        let signature = &learned["signatures"][0];
        assert_eq!(signature["form"], form, "{learned}");
        let steps = signature["key"].as_array().unwrap().iter();
        assert_eq!(steps.filter_map(Value::as_str).collect::<Vec<_>>().join(" "), key);
        home.run(&["providers", "test", &name]).text(0);
        // The variable that was given is the one that the table declares.
        let verified = home
            .learn(&["verify", "-", "--provider", &name, "--json"], &delivery)
            .line(0);
        assert_eq!(verified["matched_secret"], "MINE_KEY", "{verified}");
        let sent = home.learn(&["send", event_type, "--provider", &name, "--json"], b"");
        assert_eq!(sent.lines(0).pop().unwrap()["reason"], "valid");
        // And the provider that it was learned from takes what it sends.
        let sent = home.learn(&["send", event_type, "--provider", &name, "--dry-run", "--json"], b"");
        let verify = ["verify", "-", "--provider", provider, "--secret", SECRET];
        home.learn(&verify, &sent.stdout).text(0);
    }
    for (path, text) in files(&home.work()) {
        assert!(!text.contains(&SECRET[6..]), "{path} holds the secret");
    }
}

#[test]
fn what_was_found_is_said_and_nothing_is_overwritten() {
    let home = Home::new();
    home.write("delivery", home.delivery("slack", "message", &["--print", "http"]));
    let new = [
        "providers",
        "new",
        "mine",
        "--learn",
        "delivery",
        "--secret-env",
        "MINE_KEY",
    ];
    let learned = home.learn(&new, b"");
    for says in [
        "learned",
        "X-Slack-Signature: v0={sig}",
        "HMAC-SHA-256 of v0:{timestamp}:{body}",
        "in the header X-Slack-Request-Timestamp, unix seconds",
        "from MINE_KEY, whose text is the key",
        "message, from /event/type in the body",
        "message.json, provider.toml",
    ] {
        assert!(learned.text(0).contains(says), "{says}: {}", learned.text(0));
    }
    let before = files(&home.work());
    assert!(home.learn(&new, b"").error(2).contains("there already"));
    assert_eq!(files(&home.work()), before);
}

#[test]
fn a_capture_is_learned_from() {
    let home = Home::new();
    home.write(
        "one.http",
        home.delivery("zoom", "meeting.started", &["--print", "http"]),
    );
    home.run(&["captures", "import", "one.http", "--store", "captures.db"])
        .text(0);
    for (name, capture) in [("one", "1"), ("two", "last")] {
        let new = ["providers", "new", name, "--learn", capture, "--secret-env", "MINE_KEY"];
        home.learn(&[&new[..], &["--store", "captures.db"]].concat(), b"")
            .text(0);
    }
}

#[test]
fn a_wrong_secret_learns_nothing_and_is_not_shown() {
    let home = Home::new();
    let delivery = home.delivery("github", "push", &["--json"]);
    let wrong = "another secret of length";
    let new = ["providers", "new", "mine", "--learn", "-", "--secret", wrong];
    let nothing = home.learn(&[&new[..], &["--json"]].concat(), &delivery).line(1);
    assert_eq!((&nothing["found"], &nothing["folder"]), (&false.into(), &Value::Null));
    assert_eq!(nothing["searched"]["search"], "complete", "{nothing}");
    assert_eq!(nothing["searched"]["headers"].as_array().unwrap().len(), 2);
    assert!(nothing["reasons"].as_array().unwrap().len() >= 3, "{nothing}");
    let shown = home.learn(&new, &delivery);
    assert!(shown.text(1).contains("the secret is another one"), "{shown:?}");
    assert!(!shown.text(1).contains(wrong) && !shown.stderr.contains(wrong));
    assert!(files(&home.work()).is_empty());
}

/// (what is done to the delivery, the secret as it is given, the cause that is proven)
#[test]
fn what_keeps_a_delivery_from_being_learned_is_named_where_it_can_be_proven() {
    let home = Home::new();
    let delivery = home.delivery("standard-webhooks", "invoice.paid", &["--print", "http"]);
    let delivery = String::from_utf8(delivery).unwrap();
    let spaced = delivery.replace("\"amount\":", "\"amount\": ");
    let length = |text: &str| text.split_once("\r\n\r\n").unwrap().1.len();
    let spaced = spaced.replace(
        &format!("Content-Length: {}", length(&delivery)),
        &format!("Content-Length: {}", length(&spaced)),
    );
    assert_ne!(spaced, delivery);
    for (delivery, secret, kind) in [
        (&delivery, format!("{SECRET}\n"), "secret.whitespace"),
        (&delivery, format!("'{SECRET}'"), "secret.quoted"),
        (&spaced, SECRET.to_owned(), "body.reserialised"),
    ] {
        let new = [
            "providers",
            "new",
            "mine",
            "--learn",
            "-",
            "--json",
            "--secret",
            &secret,
        ];
        let nothing = home.learn(&new, delivery.as_bytes()).line(1);
        let causes = nothing["causes"].as_array().unwrap();
        assert_eq!(causes.len(), 1, "{nothing}");
        assert_eq!(
            (&causes[0]["kind"], &causes[0]["proof"]["by"]),
            (&kind.into(), &"mac".into())
        );
        assert!(!nothing.to_string().contains(&SECRET[6..]));
    }
    assert!(files(&home.work()).is_empty());
}

#[test]
fn a_delivery_without_a_signature_is_said_to_be_none() {
    let home = Home::new();
    let unsigned = b"POST /hooks HTTP/1.1\r\nHost: example.com\r\nX-Request-Id: 1\r\nContent-Length: 2\r\n\r\n{}";
    let new = ["providers", "new", "mine", "--learn", "-", "--secret-env", "MINE_KEY"];
    let nothing = home.learn(&new, unsigned);
    assert!(
        nothing.text(1).contains("no header of the delivery holds"),
        "{nothing:?}"
    );
    assert!(files(&home.work()).is_empty());
}

#[test]
fn what_can_not_be_learned_from_is_refused() {
    let home = Home::new();
    let delivery = home.delivery("github", "push", &["--json"]);
    let two = [&delivery[..], &delivery].concat();
    let key = ["--secret-env", "MINE_KEY"];
    for (args, stdin, says) in [
        (
            &["--learn", "-", key[0], key[1]][..],
            &b"{}"[..],
            "no request with its headers",
        ),
        (&["--learn", "-", key[0], key[1]], &two, "2 requests"),
        (&["--learn", "-"], &delivery, "--secret-env"),
        (&["--learn", "-", "--secret-file", "-"], &delivery, "`-` stands twice"),
        (&["--from", "github", key[0], key[1]], b"", "takes no secret"),
    ] {
        let refused = home.learn(&[&["providers", "new", "mine"], args].concat(), stdin);
        assert!(refused.error(2).contains(says), "{says}: {refused:?}");
    }
    let both = home.learn(&["providers", "new", "mine", "--from", "github", "--learn", "-"], b"");
    assert_eq!(both.status, 2);
    assert!(files(&home.work()).is_empty());
}

#[test]
fn the_url_that_was_signed_is_found_behind_a_proxy() {
    let home = Home::new();
    let url = "https://hooks.example.com/square/in?tenant=7";
    let http = home.delivery("square", "payment.created", &["--to", url, "--print", "http"]);
    for (name, host) in [("direct", "hooks.example.com"), ("proxied", "10.0.0.7:8080")] {
        // Over TLS names go out in lower case.
        let forwarded = "X-Forwarded-Host: hooks.example.com\r\nHost: ";
        let delivery = String::from_utf8(http.clone()).unwrap();
        let delivery = delivery.replace("host: hooks.example.com", &format!("{forwarded}{host}"));
        assert!(delivery.contains(host), "{delivery}");
        let learned = home.learned(name, delivery.as_bytes());
        assert_eq!(learned["url"], url, "{learned}");
        let verify = ["verify", "-", "--provider", name, "--public-url", url];
        home.learn(&verify, delivery.as_bytes()).text(0);
    }
}

#[test]
fn other_readings_of_the_same_bytes_are_named() {
    let home = Home::new();
    let delivery = home.delivery("slack", "message", &["--print", "http"]);
    let delivery = String::from_utf8(delivery).unwrap();
    let (_, time) = delivery.split_once("X-Slack-Request-Timestamp: ").unwrap();
    let time = time.split("\r\n").next().unwrap();
    let delivery = delivery.replacen("\r\n", &format!("\r\nX-Trace-Time: {time}\r\n"), 1);
    let learned = home.learned("mine", delivery.as_bytes());
    let others: Vec<_> = learned["fits_too"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(Value::as_str)
        .collect();
    let places = [learned["timestamp"]["from"].as_str().unwrap(), others[0]];
    for header in ["X-Trace-Time", "X-Slack-Request-Timestamp"] {
        assert!(places.iter().any(|place| place.contains(header)), "{learned}");
    }
}

#[test]
fn what_no_request_holds_is_learned_where_it_is_given() {
    let home = Home::new();
    let given = ["--given", "app-key=29a39d"];
    let delivery = home.delivery(
        "tiktok-shop",
        "PACKAGE_UPDATE",
        &[&given[..], &["--print", "http"]].concat(),
    );
    let new = ["providers", "new", "mine", "--learn", "-", "--secret-env", "MINE_KEY"];
    let nothing = home.learn(&[&new[..], &["--json"]].concat(), &delivery).line(1);
    assert_eq!(nothing["found"], false, "{nothing}");
    let own = ["--given", "shop=29a39d", "--json"];
    let learned = home.learn(&[&new[..], &own].concat(), &delivery).line(0);
    assert_eq!(learned["signatures"][0]["content"], "{given:shop}{body}", "{learned}");
    for (path, text) in files(&home.work()) {
        assert!(!text.contains("29a39d"), "{path}: {text}");
    }
    home.run(&["providers", "test", "mine"]).text(0);
    let verify = ["verify", "-", "--provider", "mine", "--json"];
    let verified = |more: &[&str], status| home.learn(&[&verify[..], more].concat(), &delivery).line(status);
    assert_eq!(verified(&["--given", "shop=29a39d"], 0)["reason"], "valid");
    assert_eq!(verified(&["--given", "shop=29a39e"], 1)["reason"], "mismatch");
    let mut send = home.ckwh(&["send", "event", "--provider", "mine", "--json"]);
    let sent = run(send.env("MINE_KEY", SECRET).env("MINE_SHOP", "29a39d"), b"");
    assert_eq!(sent.lines(0).pop().unwrap()["reason"], "valid");
}

#[test]
fn credentials_and_secrets_in_a_delivery_are_not_written_down() {
    let home = Home::new();
    home.write("../home/.config/ckwh/config.toml", "credentials = [\"X-My-Thing\"]");
    let headers = [
        "-H",
        "Authorization: Bearer hush",
        "-H",
        "X-Gitlab-Token: hush-hush",
        "-H",
        "X-Functions-Key: hush",
        "-H",
        "X-My-Thing: hush",
        "-H",
        "Referer: https://h.test/?code=hush",
    ];
    let shown = format!("X-Debug: key={SECRET}");
    let more = [&headers[..], &["-H", &shown, "-H", "X-Kept: yes", "--print", "http"]].concat();
    let delivery = home.delivery("quotawatch", "quota.threshold_reached", &more);
    let new = ["providers", "new", "mine", "--learn", "-", "--secret-env", "MINE_KEY"];
    home.learn(&new, &delivery).text(0);
    let written = files(&home.work());
    assert!(written.iter().any(|(_, text)| text.contains("X-Kept")));
    for (path, text) in written {
        assert!(!text.contains("hush") && !text.contains(SECRET), "{path}: {text}");
    }
    // A body that holds the secret is no fixture.
    let body = format!(r#"{{"type":"ping","secret":"{SECRET}"}}"#);
    home.write("body.json", &body);
    let delivery = home.delivery("github", "./body.json", &["--print", "http"]);
    let learned = home.learned("other", &delivery);
    assert_eq!(learned["files"], serde_json::json!(["provider.toml"]), "{learned}");
    assert!(!learned.to_string().contains(SECRET));
    home.run(&["providers", "test", "other"]).text(0);
}

#[test]
fn a_signed_url_is_told_without_its_credentials() {
    let url = "https://h.test/hook?page=1&token=hush";
    for json in [&[][..], &["--json"]] {
        for secret in [SECRET, "another"] {
            let home = Home::new();
            let delivery = home.delivery("square", "payment.updated", &["--to", url, "--print", "http"]);
            let new = [
                "providers",
                "new",
                "mine",
                "--learn",
                "-",
                "--secret-env",
                "MINE_KEY",
                "--public-url",
                url,
            ];
            let ran = run(home.ckwh(&[&new[..], json].concat()).env("MINE_KEY", secret), &delivery);
            let told = format!("{}{}", String::from_utf8_lossy(&ran.stdout), ran.stderr);
            assert_eq!(ran.status, i32::from(secret != SECRET), "{told}");
            assert!(!told.contains("hush") && told.contains("token=[masked]"), "{told}");
            for (path, text) in files(&home.work()) {
                assert!(!text.contains("hush"), "{path}: {text}");
            }
        }
    }
}
