//! A receiver's answer is passed on whole, byte for byte, in bounded memory.

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use super::servers::{each, read_all, request};
use super::support::Home;
use super::{Listen, PATIENCE};

const MIB: usize = 1024 * 1024;
/// Below, at and above what is kept of an answer.
const LENGTHS: [usize; 6] = [0, 1, 65_536, 65_537, 300_000, 64 * MIB];

/// Bytes that no two places share for long.
fn body(length: usize) -> Vec<u8> {
    let mut state = 7u32;
    let mut next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 24) as u8
    };
    (0..length).map(|_| next()).collect()
}

/// How a body is framed, by the path that is asked for.
fn answer(mut stream: TcpStream, body: &[u8]) {
    let head = String::from_utf8(request(&mut stream)).unwrap();
    let path = head.split(' ').nth(1).unwrap().to_owned();
    let (kind, length) = path.trim_start_matches('/').split_once('/').unwrap();
    let body = &body[..length.parse().unwrap()];
    let head = "HTTP/1.1 200 OK\r\nETag: \"1\"\r\nContent-Type: application/octet-stream\r\n";
    let mut write = |parts: &[&[u8]]| parts.iter().try_for_each(|part| stream.write_all(part));
    let half = &body[..body.len() / 2];
    let _ = match kind {
        "plain" => write(&[format!("{head}Content-Length: {length}\r\n\r\n").as_bytes(), body]),
        // What it says of its coding is its own affair, as the bytes are.
        "gzip" => write(&[
            format!("{head}Content-Encoding: gzip\r\nContent-Length: {length}\r\n\r\n").as_bytes(),
            body,
        ]),
        "chunked" => write(&[format!("{head}Transfer-Encoding: chunked\r\n\r\n").as_bytes()]).and_then(|()| {
            for chunk in body.chunks(50_000) {
                write(&[format!("{:x}\r\n", chunk.len()).as_bytes(), chunk, b"\r\n"])?;
            }
            write(&[b"0\r\n\r\n"])
        }),
        "close" => write(&[format!("{head}\r\n").as_bytes(), body]),
        "broken" => write(&[format!("{head}Content-Length: {length}\r\n\r\n").as_bytes(), half]),
        "broken-chunks" => write(&[
            format!("{head}Transfer-Encoding: chunked\r\n\r\n{:x}\r\n", body.len()).as_bytes(),
            half,
        ]),
        other => panic!("{other}"),
    };
    let _ = stream.shutdown(Shutdown::Write);
    // What is closed with something unread is reset.
    let _ = stream.read(&mut [0; 64]);
}

fn receiver(body: Arc<Vec<u8>>) -> SocketAddr {
    each(move |stream| answer(stream, &body))
}

/// The head and the body that come back, the body unchunked; and whether it came to its end.
fn ask(address: &str, path: &str) -> (String, Vec<u8>, bool) {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    write!(
        stream,
        "POST {path} HTTP/1.1\r\nHost: t\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
    )
    .unwrap();
    let (bytes, _) = read_all(&mut stream);
    let end = bytes.windows(4).position(|window| window == b"\r\n\r\n").unwrap() + 4;
    let head = String::from_utf8(bytes[..end].to_vec()).unwrap().to_ascii_lowercase();
    let rest = &bytes[end..];
    if head.contains("transfer-encoding: chunked") {
        let (body, whole) = unchunked(rest);
        return (head, body, whole);
    }
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
    let whole = length.is_some_and(|length| length.parse() == Ok(rest.len()));
    (head, rest.to_vec(), whole)
}

fn unchunked(mut rest: &[u8]) -> (Vec<u8>, bool) {
    let mut body = Vec::new();
    while let Ok(httparse::Status::Complete((at, size))) = httparse::parse_chunk_size(rest) {
        if size == 0 {
            return (body, true);
        }
        let (begin, end) = (at, at + usize::try_from(size).unwrap());
        body.extend_from_slice(&rest[begin..end.min(rest.len())]);
        let Some(next) = rest.get(end + 2..) else { break };
        rest = next;
    }
    (body, false)
}

