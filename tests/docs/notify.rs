//! `examples/notify`, run by `ckwh listen --exec` against stand-ins of Slack and of a mail server.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use serde_json::Value;

use super::root;
use super::support::{Home, missing, run};

const SECRET: &str = "for-tests";

/// Has `listen` run `exec` for two deliveries of one event; its working folder.
fn notified(exec: &str, variables: &[(&str, String)]) -> Home {
    let home = Home::new();
    let examples = root().join("examples");
    let exec = exec.replace("examples", examples.to_str().unwrap());
    let args = [
        "listen",
        "0",
        "--json",
        "--exit-after",
        "2",
        "--provider",
        "costkatana",
        "--exec",
        &exec,
    ];
    let mut listen = home.ckwh(&args);
    listen
        .env("WEBHOOK_SECRET", SECRET)
        .env("PATH", std::env::var("PATH").unwrap());
    for (name, value) in variables {
        listen.env(name, value);
    }
    let mut listen = listen.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(listen.stdout.take().unwrap()).lines();
    let ready: Value = serde_json::from_str(&lines.next().unwrap().unwrap()).unwrap();
    let rest = thread::spawn(move || lines.count());
    let url = ready["url"].as_str().unwrap();
    for _ in 0..2 {
        let sent = run(
            home.ckwh(&[
                "send",
                "cost.alert",
                "--id",
                "evt_1",
                "--set",
                "title=a <b> & c",
                "--to",
                url,
            ])
            .env("WEBHOOK_SECRET", SECRET),
            b"",
        );
        assert_eq!(sent.status, 0, "{}", sent.stderr);
    }
    let ended = listen.wait_with_output().unwrap();
    rest.join().unwrap();
    let said = String::from_utf8_lossy(&ended.stderr);
    assert!(ended.status.success() && !said.contains("--exec for"), "{said}");
    home
}

fn is_there(program: &str) -> bool {
    let found = Command::new(program).arg("--version").output().is_ok();
    if !found {
        missing(program);
    }
    found
}

#[test]
fn slack_is_told() {
    if !is_there("node") {
        return;
    }
    let server = tiny_http::Server::http("127.0.0.1:0").unwrap();
    let hook = format!("http://{}/services/T/B/x", server.server_addr());
    let slack = thread::spawn(move || {
        let mut told = Vec::new();
        for _ in 0..2 {
            let mut request = server
                .recv_timeout(Duration::from_secs(60))
                .unwrap()
                .expect("a message");
            let message: Value = serde_json::from_reader(request.as_reader()).unwrap();
            told.push(message["text"].as_str().unwrap().to_owned());
            request.respond(tiny_http::Response::from_string("ok")).unwrap();
        }
        told
    });
    notified("node examples/notify/slack.mjs", &[("SLACK_HOOK", hook)]);
    // https://api.slack.com/reference/surfaces/formatting#escaping
    assert_eq!(slack.join().unwrap(), ["cost.alert: a &lt;b&gt; &amp; c"; 2]);
}

/// Takes one mail, as RFC 5321 has it; its lines.
fn take_mail(stream: TcpStream) -> Vec<String> {
    let mut answers = stream.try_clone().unwrap();
    let mut say = |line: &str| answers.write_all(format!("{line}\r\n").as_bytes()).unwrap();
    say("220 stand-in");
    let mut lines = BufReader::new(stream).lines().map(Result::unwrap);
    let mut mail = Vec::new();
    while let Some(line) = lines.next() {
        match line.split(' ').next().unwrap_or_default().to_lowercase().as_str() {
            "data" => {
                say("354 go on");
                mail.extend(lines.by_ref().take_while(|line| line != "."));
                say("250 taken");
            }
            "quit" => {
                say("221 bye");
                break;
            }
            _ => say("250 well"),
        }
    }
    mail
}

#[test]
fn a_mail_is_sent() {
    if !is_there("python3") {
        return;
    }
    let server = TcpListener::bind("127.0.0.1:0").unwrap();
    let host = server.local_addr().unwrap().to_string();
    let (sender, mails) = mpsc::channel();
    thread::spawn(move || {
        for stream in server.incoming().take(2) {
            sender.send(take_mail(stream.unwrap())).unwrap();
        }
    });
    let variables = [("MAIL_HOST", host), ("MAIL_TO", "team@example.com".into())];
    notified("python3 examples/notify/mail.py", &variables);
    for number in 1..=2 {
        let mail = mails.recv_timeout(Duration::from_secs(60)).unwrap();
        assert!(mail.contains(&"To: team@example.com".into()), "{mail:?}");
        assert!(
            mail.contains(&format!("Subject: webhook cost.alert (#{number})")),
            "{mail:?}"
        );
    }
}

#[test]
fn a_database_keeps_each_event_once() {
    if !is_there("python3") {
        return;
    }
    let home = notified("python3 examples/notify/database.py events.db", &[]);
    let database = rusqlite::Connection::open(home.work().join("events.db")).unwrap();
    let rows = "SELECT count(*), min(id), min(type) FROM events";
    let row: (i64, String, String) = database
        .query_row(rows, [], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
        .unwrap();
    assert_eq!(row, (1, "evt_1".into(), "cost.alert".into()));
}
