//! What a newcomer types first, and what follows from a refusal.

use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::process::{Command, Stdio};
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

/// Has `ckwh listen` catch a `cost.alert`.
fn catch(home: &Home, more: &[&str]) {
    let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
        .unwrap()
        .local_addr()
        .unwrap()
        .port()
        .to_string();
    let mut listen = home.ckwh(&[&["listen", &port, "--exit-after", "1"], more].concat());
    let mut listen = listen
        .env("WEBHOOK_SECRET", SECRET)
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    home.run(&["send", "cost.alert", "--to", &port, "--wait", "20s", "--no-keep"])
        .text(0);
    assert!(listen.wait().unwrap().success());
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
    let commands: Vec<String> = hints(&sent).into_iter().map(|(_, command)| command).collect();
    assert_eq!(commands, ["--expect 400"], "it is broken on purpose");
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
                "climate.order.created",
                "--provider",
                "stripe",
                "--to",
                port,
            ],
            "climate.order.created",
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
            &["send", "climate.order.created", "--provider", "stripe"],
            "ckwh send --type climate.order.created --provider stripe",
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
        "climate.order.created",
        "--provider",
        "stripe",
        "--secret",
        "x",
    ];
    let sent = home.run(&[&args[..], &["--dry-run", "--print", "json", "-v"]].concat());
    says(&sent, "Stripe has no fixture of climate.order.created");
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
        (&"event".into(), &"climate.order.created".into())
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
fn a_refused_replay_has_the_same_way_out() {
    let home = Home::new();
    catch(&home, &[]);
    let refused = Receiver::start(|seen| match seen.target.as_str() {
        "/moved" => Reply {
            headers: vec![("Location", "/moved/".into())],
            ..status(308)
        },
        _ => status(401),
    });
    let to = refused.address();
    let replayed = home.run(&["replay", "1", "--to", &to]);
    assert!(
        !replayed.text(1).contains("delivered"),
        "one needs no sum: {}",
        replayed.text(1)
    );
    let hints_of = |run: &Run| -> Vec<String> { hints(run).into_iter().map(|(_, command)| command).collect() };
    assert_eq!(
        hints_of(&replayed),
        ["ckwh fingerprint", "ckwh verify sent --computed -"]
    );
    // What was replayed is looked at, and not what was captured.
    let right = refused.seen()[0].header("x-costkatana-signature").unwrap().to_owned();
    let judged = home.run_with(&["verify", "sent", "--computed", "-"], right.as_bytes());
    assert!(
        judged.text(0).contains("is right for this delivery"),
        "{}",
        judged.text(0)
    );
    let moved = home.run(&["replay", "1", "--to", &format!("{to}/moved")]);
    assert_eq!(hints_of(&moved), [format!("--to http://{to}/moved/")]);
    let kept = home.run(&["replay", "1", "--keep-signature", "--to", &to]);
    assert_eq!(hints_of(&kept)[0], "--keep-signature");
    let expected = home.run(&["replay", "1", "--to", &to, "--expect", "401"]);
    expected.text(0);
    assert_eq!(hints_of(&expected), Vec::<String>::new());
    let taken = Receiver::start(|_| Reply {
        body: b"hello".to_vec(),
        ..status(200)
    });
    let both = home.run(&["replay", "1", "--to", &taken.address(), "-v"]);
    for part in ["X-CostKatana-Signature: sha256=", "200 OK from", "hello"] {
        assert!(both.text(0).contains(part), "no {part:?} in {}", both.text(0));
    }
    // It was delivered when it came: what failed is the last replay.
    assert_eq!(home.run(&["replay", "1", "--to", "127.0.0.1:1"]).status, 3);
    let list = home.run(&["captures"]);
    assert!(list.text(0).contains("→ 200  last replay failed"), "{}", list.text(0));
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

#[test]
fn captures_are_waited_for_and_selected_by_times_as_people_say_them() {
    let home = Home::new();
    let store = ["--store", "store.db"];
    let none = home.run(&[&["captures", "--wait", "--for", "100ms"], &store[..]].concat());
    assert_eq!(none.text(1), "");
    says(&none, "no such capture came within 100ms");
    catch(&home, &store);
    for since in ["1h", "-1h", "today", "yesterday", "2020-01-01", "2020-01-01 12:00:00"] {
        let wait = ["captures", "--wait", "--event", "cost.alert", "--since", since];
        let found = home.run(&[&wait, &store[..]].concat());
        assert_eq!(found.text(0).lines().count(), 1, "{since}");
    }
    let until = home.run(&[&["captures", "--until", "yesterday"], &store[..]].concat());
    assert_eq!(until.text(0), "");
    let wrong = home.run(&[&["captures", "--since", "lately"], &store[..]].concat());
    assert!(wrong.error(2).contains("lately"));
}

#[test]
fn variables_may_stand_in_another_file() {
    let home = Home::new();
    home.write("my.env", "OTHER=1\nSTRIPE_WEBHOOK_SECRET='whsec_x y'\n");
    let args = ["send", "stripe", "invoice.paid", "--dry-run", "--env-file", "my.env"];
    home.run(&args).text(0);
    let none = home.run(&["send", "cost.alert", "--dry-run", "--env-file", "my.env"]);
    assert!(
        none.error(2).contains("my.env has no WEBHOOK_SECRET"),
        "{}",
        none.stderr
    );
    let named = home.run(&["fingerprint", "--provider", "stripe", "--env-file", "my.env", "--json"]);
    assert_eq!(named.line(0)["fingerprint"], sha256("whsec_x y"));
}

#[test]
fn an_error_is_an_object_for_programs() {
    let home = Home::new();
    for (args, kind, status) in [
        (&["send", "cost.alrt"][..], "unknown-event", 2),
        (
            &["send", "cost.alert", "--provider", "costkatna"],
            "unknown-provider",
            2,
        ),
        (&["send", "cost.alert", "--to", "ftp://x"], "bad-target", 2),
        (
            &["send", "invoice.paid", "--provider", "stripe", "--dry-run"],
            "no-secret",
            2,
        ),
        (&["captures", "--since", "lately"], "bad-time", 2),
        (&["send", "--bogus"], "usage", 2),
        (&["captures", "show", "sent"], "unavailable", 3),
    ] {
        let failed = home.run(&[args, &["--json"]].concat());
        let object = failed.line(status);
        assert_eq!(
            (&object["type"], &object["kind"]),
            (&"error".into(), &kind.into()),
            "{object}"
        );
        assert!(!object["message"].as_str().unwrap().is_empty());
    }
    let object = home.run(&["send", "cost.alrt", "--json"]).line(2);
    assert_eq!(
        (&object["did_you_mean"][0], &object["hint"]),
        (&"cost.alert".into(), &"ckwh events".into())
    );
}

#[test]
fn the_doctor_says_what_is_missing() {
    let home = Home::new();
    let receiver = Receiver::start(|seen| match (seen.method.as_str(), seen.target.as_str()) {
        ("OPTIONS", "/webhooks/costkatana") => status(204),
        ("OPTIONS", _) => status(404),
        other => panic!("{other:?}"),
    });
    let to = receiver.address();
    let well = home
        .run(&["doctor", "--to", &to, "--provider", "costkatana", "--json"])
        .lines(0);
    let of = |subject: &str| well.iter().find(|item| item["subject"] == subject).unwrap();
    assert!(of("secret")["says"].as_str().unwrap().contains(&sha256(SECRET)));
    for subject in ["secret", "target", "path", "clock"] {
        assert_eq!(of(subject)["ok"], true, "{subject}");
    }
    let wrong = home.run(&["doctor", "--to", &format!("{to}/other")]);
    assert!(wrong.text(1).contains("/other is not there"), "{}", wrong.text(1));
    let nobody = run(&mut home.ckwh(&["doctor", "--to", "127.0.0.1:1"]), b"");
    assert!(nobody.text(1).contains("nothing listens at 127.0.0.1:1"));
    assert!(nobody.text(1).contains("export WEBHOOK_SECRET="), "{}", nobody.text(1));
}

#[test]
fn the_examples_of_each_help_run() {
    let home = Home::new();
    let receiver = Receiver::start(|seen| {
        let is_right = |text: &str| {
            seen.header("x-costkatana-signature")
                .is_some_and(|own| own.contains(text))
        };
        status(if is_right("sha256=") || seen.header("stripe-signature").is_some() {
            200
        } else {
            401
        })
    });
    let address = receiver.address();
    let port = address.rsplit(':').next().unwrap();
    home.write("body.json", home.run(&["events", "cost.alert", "--raw"]).stdout);
    let request = home.run(&["send", "cost.alert", "--dry-run"]);
    home.write("request.http", &request.stdout);
    catch(&home, &[]);
    home.run(&["send", "cost.alert", "--to", port]).text(0);
    let mut count = 0;
    for command in [
        "send", "sign", "verify", "listen", "replay", "events", "captures", "doctor",
    ] {
        let help = home.run(&[command, "--help"]);
        let (_, examples) = help.text(0).rsplit_once("Examples:\n").unwrap();
        for line in examples.lines() {
            let mut words = shlex::split(line).unwrap();
            for word in &mut words {
                if word == "3000" {
                    *word = port.to_owned();
                }
            }
            if command == "listen" {
                words[1] = "listen".to_owned();
                words.extend(["0", "--for", "50ms"].map(str::to_owned));
                if let Some(at) = words.iter().position(|word| word == "30s") {
                    words.drain(at - 1..=at);
                }
            }
            let args: Vec<&str> = words[1..].iter().map(String::as_str).collect();
            let mut run_command = home.ckwh(&args);
            run_command
                .env("WEBHOOK_SECRET", SECRET)
                .env("STRIPE_WEBHOOK_SECRET", SECRET)
                .env("GITHUB_WEBHOOK_SECRET", SECRET);
            let ran = run(&mut run_command, b"");
            // That the answer is no, or that nothing came, is no mistake of the example.
            let is_empty = line.contains("--failed") && ran.stderr.contains("nothing is selected");
            assert!(ran.status < 2 || is_empty, "{line}: {} {}", ran.status, ran.stderr);
            count += 1;
        }
    }
    assert!(count >= 24, "{count}");
    let start = home.run(&[]);
    assert!((10..=12).contains(&start.text(0).lines().count()));
    assert!(start.text(0).lines().all(|line| line.len() <= 80));
    for topic in ["secrets", "targets"] {
        let page = home.run(&["help", topic]);
        assert!(page.text(0).lines().all(|line| line.chars().count() <= 80), "{topic}");
    }
    for (command, title) in [
        ("replay", "Deliver captured requests again"),
        ("captures", "List, show"),
    ] {
        assert!(home.run(&[command, "-h"]).text(0).starts_with(title));
    }
}

/// `ckwh listen` on a port of its own, and what it says until it ends.
struct Listening {
    child: std::process::Child,
    port: u16,
}

impl Listening {
    fn start(home: &Home, more: &[&str]) -> Self {
        let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
            .unwrap()
            .local_addr()
            .unwrap()
            .port();
        let mut command = home.ckwh(&[&["listen", &port.to_string(), "--store", "store.db"], more].concat());
        command.env("PATH", std::env::var("PATH").unwrap());
        let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let is_open = || TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_ok();
        assert!(within(is_open), "nothing listens");
        Self { child, port }
    }

    fn ask(&self, request: &str) -> String {
        let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, self.port)).unwrap();
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }

    /// Ends it as Ctrl-C does; gives both outputs.
    fn end(self) -> String {
        let killed = Command::new("kill")
            .args(["-INT", &self.child.id().to_string()])
            .status();
        assert!(killed.unwrap().success());
        let output = self.child.wait_with_output().unwrap();
        assert!(output.status.success(), "{output:?}");
        String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned()
    }
}

