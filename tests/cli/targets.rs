//! Typed targets: each goes to the host that it looks like, or nowhere.

use super::support::Home;
use crate::receiver::{Receiver, status};

/// Each is another host to a URL parser or to the system, or holds what is no part of a target.
const NO_TARGETS: [&str; 20] = [
    "0x7f000001:3000",
    "0177.0.0.1",
    "2130706433",
    "2130706433/x",
    "127.1",
    "1.2.3",
    "http://3000/hooks",
    "http:/localhost:3000",
    "http:localhost:3000",
    "http:///localhost:3000",
    "/hooks",
    "//evil.test/hooks",
    "localhost:3000 x",
    "localhost:3000\tx",
    "localhost:3000\n",
    "localhost@evil.test",
    "http://localhost:3000@evil.test/",
    "@evil.test",
    "localhost\\@evil.test",
    "%6cocalhost:3000",
];

#[test]
fn what_looks_like_no_target_goes_nowhere() {
    let home = Home::new();
    for target in NO_TARGETS {
        for args in [
            &["send", "cost.alert", "--to", target][..],
            &["send", "cost.alert", "--dry-run", "--to", target],
            &["listen", "0", "--forward", target],
            &["replay", "--all", "--to", target],
        ] {
            let error = home.run(args).error(2).to_owned();
            assert!(error.contains("is not a target"), "{args:?}: {error}");
        }
    }
    for (target, hint) in [
        ("127.1", "four decimal parts"),
        ("http://3000/hooks", "localhost:3000"),
        ("/hooks", "names no host"),
    ] {
        let ran = home.run(&["send", "cost.alert", "--to", target]);
        assert!(ran.error(2).contains(hint), "{target}: {}", ran.stderr);
    }
    home.write("ckwh.toml", "to = \"127.1\"");
    assert!(home.run(&["send", "cost.alert"]).error(2).contains("is not a target"));
}

#[test]
fn a_port_with_a_path_is_this_machine() {
    let home = Home::new();
    for (target, url) in [
        ("3000/hooks", "http://localhost:3000/hooks"),
        ("3000", "http://localhost:3000/webhooks/costkatana"),
        ("3000/hooks?a=b", "http://localhost:3000/hooks?a=b"),
    ] {
        let shown = home
            .run(&["send", "cost.alert", "--to", target, "--dry-run", "--print", "json"])
            .line(0);
        assert_eq!(shown["url"], url);
    }
    let receiver = Receiver::start(|_| status(200));
    let port = receiver.address().rsplit(':').next().unwrap().to_owned();
    home.run(&["send", "cost.alert", "--to", &format!("{port}/hooks")])
        .text(0);
    assert_eq!(receiver.seen()[0].target, "/hooks");
}

#[test]
fn what_ends_in_localhost_is_this_machine() {
    let home = Home::new();
    let receiver = Receiver::start(|_| status(200));
    let port = receiver.address().rsplit(':').next().unwrap().to_owned();
    for name in ["localhost", "app.localhost", "a.b.LOCALHOST", "localhost."] {
        home.run(&["send", "cost.alert", "--to", &format!("{name}:{port}/x")])
            .text(0);
    }
    assert_eq!(receiver.seen().len(), 4);
}

/// A request from a file may have any target; what is written for others to run goes to the host that is known.
#[test]
fn an_exported_request_goes_to_no_host_out_of_its_target() {
    let home = Home::new();
    let mut lines = String::new();
    let hosts = ["localhost:3000", "localhost@evil.test", ""];
    let targets = [
        "@evil.test/x",
        ":80@evil.test/x",
        ".evil.test/x",
        "-o/tmp/x://evil.test",
        "//evil.test/x",
        "?@evil.test",
    ];
    for host in hosts {
        for target in targets {
            let line = serde_json::json!({"type": "request", "method": "POST", "target": target, "headers": [["host", host]], "body": "{}"});
            lines.push_str(&format!("{line}\n"));
        }
    }
    home.write("requests.jsonl", lines);
    let run = |args: &[&str]| {
        let output = home
            .ckwh(args)
            .env("CKWH_STORE", home.work().join("c.db"))
            .output()
            .unwrap();
        assert!(
            output.status.success(),
            "{args:?} {}",
            String::from_utf8_lossy(&output.stderr)
        );
        String::from_utf8(output.stdout).unwrap()
    };
    run(&["captures", "import", "requests.jsonl"]);
    for (base, host) in [
        (&[][..], "localhost"),
        (&["--base-url", "http://base.test"], "base.test"),
    ] {
        let curl = run(&[&["captures", "export", "--all", "--format", "curl"][..], base].concat());
        let urls: Vec<String> = curl
            .lines()
            .filter(|line| line.starts_with("curl "))
            .map(|line| shlex::split(line.trim_end_matches('\\')).unwrap().pop().unwrap())
            .collect();
        let har: serde_json::Value =
            serde_json::from_str(&run(
                &[&["captures", "export", "--all", "--format", "har"][..], base].concat()
            ))
            .unwrap();
        let entries = har["log"]["entries"].as_array().unwrap().iter();
        let archived: Vec<String> = entries
            .map(|entry| entry["request"]["url"].as_str().unwrap().to_owned())
            .collect();
        assert_eq!((urls.len(), archived.len()), (18, 18));
        for url in urls.iter().chain(&archived) {
            let url = url::Url::parse(url).unwrap();
            assert_eq!(url.host_str(), Some(host), "{url}");
            assert_eq!(url.username(), "");
        }
    }
}
