//! What is wrong with TLS, in a sentence each. The certificates and one server are OpenSSL's, the others Node's, Python's
//! and nginx's.

use super::servers::{Served, certificates, free_port, have, nginx};
use super::support::{Home, Run};

/// Node's https server with these files.
fn node(home: &Home, certificate: &str, key: &str) -> (Served, u16) {
    let port = free_port();
    let program = format!(
        "const {{ readFileSync: read }} = require('fs'); require('https').createServer({{ key: read('{key}'), cert: read('{certificate}') }}, \
         (request, response) => request.resume().on('end', () => response.end('safe'))).listen({port}, '127.0.0.1')"
    );
    (Served::start(home, "node", &["-e", &program], port), port)
}

fn send(home: &Home, to: &str, more: &[&str]) -> Run {
    home.run(&[&["send", "cost.alert", "--timeout", "10s", "--to", to][..], more].concat())
}

#[test]
fn a_certificate_that_is_named_is_trusted_be_it_a_ca_or_not() {
    let home = Home::new();
    if !have(&["openssl", "node"]) {
        return;
    }
    certificates(&home);
    for (certificate, key, named) in [
        ("cert.pem", "key.pem", "ca.pem"),
        ("cert.pem", "key.pem", "cert.pem"),
        // `openssl req -x509` makes it CA:TRUE, and `curl --cacert` takes it.
        ("selfca.pem", "selfca.key", "selfca.pem"),
    ] {
        let (_node, port) = node(&home, certificate, key);
        let to = format!("https://127.0.0.1:{port}/");
        let stranger = send(&home, &to, &[]);
        assert!(
            stranger.text().contains("no certificate that is trusted here: ")
                && stranger.text().contains("; --cacert names"),
            "{certificate}: {}",
            stranger.text()
        );
        assert_eq!(stranger.status, 3);
        let trusted = send(&home, &to, &["--cacert", named]);
        assert_eq!(trusted.status, 0, "{certificate} {named}: {}", trusted.text());
        assert_eq!(send(&home, &to, &["--insecure"]).status, 0);
        let other = send(&home, &to, &["--cacert", "other.pem"]);
        assert!(
            other.text().contains("no certificate that is trusted here"),
            "{}",
            other.text()
        );
    }
}

#[test]
fn names_and_dates_are_checked_of_a_named_one_too() {
    let home = Home::new();
    if !have(&["openssl", "node"]) {
        return;
    }
    certificates(&home);
    for (certificate, key, said) in [
        (
            "other.pem",
            "other.key",
            "is for other.test, second.test, not for 127.0.0.1",
        ),
        ("old.pem", "old.key", "ended on 2024-02-01"),
    ] {
        let (_node, port) = node(&home, certificate, key);
        let to = format!("https://127.0.0.1:{port}/");
        let sent = send(&home, &to, &["--cacert", certificate]);
        assert_eq!(sent.status, 3, "{certificate}: {}", sent.text());
        assert!(sent.text().contains(said), "{certificate}: {}", sent.text());
        assert_eq!(send(&home, &to, &["--insecure"]).status, 0);
    }
}

#[test]
fn https_to_a_plain_server_and_http_to_tls_say_what_to_write() {
    let home = Home::new();
    if !have(&["openssl", "node", "python3", "nginx"]) {
        return;
    }
    certificates(&home);
    let (node_port, python_port, nginx_port) = (free_port(), free_port(), free_port());
    let node_plain = format!("require('http').createServer((q, r) => r.end()).listen({node_port}, '127.0.0.1')");
    let _plain = (
        Served::start(&home, "node", &["-e", &node_plain], node_port),
        Served::start(
            &home,
            "python3",
            &["-m", "http.server", "--bind", "127.0.0.1", &python_port.to_string()],
            python_port,
        ),
        nginx(
            &home,
            nginx_port,
            &format!("server {{ listen 127.0.0.1:{nginx_port}; }}"),
        ),
    );
    for port in [node_port, python_port, nginx_port] {
        let sent = send(&home, &format!("https://127.0.0.1:{port}/a"), &[]);
        let expected = format!("127.0.0.1:{port} speaks plain http, not TLS: write http://127.0.0.1:{port}/a");
        assert!(sent.status == 3 && sent.text().contains(&expected), "{}", sent.text());
    }
    let openssl_port = free_port();
    let accept = format!("127.0.0.1:{openssl_port}");
    let _tls = Served::start(
        &home,
        "openssl",
        &[
            "s_server", "-accept", &accept, "-cert", "cert.pem", "-key", "key.pem", "-quiet",
        ],
        openssl_port,
    );
    let (_node, node_port) = node(&home, "cert.pem", "key.pem");
    for port in [openssl_port, node_port] {
        let sent = send(&home, &format!("http://127.0.0.1:{port}/a?token=t0ken"), &[]);
        let expected = format!("127.0.0.1:{port} speaks TLS, not plain http: write https://127.0.0.1:{port}/a");
        assert!(sent.status == 3 && sent.text().contains(&expected), "{}", sent.text());
        assert!(
            !sent.text().contains("write https://127.0.0.1:{port}/a?"),
            "{}",
            sent.text()
        );
    }
    let to = format!("https://127.0.0.1:{node_port}/");
    assert_eq!(send(&home, &to, &["--cacert", "ca.pem"]).status, 0);
}