#[test]
fn every_length_and_framing_comes_back_byte_for_byte() {
    let home = Home::new();
    let body = Arc::new(body(64 * MIB));
    let to = receiver(body.clone()).to_string();
    let mut listen = Listen::start(&home, &["--forward", &to]);
    for length in LENGTHS {
        for kind in ["plain", "gzip", "chunked", "close"] {
            let (head, got, whole) = ask(&listen.address, &format!("/{kind}/{length}"));
            assert!(whole && head.starts_with("http/1.1 200"), "{kind} {length}: {head}");
            assert!(got == body[..length], "{kind} {length}: {} bytes came", got.len());
            assert!(head.contains("etag: \"1\"\r\n"), "{head}");
            assert_eq!(head.contains("content-encoding: gzip"), kind == "gzip", "{head}");
            let line = listen.line();
            let kept = &line["forward"]["response"];
            assert_eq!(kept["status"], 200);
            assert_eq!(
                kept["truncated"].as_bool().unwrap_or(false),
                length > 65_536,
                "{kind} {length}"
            );
            assert_eq!(line["forward"]["error"], serde_json::Value::Null, "{line}");
        }
        for kind in ["broken", "broken-chunks"].iter().filter(|_| length > 1) {
            let (_, got, whole) = ask(&listen.address, &format!("/{kind}/{length}"));
            assert!(!whole, "{kind} {length}: its end is told though it never came");
            assert!(got == body[..length / 2], "{kind} {length}: {} bytes came", got.len());
            let line = listen.line();
            let error = line["forward"]["error"].as_str().unwrap_or_default();
            assert!(error.contains("its answer broke off"), "{line}");
            assert_eq!(line["forward"]["response"]["truncated"], true);
        }
    }
}

/// HTTP/1.0 has no other end of a body than that of its connection: one that broke off is reset.
#[test]
fn a_sender_that_knows_no_other_end_sees_a_reset() {
    let home = Home::new();
    let to = receiver(Arc::new(body(300_000))).to_string();
    let listen = Listen::start(&home, &["--forward", &to]);
    for (kind, is_whole) in [("close", true), ("broken-chunks", false)] {
        let mut stream = TcpStream::connect(&listen.address).unwrap();
        write!(stream, "POST /{kind}/300000 HTTP/1.0\r\nContent-Length: 0\r\n\r\n").unwrap();
        let (_, read) = read_all(&mut stream);
        assert_eq!(read.is_ok(), is_whole, "{kind}: {read:?}");
    }
}

#[test]
fn a_head_keeps_its_length_and_a_slow_rest_its_time_out() {
    let home = Home::new();
    let to = each(|mut stream| {
        let is_head = request(&mut stream).starts_with(b"HEAD");
        stream
            .write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n")
            .unwrap();
        for _ in 0..if is_head { 0 } else { 60 } {
            // A byte at a time is not an answer in time.
            if stream.write_all(b"").is_err() {
                return;
            }
            thread::sleep(Duration::from_millis(100));
        }
    });
    let mut listen = Listen::start(&home, &["--forward", &to.to_string(), "--timeout", "500ms"]);
    let ask = |method: &str| {
        let mut stream = TcpStream::connect(&listen.address).unwrap();
        write!(stream, "{method} / HTTP/1.1\r\nHost: t\r\nConnection: close\r\n\r\n").unwrap();
        String::from_utf8(read_all(&mut stream).0).unwrap().to_ascii_lowercase()
    };
    assert!(ask("HEAD").contains("content-length: 5\r\n"));
    let begun = Instant::now();
    ask("GET");
    assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
    let _ = listen.line();
    let line = listen.line();
    assert!(
        line["forward"]["error"]
            .as_str()
            .unwrap()
            .contains("did not come within 500ms"),
        "{line}"
    );
}

/// 64 answers of 64 MiB under way, to senders that read slowly: what is held is bounded, whatever their length.
#[test]
fn many_long_answers_to_slow_readers_take_little_memory() {
    const MANY: usize = 64;
    let home = Home::new();
    let to = receiver(Arc::new(body(64 * MIB))).to_string();
    let listen = Listen::start(&home, &["--forward", &to, "--timeout", "60s"]);
    // What every process takes once it works.
    ask(&listen.address, "/plain/300000");
    let before = listen.memory();
    let begun = AtomicUsize::new(0);
    let most = thread::scope(|scope| {
        for _ in 0..MANY {
            scope.spawn(|| {
                let mut stream = TcpStream::connect(&listen.address).unwrap();
                write!(
                    stream,
                    "POST /plain/{} HTTP/1.1\r\nHost: t\r\nContent-Length: 0\r\n\r\n",
                    64 * MIB
                )
                .unwrap();
                let mut buffer = vec![0; 16 * 1024];
                stream.read_exact(&mut buffer).unwrap();
                begun.fetch_add(1, Ordering::SeqCst);
                for _ in 0..40 {
                    thread::sleep(Duration::from_millis(50));
                    stream.read_exact(&mut buffer).unwrap();
                }
            });
        }
        let mut most = 0;
        while begun.load(Ordering::SeqCst) < MANY {
            thread::sleep(Duration::from_millis(10));
        }
        for _ in 0..15 {
            most = most.max(listen.memory());
            thread::sleep(Duration::from_millis(100));
        }
        most
    });
    let grown = most.saturating_sub(before);
    println!("64 answers of 64 MiB: {:.1} MiB more", grown as f64 / MIB as f64);
    assert!(grown <= 16 * MIB as u64, "it grew by {} KiB", grown / 1024);
}
