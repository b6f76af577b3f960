//! What is wrong with what comes in is said once, clearly, with the right status, and costs no memory.

use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::process::Stdio;
use std::thread;

use super::support::Home;
use crate::SECRET;
use crate::receiver::{Receiver, Reply, status};

#[test]
fn each_mistake_has_its_message_and_its_status() {
    let home = Home::new();
    home.write("broken.json", "{");
    home.write("latin1", b"caf\xe9");
    home.write("body", "{}");
    home.write("half.http", "POST / HTTP/1.1\r\nHost: x\r\n");
    home.write("short.http", "POST / HTTP/1.1\r\nContent-Length: 9\r\n\r\nabc");
    home.write(
        "bad.jsonl",
        "{\"type\":\"request\",\"method\":\"POST\",\"body_base64\":\"?\"}\n",
    );
    home.write(".ckwh/providers/bad/provider.toml", crate::providers::TABLE);
    home.write(".ckwh/providers/bad/bad.fixture.json", "not JSON");
    for (args, status, says) in [
        (&["send", "cost.alrt"][..], 2, "Did you mean cost.alert"),
        (&["send", "quota.threshold"], 2, "quota.threshold_reached"),
        (&["events", "cost.alrt"], 2, "Did you mean cost.alert"),
        (&["sign", "cost.alrt"], 2, "no provider has the event `cost.alrt`"),
        (
            &["send", "cost.alert", "--provider", "quotawatch"],
            2,
            "quotawatch has no event",
        ),
        (
            &["send", "cost.alert", "--provider", "costkatna"],
            2,
            "Did you mean costkatana",
        ),
        (&["providers", "show", "quotawach"], 2, "Did you mean quotawatch"),
        (&["send", "cost.alert", "--dialect", "curent"], 2, "current, examples"),
        (
            &["send", "cost.alert", "--set", "cost.amonut=1"],
            2,
            "Did you mean cost.amount",
        ),
        (&["send", "cost.alert", "--set", "cost.amount=lots"], 2, "a number"),
        (&["send", "cost.alert", "--set", "cost.amount"], 2, "path=value"),
        (&["send", "cost.alert", "--unset", "cost.x"], 2, "has no cost.x"),
        (
            &["send", "cost.alert", "--set", "metrics[0]:=1"],
            2,
            "stand in an object",
        ),
        (&["send", "cost.alert", "--set", "title.x:=1"], 2, "stand in a text"),
        (&["send", "cost.alert", "--timestamp", "-4000000d"], 2, "from 1970 on"),
        (&["send", "cost.alert", "--merge", "broken.json"], 2, "not JSON"),
        (&["send", "cost.alert", "--merge", "nowhere.json"], 3, "nowhere.json"),
        (&["send", "bad.fixture", "--secret", "x"], 2, "bad.fixture.json"),
        (
            &["send", "./broken.json", "--provider", "costkatana", "--set", "a=1"],
            2,
            "broken.json",
        ),
        (
            &["send", "./latin1", "--provider", "costkatana", "--set", "a=1"],
            2,
            "latin1",
        ),
        (&["send", "./nowhere", "--provider", "costkatana"], 3, "nowhere"),
        (&["send", ".", "--provider", "costkatana"], 2, "directory"),
        (&["send", "./body"], 2, "--provider"),
        (&["sign", "./body"], 2, "--provider"),
        (&["sign", "cost.alert"], 2, "--body-out"),
        (
            &["sign", "cost.alert", "--body-out", "no/such/folder"],
            3,
            "no/such/folder",
        ),
        (
            &["send", "-", "--provider", "costkatana", "--secret-file", "-"],
            2,
            "stands twice",
        ),
        (
            &["send", "-", "--provider", "costkatana", "--merge", "-"],
            2,
            "stands twice",
        ),
        (
            &["sign", "-", "--provider", "costkatana", "--secret-file", "-"],
            2,
            "stands twice",
        ),
        (&["verify", "-", "--secret-file", "-"], 2, "stands twice"),
        (&["send", "cost.alert", "-H", "no colon"], 2, "Name: value"),
        (&["send", "cost.alert", "-H", "X-A: a\r\nX-B: b"], 2, "one line"),
        (&["send", "cost.alert", "-H", "X-A: a\nb"], 2, "one line"),
        (&["send", "cost.alert", "-H", "X A: b"], 2, "header name"),
        (
            &[
                "send",
                "cost.alert",
                "--id",
                "a\nb",
                "--dialect",
                "examples",
                "-H",
                "X: {id}\u{1}",
            ],
            2,
            "one line",
        ),
        (&["send", "cost.alert", "--to", "http://["], 2, "is not a target"),
        (&["send", "cost.alert", "--to", "ftp://x"], 2, "neither http nor https"),
        (&["send", "cost.alert", "--to", "99999"], 2, "is not a target"),
        (&["send", "cost.alert", "--to", "http://u:p@x"], 2, "Authorization"),
        (
            &[
                "send",
                "cost.alert",
                "--to",
                "https://localhost:1",
                "--cacert",
                "nowhere.pem",
            ],
            3,
            "nowhere.pem",
        ),
        (
            &["send", "cost.alert", "--to", "https://localhost:1", "--cacert", "body"],
            2,
            "PEM",
        ),
        (
            &["send", "quota.threshold_reached", "--break", "timestamp"],
            2,
            "signs no timestamp",
        ),
        (&["verify", "nowhere"], 3, "nowhere"),
        (&["verify", "."], 2, "directory"),
        (&["verify", "half.http"], 2, "empty line"),
        (&["verify", "short.http"], 2, "Content-Length says 9"),
        (&["verify", "bad.jsonl"], 2, "line 1"),
        (&["verify", "body", "-H", "X"], 2, "Name: value"),
        (&["verify", "body", "--at", "soon"], 2, "is not a time"),
        (&["man", "nothing"], 2, "ckwh help"),
        (
            &["providers", "new", "mine", "--from", "nobody"],
            2,
            "no provider `nobody`",
        ),
        // Said by clap, with a hint behind it.
        (&["send", "cost.alert", "--count", "0"], 2, "from 1 to"),
        (&["send", "cost.alert", "--concurrency", "2000"], 2, "from 1 to 1024"),
        (&["send", "cost.alert", "--rate", "0/s"], 2, "is not a rate"),
        (&["send", "cost.alert", "--timeout", "five"], 2, "is not a duration"),
        (&["send", "cost.alert", "--timeout", "-5s"], 2, ""),
        (&["send", "cost.alert", "--expect", "999"], 2, "is not a status"),
        (&["send", "cost.alert", "--break", "everything"], 2, "signature, body"),
        (
            &["send", "cost.alert", "--no-sign", "--break", "body"],
            2,
            "cannot be used with",
        ),
        (&["send", "cost.alert", "--print", "http"], 2, "--dry-run"),
        (&["send", "cost.alert", "--retry=x"], 2, "not a number"),
        (&["send"], 2, "name an event"),
        (&["sned", "cost.alert"], 2, "send"),
        (&["completions", "tcsh"], 2, "bash"),
    ] {
        let run = home.run(args);
        let error = run.error(status);
        assert!(run.stderr.contains(says), "{args:?}: {}", run.stderr);
        let clean = |text: &str| !text.chars().any(|char| char.is_control() && char != '\n');
        assert!(clean(&run.stderr) && error.len() < 600, "{args:?}: {:?}", run.stderr);
        assert!(!run.stderr.contains(SECRET));
    }
}

