//! Redirects: where they lead, and what goes there.

use std::io::Write as _;
use std::net::SocketAddr;
use std::sync::mpsc::{self, Receiver};

use super::PATIENCE;
use super::servers::{each, have, nginx, recorder, request};
use super::support::{Home, run};

const OK: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok";
/// What a request carries that is no other host's business.
const SECRETS: [&str; 5] = [
    "Authorization: Bearer t0ken",
    "Cookie: a=t0ken",
    "X-Api-Key: t0ken",
    "Private-Token: t0ken",
    "Referer: http://h.test/?token=t0ken",
];

/// A server that answers with a redirect; gives the requests it got.
fn redirecting(status: u16, location: String) -> (SocketAddr, Receiver<Vec<u8>>) {
    recorder(format!(
        "HTTP/1.1 {status} Moved\r\nLocation: {location}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
    ))
}

fn sent(home: &Home, to: &str, more: &[&str], proxy: Option<SocketAddr>) -> super::Run {
    let mut arguments = vec!["send", "cost.alert", "--follow", "--timeout", "10s", "--to", to];
    for secret in &SECRETS {
        arguments.extend(["-H", *secret]);
    }
    arguments.extend(more);
    let mut command = home.signing(&arguments);
    if let Some(proxy) = proxy {
        command.env("HTTP_PROXY", proxy.to_string());
    }
    run(&mut command, b"")
}

fn text(seen: &Receiver<Vec<u8>>) -> String {
    String::from_utf8(seen.recv_timeout(PATIENCE).unwrap()).unwrap()
}

#[test]
fn a_redirect_on_this_machine_keeps_everything_but_the_host() {
    let home = Home::new();
    let (last, arrived) = recorder(OK);
    for status in [307, 308] {
        let (first, seen) = redirecting(status, format!("http://{last}/there?a=b#c"));
        let sent = sent(&home, &first.to_string(), &[], None);
        assert_eq!(sent.status, 0, "{}", sent.text());
        let (asked, received) = (text(&seen), text(&arrived));
        assert!(asked.contains(&format!("\r\nhost: {first}\r\n")), "{asked}");
        assert!(received.starts_with("POST /there?a=b HTTP/1.1\r\n"), "{received}");
        assert!(received.contains(&format!("\r\nhost: {last}\r\n")), "{received}");
        assert_eq!(received.matches("t0ken").count(), SECRETS.len(), "{received}");
        assert!(
            received.contains("x-costkatana-signature: ") && received.contains("cost.alert"),
            "{received}"
        );
    }
}

/// The other host is reached through a proxy, which sees what it would get.
#[test]
fn credentials_go_to_no_other_origin() {
    let home = Home::new();
    let (proxy, arrived) = recorder(OK);
    for location in [
        "http://other.test/there",
        "//other.test/there",
        "http://me:t0ken@other.test/there",
    ] {
        let (first, seen) = redirecting(307, location.to_owned());
        let sent = sent(&home, &first.to_string(), &["-H", "Host: named.test"], Some(proxy));
        assert_eq!(sent.status, 0, "{}", sent.text());
        assert_eq!(text(&seen).matches("t0ken").count(), SECRETS.len());
        let received = text(&arrived);
        assert!(
            received.starts_with("POST http://other.test/there HTTP/1.1\r\n"),
            "{received}"
        );
        assert!(
            received.contains("\r\nhost: other.test\r\n") && !received.contains("named.test"),
            "{received}"
        );
        assert!(!received.contains("t0ken"), "{received}");
        assert!(received.contains("x-costkatana-signature: "), "{received}");
    }
}

