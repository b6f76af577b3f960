//! What a newcomer types first, and what follows from a refusal.

use std::net::{Ipv4Addr, TcpListener};
use std::process::Command;
use std::thread;
use std::time::Duration;

use sha2::{Digest as _, Sha256};

use super::support::{Home, Run, missing, run};
use crate::receiver::{Receiver, Reply, status};
use crate::{SECRET, header};

/// The first eight hex digits of the SHA-256 of a text, as `sha256sum` gives them.
fn sha256(text: &str) -> String {
    hex::encode(&Sha256::digest(text)[..4])
}

fn says(run: &Run, text: &str) {
    assert!(run.stderr.contains(text), "no {text:?} in {}", run.stderr);
}

/// The hints of a run: each with the command under it.
fn hints(run: &Run) -> Vec<(String, String)> {
    let lines: Vec<&str> = run.stderr.lines().collect();
    let pairs = lines.windows(2).filter(|pair| pair[0].starts_with("hint: "));
    pairs
        .map(|pair| (pair[0].to_owned(), pair[1].trim_start().to_owned()))
        .collect()
}

#[test]
fn a_refusal_has_a_short_way_out_that_can_be_pasted() {
    let home = Home::new();
    for (code, body) in [
        (401, "no"),
        (403, ""),
        // What Stripe's library says, from its source (Webhooks.ts).
        (400, "No signatures found matching the expected signature for payload."),
        (500, "Error: invalid HMAC"),
    ] {
        let receiver = Receiver::start(move |_| Reply {
            body: body.into(),
            ..status(code)
        });
        let to = receiver.address();
        let sent = home.run(&["send", "cost.alert", "--to", &to]);
        sent.text(1);
        let hints = hints(&sent);
        let commands: Vec<&str> = hints.iter().map(|(_, command)| command.as_str()).collect();
        assert_eq!(
            commands,
            ["ckwh fingerprint", "ckwh verify sent --computed -"],
            "{code}"
        );
        says(&sent, &format!("fingerprint {}", sha256(SECRET)));
        assert!(hints.iter().all(|(text, _)| text.len() <= 160), "{hints:?}");
        // Both run as they stand.
        assert!(home.run(&["fingerprint"]).text(0).contains(&sha256(SECRET)));
        let right = receiver.seen()[0].header("x-costkatana-signature").unwrap().to_owned();
        let log = format!("handler: computed {right}\n");
        let judged = home.run_with(&["verify", "sent", "--computed", "-"], log.as_bytes());
        assert!(judged.text(0).contains("is right for this delivery"));
    }
    let receiver = Receiver::start(|_| status(400));
    let sent = home.run(&["send", "cost.alert", "--to", &receiver.address()]);
    assert_eq!(hints(&sent), [], "a 400 that says nothing");
    let sent = home.run(&["send", "cost.alert", "--to", &receiver.address(), "--break", "body"]);
    assert_eq!(hints(&sent), [], "it is broken on purpose");
    says(&sent, "its body changed since, on purpose");
}

#[test]
fn a_wrong_path_and_a_redirect_name_the_right_words() {
    let home = Home::new();
    let receiver = Receiver::start(|seen| match seen.target.as_str() {
        "/slash" => Reply {
            headers: vec![("Location", "/slash/".into())],
            ..status(308)
        },
        "/read" => status(405),
        _ => status(404),
    });
    let address = receiver.address();
    for (path, hint, command) in [
        ("/slash", "--follow", format!("--to http://{address}/slash/")),
        ("/nowhere", "/nowhere", format!("--to {address}/your/path")),
        (
            "",
            "/webhooks/costkatana, which is the documented one",
            format!("--to {address}/your/path"),
        ),
    ] {
        let sent = home.run(&["send", "cost.alert", "--to", &format!("{address}{path}")]);
        sent.text(1);
        let hints = hints(&sent);
        assert!(hints[0].0.contains(hint), "{hints:?}");
        assert_eq!(hints[0].1, command);
    }
    let sent = home.run(&["send", "cost.alert", "--to", &format!("{address}/read")]);
    says(&sent, "/read takes no POST");
}