#[cfg(unix)]
#[test]
fn a_secret_for_a_try_verifies_and_does_nothing_else() {
    let home = Home::new();
    let listening = Listening::start(&home, &["--exec", "touch ran"]);
    let to = listening.port.to_string();
    // It is told once; the line that uses it is taken from there when it has ended.
    run(
        &mut home.ckwh(&["send", "cost.alert", "--to", &to, "--secret", "another"]),
        b"",
    );
    let said = listening.end();
    let line = said
        .lines()
        .find(|line| line.trim().starts_with("ckwh send cost.alert --to"))
        .unwrap();
    let (_, secret) = line.rsplit_once("--secret ").unwrap();
    assert_eq!((secret.len(), said.matches(secret).count()), (64, 1), "{said}");
    assert!(said.contains("not verified: no secret"), "{said}");
    assert!(!home.work().join("ran").exists());
    let with_one = home.run(&["listen", "0", "--for", "50ms", "--store", "store.db"]);
    assert!(
        with_one.text(0).contains("WEBHOOK_SECRET verifies costkatana"),
        "{}",
        with_one.text(0)
    );
    assert!(!with_one.stderr.contains("throw-away"), "{}", with_one.stderr);
}

#[cfg(unix)]
#[test]
fn a_browsers_visit_is_answered_and_not_kept() {
    let home = Home::new();
    let listening = Listening::start(&home, &[]);
    let head = "Host: localhost\r\nConnection: close\r\n";
    let page = listening.ask(&format!("GET / HTTP/1.1\r\n{head}Sec-Fetch-Mode: navigate\r\n\r\n"));
    assert!(
        page.starts_with("HTTP/1.1 200") && page.contains("ckwh is listening"),
        "{page}"
    );
    let icon = listening.ask(&format!(
        "GET /favicon.ico HTTP/1.1\r\n{head}Sec-Fetch-Dest: image\r\n\r\n"
    ));
    assert!(icon.starts_with("HTTP/1.1 404"), "{icon}");
    for kept in [
        format!("GET / HTTP/1.1\r\n{head}\r\n"),
        format!("GET /?challenge=1 HTTP/1.1\r\n{head}Sec-Fetch-Mode: navigate\r\n\r\n"),
        format!("POST / HTTP/1.1\r\n{head}Sec-Fetch-Mode: navigate\r\nContent-Length: 0\r\n\r\n"),
    ] {
        assert!(!listening.ask(&kept).contains("ckwh is listening"));
    }
    assert!(listening.end().contains("3 caught"));
    let set_up = Listening::start(&home, &["--respond", "204"]);
    let answer = set_up.ask(&format!("GET / HTTP/1.1\r\n{head}Sec-Fetch-Mode: navigate\r\n\r\n"));
    assert!(answer.starts_with("HTTP/1.1 204"), "{answer}");
    set_up.end();
}

