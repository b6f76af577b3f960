//! `ckwh verify` as it is run: what is found out, what is shown, and that no secret is.

use std::fs;

use serde_json::Value;

use crate::question::mac;
use crate::rounds::is_whole;
use crate::support::{Home, run};

const SECRET: &str = "k3y-for-tests_0123456789";
const FIXED: [&str; 4] = ["--timestamp", "2026-05-08T12:00:00Z", "--id", "evt_1"];
const AT: [&str; 3] = ["verify", "request.http", "--at=2026-05-08T12:00:00Z"];

/// A home with a signed request in it.
fn home(event: &str, more: &[&str], secret: &str) -> Home {
    let home = Home::new();
    let args = [
        "send",
        event,
        "--to",
        "127.0.0.1:1/hook",
        "--dry-run",
        "--secret",
        secret,
    ];
    let sent = run(&mut home.ckwh(&[&args[..], &FIXED, more].concat()), b"");
    assert_eq!(sent.status, 0, "{}", sent.stderr);
    fs::write(home.work().join("request.http"), sent.stdout).unwrap();
    home
}

fn verdict(home: &Home, more: &[&str], env: &[(&str, &str)]) -> Value {
    let mut command = home.ckwh(&[&AT[..], &["--json"], more].concat());
    let ran = run(command.envs(env.iter().copied()), b"");
    assert!(ran.status <= 1, "{}", ran.stderr);
    for secret in env.iter().map(|(_, value)| *value).chain([SECRET]) {
        let text = String::from_utf8_lossy(&ran.stdout);
        assert!(secret.trim().len() < 8 || !text.contains(secret.trim()), "{text}");
    }
    serde_json::from_slice(&ran.stdout).unwrap()
}

fn kinds(verdict: &Value) -> Vec<&str> {
    let causes = verdict["causes"].as_array().unwrap().iter();
    causes.map(|cause| cause["kind"].as_str().unwrap()).collect()
}

/// A no-break space behind the secret, and the media type in the timestamp's place: two rare causes at once. It takes the
/// nightly run's time.
#[test]
fn high_effort_names_what_normal_does_not() {
    if !is_whole() {
        return;
    }
    let home = home("cost.alert", &[], SECRET);
    let request = fs::read_to_string(home.work().join("request.http")).unwrap();
    let (_, body) = request.split_once("\r\n\r\n").unwrap();
    let signed = format!("application/json.{body}");
    let computed = mac(format!("{SECRET}\u{a0}").as_bytes(), signed.as_bytes());
    let said = |effort| {
        let args = ["--computed", &computed, "--effort", effort];
        verdict(&home, &args, &[("WEBHOOK_SECRET", SECRET)])
    };
    assert_eq!(kinds(&said("normal")), ["unknown"]);
    assert_eq!(kinds(&said("high")), ["secret.whitespace", "content.timestamp-other"]);
}

#[test]
fn a_secret_from_echo_an_env_file_or_another_endpoint_is_named() {
    let home = home("cost.alert", &[], SECRET);
    let padded = format!("{SECRET}\n");
    assert_eq!(
        kinds(&verdict(&home, &[], &[("WEBHOOK_SECRET", &padded)])),
        ["secret.whitespace"]
    );
    let quoted = format!("\"{SECRET}\"");
    assert_eq!(
        kinds(&verdict(&home, &[], &[("WEBHOOK_SECRET", &quoted)])),
        ["secret.quoted"]
    );
    // The environment has an old one, the file the new one.
    fs::write(
        home.work().join(".env"),
        format!("OTHER=1\nWEBHOOK_SECRET='{SECRET}'\n"),
    )
    .unwrap();
    let found = verdict(&home, &[], &[("WEBHOOK_SECRET", "the one of last year")]);
    assert_eq!(kinds(&found), ["secret.other"]);
    assert!(
        found["causes"][0]["detail"]
            .as_str()
            .unwrap()
            .contains("WEBHOOK_SECRET in ./.env")
    );
    // A file that is no .env at all changes nothing.
    fs::write(home.work().join(".env"), [b'\xff'; 4096]).unwrap();
    let found = verdict(&home, &[], &[("WEBHOOK_SECRET", "the one of last year")]);
    assert_eq!(kinds(&found), ["unknown"]);
    assert_eq!(found["causes"][0]["search"], "complete");
}

#[test]
fn the_four_dialects_are_told_apart() {
    for dialect in ["documented", "template", "current", "examples"] {
        let home = home("cost.alert", &["--dialect", dialect], SECRET);
        let told = verdict(&home, &["--secret", SECRET], &[]);
        assert_eq!(
            (&told["valid"], &told["dialect"]),
            (&true.into(), &dialect.into()),
            "{told:#}"
        );
    }
    for (sent, expected) in [
        ("current", "documented"),
        ("examples", "documented"),
        ("documented", "current"),
        ("documented", "examples"),
    ] {
        let home = home("cost.alert", &["--dialect", sent], SECRET);
        let args = ["--secret", SECRET, "--provider", "costkatana", "--dialect", expected];
        let found = verdict(&home, &args, &[]);
        assert_eq!(kinds(&found), ["signature.dialect"], "{sent} for {expected}: {found:#}");
        assert!(
            found["causes"][0]["detail"].as_str().unwrap().contains(sent),
            "{found:#}"
        );
    }
}

