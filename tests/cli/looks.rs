//! The main screens as a terminal of 80 columns shows them: with colours as they are kept in `tests/looks`, without them
//! the same text.

use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use regex_lite::Regex;
use unicode_width::UnicodeWidthStr as _;

use super::support::{Home, Run, missing, run};
use crate::receiver::{Receiver, Reply, status};
use crate::{FIXED, SECRET};

const COLUMNS: usize = 80;
/// How to write the screens anew, once a change of them is meant.
const REFRESH: &str = "CKWH_REFRESH=1 cargo test --test cli looks";

/// `ckwh` on a terminal of its own, 80 columns wide.
fn on_terminal(home: &Home, args: &[&str], colour: bool) -> Command {
    let words = [&[env!("CARGO_BIN_EXE_ckwh")], args].concat();
    let line = shlex::try_join(words).unwrap();
    let mut command = Command::new("script");
    command
        .args([
            "-qec",
            &format!("stty cols {COLUMNS} rows 24; PATH=/nowhere exec {line}"),
            "/dev/null",
        ])
        .env_clear()
        .envs(
            home.ckwh(&[])
                .get_envs()
                .filter_map(|(name, value)| Some((name, value?))),
        )
        .env("PATH", "/usr/bin:/bin")
        .env("SHELL", "/bin/sh")
        .env("TERM", "xterm-256color")
        .env("TZ", "UTC")
        .env("WEBHOOK_SECRET", SECRET)
        .current_dir(home.work());
    if !colour {
        command.env("NO_COLOR", "1");
    }
    command
}

/// Whether there is a program that makes terminals, as util-linux has it.
fn has_terminals() -> bool {
    let there = Command::new("script").arg("--version").output();
    let there = there.is_ok_and(|output| String::from_utf8_lossy(&output.stdout).contains("util-linux"));
    if !there {
        missing("script of util-linux");
    }
    there
}

/// What differs from run to run, made the same without another width; what a terminal takes for a command, made visible.
fn still(screen: &str) -> String {
    let mut text = screen.replace("\r\n", "\n").replace('\u{1b}', "␛");
    for (pattern, put) in [
        // A bar that is gone.
        (r"[^\n]*\r(␛\[2K)?", ""),
        (
            r"[0-9a-f]{64}",
            "5f2ac0ffee5f2ac0ffee5f2ac0ffee5f2ac0ffee5f2ac0ffee5f2ac0ffee5f2a",
        ),
        (r"\d\d:\d\d:\d\d", "10:20:30"),
        (r"\d\d-\d\d([ T])10:20:30", "01-02${1}10:20:30"),
        (r"\d{4}-01-02", "2026-01-02"),
        (r"evt_[0-9a-f]{24}", "evt_0123456789abcdef01234567"),
        (r"[0-9a-f]{8}-[0-9a-f-]{27}", "01234567-89ab-4cde-8f01-23456789abcd"),
        ("\"[0-9a-f]{24}\"", "\"0123456789abcdef01234567\""),
        (r"\b\d{13}\b", "1760000000000"),
        (r"(localhost|127\.0\.0\.1|\[::1\]):\d{5}\b", "$1:50000"),
        (r"\d+(\.\d+)? ms\b", "1.0 ms"),
        (r"\b\d s ago", "0 s ago"),
        (r"t=\d{10}", "t=1760000000"),
    ] {
        text = Regex::new(pattern).unwrap().replace_all(&text, put).into_owned();
    }
    text
}

/// How wide the widest line is, in characters, but for signatures, members of JSON and code, which are whole to be copied.
fn widest(screen: &str) -> usize {
    let is_data = Regex::new("^ *(\"|[xX]-[A-Za-z-]+: |[a-z.]+\\(|again .*ckwh )").unwrap();
    screen
        .lines()
        .filter(|line| !is_data.is_match(line))
        .map(|line| line.chars().count())
        .max()
        .unwrap_or_default()
}

/// Compares both screens with the one that is kept.
fn compare(name: &str, coloured: &str, plain: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/looks")
        .join(format!("{name}.txt"));
    let (coloured, plain) = (still(coloured), still(plain));
    if std::env::var_os("CKWH_REFRESH").is_some() {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, &coloured).unwrap();
    }
    let kept = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{name}: {error}; {REFRESH}"));
    assert!(
        coloured == kept,
        "{name} looks otherwise:\n{coloured}\nbefore:\n{kept}\n{REFRESH} writes it anew"
    );
    let stripped = Regex::new("␛\\[[0-9;]*m")
        .unwrap()
        .replace_all(&coloured, "")
        .into_owned();
    assert_eq!(stripped, plain, "{name} without colours");
    assert!(!plain.contains('␛'), "{name}: {plain}");
    assert!(
        widest(&plain) <= COLUMNS,
        "{name} is {} columns wide:\n{plain}",
        widest(&plain)
    );
}

