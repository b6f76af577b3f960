//! What people read: captures that would command a terminal, and the commands that lead on.

use super::{Listen, Place, SECRET, text};

#[test]
fn nothing_commands_the_terminal() {
    let place = Place::new();
    let listen = Listen::start(&place, &[]);
    let evil = "\u{1b}]0;owned\u{7}\u{1b}[2J\u{9b}31m\u{202e}\u{2066}\u{2028}\0\u{8}\r\u{7f}";
    let body = format!("{evil}\nnext{evil}");
    let head = "POST /%1b?\u{9b}=\u{202e} HTTP/1.1\r\nHost: h\r\nConnection: close\r\nX-A: \u{9b}\u{202e}\r\n";
    for body in [body.as_bytes(), b"other", &vec![b'a'; 9 * 1024 * 1024]] {
        let request = [format!("{head}Content-Length: {}\r\n\r\n", body.len()).as_bytes(), body].concat();
        listen.exchange(&request);
    }
    listen.stop(0);
    let safe = |char: char| {
        char == '\n'
            || !(char.is_control()
                || matches!(char, '\u{200e}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}'))
    };
    let count = place.lines(&["captures", "list"], 0).len();
    assert!(count >= 1);
    for id in 1..=count {
        let id = id.to_string();
        for args in [
            &["captures", "show", &id][..],
            &["captures", "diff", &id, "1"],
            &["captures", "list"],
            &["captures", "show", &id, "--json"],
            &["captures", "export", &id],
            &["captures", "export", &id, "--format", "har"],
        ] {
            let output = place.run(args);
            let shown = text(&output.stdout) + &text(&output.stderr);
            assert!(shown.chars().all(safe), "{args:?}");
            let in_lines = !args.contains(&"--json") && !args.contains(&"export");
            assert!(
                !in_lines || shown.len() < 1024 * 1024,
                "{args:?}: {} bytes",
                shown.len()
            );
        }
    }
}

#[test]
fn a_capture_is_verified_by_its_number() {
    let place = Place::new();
    let output = place.run(&["verify"]);
    assert_eq!(output.status.code(), Some(3));
    assert!(text(&output.stderr).contains("ckwh listen"));
    let listen = Listen::start(&place, &[]);
    let to = listen.url("/");
    place.text(&["send", "cost.alert", "--to", &to], 0);
    place.text(&["send", "cost.alert", "--to", &to, "--break", "body"], 0);
    listen.stop(0);
    let valid = place.lines(&["verify", "1"], 0).remove(0);
    assert_eq!(valid["reason"], "valid");
    assert!(valid["timestamp_age_today_ms"].is_i64());
    for args in [&["verify"][..], &["verify", "last"], &["verify", "2"]] {
        assert_eq!(place.lines(args, 1)[0]["reason"], "mismatch");
    }
    // Judged at its arrival, unless another time is given.
    assert_eq!(place.lines(&["verify", "1", "--at", "+1d"], 1)[0]["reason"], "stale");
    let unknown = place.run(&["verify", "99"]);
    assert_eq!(unknown.status.code(), Some(2));
    assert!(text(&unknown.stderr).contains("the newest is 2"));
}

#[test]
fn a_bad_verdict_names_the_command_that_explains_it() {
    let place = Place::new();
    let mut command = place.ckwh(&["listen", "0", "--exit-after", "1"]);
    let mut child = command
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let mut out = std::io::BufReader::new(child.stdout.take().unwrap());
    let mut line = String::new();
    std::io::BufRead::read_line(&mut out, &mut line).unwrap();
    let url = line.trim().strip_prefix("Listening on ").unwrap().to_owned();
    place.text(
        &["send", "cost.alert", "--to", &format!("{url}/"), "--break", "signature"],
        0,
    );
    let mut rest = String::new();
    std::io::Read::read_to_string(&mut out, &mut rest).unwrap();
    assert!(child.wait().unwrap().success());
    assert!(rest.contains("✗ mismatch") && rest.contains("ckwh verify 1"), "{rest}");
    assert!(rest.contains("1 caught, 1 invalid") && !rest.contains(SECRET), "{rest}");
}

