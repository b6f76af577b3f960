//! Who is let in, byte by byte.

use std::thread;
use std::time::Duration;

use serde_json::Value;

use crate::support::Home;
use crate::{Answer, SECRET, Served, ask};

/// A page with one capture that holds a credential.
fn served(home: &Home) -> Served {
    served_to(home, &[])
}

fn served_to(home: &Home, more: &[&str]) -> Served {
    crate::import(
        home,
        r#"{"type":"request","method":"POST","target":"/a","headers":[["Authorization","Bearer hush-hush"]],"body":"x"}"#,
    );
    Served::start(home, &[&["ui", "0", "--json"], more].concat())
}

/// Waits until what was begun has ended.
fn ended(served: &Served, headers: &[(&str, &str)], begun: &str) {
    let job = serde_json::from_str::<Value>(begun).unwrap()["job"].to_string();
    for _ in 0..600 {
        let answer = ask(served.address(), &format!("GET /api/jobs/{job}"), headers, "");
        if serde_json::from_str::<Value>(&answer.body).unwrap()["ended"] == true {
            return;
        }
        thread::sleep(Duration::from_millis(50));
    }
    panic!("{begun} does not end");
}

fn cookie(served: &Served) -> String {
    let host = served.address().to_string();
    let answer = post(
        served,
        "/session",
        &[("Host", &host), ("X-Ckwh-Token", served.token())],
        "",
    );
    assert_eq!(answer.status, 200, "{}", answer.head);
    let line = answer
        .head
        .lines()
        .find(|line| line.starts_with("set-cookie: "))
        .unwrap();
    assert!(
        line.contains("; httponly") && line.contains("; samesite=strict"),
        "{line}"
    );
    line["set-cookie: ".len()..].split(';').next().unwrap().to_owned()
}

fn post(served: &Served, path: &str, headers: &[(&str, &str)], body: &str) -> Answer {
    ask(served.address(), &format!("POST {path}"), headers, body)
}

#[test]
fn a_name_that_leads_here_is_not_this_page() {
    let home = Home::new();
    let served = served(&home);
    let (port, cookie) = (served.address().port(), cookie(&served));
    let get = |host: &str| {
        let headers = [("Host", host), ("Cookie", &cookie)];
        ask(served.address(), "GET /", &headers, "").status
    };
    for host in [
        format!("127.0.0.1:{port}"),
        format!("localhost:{port}"),
        format!("[::1]:{port}"),
    ] {
        assert_eq!(get(&host), 200, "{host}");
    }
    for host in [
        format!("evil.test:{port}"),
        format!("localhost.evil.test:{port}"),
        format!("127.0.0.1.evil.test:{port}"),
        format!("127.0.0.1:{}", port.wrapping_add(1)),
        "127.0.0.1".into(),
        "localhost".into(),
        format!("evil.test@127.0.0.1:{port}"),
        String::new(),
    ] {
        assert_eq!(get(&host), 421, "{host}");
    }
    let own = format!("127.0.0.1:{port}");
    let two = [("Host", own.as_str()), ("Host", "evil.test"), ("Cookie", &cookie)];
    assert!(ask(served.address(), "GET /", &two, "").status >= 400);
    let whole = [("Host", own.as_str()), ("Cookie", cookie.as_str())];
    assert_eq!(ask(served.address(), "GET http://evil.test/", &whole, "").status, 421);
    assert!(ask(served.address(), "GET /", &[("Cookie", &cookie)], "").status >= 400);
}