/// Shows one screen, each time in a new home that `prepare` furnishes.
fn look(name: &str, args: &[&str], expected: i32, prepare: impl Fn(&Home)) {
    let shown = [true, false].map(|colour| {
        let home = Home::new();
        prepare(&home);
        let Run { status, stdout, .. } = run(&mut on_terminal(&home, args, colour), b"");
        let text = String::from_utf8(stdout).unwrap();
        assert_eq!(status, expected, "{name}: {text}");
        text
    });
    compare(name, &shown[0], &shown[1]);
}

fn free_port() -> String {
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    listener.local_addr().unwrap().port().to_string()
}

/// `ckwh listen` on a terminal, ended by what `deliver` sends.
fn listening(home: &Home, args: &[&str], colour: bool, deliver: impl FnOnce(&str)) -> String {
    let port = free_port();
    let mut command = on_terminal(home, &[&["listen", &port], args].concat(), colour);
    let child: Child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    deliver(&port);
    String::from_utf8(child.wait_with_output().unwrap().stdout).unwrap()
}

/// Three deliveries: a right one, one with a wrong signature, the first again.
fn three(home: &Home, port: &str) {
    let send = ["send", "cost.alert", "--to", port, "--no-keep", "--wait", "20s"];
    home.run(&[&send[..], &["--id", "evt_1"]].concat()).text(0);
    home.run(&[&send[..], &["--break", "signature"]].concat()).text(0);
    home.run(&[&send[..], &["--id", "evt_1"]].concat()).text(0);
}

/// Has three deliveries caught.
fn caught(home: &Home) {
    listening(home, &["--exit-after", "3"], false, |port| three(home, port));
}

/// A delivery in `request.http` whose body was indented after it was signed.
fn reserialised(home: &Home) -> PathBuf {
    let sent = home.run(&[&["send", "budget.exceeded", "--dry-run", "--print", "json"], &FIXED[..]].concat());
    let request = sent.line(0);
    let body: serde_json::Value = serde_json::from_str(request["body"].as_str().unwrap()).unwrap();
    let body = serde_json::to_string_pretty(&body).unwrap();
    let mut text = "POST /webhooks/costkatana HTTP/1.1\r\n".to_owned();
    for pair in request["headers"].as_array().unwrap() {
        let name = pair[0].as_str().unwrap();
        if !name.eq_ignore_ascii_case("content-length") {
            text.push_str(&format!("{name}: {}\r\n", pair[1].as_str().unwrap()));
        }
    }
    home.write(
        "request.http",
        format!("{text}Content-Length: {}\r\n\r\n{body}", body.len()),
    )
}

#[test]
fn looks_of_what_needs_no_handler() {
    if !has_terminals() {
        return;
    }
    let nothing = |_: &Home| {};
    look("start", &[], 0, nothing);
    look("send", &["send", "cost.alert"], 0, nothing);
    look("events", &["events", "costkatana"], 0, nothing);
    look("event", &["events", "budget.exceeded"], 0, nothing);
    look("provider", &["providers", "show", "quotawatch"], 0, nothing);
    look("fingerprint", &["fingerprint"], 0, nothing);
    look("unknown-event", &["send", "cost.alrt"], 2, nothing);
    let verify = [
        "verify",
        "request.http",
        "--at",
        "2026-05-08T12:00:01Z",
        "--framework",
        "express",
    ];
    look("verify", &verify, 1, |home| drop(reserialised(home)));
    let providers = run(&mut on_terminal(&Home::new(), &["providers"], false), b"");
    let list = String::from_utf8(providers.stdout).unwrap();
    assert!(list.lines().count() > 250 && widest(&still(&list)) <= COLUMNS, "{list}");
}

/// What is read at a terminal, and a piped text for it.
const READ: [(&[&str], &str, &str); 7] = [
    (
        &["send", "-", "--provider", "costkatana", "--dry-run"],
        "the body",
        "{}\n",
    ),
    (&["sign", "-", "--provider", "costkatana"], "the body", "{}\n"),
    (&["verify", "-"], "the request", "POST / HTTP/1.1\n\n"),
    (
        &["verify", "request.http", "--computed", "-"],
        "the handler's log",
        "nothing of a signature\n",
    ),
    (
        &["send", "cost.alert", "--secret-file", "-", "--dry-run"],
        "the secret",
        "s3cret\n",
    ),
    (
        &["send", "cost.alert", "--merge", "-", "--dry-run"],
        "what is merged",
        "{}\n",
    ),
    (
        &["captures", "import", "-"],
        "the file of requests",
        "POST / HTTP/1.1\n\n",
    ),
];