#[cfg(unix)]
#[test]
fn a_tunnel_is_started_named_and_ended() {
    let home = Home::new();
    // As cloudflared says it: on standard error, among other lines.
    let script = "echo $$ > pid; echo \"to $1\" > port; echo 'INF Thank you for trying (https://www.cloudflare.com/website-terms/)' >&2; echo 'INF |  https://made-up-words.trycloudflare.com  |' >&2; exec sleep 60";
    home.write("tunnel", script);
    let listening = Listening::start(&home, &["--tunnel", "sh tunnel {port}", "--provider", "costkatana"]);
    let port = listening.port;
    let said = listening.end();
    assert!(
        said.contains("paste at the provider: https://made-up-words.trycloudflare.com/webhooks/costkatana"),
        "{said}"
    );
    let written = |file: &str| std::fs::read_to_string(home.work().join(file)).unwrap();
    assert_eq!(written("port").trim(), format!("to {port}"));
    let alive = Command::new("kill")
        .args(["-0", written("pid").trim()])
        .output()
        .unwrap();
    assert!(!alive.status.success(), "it ends with listen");
    let silent = home.run(&["listen", "0", "--tunnel", "true", "--store", "store.db"]);
    assert_eq!(silent.status, 3, "{}", silent.stderr);
}

/// A server of SSH on a port of its own, whose users reach ports of this machine alone; it ends with this value.
#[cfg(unix)]
struct Sshd {
    process: std::process::Child,
    port: u16,
    folder: std::path::PathBuf,
}