#[test]
fn another_origin_and_another_site_are_refused() {
    let home = Home::new();
    let served = served(&home);
    let (host, cookie) = (served.address().to_string(), cookie(&served));
    let with = |name: &str, value: &str, path: &str| {
        let headers = [
            ("Host", host.as_str()),
            ("Cookie", &cookie),
            ("X-Ckwh-Token", served.token()),
            (name, value),
        ];
        ask(served.address(), path, &headers, "").status
    };
    for path in [
        "GET /",
        "GET /api/captures",
        "POST /captures/1/reveal",
        "GET /style.css",
    ] {
        for origin in [
            "http://evil.test",
            "http://localhost:3000",
            "null",
            "https://127.0.0.1",
            "",
        ] {
            assert_eq!(with("Origin", origin, path), 403, "{path} {origin}");
        }
        for site in ["cross-site", "same-site", "", "same-origin, cross-site"] {
            assert_eq!(with("Sec-Fetch-Site", site, path), 403, "{path} {site}");
        }
    }
    assert_eq!(with("Origin", &format!("http://{host}"), "GET /"), 200);
    for site in ["same-origin", "none"] {
        assert_eq!(with("Sec-Fetch-Site", site, "GET /api/captures"), 200, "{site}");
    }
}

#[test]
fn the_cookie_reads_what_is_masked_and_nothing_else() {
    let home = Home::new();
    // A target with a credential, too, and a run that went there.
    let to = "http://127.0.0.1:9/a?token=hush-hush";
    let served = served_to(&home, &["--to", to]);
    let (host, cookie) = (served.address().to_string(), cookie(&served));
    let own = [
        ("Host", host.as_str()),
        ("X-Ckwh-Token", served.token()),
        ("Content-Type", "application/json"),
    ];
    for kind in [r#""replay","captures":"1""#, r#""resume","run":"1""#] {
        let begun = post(&served, "/jobs", &own, &format!(r#"{{"kind":{kind}}}"#));
        assert_eq!(begun.status, 200, "{}", begun.body);
        ended(&served, &own, &begun.body);
    }
    let get = |path: &str, headers: &[(&str, &str)]| {
        let headers = [&[("Host", host.as_str())], headers].concat();
        ask(served.address(), path, &headers, "")
    };
    let reader = [("Cookie", cookie.as_str())];
    for path in [
        "GET /",
        "GET /captures/1",
        "GET /captures/1/body",
        "GET /captures/1/explanation",
        "GET /rows",
        "GET /rows?text=hush",
        "GET /replay?captures=1",
        "GET /runs",
        "GET /runs/1",
        "GET /jobs/1",
        "GET /send",
        "GET /send?provider=github&event=push",
        "GET /check",
    ] {
        let answer = get(path, &reader);
        assert_eq!(answer.status, 200, "{path}");
        assert!(
            !answer.body.contains("hush-hush") && !answer.body.contains(served.token()),
            "{path}"
        );
        let stranger = get(path, &[]);
        assert_eq!(stranger.status, 401, "{path}");
        assert!(!stranger.body.contains("captures/1"), "{path}");
    }
    for path in [
        "GET /api/captures",
        "GET /api/captures/1",
        "GET /api/captures/1/verdict",
        "GET /api/captures/1/export?format=curl",
        "GET /api/compare?a=1&b=1",
        "GET /api/event-types",
        "GET /api/runs",
        "GET /api/runs/1",
        "GET /api/jobs/1",
        "GET /api/live",
        "POST /captures/1/reveal",
        "POST /captures/1/explanation",
        "POST /jobs",
        "POST /jobs/1/stop",
        "POST /session",
    ] {
        assert_eq!(get(path, &reader).status, 401, "{path}");
        let wrong = "0".repeat(64);
        for token in [wrong.as_str(), "", cookie.split_once('=').unwrap().1] {
            let guessed = [("Cookie", cookie.as_str()), ("X-Ckwh-Token", token)];
            assert_eq!(get(path, &guessed).status, 401, "{path} {token}");
        }
    }
}

#[test]
fn one_masked_value_is_shown_to_who_asks_with_the_token() {
    let home = Home::new();
    let served = served(&home);
    let host = served.address().to_string();
    let reveal = |body: &str, kind: &str| {
        let headers = [
            ("Host", host.as_str()),
            ("X-Ckwh-Token", served.token()),
            ("Content-Type", kind),
        ];
        post(&served, "/captures/1/reveal", &headers, body)
    };
    let answer = reveal(r#"{"place":"header:0"}"#, "application/json");
    assert_eq!(
        (answer.status, answer.body.as_str()),
        (200, r#"{"text":"Bearer hush-hush"}"#)
    );
    assert_eq!(reveal(r#"{"place":"header:9"}"#, "application/json").status, 404);
    // What a form of another page can send.
    for kind in ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data"] {
        assert_eq!(reveal(r#"{"place":"header:0"}"#, kind).status, 422, "{kind}");
    }
}

#[test]
fn a_replay_to_another_machine_asks_first() {
    let home = Home::new();
    let served = served(&home);
    let host = served.address().to_string();
    let begin = |body: &str| {
        let headers = [
            ("Host", host.as_str()),
            ("X-Ckwh-Token", served.token()),
            ("Content-Type", "application/json"),
        ];
        post(&served, "/jobs", &headers, body)
    };
    for to in [
        "https://hooks.example.com/x",
        "192.0.2.1:80",
        "http://127.0.0.1.nip.test/",
    ] {
        let answer = begin(&format!(r#"{{"kind":"replay","captures":"1","to":"{to}"}}"#));
        assert_eq!(answer.status, 409, "{to}: {}", answer.body);
        assert!(answer.body.contains(r#""type":"question""#), "{}", answer.body);
    }
    for (wrong, given) in [
        ("a file", r#"{"kind":"replay","captures":"/etc/passwd","to":"1"}"#),
        ("a flag", r#"{"kind":"replay","captures":"--all","to":"1"}"#),
        (
            "no event",
            r#"{"kind":"send","provider":"github","event":"./body.json","to":"1"}"#,
        ),
        ("no kind", r#"{"kind":"listen","to":"1"}"#),
        ("no target", r#"{"kind":"replay","captures":"1"}"#),
    ] {
        assert_eq!(begin(given).status, 422, "{wrong}");
    }
}

#[test]
fn nothing_of_it_is_at_the_catch_port() {
    let home = Home::new();
    let served = Served::listen(&home, &[]);
    let catching = crate::address(served.catching());
    assert_ne!(catching.port(), served.address().port());
    let host = served.address().to_string();
    for path in [
        "POST /session",
        "GET /api/captures",
        "POST /jobs",
        "GET /page.js",
        "GET /style.css",
    ] {
        let headers = [("Host", host.as_str()), ("X-Ckwh-Token", served.token())];
        let answer = ask(catching, path, &headers, "");
        assert!(!answer.head.contains("set-cookie"), "{path}: {}", answer.head);
        assert!(
            !answer.body.contains(served.token()) && !answer.body.contains("results"),
            "{path}: {}",
            answer.body
        );
        assert!(!answer.head.contains("content-security-policy"), "{path}");
    }
    // A secret of the environment is in no answer of the page.
    let headers = [("Host", host.as_str()), ("X-Ckwh-Token", served.token())];
    for path in [
        "/api/captures/1",
        "/api/captures/1/verdict",
        "/api/captures/1/export?format=vitest",
    ] {
        let answer = ask(served.address(), &format!("GET {path}"), &headers, "");
        assert!(!answer.body.contains(SECRET), "{path}");
    }
}

#[test]
fn every_answer_forbids_what_the_page_does_not_need() {
    let home = Home::new();
    let served = served(&home);
    let host = served.address().to_string();
    for (path, host) in [
        ("/", host.as_str()),
        ("/style.css", &host),
        ("/nowhere", &host),
        ("/", "evil.test"),
    ] {
        let answer = ask(served.address(), &format!("GET {path}"), &[("Host", host)], "");
        let policy = answer
            .head
            .lines()
            .find(|line| line.starts_with("content-security-policy:"))
            .unwrap();
        assert!(
            policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"),
            "{policy}"
        );
        assert!(!policy.contains("unsafe"), "{policy}");
        for header in [
            "x-frame-options: deny",
            "x-content-type-options: nosniff",
            "referrer-policy: no-referrer",
            "cache-control: no-store",
        ] {
            assert!(answer.head.contains(header), "{path}: {header}\n{}", answer.head);
        }
        assert!(!answer.head.contains("access-control-"), "{}", answer.head);
    }
}
