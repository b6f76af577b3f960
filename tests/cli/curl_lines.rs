//! More than a hundred command lines of curl, run by bash and the real curl: what it sends on a raw socket is what is
//! taken in of the same lines.

use std::process::Command;

use crate::code::{Socket, body};
use crate::support::Home;

/// The lines; `h.test` stands for the socket.
const LINES: &str = include_str!("curl/lines.sh");
/// What curl adds by itself, and says otherwise in each of its versions.
const OWN: [&str; 2] = ["accept-encoding", "content-length"];

/// A body of parts without its boundary, which is another each time.
fn without_boundary(kind: &str, body: &[u8]) -> (String, Vec<u8>) {
    let Some((before, boundary)) = kind.split_once("boundary=") else {
        return (kind.to_owned(), body.to_vec());
    };
    let text = String::from_utf8_lossy(body).replace(boundary, "BOUNDARY");
    (before.to_owned(), text.into_bytes())
}

#[test]
fn every_line_is_taken_in_as_curl_sends_it() {
    let version = Command::new("curl").arg("--version").output();
    let version = version
        .map(|output| String::from_utf8_lossy(&output.stdout).into_owned())
        .unwrap_or_default();
    let number: Vec<u32> = version
        .split([' ', '.'])
        .skip(1)
        .take(2)
        .filter_map(|part| part.parse().ok())
        .collect();
    // --json came with 7.82, --url-query with 7.87.
    if number < vec![7, 87] {
        assert!(
            std::env::var_os("CKWH_REQUIRE_RUNTIMES").is_none(),
            "curl 7.87 is missing"
        );
        eprintln!("not tested: curl 7.87 is missing");
        return;
    }
    let home = Home::new();
    let socket = Socket::open();
    let lines = LINES.replace("h.test", socket.url.trim_start_matches("http://"));
    home.write("lines.sh", &lines);
    let ran = Command::new("bash")
        .arg("lines.sh")
        .current_dir(home.work())
        .env("HOME", home.work())
        .output()
        .unwrap();
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
    let (found, _) = home.import("lines.sh", 0);
    assert!(found.len() > 100, "{}", found.len());
    for capture in &found {
        let wire = socket.next();
        let what = format!("{capture}\n{wire:?}");
        assert_eq!(capture["method"], wire.method.as_str(), "{what}");
        assert_eq!(capture["target"], wire.target.as_str(), "{what}");
        let own = |name: &str| {
            let pairs = capture["headers"].as_array().unwrap().iter();
            let own = pairs.filter(|pair| pair[0].as_str().unwrap().eq_ignore_ascii_case(name));
            let values: Vec<String> = own.map(|pair| pair[1].as_str().unwrap().to_owned()).collect();
            (!values.is_empty()).then(|| values.join(", "))
        };
        let kind = own("content-type").unwrap_or_default();
        let sent = wire
            .header("content-type")
            .map(|kind| String::from_utf8(kind).unwrap())
            .unwrap_or_default();
        assert_eq!(
            without_boundary(&kind, &body(capture)),
            without_boundary(&sent, &wire.body),
            "{what}"
        );
        for (name, _) in &wire.headers {
            let value = wire
                .header(name)
                .map(|value| String::from_utf8_lossy(&value).into_owned());
            let is_curls = (name == "user-agent" && value.as_deref().is_some_and(|value| value.starts_with("curl/")))
                || (name == "accept" && value.as_deref() == Some("*/*"))
                || (name == "content-type" && kind.contains("boundary="))
                || OWN.contains(&name.as_str());
            assert!(is_curls || own(name) == value, "{name}: {:?}\n{what}", own(name));
        }
        for pair in capture["headers"].as_array().unwrap() {
            assert!(wire.header(pair[0].as_str().unwrap()).is_some(), "{pair}\n{what}");
        }
    }
}
