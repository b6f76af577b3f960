//! Forty answers of a hostile server, through `send`, `replay` and `listen --forward`: each ends in bounded time with what
//! it is, and none moves a terminal's cursor.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::sync::Mutex;
use std::thread;
use std::time::{Duration, Instant};

use super::servers::{each, read_all, request};
use super::support::Home;
use super::{Listen, PATIENCE};

/// What comes of an answer.
#[derive(Clone, Copy)]
enum Is {
    /// An answer of that status.
    Status(u16),
    /// None.
    Nothing,
    /// A head, and a body that breaks off: no answer to `send` and `replay`, and passed on as far as it came.
    Torn(u16),
}
use Is::{Nothing, Status, Torn};

/// What a server does with a connection once it has the request.
type Does = fn(&mut TcpStream) -> std::io::Result<()>;

fn say(stream: &mut TcpStream, bytes: &[u8]) -> std::io::Result<()> {
    stream.write_all(bytes)
}

fn endless(stream: &mut TcpStream, head: &str, bytes: &[u8]) -> std::io::Result<()> {
    stream.write_all(head.as_bytes())?;
    let begun = Instant::now();
    while begun.elapsed() < PATIENCE {
        stream.write_all(bytes)?;
    }
    Ok(())
}

fn drip(stream: &mut TcpStream, head: &str) -> std::io::Result<()> {
    stream.write_all(head.as_bytes())?;
    let begun = Instant::now();
    while begun.elapsed() < PATIENCE {
        stream.write_all(b"x")?;
        thread::sleep(Duration::from_millis(50));
    }
    Ok(())
}

