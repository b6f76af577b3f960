//! A cloned project as an attacker would write it: what it may not have, and how a user gives it trust.

use std::fs;
use std::net::TcpListener;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use super::support::{Home, Run, missing, run};
use crate::receiver::{Receiver, status};
use crate::{SECRET, header};

/// A key of another program, whose MAC over a text of the attacker's is worth something.
const JWT_KEY: &str = "the-apps-jwt-key";
/// What the attacker wants signed: the head and the claims of a token.
const CLAIMS: &str = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhZG1pbiJ9";

/// A provider that signs whatever it is given as an id, with the variable that it names.
fn oracle(variable: &str) -> String {
    format!(
        r#"version = 1
title = "JWT"
about = "signs an id"
path = "/"
secret_env = ["{variable}"]
[request.headers]
"X-Id" = "{{id}}"
[[signature]]
kind = "hmac-sha256"
headers = ["X-Sig"]
item = "{{sig}}"
encoding = "base64-url"
content = ["{{id}}"]
[event]
type = "demo.event"
id = "header:X-Id"
new_id = "{CLAIMS}"
[recognise]
header = {{ "X-Sig" = "." }}
"#
    )
}

/// The MAC that the attacker is after, by OpenSSL.
fn mac(key: &str, text: &str) -> String {
    let mut command = Command::new("openssl");
    command.args(["dgst", "-sha256", "-hmac", key, "-binary"]);
    let run = run(&mut command, text.as_bytes());
    base64::Engine::encode(&base64::engine::general_purpose::URL_SAFE_NO_PAD, run.stdout)
}

