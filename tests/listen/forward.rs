//! Commit, forward, answer, record the outcome.

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::thread;

use super::{Listen, Place, SECRET, missing, status, text, theirs};

/// A receiver that answers each connection with these bytes; gives the requests it got.
fn receiver(answers: Vec<Vec<u8>>) -> (String, thread::JoinHandle<Vec<String>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let thread = thread::spawn(move || {
        let mut requests = Vec::new();
        for answer in answers {
            let (mut stream, _) = listener.accept().unwrap();
            requests.push(read_request(&mut stream));
            let _ = stream.write_all(&answer);
        }
        requests
    });
    (address, thread)
}

fn read_request(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        let read = stream.read(&mut buffer).unwrap();
        bytes.extend_from_slice(&buffer[..read]);
        let request: String = bytes.iter().map(|byte| char::from(*byte)).collect();
        if let Some((head, body)) = request.split_once("\r\n\r\n") {
            let length = head.lines().find_map(|line| {
                line.to_ascii_lowercase()
                    .strip_prefix("content-length: ")
                    .map(str::to_owned)
            });
            if body.len() >= length.map_or(0, |length| length.parse().unwrap()) {
                return request;
            }
        }
        assert!(read > 0, "{request}");
    }
}

#[test]
fn a_request_goes_on_as_it_came_and_the_answer_comes_back() {
    let place = Place::new();
    let answer =
        b"HTTP/1.1 418 I'm a teapot\r\nX-B: 1\r\nX-B: 2\r\nConnection: close\r\nContent-Length: 3\r\n\r\n\x00\xfft";
    let (to, receiver) = receiver(vec![answer.to_vec()]);
    let listen = Listen::start(&place, &["--forward", &to]);
    let request = b"PATCH /a/../b/./c//d?c=%20d&e=[..]' HTTP/1.1\r\nHost: sender.test\r\nX-A: \xff\r\nX-A: 2\r\nConnection: close, X-Hop\r\nX-Hop: 1\r\nContent-Length: 4\r\n\r\n\x00\xff{\n";
    let mut stream = listen.connect();
    stream.write_all(request).unwrap();
    let mut back = Vec::new();
    stream.read_to_end(&mut back).unwrap();
    assert!(back.starts_with(b"HTTP/1.1 418 ") && back.ends_with(b"\x00\xfft"));
    assert!(text(&back).contains("x-b: 1\r\nx-b: 2\r\n"));
    let got = receiver.join().unwrap().remove(0);
    assert!(
        got.starts_with("PATCH /a/../b/./c//d?c=%20d&e=[..]' HTTP/1.1\r\n"),
        "{got:?}"
    );
    assert!(got.ends_with("\r\n\r\n\u{0}\u{ff}{\n"), "{got:?}");
    let lower = got.to_ascii_lowercase();
    assert!(
        lower.contains("x-a: \u{ff}\r\n") && lower.contains("x-a: 2\r\n"),
        "{got:?}"
    );
    assert!(
        lower.contains(&format!("host: {to}\r\n")) && !lower.contains("x-hop"),
        "{got:?}"
    );
    let (lines, _) = listen.stop(0);
    assert_eq!(lines[0]["forward"]["status"], 418);
    assert_eq!(lines[0]["response"]["status"], 418);
    let kept = place.lines(&["captures", "show", "1"], 0);
    assert_eq!(kept[0]["forward"]["status"], 418, "the outcome is recorded");
}

#[test]
fn the_remedy_is_for_the_framework_that_answered() {
    let place = Place::new();
    fs::write(place.path("body.json"), "{\"a\":1}").unwrap();
    let signed = place.text(&["sign", "body.json", "--provider", "quotawatch"], 0);
    let answer = b"HTTP/1.1 401 Unauthorized\r\nX-Powered-By: Express\r\nServer: nginx\r\nContent-Length: 0\r\n\r\n";
    let (to, receiver) = receiver(vec![answer.to_vec()]);
    let listen = Listen::start(&place, &["--forward", &to, "--explain"]);
    // A proxy before it has put a line break behind the body.
    let head = signed.trim_end().replace('\n', "\r\n");
    let request = format!("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 8\r\n{head}\r\n\r\n{{\"a\":1}}\n");
    assert_eq!(status(&listen.exchange(request.as_bytes())), 401);
    receiver.join().unwrap();
    let (lines, _) = listen.stop(0);
    let shown = place.lines(&["captures", "show", "last"], 0);
    let judged = place.lines(&["verify", "last"], 1);
    fs::write(place.path("all.jsonl"), place.text(&["captures", "export", "--all"], 0)).unwrap();
    place.text(&["captures", "import", "all.jsonl"], 0);
    let imported = place.lines(&["captures", "show", "last"], 0);
    for capture in [&lines[0], &shown[0], &imported[0]] {
        assert_eq!(capture["forward"]["server"], "Express, nginx");
    }
    for verdict in [&lines[1], &shown[1], &judged[0], &imported[1]] {
        let cause = &verdict["causes"][0];
        assert_eq!(cause["kind"], "body.newline", "{verdict:#}");
        assert!(cause["remedy"].as_str().unwrap().contains("req.rawBody"), "{cause:#}");
    }
}