#[cfg(unix)]
impl Sshd {
    /// Starts it; whoever logs in is told `says`. `None` where it is not installed.
    fn start(home: &Home, says: &str) -> Option<Self> {
        let paths = std::env::var_os("PATH").unwrap();
        let mut folders: Vec<_> = std::env::split_paths(&paths).collect();
        folders.extend(["/usr/sbin".into(), "/usr/local/sbin".into()]);
        let program = folders
            .iter()
            .map(|folder| folder.join("sshd"))
            .find(|path| path.exists())?;
        let folder = home.work();
        for key in ["host", "user"] {
            let made = Command::new("ssh-keygen")
                .args(["-q", "-t", "ed25519", "-N", "", "-f", key])
                .current_dir(&folder)
                .status();
            if !made.is_ok_and(|status| status.success()) {
                return None;
            }
        }
        std::fs::copy(folder.join("user.pub"), folder.join("authorized")).unwrap();
        let port = free_port();
        let at = folder.display();
        home.write(
            "sshd_config",
            format!(
                "ListenAddress 127.0.0.1:{port}\nHostKey {at}/host\nAuthorizedKeysFile {at}/authorized\nPidFile none\n\
                 StrictModes no\nUsePAM no\nPasswordAuthentication no\nForceCommand echo '{says}'; sleep 60\n"
            ),
        );
        // Where root starts it, it wants this folder, which an installation that was never started has not.
        let _ = std::fs::create_dir_all("/run/sshd");
        let process = Command::new(program)
            .args(["-D", "-e", "-f"])
            .arg(folder.join("sshd_config"))
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let started = Self { process, port, folder };
        let is_there = || TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_ok();
        assert!(within(is_there), "sshd never listened");
        Some(started)
    }

