//! What senders are answered, and how `listen` ends.

use std::fs;
use std::io::Write as _;

use super::{Listen, Place, read_answer, status};

#[test]
fn answers_are_as_asked_for() {
    let place = Place::new();
    fs::write(place.path("body.json"), b"{\"ok\":true}").unwrap();
    let listen = Listen::start(
        &place,
        &[
            "--respond",
            "202",
            "--respond-body",
            "@body.json",
            "--respond-header",
            "X-A: 1",
            "--respond-header",
            "X-A: 2",
        ],
    );
    let answer = listen.exchange(&super::request("/", b"x"));
    assert!(answer.starts_with("HTTP/1.1 202 "), "{answer}");
    assert!(
        answer.contains("x-a: 1\r\nx-a: 2\r\n") && answer.ends_with("{\"ok\":true}"),
        "{answer}"
    );
    listen.stop(0);

    let listen = Listen::start(&place, &["--script", "500,429,200", "--exit-after", "4"]);
    let statuses: Vec<u16> = (0..4).map(|_| listen.post("/", b"x")).collect();
    assert_eq!(statuses, [500, 429, 200, 200]);
    listen.end(0);

    let run = || {
        let listen = Listen::start(&place, &["--fail-rate", "0.5", "--seed", "7", "--exit-after", "20"]);
        let statuses: Vec<u16> = (0..20).map(|_| listen.post("/", b"x")).collect();
        listen.end(0);
        statuses
    };
    let statuses = run();
    assert!(statuses.contains(&500) && statuses.contains(&200));
    assert_eq!(statuses, run());

    let listen = Listen::start(&place, &["--drop"]);
    assert_eq!(listen.post("/", b"dropped"), 0);
    let (lines, _) = listen.stop(0);
    assert_eq!(lines[0]["type"], "refused");
    assert!(place.bodies().iter().all(|body| body != b"dropped"));
}

#[test]
fn what_is_not_valid_is_refused_and_kept() {
    let place = Place::new();
    let listen = Listen::start(
        &place,
        &["--reject-invalid", "--provider", "costkatana", "--exit-after", "3"],
    );
    assert_eq!(listen.post("/", b"{}"), 401);
    place.text(&["send", "cost.alert", "--to", &listen.url("/")], 0);
    place.text(
        &[
            "send",
            "cost.alert",
            "--to",
            &listen.url("/"),
            "--break",
            "body",
            "--expect",
            "401",
        ],
        0,
    );
    let (lines, _) = listen.end(0);
    let reasons: Vec<_> = lines[..3]
        .iter()
        .map(|line| line["verdict"]["reason"].clone())
        .collect();
    assert_eq!(reasons, ["missing-header", "valid", "mismatch"]);
    assert_eq!(place.bodies().len(), 3);
    let output = place.run(&["listen", "0", "--reject-invalid"]);
    assert_eq!(output.status.code(), Some(2));
}

#[test]
fn events_duplicates_and_ages_are_shown() {
    let place = Place::new();
    let mut listen = Listen::start(&place, &["--event", "cost.*"]);
    let to = listen.url("/hooks");
    let same = ["send", "cost.alert", "--to", &to, "--id", "evt_1"];
    place.text(&same, 0);
    place.text(&["send", "budget.warning", "--to", &to], 0);
    place.text(&same, 0);
    place.text(&["send", "cost.alert", "--to", &to, "--break", "stale"], 0);
    let (first, second, stale) = (listen.line(), listen.line(), listen.line());
    assert_eq!(
        (&first["type"], &first["event_type"]),
        (&"capture".into(), &"cost.alert".into())
    );
    assert_eq!(
        (&first["duplicate"], &first["method"], &first["target"]),
        (&false.into(), &"POST".into(), &"/hooks".into())
    );
    assert_eq!(first["response"]["status"], 200);
    assert_eq!(
        (&second["duplicate"], &second["duplicate_of"]),
        (&true.into(), &first["id"])
    );
    assert_eq!(
        (&stale["verdict"]["reason"], &stale["verdict"]["signature"]),
        (&"stale".into(), &"match".into())
    );
    let age = stale["verdict"]["timestamp_age_ms"].as_i64().unwrap();
    assert!((3_600_000..3_700_000).contains(&age), "{age}");
    let (lines, _) = listen.stop(0);
    let summary = lines.last().unwrap();
    assert_eq!(
        (&summary["type"], &summary["captures"]),
        (&"listen_summary".into(), &4.into())
    );
    assert_eq!(
        (&summary["valid"], &summary["invalid"], &summary["duplicates"]),
        (&3.into(), &1.into(), &1.into())
    );
    assert_eq!(place.bodies().len(), 4, "what is filtered is kept");
}