#[test]
fn a_broken_table_says_where_and_what_is_allowed() {
    let home = Home::new();
    for (from, to, line, says) in [
        ("kind = \"hmac-sha256\"", "kind = \"md4\"", 11, "hmac-sha512"),
        ("item = ", "itm = ", 13, "`item`"),
        ("path = \"/hooks\"", "path = \"hooks\"", 0, "begin with `/`"),
        ("version = 1", "version = 2", 1, "reads 1"),
        ("[\"{body}\"]", "[\"{bdy}\"]", 15, "{body}"),
        ("[\"{body}\"]", "[\"{timestamp}\"]", 0, "[timestamp]"),
        ("^[0-9a-f]{64}$", "^[", 21, ""),
        ("title = \"Mine\"", "title = \"Mine", 2, ""),
        ("[event]", "[evnt]", 17, "`event`"),
        ("type = \"thing.done\"", "type = \"body:x\"", 18, "JSON pointer"),
        ("\"X-Mine\"]", "\"X Mine\"]", 0, "header name"),
    ] {
        let text = crate::providers::TABLE.replacen(from, to, 1);
        assert_ne!(text, crate::providers::TABLE);
        home.write(".ckwh/providers/mine/provider.toml", text);
        let refused = home.run(&["providers", "show", "mine"]);
        let error = refused.error(2);
        let place = if line == 0 {
            "provider.toml".into()
        } else {
            format!("provider.toml:{line}: ")
        };
        assert!(error.contains(&place) && error.contains(says), "{to}: {error}");
        let listed = home.run(&["events", "--json"]);
        assert!(
            !listed.lines(0).is_empty(),
            "one broken folder does not hide the others"
        );
    }
}