#[test]
fn what_a_terminal_is_waited_for_is_said() {
    if !has_terminals() {
        return;
    }
    let home = Home::new();
    reserialised(&home);
    for (args, what, typed) in READ {
        let note = format!("{what} is read from this terminal: paste it, then press Ctrl-D");
        let shown = |more: &[&str]| {
            let run = run(&mut on_terminal(&home, &[args, more].concat(), false), typed.as_bytes());
            let words: Vec<String> = run.text(run.status).split_whitespace().map(str::to_owned).collect();
            words.join(" ")
        };
        let said = shown(&[]);
        assert!(said.contains(&note), "{args:?}: {said}");
        assert!(!shown(&["-q"]).contains("this terminal"), "{args:?}");
        let piped = home.run_with(args, typed.as_bytes());
        assert!(!piped.stderr.contains("this terminal"), "{args:?}: {}", piped.stderr);
    }
}

#[test]
fn looks_of_a_handlers_answers() {
    if !has_terminals() {
        return;
    }
    let json = |body: &str| Reply {
        headers: vec![("Content-Type", "application/json".into())],
        body: body.into(),
        ..status(200)
    };
    let receiver = Receiver::start(move |seen| match seen.target.as_str() {
        "/webhooks/costkatana" => json("{\"received\":true,\"alerts\":[1,2]}"),
        "/refuses" => Reply {
            body: b"invalid signature".to_vec(),
            ..status(401)
        },
        "/moved" => Reply {
            headers: vec![("Location", "/moved/".into())],
            ..status(308)
        },
        _ => status(404),
    });
    let address = receiver.address();
    let port = address.rsplit(':').next().unwrap();
    let nothing = |_: &Home| {};
    let to = |path: &str| format!("{port}{path}");
    look("send-200", &["send", "cost.alert", "--to", port], 0, nothing);
    look("send-401", &["send", "cost.alert", "--to", &to("/refuses")], 1, nothing);
    look("send-404", &["send", "cost.alert", "--to", &to("/nowhere")], 1, nothing);
    look("send-308", &["send", "cost.alert", "--to", &to("/moved")], 1, nothing);
    look("send-quiet", &["send", "cost.alert", "--to", port, "-q"], 0, nothing);
    look(
        "send-several",
        &["send", "cost.alert", "budget.exceeded", "--to", port],
        0,
        nothing,
    );
    look("replay-401", &["replay", "1", "--to", &to("/refuses")], 1, caught);
    look(
        "doctor",
        &["doctor", "--to", port, "--provider", "costkatana"],
        0,
        nothing,
    );
    look(
        "check",
        &["check", "--to", port, "--provider", "costkatana"],
        1,
        nothing,
    );
}

#[test]
fn looks_of_what_is_caught() {
    if !has_terminals() {
        return;
    }
    let shown = [true, false].map(|colour| {
        let home = Home::new();
        let args = ["--exit-after", "3", "--store", "store.db", "--provider", "costkatana"];
        listening(&home, &args, colour, |port| three(&home, port))
    });
    compare("listen", &shown[0], &shown[1]);
    look("captures", &["captures"], 0, caught);
    look("captures-show", &["captures", "show", "2"], 0, caught);
}

#[test]
fn lists_are_no_wider_than_the_terminal_and_all_is_removed_by_a_yes_alone() {
    if !has_terminals() {
        return;
    }
    let home = Home::new();
    let args = ["--exit-after", "3", "--forward", "127.0.0.1:1"];
    let said = listening(&home, &args, false, |port| {
        for what in [
            &["send", "stripe", "payment_intent.amount_capturable_updated"][..],
            &["send", "stripe", "--type", "支払い.成功🎉"],
            &["send", "cost.alert"],
        ] {
            let to = ["--to", port, "--secret", "x", "--no-keep", "--wait", "20s"];
            home.run(&[what, &to].concat()).text(1);
        }
    });
    let shown = |args: &[&str], typed: &str, status: i32| {
        let run = run(&mut on_terminal(&home, args, false), typed.as_bytes());
        run.text(status).replace('\r', "")
    };
    for screen in [
        said.replace('\r', ""),
        shown(&["captures"], "", 0),
        shown(&["events"], "", 0),
        shown(&["events", "stripe"], "", 0),
    ] {
        for line in screen.lines() {
            assert!(line.width() <= COLUMNS, "{} columns: {line}", line.width());
        }
        assert!(screen.lines().count() > 3, "{screen}");
    }
    assert!(shown(&["captures"], "", 0).contains("not delivered"));
    let kept = shown(&["captures", "rm", "--all"], "n\n", 1);
    assert!(
        kept.contains("Remove all 3 captures? [y/N]") && kept.contains("nothing was removed"),
        "{kept}"
    );
    let gone = shown(&["captures", "rm", "--all"], "y\n", 0);
    assert!(gone.contains("3 captures were removed"), "{gone}");
}
