//! Credentials in what arrives: kept, and shown nowhere unless that is asked for.

use std::fs;
use std::net::TcpListener;

use super::{Listen, Place, text};

/// What stands in every credential.
const VALUE: &str = "hunter2";
/// Headers, one on each line.
const NAMES: &str = include_str!("../../src/exchange/credentials/names.txt");
/// A header that the user's settings name.
const OWN: &str = "x-my-thing";
const PARAMETERS: [&str; 14] = [
    "token",
    "access_token",
    "code",
    "key",
    "sig",
    "signature",
    "X-Amz-Credential",
    "X-Amz-Signature",
    "api_key",
    "apiKey",
    "client_secret",
    "%74oken",
    "auth[token]",
    "x-my-thing",
];

/// A request whose every credential holds [`VALUE`].
fn request(target: &str) -> Vec<u8> {
    let query: Vec<String> = PARAMETERS.iter().map(|name| format!("{name}={VALUE}")).collect();
    let mut head = format!(
        "POST {target}?page=1&{} HTTP/1.1\r\nHost: h.test\r\nConnection: close\r\nContent-Length: 2\r\n",
        query.join("&")
    );
    for name in NAMES.lines().chain([OWN]) {
        head.push_str(&format!("{name}: {VALUE}\r\n"));
    }
    head.push_str(&format!(
        "Referer: https://me:{VALUE}@h.test/?token={VALUE}&page=2\r\n\r\n{{}}"
    ));
    head.into_bytes()
}

fn place() -> Place {
    let place = Place::new();
    let folder = place.path(".config").join("ckwh");
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("config.toml"), "credentials = [\"X-My-Thing\"]\n").unwrap();
    place
}

/// A port where nothing listens.
fn nobody() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

#[test]
fn no_view_and_no_export_shows_them_unasked() {
    let place = place();
    let to = format!("127.0.0.1:{}/in?token={VALUE}", nobody());
    let mut outputs = Vec::new();
    for args in [&[][..], &["--forward", &to]] {
        let listen = Listen::start(&place, args);
        listen.exchange(&request("/a"));
        listen.exchange(&request(&format!("http://me:{VALUE}@h.test/b")));
        let (lines, said) = listen.stop(0);
        outputs.push(format!("{lines:?}{said}"));
        // As people see it.
        let mut command = place.ckwh(&["listen", "0", "--exit-after", "1", "--for", "20s"]);
        command
            .args(args)
            .stdout(std::process::Stdio::piped())
            .stderr(std::process::Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut first = String::new();
        let mut out = std::io::BufReader::new(child.stdout.take().unwrap());
        std::io::BufRead::read_line(&mut out, &mut first).unwrap();
        let address = first.trim().rsplit("http://").next().unwrap().to_owned();
        let mut stream = std::net::TcpStream::connect(&address).unwrap();
        std::io::Write::write_all(&mut stream, &request("/c")).unwrap();
        let mut rest = String::new();
        std::io::Read::read_to_string(&mut out, &mut rest).unwrap();
        let ended = child.wait_with_output().unwrap();
        assert!(rest.contains("/c?page=1&token=[masked]"), "{first}{rest}");
        outputs.push(format!("{first}{rest}{}", text(&ended.stderr)));
    }
    place.run(&[
        "replay",
        "1",
        "--keep-signature",
        "--to",
        &to,
        "--report",
        "junit=x.xml",
    ]);
    outputs.push(fs::read_to_string(place.path("x.xml")).unwrap());
    for args in [
        &["captures", "show", "1"][..],
        &["captures", "show", "2"],
        &["captures", "show", "4"],
        &["captures", "show", "4", "--json"],
        &["captures", "list"],
        &["captures", "list", "--json"],
        &["captures", "diff", "1", "2"],
        &["captures", "diff", "1", "2", "--json"],
        &["captures", "export", "--all"],
        &["captures", "export", "--all", "--format", "har"],
        &["captures", "export", "--all", "--format", "curl"],
        &["captures", "export", "1", "--format", "http"],
        &["captures", "export", "4", "--format", "http"],
        &["replay", "1", "--keep-signature", "--to", "3000", "--dry-run"],
        &[
            "replay",
            "1",
            "--keep-signature",
            "--to",
            "3000",
            "--dry-run",
            "--print",
            "curl",
        ],
        &[
            "replay",
            "1",
            "--keep-signature",
            "--to",
            "3000",
            "--dry-run",
            "--print",
            "json",
        ],
        &["replay", "1", "--keep-signature", "--to", &to, "--json"],
        &["replay", "1", "--keep-signature", "--to", &to],
        &["verify", "1"],
        &["verify", "1", "--json"],
        &["send", "cost.alert", "--to", &to],
        &["send", "cost.alert", "--to", &to, "--json"],
    ] {
        let output = place.run(args);
        outputs.push(format!("{args:?}\n{}{}", text(&output.stdout), text(&output.stderr)));
    }
    for output in &outputs {
        let shown = output.replace(&format!("{to:?}"), "");
        assert!(!shown.contains(VALUE), "{shown}");
    }
    let shown = place.text(&["captures", "show", "1"], 0);
    assert!(
        shown.contains("x-session: [masked]") && shown.contains("/a?page=1&token=[masked]&"),
        "{shown}"
    );
}

#[test]
fn asked_for_they_are_shown() {
    let place = place();
    let listen = Listen::start(&place, &["--with-credentials"]);
    listen.exchange(&request("/a"));
    let (lines, _) = listen.stop(0);
    let mut outputs = vec![format!("{lines:?}")];
    for args in [
        &["captures", "show", "1", "--with-credentials"][..],
        &["captures", "export", "--all", "--with-credentials"],
        &["captures", "export", "--all", "--format", "har", "--with-credentials"],
        &["captures", "export", "--all", "--format", "curl", "--with-credentials"],
        &["captures", "export", "1", "--format", "http", "--with-credentials"],
        &[
            "replay",
            "1",
            "--keep-signature",
            "--to",
            "3000",
            "--dry-run",
            "--with-credentials",
        ],
    ] {
        outputs.push(place.text(args, 0));
    }
    for output in outputs {
        assert!(
            output.matches(VALUE).count() >= NAMES.lines().count() + 1 + PARAMETERS.len(),
            "{output}"
        );
    }
}

/// What was masked is no credential: an import says so, and a replay of it leaves it out.
#[test]
fn what_was_masked_is_not_sent() {
    let place = place();
    let listen = Listen::start(&place, &[]);
    listen.exchange(&request("/a"));
    listen.stop(0);
    for format in ["jsonl", "har", "curl"] {
        let file = place.path(format);
        let path = file.to_str().unwrap().to_owned();
        place.text(&["captures", "export", "1", "--format", format, "-o", &path], 0);
        let imported = place.run(&["captures", "import", &path]);
        assert!(text(&imported.stderr).contains("masked"), "{}", text(&imported.stderr));
        let shown = place.text(&["replay", "last", "--keep-signature", "--to", "3000", "--dry-run"], 0);
        assert!(!shown.contains("[masked]"), "{format}: {shown}");
        assert!(shown.starts_with("POST /a?page=1 HTTP/1.1"), "{format}: {shown}");
    }
}

#[test]
fn a_project_adds_no_names() {
    let place = Place::new();
    fs::write(place.path("ckwh.toml"), "credentials = [\"host\"]\n").unwrap();
    let output = place.run(&["captures"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(
        text(&output.stderr).contains("can't set `credentials`"),
        "{}",
        text(&output.stderr)
    );
}
