//! Both sides are kept: what was answered to each forward and replay.

use std::fs;
use std::io::Write as _;
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;

use super::servers::{each, have, recorder, request};
use super::support::{Home, run};
use super::{Listen, PATIENCE, SECRET};

const ANSWER: &[u8] = b"HTTP/1.1 422 Unprocessable\r\nServer: nginx\r\nSet-Cookie: s=t0ken\r\nX-Note: why\r\nContent-Length: 14\r\nConnection: close\r\n\r\n{\"error\":\"no\"}";

/// The first capture, once what its forward said is kept: that comes after the line that tells of it.
fn kept_with_answer(home: &Home) -> Value {
    let begun = Instant::now();
    loop {
        let shown = home.run(&["captures", "show", "1", "--json"]).lines().remove(0);
        if !shown["forward"]["response"].is_null() {
            return shown;
        }
        assert!(begun.elapsed() < PATIENCE, "no answer is kept: {shown:#}");
        thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn a_forwards_answer_is_kept_shown_exported_and_pruned() {
    let home = Home::new();
    let (to, _seen) = recorder(ANSWER);
    let mut listen = Listen::start(&home, &["--forward", &to.to_string()]);
    home.run(&["send", "cost.alert", "--to", &listen.address]);
    let line = listen.line();
    let shown = kept_with_answer(&home);
    home.run(&["captures", "export", "--all", "-o", "all.jsonl"]);
    home.run(&["captures", "import", "all.jsonl"]);
    let imported = home.run(&["captures", "show", "last", "--json"]).lines().remove(0);
    for capture in [&line, &shown, &imported] {
        let response = &capture["forward"]["response"];
        assert_eq!(response["status"], 422, "{capture:#}");
        assert_eq!(response["body"], "{\"error\":\"no\"}");
        let headers = response["headers"].to_string();
        assert!(headers.contains("X-Note") && headers.contains("why"), "{headers}");
        assert!(!capture.to_string().contains("t0ken"), "{capture:#}");
    }
    let text = home.run(&["captures", "show", "1"]).text();
    assert!(
        text.contains("422 Unprocessable Entity from http://") && text.contains("{\"error\":\"no\"}"),
        "{text}"
    );
    assert!(
        home.run(&["captures", "show", "1", "--with-credentials"])
            .text()
            .contains("s=t0ken")
    );
    drop(listen);
    let kept = || {
        let store = fs::read(home.work().join("../home/.local/share/ckwh/captures.db")).unwrap();
        store
            .windows(7)
            .any(|window| window == b"X-Note\x03" || window == b"\"error\"")
    };
    home.run(&["captures", "list"]);
    home.run(&["captures", "rm", "--all", "--yes"]);
    assert!(!kept(), "what is removed is removed with its answers");
}

#[test]
fn a_replays_answer_is_kept_and_a_long_one_up_to_64_kib() {
    let home = Home::new();
    let (forward, _) = recorder(&b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"[..]);
    {
        let mut listen = Listen::start(&home, &["--forward", &forward.to_string()]);
        home.run(&["send", "cost.alert", "--to", &listen.address]);
        listen.line();
        kept_with_answer(&home);
    }
    let long = format!(
        "HTTP/1.1 200 OK\r\nContent-Length: 70000\r\nConnection: close\r\n\r\n{}",
        "y".repeat(70_000)
    );
    let (to, _seen) = recorder(long);
    let replayed = home.run(&["replay", "1", "--to", &to.to_string()]);
    assert_eq!(replayed.status, 0, "{}", replayed.text());
    let shown = home.run(&["captures", "show", "1", "--json"]).lines().remove(0);
    let response = &shown["replays"][0]["response"];
    assert_eq!(response["truncated"], true);
    assert_eq!(response["body"].as_str().unwrap().len(), 65_536);
    assert_eq!(shown["forward"]["response"]["body"], "");
}

/// What a receiver says back of a secret is blanked before it is kept, and passed on as it is.
#[test]
fn known_secrets_are_blanked_in_every_form() {
    use base64::Engine as _;
    let home = Home::new();
    let forms = [
        SECRET.to_owned(),
        hex::encode(SECRET),
        base64::engine::general_purpose::STANDARD.encode(SECRET),
    ];
    let body = forms.join(" ");
    let length = body.len();
    let answer =
        format!("HTTP/1.1 500 Oh\r\nX-Secret: {body}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}");
    let (to, _seen) = recorder(answer);
    let mut listen = Listen::start(&home, &["--forward", &to.to_string()]);
    let sent = home.run(&["send", "cost.alert", "--no-keep", "--to", &listen.address]);
    assert!(sent.text().contains(SECRET), "the sender gets what the receiver said");
    let line = listen.line();
    kept_with_answer(&home);
    drop(listen);
    home.run(&["replay", "1", "--to", &to.to_string()]);
    let shown = home
        .run(&["captures", "show", "1", "--json", "--with-credentials"])
        .lines()
        .remove(0);
    let folder = home.work().join("../home/.local/share/ckwh");
    let mut kept = format!("{line}{shown}").into_bytes();
    for file in fs::read_dir(folder).unwrap() {
        kept.extend(fs::read(file.unwrap().path()).unwrap());
    }
    for form in &forms {
        assert!(
            !kept.windows(form.len()).any(|window| window == form.as_bytes()),
            "{form}"
        );
    }
    assert_eq!(shown["forward"]["response"]["body"], "[masked] [masked] [masked]");
    assert_eq!(shown["replays"][0]["response"]["body"], "[masked] [masked] [masked]");
}

/// A store of the version before is brought to this one, and what it holds stays.
#[test]
fn an_older_store_gets_room_for_answers() {
    let home = Home::new();
    let (to, _seen) = recorder(ANSWER);
    {
        let mut listen = Listen::start(&home, &["--forward", &to.to_string()]);
        home.run(&["send", "cost.alert", "--to", &listen.address]);
        listen.line();
        kept_with_answer(&home);
    }
    if !have(&["python3"]) {
        return;
    }
    let back = "import sqlite3, sys\nc = sqlite3.connect(sys.argv[1])\n\
        for name in ('headers', 'body', 'truncated'): c.execute(f'ALTER TABLE delivery DROP COLUMN answer_{name}')\n\
        c.execute('ALTER TABLE capture DROP COLUMN body_held')\n\
        c.execute('ALTER TABLE run DROP COLUMN ended_at_delivery')\n\
        c.execute('ALTER TABLE delivery DROP COLUMN holds')\n\
        c.execute('PRAGMA user_version = 6'); c.commit()";
    let store = home.work().join("../home/.local/share/ckwh/captures.db");
    let mut python = Command::new("python3");
    let made = run(python.args(["-c", back]).arg(&store), b"");
    assert_eq!(made.status, 0, "{}", made.stderr);
    let shown = home.run(&["captures", "show", "1", "--json"]).lines().remove(0);
    assert_eq!(shown["forward"]["status"], 422);
    assert_eq!(shown["forward"]["response"], Value::Null);
}

#[test]
fn listen_shows_both_where_it_is_asked_to() {
    use std::io::{BufRead as _, BufReader};
    let home = Home::new();
    let to = each(|mut stream| {
        request(&mut stream);
        let _ = stream.write_all(ANSWER);
    });
    let mut command = home.signing(&["listen", "0", "-v", "--forward", &to.to_string(), "--exit-after", "1"]);
    let mut child = command
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::null())
        .spawn()
        .unwrap();
    let mut out = BufReader::new(child.stdout.take().unwrap());
    let mut first = String::new();
    out.read_line(&mut first).unwrap();
    let address = first.trim().rsplit_once("http://").unwrap().1.to_owned();
    home.run(&["send", "cost.alert", "--to", &address]);
    let rest: Vec<String> = out.lines().map(Result::unwrap).collect();
    child.wait().unwrap();
    let text = rest.join("\n");
    assert!(
        text.contains("x-costkatana-signature: sha256=") && text.contains("\"event_type\":\"cost.alert\""),
        "{text}"
    );
    assert!(
        text.contains("422 Unprocessable Entity")
            && text.contains("X-Note: why")
            && text.contains("{\"error\":\"no\"}"),
        "{text}"
    );
    assert!(!text.contains("t0ken"), "{text}");
}