fn clone(home: &Home, variable: &str) {
    home.write(".ckwh/providers/jwt/provider.toml", oracle(variable));
    home.write(".ckwh/providers/jwt/demo.event.json", r#"{"a":1}"#);
}

/// Runs `ckwh` with the keys that an attacker may name in its environment.
fn with_keys(home: &Home, args: &[&str]) -> Run {
    let mut command = home.ckwh(args);
    for name in ["JWT_SECRET", "AWS_SECRET_ACCESS_KEY", "STRIPE_WEBHOOK_SECRET"] {
        command.env(name, JWT_KEY);
    }
    run(&mut command, b"")
}

#[test]
fn no_variable_is_a_key_because_a_project_names_it() {
    let wanted = mac(JWT_KEY, CLAIMS);
    for variable in ["JWT_SECRET", "AWS_SECRET_ACCESS_KEY", "STRIPE_WEBHOOK_SECRET"] {
        for settings in ["", "provider = \"jwt\"", "secret_env = \"JWT_SECRET\""] {
            let home = Home::new();
            clone(&home, variable);
            home.write("ckwh.toml", settings);
            let receiver = TcpListener::bind("127.0.0.1:0").unwrap();
            receiver.set_nonblocking(true).unwrap();
            let to = receiver.local_addr().unwrap().to_string();
            for args in [
                &["send", "demo.event", "--to", &to][..],
                &["send", "demo.event", "--dry-run"],
                &["sign", "demo.event", "--body-out", "body"],
                &["replay", "--from", "delivery.http", "--to", &to],
            ] {
                home.write(
                    "delivery.http",
                    format!("POST / HTTP/1.1\r\nHost: h\r\nX-Id: {CLAIMS}\r\nX-Sig: AA\r\n\r\n"),
                );
                let refused = with_keys(&home, args);
                let said = format!("{}{}", String::from_utf8_lossy(&refused.stdout), refused.stderr);
                assert_ne!(refused.status, 0, "{args:?}: {said}");
                assert!(!said.contains(&wanted), "{args:?}: {said}");
            }
            assert!(receiver.accept().is_err(), "nothing left for {to}");
        }
    }
}

#[test]
fn a_dot_env_gives_a_project_no_more_than_built_in_names() {
    let home = Home::new();
    clone(&home, "JWT_SECRET");
    home.write(".env", format!("JWT_SECRET={JWT_KEY}\n"));
    let refused = with_keys(&home, &["send", "demo.event", "--dry-run"]);
    assert!(refused.error(2).contains("not trusted"), "{}", refused.stderr);
    assert!(
        refused.stderr.contains("ckwh trust .ckwh/providers/jwt"),
        "{}",
        refused.stderr
    );
    // One that is known anyway, or given by the user's own hand, is used.
    clone(&home, "WEBHOOK_SECRET");
    home.write(".env", format!("WEBHOOK_SECRET={JWT_KEY}\n"));
    let sent = with_keys(&home, &["send", "demo.event", "--dry-run", "--json"]);
    assert_eq!(
        header(&sent.line(0), "X-Sig"),
        Some(mac(JWT_KEY, CLAIMS).trim_end_matches('='))
    );
    with_keys(
        &home,
        &["send", "demo.event", "--dry-run", "--secret-env", "JWT_SECRET"],
    )
    .text(0);
    home.write("../home/.config/ckwh/config.toml", "secret_env = \"JWT_SECRET\"");
    with_keys(&home, &["send", "demo.event", "--dry-run"]).text(0);
}

#[test]
fn trust_is_for_what_stands_there_and_asked_for_again_when_it_changes() {
    let home = Home::new();
    clone(&home, "JWT_SECRET");
    let send = ["send", "demo.event", "--dry-run", "--json"];
    with_keys(&home, &send).error(2);
    let shown = home.run(&["trust", "--show", "--json"]).line(0);
    assert_eq!(
        (&shown["type"], &shown["state"]),
        (&"trust".into(), &"untrusted".into())
    );
    with_keys(&home, &send).error(2);
    let trusted = home.run(&["trust", ".ckwh/providers/jwt"]);
    assert!(trusted.text(0).contains("✓ trusted") && trusted.text(0).contains("JWT_SECRET"));
    assert_eq!(
        header(&with_keys(&home, &send).line(0), "X-Sig").map(str::len),
        Some(43)
    );
    for (file, text) in [
        ("demo.event.json", r#"{"a":2}"#.to_owned()),
        ("other.event.json", "{}".into()),
        ("provider.toml", oracle("AWS_SECRET_ACCESS_KEY")),
    ] {
        let path = home.work().join(".ckwh/providers/jwt").join(file);
        let before = fs::read(&path).ok();
        fs::write(&path, text).unwrap();
        let refused = with_keys(&home, &send);
        assert!(
            refused.error(2).contains("has changed since you trusted it"),
            "{file}: {}",
            refused.stderr
        );
        assert!(
            refused.stderr.contains("ckwh trust .ckwh/providers/jwt"),
            "{}",
            refused.stderr
        );
        let changed = home.run(&["trust", "--show", "--json"]);
        assert_eq!(changed.line(0)["state"], "changed");
        assert!(changed.stderr.contains(file), "{}", changed.stderr);
        // What CI is told is enough, for this very state.
        let mut command = home.ckwh(&send);
        let digest = changed.line(0)["digest"].as_str().unwrap().to_owned();
        assert!(refused.stderr.contains(&digest), "{}", refused.stderr);
        command
            .env("CKWH_TRUST", &digest)
            .env("JWT_SECRET", JWT_KEY)
            .env("AWS_SECRET_ACCESS_KEY", JWT_KEY);
        run(&mut command, b"").text(0);
        match before {
            Some(bytes) => fs::write(&path, bytes).unwrap(),
            None => fs::remove_file(&path).unwrap(),
        }
        with_keys(&home, &send).text(0);
    }
    home.run(&["untrust"]).text(0);
    with_keys(&home, &send).error(2);
}

#[test]
fn trust_in_one_place_is_not_trust_in_another() {
    let home = Home::new();
    clone(&home, "JWT_SECRET");
    home.run(&["trust"]).text(0);
    let moved = home.work().join("../elsewhere");
    fs::rename(home.work(), &moved).unwrap();
    fs::create_dir(home.work()).unwrap();
    let mut command = home.ckwh(&["send", "demo.event", "--dry-run"]);
    command.current_dir(&moved).env("JWT_SECRET", JWT_KEY);
    run(&mut command, b"").error(2);
    let mut wrong = home.ckwh(&["events"]);
    wrong.env("CKWH_TRUST", "yes");
    assert!(run(&mut wrong, b"").error(2).contains("CKWH_TRUST"));
    for nothing in ["/etc", "/etc/hostname", "nowhere", "/dev/zero"] {
        home.run(&["trust", nothing]).error(2);
    }
}

#[test]
fn what_is_new_is_trusted_where_its_beginning_was() {
    let home = Home::new();
    clone(&home, "JWT_SECRET");
    home.run(&["providers", "new", "copy", "--from", "jwt"]).text(0);
    home.run(&["providers", "new", "mine", "--from", "generic-timestamp"])
        .text(0);
    let states = home.run(&["trust", "--show", "--json"]).lines(0);
    let state = |name: &str| {
        let is_it = |shown: &&Value| Path::new(shown["path"].as_str().unwrap()).ends_with(name);
        states.iter().find(is_it).unwrap()["state"].clone()
    };
    assert_eq!(
        (state("jwt"), state("copy"), state("mine")),
        ("untrusted".into(), "untrusted".into(), "trusted".into())
    );
    with_keys(&home, &["send", "demo.event", "--provider", "copy", "--dry-run"]).error(2);
}

#[test]
fn a_project_sends_to_this_machine_alone() {
    let receiver = Receiver::start(|_| status(200));
    let to = receiver.address();
    for settings in [
        "to = \"http://192.0.2.77/steal\"",
        "to = \"attacker.example\"",
        "to = \"http://localhost.attacker.example/\"",
        "to = \"http://0/\"",
        "to = \"http://[2001:db8::1]/\"",
    ] {
        let home = Home::new();
        home.write("ckwh.toml", settings);
        home.write("delivery.http", "POST / HTTP/1.1\r\nHost: h\r\n\r\n");
        for args in [
            &["send", "cost.alert"][..],
            &["send", "cost.alert", "--dry-run"],
            &["replay", "--from", "delivery.http", "--keep-signature"],
        ] {
            let refused = home.run(args);
            assert_eq!(refused.status, 2, "{settings} {args:?}: {}", refused.stderr);
        }
        // A target of the user's own is the user's.
        home.run(&["send", "cost.alert", "--to", &to]).text(0);
    }
    let home = Home::new();
    home.write("ckwh.toml", format!("to = \"{to}\""));
    home.run(&["send", "cost.alert"]).text(0);
    home.write("ckwh.toml", "to = \"http://attacker.example/\"");
    let refused = home.run(&["send", "cost.alert", "--dry-run"]);
    assert!(refused.error(2).contains("ckwh trust ckwh.toml"), "{}", refused.stderr);
    home.run(&["trust", "ckwh.toml"]).text(0);
    let sent = home.run(&["send", "cost.alert", "--dry-run", "--json"]);
    assert_eq!(sent.line(0)["url"], "http://attacker.example/");
    home.write("ckwh.toml", "to = \"http://other.example/\"");
    assert!(
        home.run(&["send", "cost.alert", "--dry-run"])
            .error(2)
            .contains("has changed")
    );
}

#[test]
fn a_projects_route_or_tolerance_wants_trust_where_it_gives_something_away() {
    let home = Home::new();
    home.write("ckwh.toml", "[[route]]\nevent = \"*\"\nto = \"http://192.0.2.77/\"");
    let refused = home.run(&["listen", "0", "--store", "store.db"]);
    assert!(refused.error(2).contains("ckwh trust"), "{}", refused.stderr);
    let old = home.run(&["send", "cost.alert", "--dry-run", "--timestamp", "2020-01-01T00:00:00Z"]);
    // Made in a folder without these settings.
    let request = Home::new().run(&["send", "cost.alert", "--dry-run", "--timestamp", "2020-01-01T00:00:00Z"]);
    assert_eq!(old.status, 0, "{}", old.stderr);
    home.write("request", request.stdout);
    home.write("ckwh.toml", "tolerance = \"100000d\"");
    let judged = home.run(&["verify", "request", "--json"]);
    assert_eq!(judged.line(1)["reason"], "stale");
    assert!(judged.stderr.contains("ckwh trust"), "{}", judged.stderr);
    home.run(&["trust"]).text(0);
    home.run(&["verify", "request"]).text(0);
}

#[test]
fn a_project_never_speaks_for_a_provider_that_is_known() {
    let home = Home::new();
    let genuine = home.run(&["send", "cost.alert", "--dry-run", "--print", "http"]).stdout;
    home.write("genuine", genuine);
    // More conditions than any built-in table has, under another name, and a secret that everyone knows.
    let table = crate::providers::TABLE
        .replace("MY_SECRET", "LANG")
        .replace("\"X-Mine\"", "\"X-CostKatana-Signature\"")
        .replace("item = \"{sig}\"", "item = \"sha256={sig}\"");
    let table = table.split("[recognise]").next().unwrap().to_owned()
        + "[recognise]\nheader = { \"X-CostKatana-Signature\" = \".\", \"X-CostKatana-Timestamp\" = \".\", \"Content-Type\" = \".\", \"User-Agent\" = \".\" }\nbody = [\"/event_id\"]\n";
    home.write(".ckwh/providers/jwt/provider.toml", &table);
    home.write(".ckwh/providers/jwt/thing.done.json", "{}");
    let judged = home.run(&["verify", "genuine", "--json"]).line(0);
    assert_eq!(
        (&judged["provider"], &judged["valid"]),
        (&"costkatana".into(), &true.into())
    );
    // What none of the others recognises may be the project's: that is said.
    home.write("own", "POST / HTTP/1.1\r\nHost: h\r\nX-CostKatana-Signature: sha256=00\r\nX-CostKatana-Timestamp: 1\r\nContent-Type: a\r\nUser-Agent: b\r\nX-Other: 1\r\n\r\n{\"event_id\":1}");
    let own = table
        .replace("X-CostKatana-Signature", "X-Own")
        .replace("X-CostKatana-Timestamp", "X-Own-Time");
    home.write(".ckwh/providers/jwt/provider.toml", own);
    home.write("own", "POST / HTTP/1.1\r\nHost: h\r\nX-Own: sha256=00\r\nX-Own-Time: 1\r\nContent-Type: a\r\nUser-Agent: b\r\n\r\n{\"event_id\":1}");
    let judged = home.run(&["verify", "own", "--secret", SECRET]);
    assert!(judged.text(1).contains("jwt (this project's)"), "{}", judged.text(1));
    let judged = home.run(&["verify", "own", "--secret", SECRET, "--json"]).line(1);
    assert_eq!(judged["caveat"], "project-provider");
}

#[cfg(unix)]
#[test]
fn a_link_leads_to_nothing_outside() {
    use std::os::unix::fs::symlink;
    let home = Home::new();
    clone(&home, "JWT_SECRET");
    let outside = home.write(
        "../home/.docker/config.json",
        r#"{"auths":{"registry":{"auth":"VICTIM"}}}"#,
    );
    let folder = home.work().join(".ckwh/providers/jwt");
    symlink(&outside, folder.join("cost.stolen.json")).unwrap();
    symlink(outside.parent().unwrap(), folder.join("deep")).unwrap();
    symlink(
        "../../../../home/.docker/config.json",
        folder.join("cost.relative.json"),
    )
    .unwrap();
    let receiver = TcpListener::bind("127.0.0.1:0").unwrap();
    receiver.set_nonblocking(true).unwrap();
    let to = receiver.local_addr().unwrap().to_string();
    for event in ["cost.stolen", "cost.relative", "deep/config"] {
        for args in [
            &["send", event, "--provider", "jwt", "--secret", "s", "--to", &to][..],
            &["send", event, "--provider", "jwt", "--no-sign", "--dry-run"],
            &["events", event, "--provider", "jwt"],
        ] {
            let refused = home.run(args);
            assert_ne!(refused.status, 0, "{args:?}");
            let said = format!("{}{}", String::from_utf8_lossy(&refused.stdout), refused.stderr);
            assert!(!said.contains("VICTIM"), "{said}");
        }
    }
    let copied = home.run(&["providers", "new", "copy", "--from", "jwt"]);
    assert_ne!(copied.status, 0);
    assert!(!home.work().join(".ckwh/providers/copy/cost.stolen.json").exists());
    assert!(receiver.accept().is_err());
    home.run(&["trust"]).error(2);
}

#[cfg(unix)]
#[test]
fn what_is_no_file_is_neither_read_nor_waited_for() {
    use std::os::unix::fs::symlink;
    type Put = fn(&Path);
    let zero: Put = |path| symlink("/dev/zero", path).unwrap();
    let pipe: Put = |path| assert!(Command::new("mkfifo").arg(path).status().unwrap().success());
    for put in [zero, pipe] {
        for file in [
            "ckwh.toml",
            ".env",
            ".ckwh/providers/jwt/vectors.toml",
            ".ckwh/providers/jwt/provider.toml",
            "package.json",
        ] {
            let home = Home::new();
            clone(&home, "JWT_SECRET");
            let path = home.work().join(file);
            let _ = fs::remove_file(&path);
            put(&path);
            for args in [
                &["events"][..],
                &["sign", "cost.alert", "--body-out", "body"],
                &["providers", "test", "jwt"],
                &["verify", "request"],
            ] {
                home.write("request", "POST / HTTP/1.1\r\nHost: h\r\nX-CostKatana-Signature: sha256=00\r\nX-CostKatana-Timestamp: 1\r\n\r\n{}");
                let mut command = home.ckwh(args);
                command
                    .env("WEBHOOK_SECRET", SECRET)
                    .stdin(Stdio::null())
                    .stdout(Stdio::null())
                    .stderr(Stdio::null());
                let mut child = command.spawn().unwrap();
                let begun = Instant::now();
                while child.try_wait().unwrap().is_none() {
                    if begun.elapsed() > Duration::from_secs(60) {
                        child.kill().unwrap();
                        panic!("{file} {args:?}: it waits, or reads without end");
                    }
                    std::thread::sleep(Duration::from_millis(5));
                }
            }
        }
    }
}

#[cfg(unix)]
#[test]
fn a_dot_env_of_another_user_is_passed_over() {
    let home = Home::new();
    home.write("body", "{}");
    let file = home.write(".env", "WEBHOOK_SECRET=attacker");
    if std::os::unix::fs::chown(&file, Some(12345), None).is_err() {
        return missing("root, who alone can give a file away,");
    }
    let refused = run(&mut home.ckwh(&["sign", "body", "--provider", "costkatana"]), b"");
    refused.error(2);
    assert!(refused.stderr.contains("./.env is passed over"), "{}", refused.stderr);
    let file = home.write(".ckwh/providers/jwt/provider.toml", oracle("JWT_SECRET"));
    std::os::unix::fs::chown(&file, Some(12345), None).unwrap();
    assert!(
        home.run(&["providers", "show", "jwt"])
            .error(2)
            .contains("another user")
    );
}

#[test]
fn a_secret_that_git_tracks_is_said_to_be_one() {
    let home = Home::new();
    let git = |args: &[&str]| {
        assert!(
            Command::new("git")
                .args(args)
                .current_dir(home.work())
                .status()
                .unwrap()
                .success()
        )
    };
    git(&["init", "-q"]);
    home.write("request", home.run(&["send", "cost.alert", "--dry-run"]).stdout);
    home.write(".env", format!("WEBHOOK_SECRET=\"{SECRET}\"\n"));
    let judge = || run(&mut home.ckwh(&["verify", "request", "--json"]), b"").line(0);
    assert_eq!(
        (&judge()["matched_secret"], &judge()["caveat"]),
        (&"WEBHOOK_SECRET in ./.env".into(), &Value::Null)
    );
    git(&["add", "-f", ".env"]);
    assert_eq!(judge()["caveat"], "tracked-secret");
    assert_eq!(judge()["matched_secret"], "WEBHOOK_SECRET in ./.env, which git tracks");
    home.run(&["trust", ".env"]).text(0);
    assert_eq!(
        (&judge()["matched_secret"], &judge()["caveat"]),
        (&"WEBHOOK_SECRET in ./.env".into(), &Value::Null)
    );
}

#[test]
fn what_is_trusted_is_told_whole_and_taken_back_whatever_the_project_holds() {
    let home = Home::new();
    clone(&home, "MINE_SECRET");
    let table = oracle("MINE_SECRET") + "[dialect.v2]\nabout = \"x\"\nsecret_env = [\"AWS_SECRET_ACCESS_KEY\"]\n";
    home.write(".ckwh/providers/jwt/provider.toml", table);
    home.write(
        "ckwh.toml",
        "to = \"https://evil.example/x\"\npublic_url = \"https://h/\"",
    );
    let told = home.run(&["trust", "--show"]).text(0).to_owned();
    for says in [
        "MINE_SECRET",
        "AWS_SECRET_ACCESS_KEY",
        "https://evil.example/x",
        "https://h/",
    ] {
        assert!(told.contains(says), "{says}: {told}");
    }
    // The same from outside.
    let mut outside = home.ckwh(&["trust", "--show", "work"]);
    outside.current_dir(home.work().join(".."));
    assert!(run(&mut outside, b"").text(0).contains("https://evil.example/x"));
    home.run(&["trust"]).text(0);
    home.write(".ckwh/providers/aaa/provider.toml", "x = [");
    home.write("ckwh.toml", "x = [");
    fs::remove_dir_all(home.work().join(".ckwh/providers/jwt")).unwrap();
    assert_eq!(home.run(&["untrust", "--json"]).lines(0).len(), 2);
    home.write("ckwh.toml", "");
    fs::remove_dir_all(home.work().join(".ckwh/providers/aaa")).unwrap();
    clone(&home, "MINE_SECRET");
    assert_eq!(
        home.run(&["trust", "--show", "--json"]).lines(0)[0]["state"],
        "untrusted"
    );
}

#[test]
fn a_digest_is_of_one_name() {
    let home = Home::new();
    clone(&home, "JWT_SECRET");
    let digest = home.run(&["trust", "--show", "--json"]).line(0)["digest"].clone();
    let folders = home.work().join(".ckwh/providers");
    fs::rename(folders.join("jwt"), folders.join("github")).unwrap();
    let mut command = home.ckwh(&[
        "send",
        "push",
        "--provider",
        "github",
        "--secret",
        "s",
        "--dry-run",
        "--json",
    ]);
    command.env("CKWH_TRUST", digest.as_str().unwrap());
    let sent = run(&mut command, b"");
    assert!(
        header(&sent.line(0), "X-Hub-Signature-256").is_some(),
        "the built-in one"
    );
    assert!(sent.stderr.contains("is passed over"), "{}", sent.stderr);
}

#[cfg(unix)]
#[test]
fn a_folder_that_is_a_link_leads_nowhere_either() {
    use std::os::unix::fs::symlink;
    let home = Home::new();
    let victim = home.write("../outside/providers/evil/steal.me.json", r#"{"auth":"VICTIM"}"#);
    home.write("../outside/providers/evil/provider.toml", oracle("JWT_SECRET"));
    let outside = victim.ancestors().nth(3).unwrap();
    for (at, to) in [
        (".ckwh", outside.to_owned()),
        (".ckwh/providers", outside.join("providers")),
    ] {
        let _ = fs::remove_file(home.work().join(".ckwh"));
        if at != ".ckwh" {
            fs::create_dir(home.work().join(".ckwh")).unwrap();
        }
        symlink(to, home.work().join(at)).unwrap();
        for args in [
            &["events", "steal.me"][..],
            &["send", "steal.me", "--provider", "evil", "--no-sign", "--dry-run"],
            &["providers", "new", "copy", "--from", "evil"],
            &["providers", "new", "copy", "--from", "github"],
        ] {
            let refused = home.run(args);
            let said = format!("{}{}", String::from_utf8_lossy(&refused.stdout), refused.stderr);
            assert!(refused.status != 0 && !said.contains("VICTIM"), "{at} {args:?}: {said}");
        }
        assert!(!outside.join("providers/copy").exists(), "nothing is written there");
    }
}

#[cfg(unix)]
#[test]
fn what_another_user_says_to_be_trusted_is_not() {
    let home = Home::new();
    clone(&home, "JWT_SECRET");
    home.run(&["trust"]).text(0);
    let records = home.work().join("../home/.local/share/ckwh/trust");
    let record = fs::read_dir(&records).unwrap().next().unwrap().unwrap().path();
    let mode = std::os::unix::fs::MetadataExt::mode(&fs::metadata(&record).unwrap());
    assert_eq!(mode & 0o777, 0o600);
    if std::os::unix::fs::chown(&record, Some(12345), None).is_err() {
        return missing("root, who alone can give a file away,");
    }
    assert_eq!(home.run(&["trust", "--show", "--json"]).line(0)["state"], "untrusted");
}

#[test]
fn a_project_has_no_say_in_what_is_valid() {
    let home = Home::new();
    // Square signs its URL before the body: who names the URL moves the border between the two.
    let args = [
        "send",
        "payment.created",
        "--provider",
        "square",
        "--secret",
        SECRET,
        "--dry-run",
    ];
    let genuine = home.run(&[&args[..], &["--public-url", "https://h/hook", "--json"]].concat());
    let genuine = genuine.line(0);
    let body = genuine["body"].as_str().unwrap();
    let mac = header(&genuine, "x-square-hmacsha256-signature").unwrap();
    let (moved, rest) = body.split_at(10);
    home.write("ckwh.toml", format!("public_url = 'https://h/hook{moved}'"));
    let length = rest.len();
    let head = format!(
        "POST / HTTP/1.1\r\nHost: h\r\nx-square-hmacsha256-signature: {mac}\r\nContent-Length: {length}\r\n\r\n"
    );
    home.write("request", head + rest);
    let verify = [
        "verify",
        "request",
        "--provider",
        "square",
        "--secret",
        SECRET,
        "--json",
    ];
    let judged = home.run(&verify);
    assert_eq!(judged.line(1)["valid"], false);
    assert!(judged.stderr.contains("public_url"), "{}", judged.stderr);
    home.run(&["trust"]).text(0);
    assert_eq!(home.run(&verify).line(0)["valid"], true);
}
