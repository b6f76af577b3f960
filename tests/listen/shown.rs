//! Providers that show a shared secret, or nothing: what counts, and what is masked.

use super::{Listen, Place, SECRET, status};

const VARIABLE: &str = "GITLAB_WEBHOOK_TOKEN";

fn push(token: &str) -> Vec<u8> {
    format!(
        "POST / HTTP/1.1\r\nHost: h\r\nConnection: close\r\nX-Gitlab-Event: Push Hook\r\nX-Gitlab-Token: {token}\r\nContent-Length: 2\r\n\r\n{{}}"
    )
    .into_bytes()
}

fn listen(place: &Place, args: &[&str]) -> Listen {
    let mut command = place.ckwh(&["listen", "0", "--json"]);
    command.args(args).env(VARIABLE, SECRET).env("FIGMA_PASSCODE", SECRET);
    Listen::spawn(command)
}

/// The sender chose the provider by its headers, and whoever saw the secret once could send this.
#[test]
fn a_secret_that_is_shown_counts_where_its_provider_is_named() {
    for (named, expected) in [(false, 1), (true, 0)] {
        let place = Place::new();
        let ran = place.path("ran");
        let exec = format!("touch {}", ran.display());
        let mut args = vec!["--exec", &exec, "--expect-event", "Push Hook", "--for", "2s"];
        if named {
            args.extend(["--provider", "gitlab"]);
        }
        let mut listen = listen(&place, &args);
        listen.exchange(&push(SECRET));
        let verdict = listen.line()["verdict"].clone();
        assert_eq!(verdict["valid"], false, "{verdict}");
        assert_eq!(verdict["reason"], "authenticated", "{verdict}");
        assert_eq!(verdict["signature"], "shown", "{verdict}");
        assert_eq!(
            verdict["caveat"].as_str(),
            (!named).then_some("sender-chosen"),
            "{verdict}"
        );
        listen.end(expected);
        assert_eq!(ran.exists(), named);
    }
}

#[test]
fn a_wrong_or_missing_secret_is_refused() {
    let place = Place::new();
    let listen = listen(&place, &["--provider", "gitlab", "--reject-invalid"]);
    let near = &SECRET[..SECRET.len() - 1];
    for (token, expected) in [(SECRET, 200), ("another", 401), ("", 401), (near, 401)] {
        assert_eq!(status(&listen.exchange(&push(token))), expected, "{token}");
    }
    listen.stop(0);
}

/// In a header, in the body, and in whatever is written of either.
#[test]
fn a_secret_that_is_shown_is_masked_in_every_view() {
    let place = Place::new();
    let body = format!(r#"{{"event_type":"PING","passcode":"{SECRET}","webhook_id":"22"}}"#);
    let in_body = format!(
        "POST / HTTP/1.1\r\nHost: h\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    let mut listen = listen(&place, &[]);
    listen.exchange(&push(SECRET));
    listen.exchange(in_body.as_bytes());
    let lines = [listen.line(), listen.line()];
    listen.stop(0);
    assert_eq!(lines[1]["verdict"]["provider"], "figma", "{}", lines[1]);
    let mut shown = vec![lines[0].to_string(), lines[1].to_string()];
    for number in ["1", "2"] {
        shown.push(place.text(&["captures", "show", number], 0));
        shown.push(place.text(&["captures", "show", number, "--json"], 0));
        shown.push(place.text(&["captures", "show", number, "--raw"], 0));
    }
    for format in ["jsonl", "har", "curl", "fetch", "python", "httpie", "postman", "pytest"] {
        shown.push(place.text(&["captures", "export", "--all", "--format", format], 0));
    }
    shown.push(place.text(&["captures", "diff", "1", "2"], 1));
    for text in shown {
        assert!(!text.contains(SECRET), "{text}");
    }
    let whole = place.text(&["captures", "show", "2", "--raw", "--with-credentials"], 0);
    assert_eq!(whole.trim_end(), body);
}

#[test]
fn what_signs_nothing_is_said_and_never_valid() {
    let place = Place::new();
    let mut listen = listen(&place, &[]);
    let body = "seller_id=a&product_permalink=b&sale_id=c&resource_name=sale";
    let ping = format!(
        "POST / HTTP/1.1\r\nHost: h\r\nConnection: close\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    listen.exchange(ping.as_bytes());
    let caught = listen.line();
    assert_eq!(caught["verdict"]["reason"], "signs-nothing", "{caught}");
    assert_eq!(caught["verdict"]["valid"], false, "{caught}");
    assert_eq!(caught["event_type"], "sale", "{caught}");
    listen.stop(0);
    place.text(&["verify", "last", "--provider", "gumroad"], 1);
}