#[test]
fn nothing_that_listens_is_said_so() {
    let home = Home::new();
    let free = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    let refused = home.run(&["send", "cost.alert", "--to", &format!("127.0.0.1:{free}")]);
    assert!(
        refused
            .text(3)
            .contains(&format!("nothing listens at 127.0.0.1:{free}"))
    );
    let unknown = home
        .run(&["send", "cost.alert", "--to", "no-such-host.invalid:80", "--json"])
        .line(3);
    assert_eq!(
        (&unknown["ok"], &unknown["response"]),
        (&false.into(), &serde_json::Value::Null)
    );
    assert!(
        unknown["attempts"][0]["error"]
            .as_str()
            .unwrap()
            .contains("no-such-host.invalid")
    );
}

/// A server that takes one connection, reads a request's head and does what it likes.
fn raw(answer: impl FnOnce(TcpStream) + Send + 'static) -> (String, thread::JoinHandle<()>) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let server = thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut head = Vec::new();
        let mut chunk = [0; 4096];
        while !head.windows(4).any(|window| window == b"\r\n\r\n") {
            let read = stream.read(&mut chunk).unwrap();
            head.extend_from_slice(&chunk[..read]);
        }
        answer(stream);
    });
    (address, server)
}

#[test]
fn a_body_that_is_too_large_to_hold_is_refused() {
    let home = Home::new();
    let file = home.write("large", "");
    std::fs::File::options()
        .write(true)
        .open(file)
        .unwrap()
        .set_len(1 << 40)
        .unwrap();
    for args in [
        &["send", "./large", "--provider", "quotawatch"][..],
        &["verify", "large"],
        &["send", "cost.alert", "--merge", "large"],
    ] {
        assert!(home.run(args).error(2).contains("larger than 256 MiB"), "{args:?}");
    }
}

#[cfg(unix)]
#[test]
fn an_interrupted_run_says_so_by_its_status() {
    use rustix::process::{Pid, Signal, kill_process};
    let home = Home::new();
    for (count, says) in [
        ("1", "interrupted: it was on its way, and what came of it is not known"),
        (
            "5",
            "interrupted: 4 were not sent and 1 was on its way without an answer",
        ),
    ] {
        let (called, calls) = std::sync::mpsc::channel();
        let (to, server) = raw(move |mut stream| {
            called.send(()).unwrap();
            drop(stream.read_to_end(&mut Vec::new()));
        });
        let mut command = home.ckwh(&["send", "cost.alert", "--to", &to, "--secret", SECRET, "--count", count]);
        let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        calls.recv().unwrap();
        kill_process(Pid::from_child(&child), Signal::INT).unwrap();
        let output = child.wait_with_output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(130), "{said}");
        assert!(said.contains(says), "{said}");
        let out = String::from_utf8(output.stdout).unwrap();
        assert_eq!(out.contains("0 delivered, 0 failed, 4 not sent"), count == "5", "{out}");
        server.join().unwrap();
    }
}

#[test]
fn a_target_that_never_answers_is_left_in_time() {
    let home = Home::new();
    let (to, server) = raw(|mut stream| drop(stream.read_to_end(&mut Vec::new())));
    let sent = home.run(&["send", "cost.alert", "--to", &to, "--timeout", "300ms"]);
    assert!(sent.text(3).contains("within 300ms"), "{sent:?}");
    server.join().unwrap();
}

#[test]
fn what_comes_back_and_is_not_http_is_a_broken_connection() {
    let home = Home::new();
    for answer in [
        &b""[..],
        b"SSH-2.0-OpenSSH_9.9\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc",
        b"HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    ] {
        let (to, server) = raw(move |mut stream| drop(stream.write_all(answer)));
        let sent = home.run(&["send", "cost.alert", "--to", &to, "--timeout", "10s"]);
        assert!(sent.text(3).contains("broke"), "{answer:?}: {sent:?}");
        server.join().unwrap();
    }
}