#[test]
fn what_sign_prints_is_all_that_the_documented_handler_needs() {
    let home = Home::new();
    // As express.json() does: without the content type of JSON there is no body to hash.
    let receiver = Receiver::start(|seen| match seen.header("content-type") {
        Some("application/json") => status(200),
        other => panic!("{other:?}"),
    });
    home.run(&["events", "budget.exceeded", "-o", "body.json"]).text(0);
    let signed = home.run(&["sign", "body.json", "--provider", "costkatana"]);
    home.write("headers", signed.text(0));
    let url = format!("http://{}/webhooks/costkatana", receiver.address());
    let curl = Command::new("curl")
        .args(["-sf", "--data-binary", "@body.json", "-H", "@headers", &url])
        .current_dir(home.work())
        .output();
    match curl {
        Ok(output) => assert!(output.status.success(), "{output:?}"),
        Err(_) => return missing("curl"),
    }
    let names = |run: &Run| -> Vec<String> {
        let lines = run
            .text(0)
            .lines()
            .map(|line| line.split(':').next().unwrap().to_owned());
        lines.collect()
    };
    let github = home.run(&[
        "sign",
        "body.json",
        "--provider",
        "github",
        "--secret",
        "x",
        "--type",
        "push",
    ]);
    assert!(github.text(0).contains("X-GitHub-Event: push"), "{}", github.text(0));
    let args = ["sign", "body.json", "--provider", "costkatana", "--dialect", "examples"];
    let examples = home.run(&args);
    assert!(
        examples.text(0).contains("X-CostKatana-Event: budget.exceeded"),
        "{:?}",
        names(&examples)
    );
}

#[test]
fn an_events_body_is_written_as_it_is_sent() {
    let home = Home::new();
    let raw = home.run(&["events", "cost.alert", "--raw"]);
    let sent = home
        .run(&["send", "cost.alert", "--dry-run", "--print", "json"])
        .line(0);
    assert_eq!(raw.stdout.len(), sent["body"].as_str().unwrap().len());
    assert!(!raw.text(0).contains('\n'));
    home.run(&["events", "cost.alert", "-o", "own.json"]).text(0);
    let own = home.run(&["send", "./own.json", "--provider", "costkatana", "--dry-run"]);
    own.text(0);
    assert!(!own.stderr.contains("--body-style"), "{}", own.stderr);
    home.write("indented.json", home.run(&["events", "cost.alert"]).stdout);
    let indented = home.run(&["send", "./indented.json", "--provider", "costkatana", "--dry-run"]);
    says(&indented, "--body-style provider");
}

#[test]
fn a_fingerprint_is_what_other_tools_give() {
    let home = Home::new();
    let printed = home.run(&["fingerprint"]);
    let lines: Vec<&str> = printed.text(0).lines().collect();
    assert!(lines[0].starts_with(&sha256(SECRET)), "{lines:?}");
    let after = |language: &str| {
        let at = lines.iter().position(|line| line.trim() == language).unwrap();
        lines[at + 1].trim().to_owned()
    };
    for (program, flag, code) in [
        ("node", "-e", format!("const secret = '{SECRET}'; {}", after("Node"))),
        ("python3", "-c", format!("secret = '{SECRET}'; {}", after("Python"))),
        ("php", "-r", format!("$secret = '{SECRET}'; {}", after("PHP"))),
        ("ruby", "-e", format!("secret = '{SECRET}'; {}", after("Ruby"))),
        ("sh", "-c", format!("SECRET='{SECRET}'; {}", after("shell"))),
    ] {
        match Command::new(program).args([flag, &code]).output() {
            Ok(output) => assert_eq!(
                String::from_utf8_lossy(&output.stdout).trim(),
                sha256(SECRET),
                "{output:?}"
            ),
            Err(_) => missing(program),
        }
    }
    home.write("secret", "foo\n");
    let object = home.run(&["fingerprint", "--secret-file", "secret", "--json"]).line(0);
    // printf %s foo | sha256sum
    assert_eq!(object["fingerprint"], "2c26b46b");
    let request = home.run(&["send", "cost.alert", "--dry-run"]);
    home.write("request", &request.stdout);
    let verdict = home.run(&["verify", "request", "--secret", "foo"]);
    assert!(verdict.text(1).contains("fingerprint 2c26b46b"));
}

