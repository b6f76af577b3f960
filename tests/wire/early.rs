//! Answers that come before all was sent, and refusals that reach their sender.

use std::io::{Read as _, Write as _};
use std::process::Command;
use std::time::{Duration, Instant};

use super::Listen;
use super::servers::{certificates, each, free_port, have, nginx};
use super::support::{Home, run};

/// Longer than `listen` takes, in bytes.
const LONG: usize = 12 * 1024 * 1024;
const TIMES: usize = 10;

#[test]
fn an_answer_that_comes_early_is_the_answer() {
    let home = Home::new();
    home.write("long.json", format!("\"{}\"", "x".repeat(LONG)));
    for (status, reason) in [(413, "Payload Too Large"), (401, "Unauthorized")] {
        // It reads a little, answers, and goes: what was sent meanwhile is answered with a reset.
        let to = each(move |mut stream| {
            let mut some = [0; 4096];
            let _ = stream.read(&mut some);
            let answer = format!("HTTP/1.1 {status} {reason}\r\nConnection: close\r\nContent-Length: 4\r\n\r\nno: ");
            let _ = stream.write_all(answer.as_bytes());
        });
        for _ in 0..TIMES {
            let sent = home.run(&[
                "send",
                "./long.json",
                "--provider",
                "costkatana",
                "--to",
                &to.to_string(),
            ]);
            assert!(
                sent.status == 1 && sent.text().contains(&status.to_string()),
                "{}",
                sent.text()
            );
        }
    }
}

/// The senders of others get the refusal and what is said of it, however they send.
#[test]
fn a_refusal_reaches_every_sender() {
    let home = Home::new();
    if !have(&["node", "python3", "curl"]) {
        return;
    }
    home.write("long.json", format!("\"{}\"", "x".repeat(LONG)));
    let listen = Listen::start(&home, &[]);
    let url = format!("http://{}/", listen.address);
    let node = format!(
        "const request = require('http').request('{url}', {{ method: 'POST' }}, (answer) => {{ console.log(answer.statusCode); \
         answer.pipe(process.stdout); answer.on('end', () => process.exit()) }}); \
         request.on('error', (error) => {{ console.log(error); process.exit() }}); \
         request.end(require('fs').readFileSync('long.json'))"
    );
    let python = format!(
        "import urllib.request, urllib.error\n\
         try: urllib.request.urlopen('{url}', open('long.json', 'rb').read())\n\
         except urllib.error.HTTPError as error: print(error.code, error.read())"
    );
    let curl = [
        "-s",
        "-w",
        "%{http_code}",
        "-H",
        "Expect:",
        "--data-binary",
        "@long.json",
        &url,
    ];
    for (program, arguments) in [
        ("node", &["-e", &node][..]),
        ("python3", &["-c", &python]),
        ("curl", &curl),
    ] {
        for _ in 0..TIMES {
            let mut command = Command::new(program);
            let sent = run(command.args(arguments).current_dir(home.work()), b"");
            assert!(sent.text().contains("413"), "{program}: {}", sent.text());
            assert!(sent.text().contains("--max-body"), "{program}: {}", sent.text());
        }
    }
    for _ in 0..TIMES {
        let sent = home.run(&["send", "./long.json", "--provider", "costkatana", "--to", &url]);
        assert!(sent.status == 1 && sent.text().contains("413"), "{}", sent.text());
    }
}

#[test]
fn nginx_refuses_over_tls_too() {
    let home = Home::new();
    if !have(&["nginx", "openssl"]) {
        return;
    }
    certificates(&home);
    home.write("long.json", format!("\"{}\"", "x".repeat(LONG)));
    let (plain, tls) = (free_port(), free_port());
    let folder = home.work();
    let folder = folder.display();
    let _nginx = nginx(
        &home,
        tls,
        &format!(
            "server {{ listen 127.0.0.1:{plain}; listen 127.0.0.1:{tls} ssl; client_max_body_size 1m; \
             ssl_certificate {folder}/cert.pem; ssl_certificate_key {folder}/key.pem; }}"
        ),
    );
    for to in [format!("http://127.0.0.1:{plain}"), format!("https://127.0.0.1:{tls}")] {
        for _ in 0..TIMES {
            let sent = home.run(&[
                "send",
                "./long.json",
                "--provider",
                "costkatana",
                "--cacert",
                "ca.pem",
                "--to",
                &to,
            ]);
            assert!(sent.status == 1 && sent.text().contains("413"), "{to}: {}", sent.text());
        }
    }
}

/// An endless flood of interim answers is no answer, and takes no longer than any other.
#[test]
fn interim_answers_do_not_outrun_the_time_out() {
    let home = Home::new();
    let to = each(|mut stream| {
        let _ = stream.read(&mut [0; 4096]);
        let flood = "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n".repeat(1000);
        while stream.write_all(flood.as_bytes()).is_ok() {}
    })
    .to_string();
    let within = |begun: Instant| assert!(begun.elapsed() < Duration::from_secs(4), "{:?}", begun.elapsed());
    let begun = Instant::now();
    let sent = home.run(&["send", "cost.alert", "--timeout", "1s", "--to", &to]);
    within(begun);
    assert!(sent.status == 3 && sent.text().contains("within 1s"), "{}", sent.text());
    home.write("one.http", "POST / HTTP/1.1\r\nContent-Length: 1\r\n\r\nx");
    let begun = Instant::now();
    let replayed = home.run(&[
        "replay",
        "--from",
        "one.http",
        "--keep-signature",
        "--timeout",
        "1s",
        "--to",
        &to,
    ]);
    within(begun);
    assert_eq!(replayed.status, 3, "{}", replayed.text());
    let listen = Listen::start(&home, &["--forward", &to, "--timeout", "1s"]);
    let begun = Instant::now();
    let sent = home.run(&["send", "cost.alert", "--to", &listen.address]);
    within(begun);
    assert!(sent.text().contains("504"), "{}", sent.text());
}