const FORTY: [(&str, Is, Does); 40] = [
    ("a good one", Status(200), |s| {
        say(s, b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
    }),
    ("nothing, closed", Nothing, |_| Ok(())),
    ("nothing, silent", Nothing, |s| s.read(&mut [0]).map(drop)),
    ("no HTTP", Nothing, |s| say(s, b"SSH-2.0-OpenSSH_9.6\r\n")),
    ("HTTP/0.9", Nothing, |s| say(s, b"<html>hello</html>")),
    ("HTTP/2", Nothing, |s| {
        say(s, b"\x00\x00\x12\x04\x00\x00\x00\x00\x00\x00\x03\x00\x00\x00\x64")
    }),
    ("another version", Nothing, |s| say(s, b"HTTP/9.9 200 OK\r\n\r\n")),
    ("a status of two digits", Nothing, |s| say(s, b"HTTP/1.1 20 OK\r\n\r\n")),
    ("a status of letters", Nothing, |s| say(s, b"HTTP/1.1 abc OK\r\n\r\n")),
    ("half a head", Nothing, |s| say(s, b"HTTP/1.1 200 OK\r\nContent-")),
    ("an endless head", Nothing, |s| {
        endless(s, "HTTP/1.1 200 OK\r\n", b"X-A: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\n")
    }),
    ("an endless line", Nothing, |s| {
        endless(s, "HTTP/1.1 200 OK\r\nX-A: ", &[b'a'; 4096])
    }),
    ("a thousand fields", Nothing, |s| {
        say(
            s,
            format!("HTTP/1.1 200 OK\r\n{}\r\n", "X-A: 1\r\n".repeat(1000)).as_bytes(),
        )
    }),
    ("a dripping head", Nothing, |s| drip(s, "HTTP/1.1 200 OK\r\nX-A: ")),
    ("a NUL in a name", Nothing, |s| {
        say(s, b"HTTP/1.1 200 OK\r\nX\0A: 1\r\nContent-Length: 0\r\n\r\n")
    }),
    ("a space in a name", Nothing, |s| {
        say(s, b"HTTP/1.1 200 OK\r\nX A: 1\r\nContent-Length: 0\r\n\r\n")
    }),
    ("a folded line", Nothing, |s| {
        say(s, b"HTTP/1.1 200 OK\r\nX-A: 1\r\n 2\r\nContent-Length: 0\r\n\r\n")
    }),
    ("an escape in the reason", Status(200), |s| {
        say(s, b"HTTP/1.1 200 \x80[2J\r\nContent-Length: 0\r\n\r\n")
    }),
    ("escapes in body and value", Status(200), |s| {
        say(
            s,
            b"HTTP/1.1 200 OK\r\nX-A: \xc2\x9b2J\r\nContent-Length: 8\r\n\r\n\x1b[2J\x07\x1b[H"[..].as_ref(),
        )
    }),
    ("bytes that are no text", Status(200), |s| {
        say(
            s,
            b"HTTP/1.1 200 OK\r\nX-A: \xff\xfe\r\nContent-Length: 3\r\n\r\n\xff\x00\x80",
        )
    }),
    ("two lengths", Nothing, |s| {
        say(
            s,
            b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
        )
    }),
    ("a negative length", Nothing, |s| {
        say(s, b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\nab")
    }),
    ("a length with a sign", Nothing, |s| {
        say(s, b"HTTP/1.1 200 OK\r\nContent-Length: +2\r\n\r\nab")
    }),
    ("a length beyond numbers", Nothing, |s| {
        say(
            s,
            b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999999\r\n\r\nab",
        )
    }),
    ("a body that is short", Torn(200), |s| {
        say(s, b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nab")
    }),
    ("a body that is long", Status(200), |s| {
        say(
            s,
            b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP/1.1 500 Evil\r\nContent-Length: 0\r\n\r\n",
        )
    }),
    ("chunks without end", Torn(200), |s| {
        say(s, b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n")
    }),
    ("a chunk that lies", Torn(200), |s| {
        say(
            s,
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nok\r\n0\r\n\r\n",
        )
    }),
    ("a chunk of a wrong size", Torn(200), |s| {
        say(
            s,
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nok\r\n0\r\n\r\n",
        )
    }),
    ("a chunk beyond numbers", Torn(200), |s| {
        say(
            s,
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\nok\r\n",
        )
    }),
    ("an endless trailer", Torn(200), |s| {
        endless(
            s,
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n",
            b"X-A: aaaaaaaaaaaaaaaa\r\n",
        )
    }),
    ("a length and chunks", Status(200), |s| {
        say(
            s,
            b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n",
        )
    }),
    ("a dripping body", Torn(200), |s| {
        drip(s, "HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n")
    }),
    ("a gzip bomb", Status(200), |s| {
        let zeros = vec![0; 1 << 20];
        let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        packed.write_all(&zeros)?;
        let packed = packed.finish()?;
        say(
            s,
            format!(
                "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: {}\r\n\r\n",
                packed.len()
            )
            .as_bytes(),
        )?;
        say(s, &packed)
    }),
    ("interim answers first", Status(201), |s| {
        say(s, "HTTP/1.1 102 Processing\r\n\r\n".repeat(20).as_bytes())?;
        say(s, b"HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n")
    }),
    ("interim answers without end", Nothing, |s| {
        endless(s, "", b"HTTP/1.1 100 Continue\r\n\r\n")
    }),
    ("no content, with content", Status(204), |s| {
        say(s, b"HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\nhello")
    }),
    ("a redirect to a file", Status(302), |s| {
        say(
            s,
            b"HTTP/1.1 302 Found\r\nLocation: file:///etc/passwd\r\nContent-Length: 0\r\n\r\n",
        )
    }),
    ("an unusual status", Status(799), |s| {
        say(s, b"HTTP/1.1 799 Odd\r\nContent-Length: 0\r\n\r\n")
    }),
    ("a reset", Nothing, |s| {
        socket2::SockRef::from(&*s).set_linger(Some(Duration::ZERO))?;
        Ok(())
    }),
];

/// A server that answers in that way.
fn server(does: Does) -> SocketAddr {
    each(move |mut stream| {
        let got = request(&mut stream);
        // Who only asks what is spoken here gets nothing.
        if got.starts_with(b"POST") {
            let _ = does(&mut stream);
        }
    })
}

fn is_clean(text: &[u8]) -> bool {
    !text.iter().any(|byte| matches!(byte, 0..=8 | 11..=31 | 127)) && !String::from_utf8_lossy(text).contains('\u{9b}')
}

/// Each with a part of the forty.
fn side_by_side(work: impl Fn(&str, Is, SocketAddr) + Sync) {
    let next = Mutex::new(FORTY.iter());
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                loop {
                    let Some((name, is, does)) = next.lock().unwrap().next() else {
                        break;
                    };
                    let begun = Instant::now();
                    work(name, *is, server(*does));
                    assert!(begun.elapsed() < PATIENCE / 3, "{name}: {:?}", begun.elapsed());
                }
            });
        }
    });
}

