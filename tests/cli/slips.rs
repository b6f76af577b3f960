//! Slips of newcomers: each is answered with what to type, and nothing goes where it was not meant to.

use std::net::{Ipv4Addr, TcpListener};
use std::process::{Command, Stdio};

use super::SECRET;
use super::support::{Home, Run, run};
use crate::receiver::{Receiver, status};

/// Has `ckwh listen` catch as many deliveries as `send` makes.
fn caught(home: &Home, count: &str, more: &[&str]) -> Run {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let port = listener.local_addr().unwrap().port().to_string();
    drop(listener);
    let mut listen = home.ckwh(&[&["listen", &port, "--exit-after", count], more].concat());
    let listen = listen
        .env("WEBHOOK_SECRET", SECRET)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let wait = ["--to", &port, "--wait", "20s", "--no-keep", "--count", count];
    home.run(&[&["send", "cost.alert"], &wait[..]].concat()).text(0);
    let output = listen.wait_with_output().unwrap();
    Run {
        status: output.status.code().unwrap(),
        stdout: output.stdout,
        stderr: String::new(),
    }
}

/// Words in a line, however a terminal would break them.
fn flat(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn a_slip_is_answered_with_what_to_type() {
    let home = Home::new();
    home.write("ok.json", r#"{"id":1}"#);
    home.write("headers.txt", "X-CostKatana-Signature: sha256=abc\n\n{}");
    home.write("answer.http", "HTTP/1.1 200 OK\r\n\r\nOK");
    home.write("empty.json", "");
    home.write("request.http", home.run(&["send", "cost.alert", "--dry-run"]).stdout);
    for (args, status, says) in [
        // What was pasted from a page.
        (&["send", "cost.alert", "—to", "3000"][..], 2, "made of --to"),
        (&["send", "“cost.alert”"], 2, "made of cost.alert"),
        (&["send", "cost.alert", "--to", "“3000”"], 2, "typographic quotes"),
        // Variables that were never set.
        (&["send", ""], 2, "is the variable in it set?"),
        (&["send", "cost.alert", "--to", ""], 2, "is the variable in it set?"),
        (
            &["send", "cost.alert", "--secret-env", "WEBHOK_SECRET"],
            2,
            "Did you mean WEBHOOK_SECRET",
        ),
        (
            &["send", "cost.alert", "--secret-env", "a-secret!"],
            2,
            "takes a variable's name",
        ),
        // Names.
        (&["send", "cost-alert"], 2, "Did you mean cost.alert?"),
        (&["send", "COST_ALERT"], 2, "Did you mean cost.alert?"),
        (&["send", "cost", "alert"], 2, "Did you mean cost.alert or cost."),
        (&["send", "github.push"], 2, "Did you mean github:push?"),
        (&["send", "cost.alert", "to", "3000"], 2, "Did you mean --to?"),
        (
            &["send", "cost.alert", "--set", "amount=1"],
            2,
            "Did you mean cost.amount?",
        ),
        (
            &["send", "cost.alert", "--set", "cost.amount", "1", "--to", "1"],
            2,
            "is not an override",
        ),
        // Targets.
        (&["send", "cost.alert", "--to", "localhost/3000"], 2, "localhost:3000"),
        (
            &["send", "cost.alert", "--to", "http//localhost"],
            2,
            "http://localhost:3000",
        ),
        (&["doctor", "3000"], 2, "--to 3000"),
        (&["listen", "7788", "3000"], 2, "--forward 3000"),
        (
            &["replay", "7", "localhost:3000"],
            2,
            "--to localhost:3000, which was taken for a capture",
        ),
        // Flags and commands of other tools.
        (&["send", "--event", "cost.alert"], 2, "ckwh send cost.alert"),
        (&["send", "cost.alert", "--target", "3000"], 2, "--to 3000"),
        (&["send", "cost.alert", "--payload", "{}"], 2, "--data"),
        (&["send", "cost.alert", "-n", "3"], 2, "--count 3"),
        (&["send", "cost.alert", "-p", "3000"], 2, "--to 3000"),
        (&["captures", "7", "--raw"], 2, "ckwh captures show --raw"),
        (&["cost.alert", "--to", "3000"], 2, "ckwh send cost.alert --to 3000"),
        (&["test"], 2, "ckwh check"),
        (&["resend"], 2, "ckwh replay last"),
        (&["help", "sendd"], 2, "ckwh help send"),
        (&["-v"], 2, "ckwh --version"),
        // Captures.
        (&["captures", "list", "#7"], 2, "it is written 7"),
        (&["captures", "list", "7-9"], 2, "7..9"),
        (&["captures", "list", "9..7"], 2, "7..9"),
        (&["captures", "list", "7,8"], 2, "7 8"),
        (&["replay", "all", "--to", "1"], 2, "--all"),
        (&["replay", "cost.alert", "--to", "1"], 2, "--event cost.alert"),
        (&["replay", "request.http", "--to", "1"], 2, "--from request.http"),
        (&["captures", "delete", "7"], 2, "ckwh captures rm"),
        (
            &["replay", "last", "--to", "1", "--store", "none.db"],
            3,
            "there is no store at none.db",
        ),
        (
            &["verify", "last", "--store", "none.db"],
            3,
            "there is no store at none.db",
        ),
        // What is looked at.
        (
            &["verify", "request.http", "--computed", "SIG"],
            2,
            "stands for the signature",
        ),
        (
            &["verify", "http://localhost:3000"],
            3,
            "ckwh check --to http://localhost:3000",
        ),
        (&["verify", "cost.alert"], 3, "ckwh send cost.alert"),
        (&["verify", "sha256=00"], 3, "--computed"),
        (&["verify", "empty.json"], 1, "it is empty"),
        (&["verify", "headers.txt"], 1, "its first line is a header"),
        (&["verify", "answer.http"], 1, "it is an answer"),
        (
            &["verify", "request.http", "--provider", "stripe", "--secret", "x"],
            1,
            "the headers are those of Cost Katana: --provider costkatana",
        ),
    ] {
        let ran = home.run(args);
        let said = flat(&format!("{}{}", ran.text(status), ran.stderr));
        assert!(said.contains(says), "{args:?}: no {says:?} in {said}");
        assert!(
            !said.contains("to pass '") && !said.contains("a-secret!"),
            "{args:?}: {said}"
        );
    }
    let object = home.run(&["send", "cost.alert", "-n", "3", "--json"]).line(2);
    assert_eq!(object["hint"], "--count 3");
}

#[test]
fn a_body_that_is_no_json_says_what_it_is() {
    let home = Home::new();
    home.write("bom.json", "\u{feff}{}");
    home.write("wide.json", b"\xff\xfe{\0}\0");
    home.write("comma.json", "{\"a\":1,}");
    home.write("request.http", home.run(&["send", "cost.alert", "--dry-run"]).stdout);
    for (file, says) in [
        ("./bom.json", "a byte order mark"),
        ("./wide.json", "is UTF-16"),
        ("./comma.json", "at line 1 column 8"),
        ("./request.http", "`ckwh replay --from ./request.http` delivers"),
    ] {
        let sent = home.run(&["send", file, "--provider", "costkatana", "--dry-run"]);
        assert_eq!(sent.status, 0, "{}", sent.stderr);
        assert!(flat(&sent.stderr).contains(says), "{file}: {}", sent.stderr);
    }
}

#[test]
fn a_secret_that_is_hardly_meant_so_is_told_and_not_shown() {
    let home = Home::new();
    for (secret, says) in [
        ("\"s3cret\"", "stands in quotes"),
        ("“s3cret”", "stands in quotes"),
        ("$S3CRET_KEY", "no shell replaced"),
        ("${S3CRET_KEY}", "no shell replaced"),
        ("s3cret ", "white space"),
    ] {
        let sent = home.run(&["send", "cost.alert", "--dry-run", "--secret", secret]);
        sent.text(0);
        assert!(sent.stderr.contains(says), "{secret}: {}", sent.stderr);
        assert!(!sent.stderr.to_lowercase().contains("s3cret"), "{}", sent.stderr);
    }
    for secret in ["s3cret", "$ecret", "100%", "it's"] {
        let sent = home.run(&["send", "cost.alert", "--dry-run", "--secret", secret]);
        sent.text(0);
        assert!(!sent.stderr.contains("and is used so"), "{secret}: {}", sent.stderr);
    }
}

#[test]
fn a_refusal_of_what_was_broken_on_purpose_is_right() {
    let home = Home::new();
    let receiver = Receiver::start(|_| status(401));
    let send = [
        "send",
        "cost.alert",
        "--to",
        &receiver.address(),
        "--break",
        "signature",
    ];
    let refused = home.run(&send);
    refused.text(1);
    assert!(refused.stderr.contains("--expect 401"), "{}", refused.stderr);
    let expected = home.run(&[&send[..], &["--expect", "401"]].concat());
    assert!(expected.text(0).contains("refused as expected"));
}

#[test]
fn requests_that_are_shown_stand_apart_and_are_read_again() {
    let home = Home::new();
    caught(&home, "2", &[]);
    let shown = home.run(&["replay", "1..2", "--to", "3000", "--dry-run"]);
    let text = shown.text(0);
    let lines = text.lines().filter(|line| line.starts_with("POST /")).count();
    assert_eq!((lines, text.contains("}\r\nPOST /")), (2, true), "{text}");
    let judged = home.run_with(&["verify", "-"], text.as_bytes());
    assert_eq!(judged.text(0).matches("✓ valid").count(), 2);
    assert_eq!(judged.stderr, "", "nothing is left out in silence");
}

#[test]
fn what_is_explained_at_once_does_not_ask_why() {
    let home = Home::new();
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let port = listener.local_addr().unwrap().port().to_string();
    drop(listener);
    let mut listen = home.ckwh(&["listen", &port, "--exit-after", "1", "--explain"]);
    let listen = listen
        .env("WEBHOOK_SECRET", SECRET)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let send = ["send", "cost.alert", "--to", &port, "--wait", "20s", "--no-keep"];
    home.run(&[&send[..], &["--secret", &format!("\"{SECRET}\"")]].concat())
        .text(0);
    let said = String::from_utf8(listen.wait_with_output().unwrap().stdout).unwrap();
    assert!(said.contains("[secret.quoted]") && !said.contains("why?"), "{said}");
}

#[test]
fn one_clock_is_shown_in_lists_and_in_full() {
    let home = Home::new();
    caught(&home, "1", &[]);
    // A day is long enough that no clock change falls between: only the hours differ from UTC's.
    let of = |args: &[&str], zone: &str| -> String {
        let mut command: Command = home.ckwh(args);
        let text = run(command.env("TZ", zone), b"").text(0).to_owned();
        let at = text.find(':').unwrap();
        text[at - 2..at + 6].to_owned()
    };
    let (east, utc) = (
        of(&["captures", "list"], "UTC-5"),
        of(&["captures", "list", "--utc"], "UTC-5"),
    );
    assert_ne!(east, utc);
    assert_eq!(of(&["captures", "show", "1"], "UTC-5"), east);
    assert_eq!(of(&["captures", "show", "1", "--utc"], "UTC-5"), utc);
}