    /// The command line of a client that leads `public` here to `{port}`.
    fn client(&self, public: u16, more: &str) -> String {
        let user = Command::new("id").arg("-un").output().unwrap().stdout;
        let user = String::from_utf8(user).unwrap();
        format!(
            "ssh -F none -i {}/user -o BatchMode=yes -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null \
             -o LogLevel=ERROR -o ExitOnForwardFailure=yes -p {} {more} -R 127.0.0.1:{public}:127.0.0.1:{{port}} {}@127.0.0.1",
            self.folder.display(),
            self.port,
            user.trim()
        )
    }
}

#[cfg(unix)]
impl Drop for Sshd {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn free_port() -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    listener.local_addr().unwrap().port()
}

/// Whether something comes true in half a minute.
fn within(is_so: impl Fn() -> bool) -> bool {
    (0..1500).any(|_| {
        thread::sleep(Duration::from_millis(20));
        is_so()
    })
}

#[cfg(unix)]
#[test]
fn a_real_tunnel_leads_here_for_as_long_as_it_is_listened() {
    let home = Home::new();
    let Some(sshd) = Sshd::start(&home, "welcome, your site is https://hooks.example.test") else {
        return missing("sshd");
    };
    let public = free_port();
    let is_open = || TcpStream::connect((Ipv4Addr::LOCALHOST, public)).is_ok();
    let to = format!("127.0.0.1:{public}");
    for (more, flags, paste) in [
        // As localhost.run does, the server says the URL.
        ("", &[][..], "https://hooks.example.test/webhooks/costkatana"),
        // A machine of one's own says nothing.
        (
            "-N",
            &["--public-url", "https://own.example.test/in"],
            "https://own.example.test/in",
        ),
    ] {
        let client = sshd.client(public, more);
        let args = ["--tunnel", &client, "--provider", "costkatana", "--secret", SECRET];
        let listening = Listening::start(&home, &[&args[..], flags].concat());
        assert!(within(is_open), "nothing leads here: {more}");
        home.run(&["send", "cost.alert", "--to", &to, "--no-keep"]).text(0);
        let said = listening.end();
        assert!(said.contains(&format!("paste at the provider: {paste}\n")), "{said}");
        assert!(said.contains("✓ valid"), "{said}");
        assert!(within(|| !is_open()), "it ends with listen: {more}");
    }
    drop(sshd);
    let gone = format!(
        "ssh -F none -o BatchMode=yes -p {} -R 1:127.0.0.1:{{port}} 127.0.0.1",
        free_port()
    );
    let failed = home.run(&["listen", "0", "--tunnel", &gone, "--store", "store.db"]);
    assert!(failed.error(3).contains("ssh: connect to host"), "{}", failed.stderr);
}