#[test]
fn what_is_guessed_is_understood() {
    let home = Home::new();
    let receiver = Receiver::start(|_| status(200));
    let address = receiver.address();
    let port = address.rsplit(':').next().unwrap();
    let secret = ["--secret", "whsec_c2VjcmV0"];
    for (args, event) in [
        (&["send", "stripe", "invoice.paid", port][..], "invoice.paid"),
        (&["send", "stripe:invoice.paid", "--url", port], "invoice.paid"),
        (
            &["send", "stripe/invoice.paid", &format!("localhost:{port}/hooks")],
            "invoice.paid",
        ),
        (
            &["trigger", "invoice.paid", "--provider", "stripe", "--port", port],
            "invoice.paid",
        ),
        (&["send", "cost.alert", &format!("http://{address}/x")], "cost.alert"),
        (&["send", "cost.alert", &format!(":{port}")], "cost.alert"),
        (
            &[
                "send",
                "--type",
                "customer.created",
                "--provider",
                "stripe",
                "--to",
                port,
            ],
            "customer.created",
        ),
        (
            &["send", "-d", r#"{"type":"a.b"}"#, "--provider", "stripe", "--to", port],
            "a.b",
        ),
        (&["send", "--timeout", "5", "cost.alert", port], "cost.alert"),
    ] {
        let sent = home.run(&[args, &secret, &["--json"]].concat());
        assert_eq!(sent.line(0)["event_type"], event, "{args:?}");
    }
    let sent = home.run(
        &[
            &["send", "--data", "{}", "--type", "issues", "--provider", "github", port][..],
            &secret,
        ]
        .concat(),
    );
    sent.text(0);
    assert_eq!(receiver.seen().pop().unwrap().header("x-github-event"), Some("issues"));
    for (args, error) in [
        (&["send", port, "cost.alert"][..], "stands last"),
        (&["send", "cost.alert", port, "--to", port], "two targets"),
        (&["send", "stripe"], "ckwh events stripe"),
        (&["send", "--all"], "name it"),
        (&["send", "invoice.paid"], "stripe:invoice.paid"),
        (
            &["send", "customer.created", "--provider", "stripe"],
            "ckwh send --type customer.created --provider stripe",
        ),
        (&["send", "--type", "a.b", "--to", port], "--provider"),
        (&["events", "stripe", "nothing*"], "ckwh events stripe"),
    ] {
        let failed = home.run(args);
        assert!(failed.error(2).contains(error), "{args:?}: {}", failed.stderr);
    }
    home.write("3000", "{}");
    let two = home.run(&["send", "cost.alert", "3000"]);
    assert!(
        two.error(2).contains("--to 3000") && two.stderr.contains("./3000"),
        "{}",
        two.stderr
    );
}

#[test]
fn an_event_without_a_fixture_has_its_providers_envelope() {
    let home = Home::new();
    let args = [
        "send",
        "--type",
        "customer.created",
        "--provider",
        "stripe",
        "--secret",
        "x",
    ];
    let sent = home.run(&[&args[..], &["--dry-run", "--print", "json", "-v"]].concat());
    says(&sent, "Stripe has no fixture of customer.created");
    let body: serde_json::Value = serde_json::from_str(sent.line(0)["body"].as_str().unwrap()).unwrap();
    // docs.stripe.com/api/events/object
    for member in [
        "id",
        "object",
        "api_version",
        "created",
        "data",
        "livemode",
        "pending_webhooks",
        "request",
        "type",
    ] {
        assert!(body.get(member).is_some(), "{member}");
    }
    assert_eq!(
        (&body["object"], &body["type"]),
        (&"event".into(), &"customer.created".into())
    );
    assert_eq!(body["data"]["object"].get("id"), None, "what is another event's own");
    // A known type is its fixture.
    let known = home.run(&["send", "--type", "cost.alert", "--dry-run", "--print", "json"]);
    assert!(known.line(0)["body"].as_str().unwrap().contains("Monthly cost"));
}

#[test]
fn events_are_listed_by_provider_and_by_pattern() {
    let home = Home::new();
    let stripe = home.run(&["events", "stripe", "--json"]).lines(0);
    assert!(stripe.iter().all(|event| event["provider"] == "stripe") && stripe.len() > 5);
    let invoices = home.run(&["events", "invoice*", "--json"]).lines(0);
    let is_invoice = |event: &serde_json::Value| event["event_type"].as_str().unwrap().starts_with("invoice");
    assert!(invoices.len() > 1 && invoices.iter().all(is_invoice), "{invoices:?}");
    assert!(
        home.run(&["events", "stripe", "invoice.paid"])
            .text(0)
            .contains("\"invoice\"")
    );
    let list = home.run(&["events", "costkatana"]);
    assert!(list.text(0).lines().all(|line| line.len() <= 80), "{}", list.text(0));
}

#[test]
fn a_smoke_test_is_one_command() {
    let home = Home::new();
    let is_bad = |seen: &crate::receiver::Seen| seen.body.windows(15).any(|part| part == b"budget.exceeded");
    let receiver = Receiver::start(move |seen| Reply {
        headers: vec![("Content-Type", "application/json; charset=utf-8".into())],
        body: br#"{"ok":true}"#.to_vec(),
        ..status(if is_bad(seen) { 500 } else { 200 })
    });
    let to = receiver.address();
    let smoke = ["send", "cost.*", "budget.exceeded", "--to", &to, "--wait", "5s"];
    let summary = home.work().join("summary.md");
    let more = [
        "--expect-json",
        ".ok == true",
        "--expect-header",
        "content-type: application/json",
    ];
    let reports = ["--report", "junit=out.xml", "--report", "github"];
    let mut command = home.ckwh(&[&smoke[..], &more, &reports].concat());
    command
        .env("WEBHOOK_SECRET", SECRET)
        .env("GITHUB_STEP_SUMMARY", &summary);
    let first = run(&mut command, b"");
    let text = first.text(1);
    for part in [
        "✓ cost.alert",
        "✗ budget.exceeded",
        "expected 2xx, got 500",
        "::error title=ckwh send%3A budget.exceeded",
    ] {
        assert!(text.contains(part), "no {part:?} in {text}");
    }
    let xml = std::fs::read_to_string(home.work().join("out.xml")).unwrap();
    assert!(xml.contains(r#"tests="5" failures="1""#), "{xml}");
    let markdown = std::fs::read_to_string(summary).unwrap();
    assert!(
        markdown.contains("4 as expected, 1 not") && markdown.contains("| ✗ | budget.exceeded |"),
        "{markdown}"
    );
    let json = home.run(&[&smoke[..], &["--json"]].concat());
    let lines = json.lines(1);
    assert_eq!(lines[4]["change"], "still-failing");
    // What is known from before fails no more.
    home.write("before.jsonl", &json.stdout);
    home.run(&[&smoke[..], &["--baseline", "before.jsonl"]].concat())
        .text(0);
    let worse = home.run(&[&smoke[..], &["--baseline", "before.jsonl", "--expect", "500"]].concat());
    assert!(worse.text(1).contains("regressed") && worse.text(1).contains("fixed"));
    for (flag, value, unmet) in [
        ("--expect-json", ".ok == false", "does not say yes to `.ok == false`"),
        ("--expect-header", "x-none", "has no header x-none"),
        (
            "--expect-header",
            "content-type: text/html",
            "it is `application/json; charset=utf-8`",
        ),
    ] {
        let sent = home.run(&["send", "cost.alert", "--to", &to, flag, value]);
        assert!(sent.text(1).contains(unmet), "{}", sent.text(1));
    }
    let broken = home.run(&["send", "cost.alert", "--to", &to, "--expect-json", ".["]);
    assert!(broken.error(2).contains("jq"), "{}", broken.stderr);
}

#[test]
fn a_target_is_waited_for() {
    let home = Home::new();
    let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    let late = thread::spawn(move || {
        thread::sleep(Duration::from_millis(400));
        let server = tiny_http::Server::http((Ipv4Addr::LOCALHOST, port)).unwrap();
        // The connection that was only tried asks nothing.
        let request = server.recv().unwrap();
        request.respond(tiny_http::Response::empty(200)).unwrap();
    });
    let to = port.to_string();
    home.run(&["send", "cost.alert", "--to", &to, "--wait", "20"]).text(0);
    late.join().unwrap();
    let never = home.run(&["send", "cost.alert", "--to", "127.0.0.1:1", "--wait", "100ms"]);
    assert!(never.error(3).contains("within 100ms"), "{}", never.stderr);
}

#[test]
fn much_or_little_is_shown_as_asked() {
    let home = Home::new();
    let receiver = Receiver::start(|_| Reply {
        body: b"hello".to_vec(),
        ..status(200)
    });
    let to = receiver.address();
    let quiet = home.run(&["send", "cost.alert", "--to", &to, "-q"]);
    assert_eq!((quiet.text(0).lines().count(), quiet.stderr.as_str()), (1, ""));
    let verbose = home.run(&["send", "cost.alert", "--to", &to, "-v"]);
    for part in [
        "X-CostKatana-Signature: sha256=",
        "\"event_type\":\"cost.alert\"",
        "200 OK from",
        "hello",
    ] {
        assert!(verbose.text(0).contains(part), "no {part:?} in {}", verbose.text(0));
    }
    let json = home.run(&["send", "cost.alert", "--to", &to, "--json"]);
    assert!(header(&json.line(0)["response"], "content-length").is_some());
    assert_eq!(json.stderr, "");
}

#[test]
fn what_cannot_come_about_is_told_when_listening_begins() {
    let home = Home::new();
    let listen = |more: &[&str]| home.run(&[&["listen", "0", "--for", "50ms", "--store", "store.db"], more].concat());
    let misspelt = listen(&["--expect-event", "cost.allert"]);
    says(&misspelt, "Did you mean cost.alert");
    let right = listen(&["--expect-event", "cost.alert"]);
    assert!(!right.stderr.contains("Did you mean"), "{}", right.stderr);
    let exec = listen(&["--exec", "nope-program --x"]);
    assert!(exec.error(3).contains("no program nope-program"), "{}", exec.stderr);
    let nobody = listen(&["--forward", "127.0.0.1:1"]);
    says(&nobody, "nobody is at http://127.0.0.1:1/ yet");
}