/// From another machine they go on to the same origin alone: another port is another origin.
#[test]
fn another_port_is_another_origin() {
    let home = Home::new();
    let (sender, seen) = mpsc::channel();
    let proxy = each(move |mut stream| {
        let got = String::from_utf8(request(&mut stream)).unwrap();
        let to = match got.split(' ').nth(1).unwrap() {
            "http://h.test/" => "/same",
            "http://h.test/same" => "http://h.test:8080/other",
            _ => "",
        };
        let answer = match to {
            "" => "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".to_owned(),
            _ => format!("HTTP/1.1 307 x\r\nLocation: {to}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"),
        };
        stream.write_all(answer.as_bytes()).unwrap();
        sender.send(got).unwrap();
    });
    let sent = sent(&home, "http://h.test/", &[], Some(proxy));
    assert_eq!(sent.status, 0, "{}", sent.text());
    let counts: Vec<usize> = seen.try_iter().map(|got| got.matches("t0ken").count()).collect();
    assert_eq!(counts, [SECRETS.len(), SECRETS.len(), 0]);
}

#[test]
fn a_replay_follows_with_what_the_rule_lets_through() {
    let home = Home::new();
    let (proxy, arrived) = recorder(OK);
    let (first, seen) = redirecting(307, "http://other.test/there".to_owned());
    let head = SECRETS.join("\r\n");
    home.write(
        "one.http",
        format!("POST /r HTTP/1.1\r\nHost: h\r\n{head}\r\nContent-Length: 1\r\n\r\nx"),
    );
    let to = first.to_string();
    let mut command = home.signing(&[
        "replay",
        "--from",
        "one.http",
        "--keep-signature",
        "--follow",
        "--to",
        &to,
    ]);
    let replayed = run(command.env("HTTP_PROXY", proxy.to_string()), b"");
    assert_eq!(replayed.status, 0, "{}", replayed.text());
    assert_eq!(
        text(&seen).matches("t0ken").count(),
        SECRETS.len(),
        "this machine gets them"
    );
    let received = text(&arrived);
    assert!(
        received.contains("\r\nhost: other.test\r\n") && !received.contains("t0ken"),
        "{received}"
    );
}

/// RFC 9110, 15.4.2 to 15.4.4: what was posted becomes a GET, as browsers and curl do it.
#[test]
fn what_was_posted_is_read_after_a_303_and_never_twice_by_accident() {
    let home = Home::new();
    let (last, arrived) = recorder(OK);
    for status in [301, 302, 303] {
        let (first, _seen) = redirecting(status, format!("http://{last}/there"));
        assert_eq!(sent(&home, &first.to_string(), &[], None).status, 0);
        let received = text(&arrived);
        assert!(received.starts_with("GET /there HTTP/1.1\r\n"), "{status}: {received}");
        assert!(
            !received.contains("content-") && received.ends_with("\r\n\r\n"),
            "{status}: {received}"
        );
    }
}

#[test]
fn what_leads_nowhere_is_told_as_it_is() {
    let home = Home::new();
    for location in ["file:///etc/passwd", "javascript:x", "http://", "ftp://h.test/"] {
        let (first, _seen) = redirecting(307, location.to_owned());
        let sent = sent(&home, &first.to_string(), &[], None);
        assert!(
            sent.status == 1 && sent.text().contains("got 307"),
            "{location}: {}",
            sent.text()
        );
    }
    let (again, _seen) = redirecting(307, "/again".to_owned());
    let endless = sent(&home, &again.to_string(), &[], None);
    assert!(
        endless.text().contains("redirected more than 5 times"),
        "{}",
        endless.text()
    );
    let (first, _seen) = redirecting(307, "http://other.test/".to_owned());
    let mut command = home.signing(&["send", "cost.alert", "--to", &first.to_string()]);
    assert!(
        run(&mut command, b"").text().contains("307"),
        "none is followed that was not asked for"
    );
}

#[test]
fn nginx_redirects() {
    let home = Home::new();
    if !have(&["nginx"]) {
        return;
    }
    let (last, arrived) = recorder(OK);
    let port = super::servers::free_port();
    let _nginx = nginx(
        &home,
        port,
        &format!(
            "server {{ listen 127.0.0.1:{port}; location / {{ return 308 http://127.0.0.1:{}$request_uri; }} }}",
            last.port()
        ),
    );
    let sent = sent(&home, &format!("127.0.0.1:{port}/a?b"), &[], None);
    assert_eq!(sent.status, 0, "{}", sent.text());
    assert!(text(&arrived).starts_with("POST /a?b HTTP/1.1\r\n"));
}