#[test]
fn captures_are_selected_compared_and_removed() {
    let place = Place::new();
    let listen = Listen::start(&place, &[]);
    let to = listen.url("/");
    for args in [
        &[
            "send",
            "cost.alert",
            "--to",
            &to,
            "--id",
            "evt_1",
            "--set",
            "cost.amount=1",
        ][..],
        &[
            "send",
            "cost.alert",
            "--to",
            &to,
            "--id",
            "evt_2",
            "--set",
            "cost.amount=2",
        ],
        &["send", "budget.warning", "--to", &to, "--break", "header"],
    ] {
        place.text(args, 0);
    }
    listen.stop(0);
    let ids = |args: &[&str]| -> Vec<i64> {
        let lines = place.lines(args, 0);
        lines.iter().map(|line| line["id"].as_i64().unwrap()).collect()
    };
    assert_eq!(ids(&["captures"]), [1, 2, 3]);
    assert_eq!(ids(&["captures", "list", "2..last"]), [2, 3]);
    assert_eq!(ids(&["captures", "list", "--event", "cost.*"]), [1, 2]);
    assert_eq!(ids(&["captures", "list", "--invalid"]), [3]);
    assert_eq!(ids(&["captures", "list", "--since", "-1m", "--limit", "1"]), [3]);
    assert_eq!(ids(&["captures", "list", "--until", "-1m"]), [0_i64; 0]);
    let difference = place.lines(&["captures", "diff", "1", "2"], 1).remove(0);
    let json = difference["json"].to_string();
    assert!(
        json.contains(r#"["/cost/amount",1,2]"#) && json.contains(r#"["/event_id","evt_1","evt_2"]"#),
        "{json}"
    );
    place.text(&["captures", "diff", "1", "1"], 0);
    let raw = place.text(&["captures", "show", "1", "--raw"], 0);
    assert!(raw.starts_with('{') && raw.ends_with('}'));
    assert_eq!(
        place.run(&["captures", "rm"]).status.code(),
        Some(2),
        "nothing said is not everything"
    );
    place.text(&["captures", "rm", "1", "3"], 0);
    assert_eq!(ids(&["captures"]), [2]);
    place.text(&["captures", "prune", "--older-than", "7d"], 0);
    assert_eq!(ids(&["captures"]), [2]);
    assert_eq!(
        place.run(&["captures", "rm", "--all"]).status.code(),
        Some(2),
        "nobody is there to ask"
    );
    assert_eq!(ids(&["captures"]), [2]);
    place.text(&["captures", "rm", "--all", "--yes"], 0);
    assert_eq!(ids(&["captures"]), [0_i64; 0]);
}

#[test]
fn what_does_not_match_is_explained_as_it_arrives_and_when_it_is_shown() {
    let place = Place::new();
    let mut listen = Listen::start(&place, &["--explain"]);
    let to = listen.url("/");
    // As an .env reader that keeps the quotes would have it.
    let quoted = format!("\"{SECRET}\"");
    place.text(&["send", "cost.alert", "--to", &to, "--secret", &quoted], 0);
    place.text(&["send", "cost.alert", "--to", &to], 0);
    assert_eq!(listen.line()["type"], "capture");
    let verdict = listen.line();
    assert_eq!((&verdict["type"], &verdict["capture"]), (&"verdict".into(), &1.into()));
    assert_eq!(verdict["causes"][0]["kind"], "secret.quoted");
    // What is valid needs no explanation.
    assert_eq!(listen.line()["id"], 2);
    listen.stop(0);
    let shown = place.lines(&["captures", "show", "1"], 0);
    assert_eq!(shown[1]["causes"][0]["kind"], "secret.quoted");
    assert_eq!(place.lines(&["captures", "show", "2"], 0).len(), 1);
    assert!(place.text(&["captures", "show", "1"], 0).contains("secret.quoted"));
}