#[test]
fn a_receiver_that_fails_is_a_502_or_504_and_the_request_is_kept() {
    let place = Place::new();
    let free = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .to_string();
    let listen = Listen::start(&place, &["--forward", &free]);
    assert_eq!(listen.post("/", b"down"), 502);
    let (lines, _) = listen.stop(0);
    let error = lines[0]["forward"]["error"].as_str().unwrap();
    assert!(error.contains("nothing listens at"), "{error}");

    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let to = silent.local_addr().unwrap().to_string();
    let listen = Listen::start(&place, &["--forward", &to, "--timeout", "300ms"]);
    assert_eq!(listen.post("/", b"slow"), 504);
    listen.stop(0);

    let (to, receiver) = receiver(vec![Vec::new()]);
    let listen = Listen::start(&place, &["--forward", &to]);
    assert_eq!(listen.post("/", b"reset"), 502);
    receiver.join().unwrap();
    listen.stop(0);
    assert_eq!(place.bodies(), [&b"down"[..], b"slow", b"reset"]);
    assert_eq!(place.lines(&["captures", "list", "--failed"], 0).len(), 3);
}

#[test]
fn an_outcome_that_is_lost_is_unknown() {
    let place = Place::new();
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let to = silent.local_addr().unwrap().to_string();
    let listen = Listen::start(&place, &["--forward", &to]);
    let mut stream = listen.connect();
    stream.write_all(&super::request("/", b"x")).unwrap();
    // Once it is forwarded it is kept.
    let _forwarded = silent.accept().unwrap();
    listen.signal(rustix::process::Signal::KILL);
    let kept = place.lines(&["captures", "show", "1"], 0);
    assert!(kept[0]["forward"]["status"].is_null() && kept[0]["forward"]["error"].is_null());
    assert!(kept[0]["response"].is_null());
    assert_eq!(place.lines(&["captures", "list", "--failed"], 0).len(), 1);
}

#[test]
fn routes_go_by_event_type_and_a_loop_is_noticed() {
    let place = Place::new();
    let answer = b"HTTP/1.1 201 Created\r\nConnection: close\r\nContent-Length: 0\r\n\r\n".to_vec();
    let (cost, cost_receiver) = receiver(vec![answer.clone()]);
    fs::write(
        place.path("ckwh.toml"),
        format!("[[route]]\nevent = \"cost.*\"\nto = \"http://{cost}/costs\"\n"),
    )
    .unwrap();
    let listen = Listen::start(&place, &[]);
    let to = listen.url("/hooks?k=v");
    place.text(&["send", "cost.alert", "--to", &to, "--expect", "201"], 0);
    place.text(&["send", "budget.warning", "--to", &to, "--expect", "200"], 0);
    let got = cost_receiver.join().unwrap().remove(0);
    assert!(got.starts_with("POST /costs?k=v HTTP/1.1"), "{got}");
    listen.stop(0);

    let itself = place.run(&["listen", "7999", "--forward", "localhost:7999"]);
    assert_eq!(itself.status.code(), Some(2));
    // A loop through another host: what was forwarded comes back with our own Via.
    fs::remove_file(place.path("ckwh.toml")).unwrap();
    let (to, forwarded) = receiver(vec![answer]);
    let listen = Listen::start(&place, &["--forward", &to]);
    assert_eq!(listen.post("/", b"x"), 201);
    let got = forwarded.join().unwrap().remove(0);
    let via = got
        .lines()
        .find(|line| line.to_ascii_lowercase().starts_with("via:"))
        .unwrap()
        .to_owned();
    let again = format!("POST / HTTP/1.1\r\nHost: test\r\nConnection: close\r\n{via}\r\nContent-Length: 0\r\n\r\n");
    assert_eq!(status(&listen.exchange(again.as_bytes())), 508);
    listen.stop(0);
}

/// A real receiver of tests/receivers, ended when it is dropped.
struct Real {
    child: Child,
    port: String,
}

