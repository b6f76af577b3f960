//! Proxies, as curl understands them.

use std::io::Write as _;
use std::sync::mpsc;

use super::PATIENCE;
use super::servers::{Served, certificates, each, free_port, have, recorder, request, tls_recorder};
use super::support::{Home, run};

const OK: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok";

#[test]
fn the_environment_says_which_and_loopback_never_goes_through_one() {
    let home = Home::new();
    let (proxy, seen) = recorder(OK);
    let (direct, arrived) = recorder(OK);
    let send = |to: &str, variables: &[(&str, &str)]| {
        let mut command = home.signing(&["send", "cost.alert", "--timeout", "3s", "--to", to]);
        run(command.envs(variables.iter().copied()), b"")
    };
    let proxy = format!("http://me:pw@{proxy}");
    for variable in ["HTTP_PROXY", "http_proxy", "ALL_PROXY"] {
        let sent = send("http://h.test/x", &[(variable, &proxy)]);
        assert_eq!(sent.status, 0, "{variable}: {}", sent.text());
        let received = String::from_utf8(seen.recv_timeout(PATIENCE).unwrap()).unwrap();
        assert!(received.starts_with("POST http://h.test/x HTTP/1.1\r\n"), "{received}");
        assert!(received.contains("proxy-authorization: Basic bWU6cHc="), "{received}");
    }
    for to in [
        direct.to_string(),
        format!("localhost:{}", direct.port()),
        format!("a.localhost:{}", direct.port()),
    ] {
        let sent = send(&to, &[("HTTP_PROXY", &proxy), ("ALL_PROXY", &proxy)]);
        assert_eq!(sent.status, 0, "{to}: {}", sent.text());
        arrived.recv_timeout(PATIENCE).unwrap();
    }
    for (name, variables) in [
        (
            "NO_PROXY",
            &[("HTTP_PROXY", proxy.as_str()), ("NO_PROXY", "a.test, .h.invalid")][..],
        ),
        ("no_proxy", &[("HTTP_PROXY", &proxy), ("no_proxy", "*")]),
        ("CGI", &[("HTTP_PROXY", &proxy), ("REQUEST_METHOD", "POST")]),
    ] {
        let sent = send("http://x.h.invalid/", variables);
        assert!(
            sent.text().contains("no host named x.h.invalid"),
            "{name}: {}",
            sent.text()
        );
    }
    assert!(seen.try_recv().is_err(), "nothing else went through the proxy");
    let broken = send("http://h.test/", &[("HTTP_PROXY", "ftp://h:1")]);
    assert!(
        broken.status != 0 && broken.text().contains("HTTP_PROXY"),
        "{}",
        broken.text()
    );
    let nobody = format!("127.0.0.1:{}", free_port());
    let nobody_there = send("http://h.test/", &[("HTTP_PROXY", &nobody)]);
    assert_eq!(nobody_there.status, 3);
    assert!(
        nobody_there.text().contains(&format!("through the proxy {nobody}")),
        "{}",
        nobody_there.text()
    );
    assert!(
        !send("http://h.test/", &[("HTTP_PROXY", "me:hunter2@127.0.0.1:1")])
            .text()
            .contains("hunter2")
    );
}

/// https goes through `CONNECT`, and what is said to the target stays hidden from the proxy.
#[test]
fn https_goes_through_a_tunnel() {
    let home = Home::new();
    if !have(&["openssl"]) {
        return;
    }
    certificates(&home);
    let (target, arrived) = tls_recorder(&home);
    let (sender, asked) = mpsc::channel();
    let proxy = each(move |mut stream| {
        let head = String::from_utf8(request(&mut stream)).unwrap();
        sender.send(head).unwrap();
        stream.write_all(b"HTTP/1.1 200 Connected\r\n\r\n").unwrap();
        let mut behind = std::net::TcpStream::connect(target).unwrap();
        let (mut from, mut to) = (stream.try_clone().unwrap(), behind.try_clone().unwrap());
        std::thread::spawn(move || std::io::copy(&mut from, &mut to));
        let _ = std::io::copy(&mut behind, &mut stream);
    });
    let mut command = home.signing(&["send", "cost.alert", "--insecure", "--to", "https://h.test/x"]);
    let sent = run(command.env("https_proxy", proxy.to_string()), b"");
    assert_eq!(sent.status, 0, "{}", sent.text());
    assert!(
        asked
            .recv_timeout(PATIENCE)
            .unwrap()
            .starts_with("CONNECT h.test:443 HTTP/1.1\r\n")
    );
    assert!(
        arrived
            .recv_timeout(PATIENCE)
            .unwrap()
            .starts_with(b"POST /x HTTP/1.1\r\n")
    );
}

/// mitmproxy, which curl goes through as well.
#[test]
fn mitmproxy_passes_it_on() {
    let home = Home::new();
    if !have(&["mitmdump", "curl"]) {
        return;
    }
    let (target, arrived) = recorder(OK);
    let port = free_port();
    let proxy = format!("http://127.0.0.1:{port}");
    // The target's name is known to the proxy alone.
    home.write(
        "map.py",
        format!(
            "def request(flow):\n    flow.request.host, flow.request.port = '127.0.0.1', {}\n",
            target.port()
        ),
    );
    let arguments = [
        "-q",
        "--listen-host",
        "127.0.0.1",
        "-p",
        &port.to_string(),
        "--set",
        "confdir=mitm",
        "-s",
        "map.py",
    ];
    let _mitmproxy = Served::start(&home, "mitmdump", &arguments, port);
    let mut curl = std::process::Command::new("curl");
    curl.args(["-s", "-d", "x", "http://h.test/curl"])
        .env("http_proxy", &proxy);
    assert_eq!(run(&mut curl, b"").stdout, b"ok");
    let mut command = home.signing(&["send", "cost.alert", "--to", "http://h.test/ckwh"]);
    let sent = run(command.env("http_proxy", &proxy), b"");
    assert_eq!(sent.status, 0, "{}", sent.text());
    for path in ["/curl", "/ckwh"] {
        let received = String::from_utf8_lossy(&arrived.recv_timeout(PATIENCE).unwrap()).into_owned();
        assert!(received.starts_with(&format!("POST {path} HTTP/1.1\r\n")), "{received}");
    }
}