#[test]
fn through_send_and_replay() {
    let home = Home::new();
    home.write("one.http", "POST / HTTP/1.1\r\nContent-Length: 1\r\n\r\nx");
    side_by_side(|name, is, address| {
        let to = address.to_string();
        for arguments in [
            &["send", "cost.alert", "--no-keep", "--timeout", "2s", "--to", &to][..],
            &[
                "replay",
                "--from",
                "one.http",
                "--keep-signature",
                "--timeout",
                "2s",
                "--to",
                &to,
            ],
        ] {
            let shown = home.run(arguments);
            assert!(
                is_clean(&shown.stdout) && is_clean(shown.stderr.as_bytes()),
                "{name}: {}",
                shown.text()
            );
            let run = home.run(&[arguments, &["--json", "--expect", "2xx"]].concat());
            let line = run.lines().into_iter().find(|line| line["type"] == "delivery").unwrap();
            let status = line["attempts"][0]["status"].as_u64();
            let expected = match is {
                Status(status) => Some(u64::from(status)),
                Nothing | Torn(_) => None,
            };
            assert_eq!(status, expected, "{name}: {line}");
            let exit = match expected {
                Some(200..=299) => 0,
                Some(_) => 1,
                None => 3,
            };
            assert_eq!(run.status, exit, "{name}: {}", run.text());
        }
    });
}

#[test]
fn through_a_forward() {
    let home = Home::new();
    side_by_side(|name, is, address| {
        let store = home.work().join(format!("{}.db", address.port()));
        let store = store.to_str().unwrap();
        let mut listen = Listen::start(
            &home,
            &["--forward", &address.to_string(), "--timeout", "2s", "--store", store],
        );
        let mut stream = TcpStream::connect(&listen.address).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream
            .write_all(b"POST / HTTP/1.1\r\nHost: t\r\nConnection: close\r\nContent-Length: 1\r\n\r\nx")
            .unwrap();
        let (back, _) = read_all(&mut stream);
        let back = String::from_utf8_lossy(&back).into_owned();
        let status: u16 = back
            .split(' ')
            .nth(1)
            .and_then(|status| status.parse().ok())
            .unwrap_or(0);
        let expected: &[u16] = match is {
            Status(status) | Torn(status) => &[status],
            Nothing => &[502, 504],
        };
        assert!(expected.contains(&status), "{name}: {back}");
        assert!(!back.contains("500 Evil"), "{name}: {back}");
        assert_eq!(back.matches("HTTP/1.1 ").count(), 1, "{name}: {back}");
        let line = listen.line();
        let error = line["forward"]["error"].as_str();
        assert_eq!(error.is_some(), !matches!(is, Status(_)), "{name}: {line}");
        if matches!(is, Torn(_)) {
            assert!(
                error.unwrap().contains("its answer broke off") || error.unwrap().contains("did not come"),
                "{line}"
            );
        }
        // It goes on.
        let mut again = TcpStream::connect(&listen.address).unwrap();
        again
            .write_all(b"CONNECT h:80 HTTP/1.1\r\nHost: h:80\r\nConnection: close\r\n\r\n")
            .unwrap();
        assert!(
            String::from_utf8_lossy(&read_all(&mut again).0).contains(" 501 "),
            "{name}"
        );
    });
}
