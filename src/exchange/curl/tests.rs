//! What is read of command lines.

use super::*;
use crate::exchange::{self, curl::write_exactly};
use crate::message::{Headers, Message};

fn read(text: &[u8]) -> Result<Vec<crate::capture::Recorded>, CaptureError> {
    exchange::read(&Curl, text)
}

fn one(line: &str) -> Message {
    let mut found = read(line.as_bytes()).unwrap();
    assert_eq!(found.len(), 1, "{line}");
    found.remove(0).message
}

#[test]
fn lines_are_read_as_browsers_copy_them() {
    // The shape of Chromium's and Firefox's "Copy as cURL (POSIX)".
    let message = one(concat!(
        "curl 'https://x.test/hooks?a=b' \\\n  -H 'accept: */*' \\\n  -H 'content-type: application/json' \\\n",
        "  -b 'sid=1; t=2' \\\n  --data-raw $'{\"a\":\"it\\'s \\u0021\"}' \\\n  --compressed --insecure",
    ));
    assert_eq!(
        (message.method.as_str(), message.url.as_deref()),
        ("POST", Some("/hooks?a=b"))
    );
    assert_eq!(message.body.as_ref(), br#"{"a":"it's !"}"#);
    assert_eq!(message.headers.text("cookie"), Some("sid=1; t=2"));
    assert_eq!(message.headers.text("host"), Some("x.test"));
}

#[test]
fn lines_are_read_as_people_write_them() {
    let message = one("curl -sSX PUT -d a=1 -d 'b=2 3' -u me:pw x.test:3000 -HX-A:b");
    assert_eq!((message.method.as_str(), message.url.as_deref()), ("PUT", Some("/")));
    assert_eq!(message.body.as_ref(), b"a=1&b=2 3");
    assert_eq!(message.headers.text("authorization"), Some("Basic bWU6cHc="));
    assert_eq!(message.headers.text("x-a"), Some("b"));
    assert_eq!(message.headers.text("host"), Some("x.test:3000"));
    let get = one("curl -G http://x.test/s -d q=1 --data-urlencode 'n=a b'");
    assert_eq!((get.method.as_str(), get.url.as_deref()), ("GET", Some("/s?q=1&n=a+b")));
    let two = read(b"curl http://a.test ;\ncurl http://b.test/ -d x").unwrap();
    assert_eq!(two.len(), 2);
}

#[test]
fn nothing_is_opened_and_nothing_is_run() {
    for (line, part) in [
        ("curl http://x.test -d @/etc/passwd", "--allow-files"),
        ("curl http://x.test --data-binary @-", "standard input"),
        ("curl http://x.test -H @headers", "--allow-files"),
        ("curl http://x.test -K config", "not opened"),
        ("curl http://x.test -T file", "not opened"),
        ("curl http://x.test -b jar", "not opened"),
        ("curl http://x.test -F a=@b", "--allow-files"),
        ("curl http://x.test | curl http://y.test", "nothing is run"),
        ("curl http://x.test | sh", "nothing is run"),
        ("curl http://x.test < /tmp/x", "nothing is run"),
        ("curl http://x.test >", "nothing is run"),
        ("rm -rf / && rm -rf /", "begins with"),
        ("rm -rf /", "begins with"),
        ("printf 'a' | sh", "curl"),
        ("curl 'http://x.test", "not closed"),
        ("curl --frobnicate http://x.test", "not known"),
        ("curl", "no URL"),
    ] {
        let error = read(line.as_bytes()).unwrap_err().to_string();
        assert!(error.contains(part), "{line}: {error}");
    }
    let message = one("curl http://x.test -d \"$(id)\" -d '`id`'");
    assert_eq!(message.body.as_ref(), b"$(id)&`id`");
}

#[test]
fn what_is_done_with_the_answer_is_no_part_of_the_request() {
    for (line, notes) in [
        ("curl http://x.test/h -d 1 > /dev/null 2>&1 &", 0),
        ("curl http://x.test/h -d 1 >> log 2> errors", 0),
        ("curl http://x.test/h &> log -d 1", 0),
        ("curl http://x.test/h -d 1 | jq .a | less", 1),
        ("curl http://x.test/h -d 1 2>/dev/null && rm -rf /", 0),
        ("cd / || curl http://x.test/h -d 1", 0),
        ("curl http://x.test/h -d 1 && NO_PROXY=* rm -rf /", 0),
        ("NO_PROXY='*' curl http://x.test/h -d 1", 0),
    ] {
        let found = read(line.as_bytes()).unwrap();
        assert_eq!(found.len(), 1, "{line}");
        let message = &found[0].message;
        assert_eq!(
            (message.url.as_deref(), message.body.as_ref()),
            (Some("/h"), &b"1"[..]),
            "{line}"
        );
        assert_eq!(found[0].notes.len(), notes, "{line}: {:?}", found[0].notes);
    }
}

#[test]
fn what_is_written_is_read_back() {
    let headers: Headers = [
        ("host", &b"x.test:1"[..]),
        ("x-a", b"$(id) 'q' \"d\" \\ !"),
        ("x-bytes", b"a\xff'\\\tb"),
        ("x-empty", b""),
        ("x-a", b"2"),
    ]
    .into_iter()
    .collect();
    for (method, body) in [("POST", &b"@f'\n$(x)"[..]), ("PATCH", b"\0\xff%"), ("GET", b"")] {
        let line = write_exactly(method, "http://x.test:1/a/../b?c=[1]'&d", &headers, body);
        let message = one(&line);
        assert_eq!(message.method, method);
        assert_eq!(message.url.as_deref(), Some("/a/../b?c=[1]'&d"));
        assert_eq!(message.body.as_ref(), body);
        for name in ["x-a", "x-bytes", "x-empty", "host", "content-type"] {
            let values = |headers: &Headers| headers.get_all(name).map(<[u8]>::to_vec).collect::<Vec<_>>();
            assert_eq!(values(&message.headers), values(&headers), "{name}: {line}");
        }
    }
}