#[test]
fn what_a_person_reads_has_the_cause_the_bytes_and_the_remedy() {
    let home = home("cost.alert", &[], SECRET);
    let path = home.work().join("request.http");
    let mut request = fs::read(&path).unwrap();
    let at = request.windows(4).position(|four| four == b"\r\n\r\n").unwrap() + 4;
    let value: Value = serde_json::from_slice(&request[at..]).unwrap();
    let pretty = serde_json::to_string_pretty(&value).unwrap();
    let length = format!("Content-Length: {}", request.len() - at);
    let head = String::from_utf8(request[..at].to_vec()).unwrap();
    let head = head.replace(&length, &format!("Content-Length: {}", pretty.len()));
    request = [head.as_bytes(), pretty.as_bytes()].concat();
    fs::write(&path, request).unwrap();
    let shown = run(
        &mut home.ckwh(&[&AT[..], &["--secret", SECRET, "--framework", "gin"]].concat()),
        b"",
    );
    assert_eq!(shown.status, 1);
    let text = String::from_utf8(shown.stdout).unwrap();
    for part in [
        "compact JSON, as JavaScript,",
        "[body.reserialised]",
        "differ from byte 1 on",
        "{↵··",
        "c.GetRawData()",
        "hmac-sha256 over {timestamp}.{body}, body: json:javascript",
    ] {
        assert!(text.contains(part), "{part}\n{text}");
    }
    assert!(!text.contains(SECRET), "{text}");
    let of_bytes: Vec<&str> = text
        .lines()
        .filter(|line| line.contains("delivered {") || line.contains("signed    {"))
        .collect();
    let mark = text.lines().find(|line| line.trim_end().ends_with('^')).unwrap();
    let column = mark.chars().count() - 1;
    let at = |line: &str| line.chars().nth(column);
    assert_ne!(at(of_bytes[0]), at(of_bytes[1]), "{text}");
}

#[test]
fn a_computed_signature_that_is_right_is_told_to_be_so() {
    let home = home("cost.alert", &[], SECRET);
    let request = fs::read_to_string(home.work().join("request.http")).unwrap();
    let header = request
        .lines()
        .find_map(|line| line.strip_prefix("X-CostKatana-Signature: "))
        .unwrap();
    let right = verdict(&home, &["--secret", SECRET, "--computed", header], &[]);
    assert_eq!((kinds(&right).len(), &right["computed"][0]), (0, &true.into()));
    let bare = header.strip_prefix("sha256=").unwrap();
    assert_eq!(
        kinds(&verdict(&home, &["--secret", SECRET, "--computed", bare], &[])),
        ["signature.prefix"]
    );
    let none = run(
        &mut home.ckwh(&[&AT[..], &["--secret", SECRET, "--computed", "-"]].concat()),
        b"no signature\n",
    );
    assert_eq!(none.status, 2, "{}", none.stderr);
}

#[test]
fn hostile_bodies_end_in_a_clear_answer() {
    let home = Home::new();
    let header = format!("X-Hub-Signature-256: sha256={}", "ab".repeat(32));
    for (name, body) in [
        ("nested", "[".repeat(100_000)),
        (
            "nested and closed",
            format!("{}{}", "{\"a\":".repeat(100_000), "}".repeat(100_000)),
        ),
        ("numbers", format!("[{}1]", "1e999999999,".repeat(2_000))),
        ("escapes", "\\u0000".repeat(1_000)),
    ] {
        fs::write(home.work().join("body"), body).unwrap();
        let signature = format!("X-QuotaWatch-Signature: sha256={}", "ab".repeat(32));
        let args = [
            "verify",
            "body",
            "--json",
            "--provider",
            "quotawatch",
            "--secret",
            SECRET,
            "-H",
            &signature,
            "-H",
            &header,
        ];
        let ran = run(&mut home.ckwh(&args), b"");
        assert_eq!(ran.status, 1, "{name}: {}", ran.stderr);
        let verdict: Value = serde_json::from_slice(&ran.stdout).unwrap();
        assert_eq!(kinds(&verdict), ["unknown"], "{name}");
    }
}

/// What `verify` names, `causes` has; what it has not, it says.
#[test]
fn each_cause_is_said_by_its_name() {
    let home = home("cost.alert", &[], SECRET);
    let padded = format!("{SECRET}\n");
    let named = run(home.ckwh(&AT).env("WEBHOOK_SECRET", &padded), b"");
    let text = String::from_utf8(named.stdout).unwrap();
    assert!(text.contains("more      ckwh causes secret.whitespace\n"), "{text}");
    let said = |args: &[&str]| run(&mut home.ckwh(args), b"");
    let one = said(&["causes", "secret.whitespace"]);
    assert_eq!(one.status, 0, "{}", one.stderr);
    let one = String::from_utf8(one.stdout).unwrap();
    assert!(
        one.starts_with("secret.whitespace\n\nWhite space around or in the secret."),
        "{one}"
    );
    assert!(
        one.contains("\nWhat to do: ") && one.lines().all(|line| line.len() <= 80),
        "{one}"
    );
    let all = String::from_utf8(said(&["causes"]).stdout).unwrap();
    let schema: Value = serde_json::from_slice(&said(&["schema", "verdict"]).stdout).unwrap();
    let mut kinds = Vec::new();
    for kind in schema["$defs"]["CauseKind"]["oneOf"].as_array().unwrap() {
        kinds.extend(kind["const"].as_str());
        kinds.extend(kind["enum"].as_array().into_iter().flatten().filter_map(Value::as_str));
    }
    assert!(kinds.len() > 50, "{kinds:?}");
    for kind in kinds {
        assert!(
            all.lines().any(|line| line.split(' ').next() == Some(kind)),
            "{kind}: {all}"
        );
    }
    let none = said(&["causes", "secret.whitespaces"]);
    assert_eq!(none.status, 2);
    assert!(
        none.stderr.contains("Did you mean secret.whitespace"),
        "{}",
        none.stderr
    );
}
