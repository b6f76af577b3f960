//! What `--dry-run` shows is what a socket receives.

use std::net::SocketAddr;
use std::sync::mpsc::Receiver;

use ckwh::provider::{Places, Provider, Registry, fixture};

use super::PATIENCE;
use super::servers::{certificates, have, recorder, tls_recorder};
use super::support::{Home, run};

const OK: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok";

/// Every provider in every dialect that can sign, with an event of it.
fn all() -> Vec<(Provider, String)> {
    let registry = Registry::new(&Places::default());
    let mut all = Vec::new();
    for folder in registry.folders() {
        for provider in Provider::load_all(folder).unwrap() {
            let has = |event: &String| fixture::payload(&provider, event).is_ok_and(|payload| payload.is_some());
            if let Some(event) = folder.event_types().into_iter().find(has) {
                all.push((provider, event));
            }
        }
    }
    all
}

/// `send` shows the request for that target, and sends it: both are the same.
fn compare(home: &Home, address: SocketAddr, seen: &Receiver<Vec<u8>>, target: &str, more: &[&str]) {
    let providers = all();
    assert!(providers.len() > 8, "{}", providers.len());
    for (provider, event) in providers {
        let file = format!("{event}.{}.{}", provider.name, provider.dialect);
        let signature = provider.scheme.signatures.first();
        let secret = signature.map_or_else(|| b"none".to_vec(), |signature| signature.new_secret([7; 32]));
        let secret = String::from_utf8(secret).unwrap();
        let given = provider
            .table
            .given
            .keys()
            .map(|name| format!("--given={name}=example"));
        let given: Vec<String> = given.collect();
        let given: Vec<&str> = given.iter().map(String::as_str).collect();
        let arguments = [
            &[
                "send",
                &event,
                "--provider",
                &provider.name,
                "--dialect",
                &provider.dialect,
            ][..],
            &[
                "--timestamp",
                "2026-05-08T12:00:00Z",
                "--id",
                "evt_fixed",
                "--secret",
                &secret,
            ],
            &[
                "-H",
                "X-Odd-CASE: 1",
                "-H",
                "x-other: 2",
                "-H",
                "X-odd-case: 3",
                "--to",
                target,
            ],
            &given,
            more,
        ]
        .concat();
        let shown = home.run(&[&arguments[..], &["--dry-run", "--with-credentials"]].concat());
        assert_eq!(shown.status, 0, "{file}: {}", shown.text());
        let sent = home.run(&arguments);
        assert_eq!(sent.status, 0, "{file}: {}", sent.text());
        let received = seen.recv_timeout(PATIENCE).unwrap();
        assert_eq!(
            String::from_utf8_lossy(&shown.stdout),
            String::from_utf8_lossy(&received),
            "{file} to {address}"
        );
    }
}

#[test]
fn over_plain_http_names_keep_their_case_and_order() {
    let home = Home::new();
    let (address, seen) = recorder(OK);
    compare(&home, address, &seen, &format!("http://{address}/a/b?c=d%20e"), &[]);
    let sent = home.run(&[
        "send",
        "cost.alert",
        "--to",
        &address.to_string(),
        "-H",
        "X-oDD: 1",
        "-H",
        "X-Odd: 2",
    ]);
    assert_eq!(sent.status, 0, "{}", sent.text());
    let received = String::from_utf8(seen.recv().unwrap()).unwrap();
    assert!(received.contains("\r\nX-CostKatana-Signature: sha256="), "{received}");
    assert!(received.contains("\r\nX-oDD: 1\r\nX-Odd: 2\r\n"), "{received}");
    assert!(!received.to_ascii_lowercase().contains("\r\naccept:"), "{received}");
}

#[test]
fn over_tls_it_is_the_same() {
    let home = Home::new();
    if !have(&["openssl"]) {
        return;
    }
    certificates(&home);
    let (address, seen) = tls_recorder(&home);
    compare(
        &home,
        address,
        &seen,
        &format!("https://127.0.0.1:{}/a/b?c=d%20e", address.port()),
        &["--cacert", "ca.pem"],
    );
}

#[test]
fn where_redirects_are_followed_it_is_the_same() {
    let home = Home::new();
    let (address, seen) = recorder(OK);
    compare(&home, address, &seen, &format!("http://{address}/"), &["--follow"]);
}

/// What a proxy receives for a target of plain http has the whole URL in its first line.
#[test]
fn what_a_proxy_receives_is_shown_as_well() {
    let home = Home::new();
    let (address, seen) = recorder(OK);
    let arguments = [
        "send",
        "cost.alert",
        "--timestamp",
        "2026-05-08T12:00:00Z",
        "--id",
        "evt_1",
        "--to",
        "http://h.test/x",
    ];
    let through = |more: &[&str]| {
        let mut command = home.signing(&[&arguments[..], more].concat());
        run(command.env("HTTP_PROXY", format!("http://{address}")), b"")
    };
    let shown = through(&["--dry-run"]);
    let sent = through(&[]);
    assert_eq!((shown.status, sent.status), (0, 0), "{}{}", shown.text(), sent.text());
    let received = seen.recv_timeout(PATIENCE).unwrap();
    assert_eq!(
        String::from_utf8_lossy(&shown.stdout),
        String::from_utf8_lossy(&received)
    );
    assert!(received.starts_with(b"POST http://h.test/x HTTP/1.1\r\n"));
}

/// A capture's names and target, and what its replay adds: nothing.
#[test]
fn a_replay_is_shown_as_it_goes_out() {
    let home = Home::new();
    let (address, seen) = recorder(OK);
    home.write(
        "one.http",
        "GET /a/../b/./c?d=[e] HTTP/1.1\r\nHost: elsewhere.test\r\nX-ODD: 1\r\nx-a: 2\r\nX-Odd: 3\r\n\r\n",
    );
    for target in ["", "/fixed"] {
        let to = format!("{address}{target}");
        let arguments = ["replay", "--from", "one.http", "--keep-signature", "--to", &to];
        let shown = home.run(&[&arguments[..], &["--dry-run", "--with-credentials"]].concat());
        let sent = home.run(&arguments);
        assert_eq!((shown.status, sent.status), (0, 0), "{}{}", shown.text(), sent.text());
        let received = String::from_utf8(seen.recv_timeout(PATIENCE).unwrap()).unwrap();
        assert_eq!(String::from_utf8_lossy(&shown.stdout), received);
        let path = if target.is_empty() {
            "/a/../b/./c?d=[e]"
        } else {
            "/fixed?d=[e]"
        };
        assert_eq!(
            received,
            format!("GET {path} HTTP/1.1\r\nHost: {address}\r\nX-ODD: 1\r\nx-a: 2\r\nX-Odd: 3\r\n\r\n")
        );
    }
}