#[test]
fn an_endless_answer_is_read_to_a_limit() {
    let home = Home::new();
    const GIBIBYTE: usize = 1 << 30;
    let (to, server) = raw(|mut stream| {
        let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {GIBIBYTE}\r\n\r\n");
        stream.write_all(head.as_bytes()).unwrap();
        let chunk = vec![b'x'; 1 << 20];
        let taken = (0..GIBIBYTE / chunk.len())
            .take_while(|_| stream.write_all(&chunk).is_ok())
            .count();
        assert!(taken < 64, "{taken} MiB were taken");
    });
    let sent = home.run(&["send", "cost.alert", "--to", &to, "--json"]).line(0);
    assert_eq!(sent["response"]["truncated"], true);
    assert_eq!(sent["response"]["body"].as_str().unwrap().len(), 64 * 1024);
    server.join().unwrap();
    // Headers without end are another way to fill a memory.
    let (to, server) = raw(|mut stream| {
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\n");
        let line = format!("X: {}\r\n", "x".repeat(8000));
        let taken = (0..10_000)
            .take_while(|_| stream.write_all(line.as_bytes()).is_ok())
            .count();
        assert!(taken < 2_000, "{taken} lines were taken");
    });
    home.run(&["send", "cost.alert", "--to", &to]).text(3);
    server.join().unwrap();
}

#[test]
fn nothing_that_comes_back_commands_a_terminal() {
    let home = Home::new();
    let evil = "a\u{1b}[2Jb\u{9b}31mc\u{7}\u{202e}d\u{2028}e\rf\u{0}";
    let reply = move || Reply {
        headers: vec![("X-Evil", "plain".into())],
        body: evil.as_bytes().to_vec(),
        ..status(500)
    };
    let receiver = Receiver::start(move |_| reply());
    let to = receiver.address();
    for more in [&[][..], &["--json"], &["--count", "2"]] {
        let sent = home.run(&[&["send", "cost.alert", "--to", &to][..], more].concat());
        let shown = format!("{}{}", sent.text(1), sent.stderr);
        let is_evil = |char: char| (char.is_control() && char != '\n') || matches!(char, '\u{202e}' | '\u{2028}');
        assert!(!shown.contains(is_evil), "{shown:?}");
    }
    let binary = Receiver::start(|_| Reply {
        body: b"\xff\xfe\0".to_vec(),
        ..status(200)
    });
    let sent = home
        .run(&["send", "cost.alert", "--to", &binary.address(), "--json"])
        .line(0);
    assert_eq!(sent["response"]["body_base64"], "//4A");
}

#[test]
fn a_name_of_a_file_commands_no_terminal_either() {
    let home = Home::new();
    home.write("a\u{1b}[2Jb", "{");
    for args in [
        &["send", "./a\u{1b}[2Jb", "--provider", "costkatana", "--set", "a=1"][..],
        &["send", "./b\u{1b}[2Jb", "--provider", "costkatana"],
        &["send", "\u{1b}[2J"],
        &["send", "cost.alert", "--provider", "\u{1b}[2J"],
        &["send", "cost.alert", "--dialect", "\u{1b}[2J"],
        &["send", "cost.alert", "--to", "\u{1b}[2J"],
        &["send", "cost.alert", "--set", "\u{1b}[2J=1"],
        &["man", "\u{1b}[2J"],
    ] {
        let refused = home.run(args);
        assert!(
            !refused.stderr.contains('\u{1b}') && refused.status >= 2,
            "{args:?} {:?}",
            refused.stderr
        );
    }
}

#[test]
fn a_reader_that_leaves_is_no_error() {
    let home = Home::new();
    for args in [
        &["events"][..],
        &["events", "--json"],
        &["completions", "bash"],
        &["man"],
        &["--help"],
        &["send", "--help"],
        &["help", "exit-codes"],
    ] {
        let mut child = home
            .ckwh(args)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        drop(child.stdout.take());
        let mut stderr = String::new();
        child.stderr.take().unwrap().read_to_string(&mut stderr).unwrap();
        let status = child.wait().unwrap();
        assert_eq!((status.code(), stderr.as_str()), (Some(0), ""), "{args:?}");
    }
}