impl Drop for Real {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn real(name: &str, program: &str, script: &str) -> Option<Real> {
    if let Err(problem) = theirs::installed() {
        missing(problem);
        return None;
    }
    let folder = theirs::folder();
    let program = if program == "python" {
        folder.join(".venv/bin/python")
    } else {
        program.into()
    };
    let mut child = Command::new(program)
        .arg(script)
        .current_dir(folder.join(name))
        .env("PORT", "0")
        .env("WEBHOOK_SECRET", SECRET)
        .env("QUOTAWATCH_WEBHOOK_SECRET", SECRET)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut out = BufReader::new(child.stdout.take().unwrap());
    let mut line = String::new();
    out.read_line(&mut line).unwrap();
    // Logging must not fail.
    thread::spawn(move || std::io::copy(&mut out, &mut std::io::sink()));
    let port = line.trim().rsplit([' ', ':']).next().unwrap().to_owned();
    Some(Real { child, port })
}

#[test]
fn real_receivers_verify_what_was_forwarded() {
    for (name, program, script, event, server) in [
        ("costkatana-express-raw", "node", "server.js", "cost.alert", "Express"),
        (
            "quotawatch-flask",
            "python",
            "server.py",
            "quota.threshold_reached",
            "Werkzeug/",
        ),
    ] {
        let Some(receiver) = real(name, program, script) else {
            continue;
        };
        let place = Place::new();
        let listen = Listen::start(&place, &["--forward", &receiver.port]);
        let path = format!("/webhooks/{}", name.split('-').next().unwrap());
        let to = listen.url(&path);
        place.text(&["send", event, "--to", &to], 0);
        place.text(&["send", event, "--to", &to, "--break", "body", "--expect", "401"], 0);
        let (lines, _) = listen.stop(0);
        let statuses: Vec<_> = lines[..2]
            .iter()
            .map(|line| line["forward"]["status"].clone())
            .collect();
        assert_eq!(statuses, [200, 401], "{name}");
        let said = &lines[0]["forward"]["server"];
        assert!(said.as_str().unwrap().starts_with(server), "{name}: {said}");
    }
}

/// The row of the one request, as people see it, and what the receiver got.
fn row(request: &[u8], answer: &[u8]) -> (String, String, String) {
    let place = Place::new();
    let (to, receiver) = receiver(vec![answer.to_vec()]);
    let mut command = place.ckwh(&["listen", "0", "--forward", &to]);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let mut out = BufReader::new(child.stdout.take().unwrap());
    let mut first = String::new();
    out.read_line(&mut first).unwrap();
    let address = first.trim().rsplit_once("http://").unwrap().1.to_owned();
    let mut stream = TcpStream::connect(address).unwrap();
    stream.write_all(request).unwrap();
    stream.set_read_timeout(Some(super::PATIENCE)).unwrap();
    let mut head = [0; 4096];
    let read = stream.read(&mut head).unwrap();
    let back = text(&head[..read]);
    let mut row = String::new();
    while !row.contains('#') {
        row.clear();
        assert!(out.read_line(&mut row).unwrap() > 0);
    }
    child.kill().unwrap();
    child.wait().unwrap();
    if back.starts_with("HTTP/1.1 501") {
        // Nothing was passed on: let its receiver end.
        let _ = TcpStream::connect(&to).unwrap().write_all(b"none\r\n\r\n");
    }
    let got = receiver.join().unwrap().remove(0);
    (
        row.replace(&to, "TO"),
        got.lines().next().unwrap_or_default().to_owned(),
        back,
    )
}

#[test]
fn the_row_shows_a_target_as_it_came_and_as_it_goes_out() {
    let answer = b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n";
    for (line, in_row) in [
        ("GET /../../%2e%2e/a?b=/.. HTTP/1.1", "GET /../../%2e%2e/a?b=/..  "),
        ("OPTIONS * HTTP/1.1", "OPTIONS *  "),
        ("GET //a//b/. HTTP/1.1", "GET //a//b/.  "),
    ] {
        let (row, got, back) = row(format!("{line}\r\nHost: t\r\n\r\n").as_bytes(), answer);
        assert!(back.starts_with("HTTP/1.1 200"), "{back}");
        assert!(row.contains(in_row) && row.contains("→ 200 from TO in "), "{row}");
        assert_eq!(got, line);
    }
}

#[test]
fn a_tunnel_is_not_passed_on() {
    let answer = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
    let (row, got, back) = row(b"CONNECT h.test:80 HTTP/1.1\r\nHost: h.test:80\r\n\r\n", answer);
    assert!(back.starts_with("HTTP/1.1 501 "), "{back}");
    assert!(row.contains("CONNECT h.test:80  ") && row.contains("→ 501"), "{row}");
    assert_eq!(got, "none");
}

#[test]
fn a_receiver_that_would_switch_protocols_is_a_502() {
    let answer = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: evil\r\nConnection: Upgrade\r\n\r\nGET /smuggled";
    let request = b"POST /a HTTP/1.1\r\nHost: t\r\nUpgrade: evil\r\nConnection: Upgrade\r\nContent-Length: 1\r\n\r\nx";
    let (row, _, back) = row(request, answer);
    assert!(back.starts_with("HTTP/1.1 502 "), "{back}");
    assert!(
        !back.to_lowercase().contains("upgrade: ") && !back.contains("smuggled"),
        "{back}"
    );
    assert!(row.contains("→ 502 from TO"), "{row}");
}