#[test]
fn expectations_decide_the_status() {
    let place = Place::new();
    let listen = Listen::start(&place, &["--expect-event", "cost.*", "--for", "50s"]);
    let to = listen.url("/");
    place.text(&["send", "cost.alert", "--to", &to, "--break", "signature"], 0);
    place.text(&["send", "budget.warning", "--to", &to], 0);
    place.text(&["send", "cost.alert", "--to", &to], 0);
    let (lines, _) = listen.end(0);
    assert_eq!(lines.iter().filter(|line| line["type"] == "capture").count(), 3);
    let listen = Listen::start(&place, &["--expect-event", "cost.*", "--for", "1s"]);
    let (lines, _) = listen.end(1);
    assert_eq!(lines[0]["unmet"][0], "no cost.* came");
    let listen = Listen::start(&place, &["--exit-after", "2", "--for", "1s"]);
    listen.post("/", b"x");
    listen.end(1);
    let listen = Listen::start(&place, &["--expect-event", "cost.*"]);
    listen.stop(1);
}

#[test]
fn a_program_runs_for_valid_events_without_secrets() {
    let place = Place::new();
    let program = "sh -c 'cat > body.$CKWH_CAPTURE_ID; env > env.$CKWH_CAPTURE_ID'";
    let listen = Listen::start(&place, &["--exec", program]);
    let to = listen.url("/");
    place.text(&["send", "cost.alert", "--to", &to, "--break", "body"], 0);
    place.text(&["send", "cost.alert", "--to", &to], 0);
    listen.stop(0);
    assert!(!place.path("body.1").exists(), "the first was not valid");
    assert_eq!(fs::read(place.path("body.2")).unwrap(), place.bodies()[1]);
    let env = fs::read_to_string(place.path("env.2")).unwrap();
    assert!(
        env.contains("CKWH_CAPTURE_EVENT=cost.alert") && env.contains("CKWH_CAPTURE_REASON=valid"),
        "{env}"
    );
    assert!(!env.contains(SECRET_PART) && !env.contains("WEBHOOK_SECRET"), "{env}");
}

const SECRET_PART: &str = "correct horse";

#[test]
fn a_program_gets_bounded_values_and_no_credential() {
    let place = Place::new();
    let program = "sh -c 'env > env.$CKWH_CAPTURE_ID'";
    let mut command = place.ckwh(&["listen", "0", "--json", "--exec-any", "--exec", program]);
    command
        .env("AWS_ACCESS_KEY_ID", "leak-1")
        .env("GITHUB_TOKEN", "leak-2")
        .env("PGPASSWORD", "leak-3")
        .env("DATABASE_URL", "postgres://me:leak-4@db.test/x")
        .env("HARMLESS", "stays");
    let listen = Listen::spawn(command);
    let long = "x".repeat(300_000);
    let body = format!(r#"{{"event_type":"{long}","event_id":"a"}}"#);
    let head = format!(
        "POST / HTTP/1.1\r\nHost: test\r\nX-CostKatana-Timestamp: 1\r\nX-CostKatana-Signature: sha256=00\r\nConnection: close\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    assert_eq!(status(&listen.exchange(&[head, body].concat().into_bytes())), 200);
    let (_, said) = listen.stop(0);
    assert!(!said.contains("--exec for"), "{said}");
    let env = fs::read_to_string(place.path("env.1")).unwrap();
    assert!(!env.contains("leak-"), "{env}");
    assert!(env.contains("HARMLESS=stays") && env.contains("CKWH_CAPTURE_CUT=EVENT"));
    let event = env
        .lines()
        .find_map(|line| line.strip_prefix("CKWH_CAPTURE_EVENT="))
        .unwrap();
    assert!(event.len() > 1000 && long.starts_with(event));
}

#[test]
fn a_busy_port_names_a_free_one() {
    let place = Place::new();
    let listen = Listen::start(&place, &[]);
    let port = listen.address.port().to_string();
    let output = place.run(&["listen", &port]);
    let said = super::text(&output.stderr);
    assert_eq!(output.status.code(), Some(3));
    assert!(said.contains("in use") && said.contains("ckwh listen "), "{said}");
    // Both loopbacks answer.
    let mut stream = std::net::TcpStream::connect(("::1", listen.address.port())).unwrap();
    stream.write_all(&super::request("/", b"x")).unwrap();
    assert_eq!(read_answer(&mut stream), Some(200));
    listen.stop(0);
}
