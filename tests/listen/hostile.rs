//! What reaches it is hostile until parsed: each is answered or closed, and it stays alive and small.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::thread;
use std::time::Duration;

use super::{Listen, Place, missing, read_answer, request, status};

/// It answers, and has not grown.
fn is_well(listen: &Listen) {
    assert_eq!(listen.post("/well", b"still here"), 200);
    if cfg!(target_os = "linux") {
        let kilobytes = listen.proc_status("VmRSS:");
        // A debug build is larger than what is shipped; the figures of that one are in benches/.
        assert!(kilobytes < 128 * 1024, "{kilobytes} kB");
        let threads = listen.proc_status("Threads:");
        assert!(threads <= 8, "{threads} threads");
    }
}

#[test]
fn requests_that_are_wrong_are_answered_or_closed() {
    let place = Place::new();
    let listen = Listen::start(&place, &["--max-body", "1MiB"]);
    let long = "a".repeat(1024 * 1024);
    let many: String = (0..100_000).map(|number| format!("X-{number}: a\r\n")).collect();
    let post = "POST / HTTP/1.1\r\nHost: test\r\n";
    for (name, bytes, expected) in [
        ("rubbish", vec![0, 1, 2, 255, 254, 13, 10, 13, 10], &[400, 0][..]),
        (
            "TLS",
            b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03".repeat(20),
            &[400, 0],
        ),
        ("HTTP/2", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_vec(), &[400, 0, 505]),
        (
            "a long URL",
            format!("GET /{long} HTTP/1.1\r\nHost: test\r\n\r\n").into(),
            &[414, 431],
        ),
        ("a long header", format!("{post}X-A: {long}\r\n\r\n").into(), &[431]),
        ("many headers", format!("{post}{many}\r\n").into(), &[431]),
        (
            "two lengths",
            format!("{post}Content-Length: 1\r\nContent-Length: 2\r\n\r\nab").into(),
            &[400],
        ),
        (
            "a negative length",
            format!("{post}Content-Length: -1\r\n\r\n").into(),
            &[400],
        ),
        (
            "a length that is none",
            format!("{post}Content-Length: 1x\r\n\r\n").into(),
            &[400],
        ),
        (
            "a huge length",
            format!("{post}Content-Length: 1073741824\r\n\r\n").into(),
            &[413],
        ),
        (
            "an impossible length",
            format!("{post}Content-Length: 99999999999999999999999\r\n\r\n").into(),
            &[400],
        ),
        (
            "chunks that are none",
            format!("{post}Transfer-Encoding: chunked\r\n\r\nzz\r\nabc").into(),
            &[400],
        ),
        (
            "chunks without end",
            format!("{post}Transfer-Encoding: chunked\r\n\r\nffffffffffffffff1\r\nabc").into(),
            &[400],
        ),
        (
            "a coding before the chunks",
            format!("{post}Transfer-Encoding: gzip, chunked\r\n\r\n1\r\na\r\n0\r\n\r\n").into(),
            &[501],
        ),
        (
            "a coding in a header of its own",
            format!("{post}Transfer-Encoding: deflate\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n").into(),
            &[501],
        ),
        (
            "chunks in chunks",
            format!("{post}Transfer-Encoding: chunked, Chunked\r\n\r\n1\r\na\r\n0\r\n\r\n").into(),
            &[400, 501],
        ),
        (
            "another coding",
            format!("{post}Transfer-Encoding: identity\r\n\r\n").into(),
            &[400],
        ),
        ("a header without a name", format!("{post}: a\r\n\r\n").into(), &[400]),
        ("a header with a NUL", format!("{post}X-A: a\0b\r\n\r\n").into(), &[400]),
        (
            "a line break alone",
            format!("{post}X-A: a\r\n b\r\n\r\n").into(),
            &[400],
        ),
    ] {
        let found = status(&listen.exchange(&bytes));
        assert!(expected.contains(&found), "{name}: {found}");
    }
    let large = [
        format!("{post}Transfer-Encoding: chunked\r\n\r\n200000\r\n").as_bytes(),
        &vec![b'a'; 0x20_0000],
    ]
    .concat();
    assert_eq!(status(&listen.exchange(&large)), 413);
    is_well(&listen);
    let (lines, _) = listen.stop(0);
    let kept = lines.iter().filter(|line| line["type"] == "capture").count();
    assert_eq!(kept, 1, "only the good one");
    assert!(
        lines
            .iter()
            .any(|line| line["type"] == "refused" && line["status"] == 413)
    );
}

#[test]
fn a_body_that_is_too_large_is_not_asked_for() {
    let place = Place::new();
    let listen = Listen::start(&place, &["--max-body", "10"]);
    let head = "POST / HTTP/1.1\r\nHost: test\r\nExpect: 100-continue\r\nConnection: close\r\nContent-Length: ";
    let large = listen.exchange(format!("{head}11\r\n\r\n").as_bytes());
    assert!(large.starts_with("HTTP/1.1 413"), "{large}");
    let mut stream = listen.connect();
    stream.write_all(format!("{head}10\r\n\r\n").as_bytes()).unwrap();
    assert_eq!(read_answer(&mut stream), Some(100));
    stream.write_all(b"0123456789").unwrap();
    assert_eq!(read_answer(&mut stream), Some(200));
    listen.stop(0);
}

#[test]
fn pipelines_chunks_and_old_versions_are_taken() {
    let place = Place::new();
    let listen = Listen::start(&place, &[]);
    let mut stream = listen.connect();
    let one = b"POST /1 HTTP/1.1\r\nHost: test\r\nContent-Length: 1\r\n\r\na";
    let two = b"PURGE /2 HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nbc\r\n1;x=y\r\nd\r\n0\r\nX-Trailer: t\r\n\r\n";
    let three =
        b"POST /3 HTTP/1.1\r\nHost: test\r\nConnection: close\r\nX-A: \xff\r\nX-A: 2\r\nContent-Length: 1\r\n\r\ne";
    stream.write_all(&[&one[..], two, three].concat()).unwrap();
    for _ in 0..3 {
        assert_eq!(read_answer(&mut stream), Some(200));
    }
    assert_eq!(
        status(&listen.exchange(b"POST /4?q=1 HTTP/1.0\r\nContent-Length: 1\r\n\r\nf")),
        200
    );
    assert_eq!(place.bodies(), [&b"a"[..], b"bcd", b"e", b"f"]);
    let lines = place.lines(&["captures", "show", "3"], 0);
    assert_eq!(lines[0]["target"], "/3");
    let headers = lines[0]["headers"].to_string();
    assert!(
        headers.contains(r#"["x-a",{"base64":"/w=="}],["x-a","2"]"#),
        "{headers}"
    );
    assert_eq!(place.lines(&["captures", "show", "4"], 0)[0]["http_version"], "1.0");
    assert_eq!(place.lines(&["captures", "show", "2"], 0)[0]["method"], "PURGE");
    listen.stop(0);
}

#[test]
fn slow_ones_are_closed() {
    if !may_open(500) {
        return;
    }
    let place = Place::new();
    let listen = Listen::start(&place, &["--header-timeout", "2s", "--body-timeout", "1s"]);
    let mut heads: Vec<TcpStream> = (0..500).map(|_| listen.connect()).collect();
    let mut body = listen.connect();
    body.write_all(b"POST / HTTP/1.1\r\nHost: test\r\nContent-Length: 5\r\n\r\na")
        .unwrap();
    // A byte a second does not help, and keeps nobody else out.
    for byte in b"POST" {
        for stream in &mut heads {
            let _ = stream.write_all(&[*byte]);
        }
        assert_eq!(listen.post("/between", b"x"), 200);
        thread::sleep(Duration::from_secs(1));
    }
    assert_eq!(read_answer(&mut body), Some(408));
    for stream in &mut heads {
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer);
        assert!(!answer.starts_with(b"HTTP/1.1 200"));
    }
    is_well(&listen);
    listen.stop(0);
}

#[test]
fn idle_connections_keep_nobody_out() {
    if !may_open(5200) {
        return;
    }
    let place = Place::new();
    let listen = Listen::start(&place, &["--header-timeout", "120s"]);
    let mut idle: Vec<TcpStream> = (0..5000).map(|_| listen.connect()).collect();
    // Half of them have sent a request before.
    for stream in idle.iter_mut().step_by(2) {
        stream.write_all(b"GET /idle HTTP/1.1\r\nHost: test\r\n\r\n").unwrap();
    }
    for stream in idle.iter_mut().step_by(2) {
        assert_eq!(read_answer(stream), Some(200));
    }
    let address = listen.address;
    let busy: Vec<_> = (0..200)
        .map(|_| {
            thread::spawn(move || {
                let mut stream = TcpStream::connect(address).unwrap();
                stream.set_read_timeout(Some(super::PATIENCE)).unwrap();
                stream.write_all(&request("/busy", b"x")).unwrap();
                read_answer(&mut stream)
            })
        })
        .collect();
    for one in busy {
        assert_eq!(one.join().unwrap(), Some(200));
    }
    is_well(&listen);
    // Those that were quiet for a while go on where they were, with requests that come in pieces or together.
    thread::sleep(Duration::from_millis(2500));
    let one = b"POST /after HTTP/1.1\r\nHost: test\r\nContent-Length: 1\r\n\r\na";
    for stream in idle.iter_mut().take(20) {
        stream.write_all(&one[..7]).unwrap();
    }
    for stream in idle.iter_mut().take(20) {
        stream.write_all(&[&one[7..], &one[..], &one[..20]].concat()).unwrap();
        assert_eq!(read_answer(stream), Some(200));
        assert_eq!(read_answer(stream), Some(200));
    }
    // A head that has begun is not forgotten, however long it takes.
    thread::sleep(Duration::from_millis(2500));
    for stream in idle.iter_mut().take(20) {
        stream.write_all(&one[20..]).unwrap();
        assert_eq!(read_answer(stream), Some(200));
    }
    drop(idle);
    listen.stop(0);
}

#[test]
fn a_connection_may_be_idle_for_longer_than_a_head_may_take() {
    let place = Place::new();
    let listen = Listen::start(&place, &["--header-timeout", "500ms"]);
    let mut stream = listen.connect();
    for _ in 0..2 {
        stream.write_all(b"GET /idle HTTP/1.1\r\nHost: test\r\n\r\n").unwrap();
        assert_eq!(read_answer(&mut stream), Some(200));
        thread::sleep(Duration::from_millis(1500));
    }
    stream.write_all(b"GET /idle HT").unwrap();
    assert_eq!(read_answer(&mut stream), None, "the head took too long");
    listen.stop(0);
}

/// Whether this process may have so many connections; raises its limit where it must.
fn may_open(connections: u64) -> bool {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    // Other tests have connections too.
    let wanted = connections + 2000;
    let limit = getrlimit(Resource::Nofile);
    if limit.current.is_none_or(|current| current >= wanted) {
        return true;
    }
    let raised = Rlimit {
        current: Some(wanted),
        maximum: limit.maximum,
    };
    let may = setrlimit(Resource::Nofile, raised).is_ok();
    if !may {
        missing(&format!("a limit of {wanted} open files"));
    }
    may
}

#[test]
fn resets_do_no_harm() {
    let place = Place::new();
    let listen = Listen::start(&place, &[]);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        use tokio::io::AsyncWriteExt as _;
        for number in 0..3000 {
            let mut stream = tokio::net::TcpStream::connect(listen.address).await.unwrap();
            stream.set_zero_linger().unwrap();
            let request = request("/reset", b"0123456789");
            let cut = number % request.len();
            stream.write_all(&request[..cut]).await.unwrap();
        }
    });
    is_well(&listen);
    let (_, said) = listen.stop(0);
    assert!(!said.contains("panic"), "{said}");
}

#[test]
fn running_out_of_file_descriptors_passes() {
    let place = Place::new();
    let listen = Listen::limited(&place, "ulimit -n 40");
    let mut streams: Vec<TcpStream> = Vec::new();
    for _ in 0..80 {
        let mut stream = listen.connect();
        let _ = stream.write_all(b"POST / HTTP/1.1\r\nHost: test\r\n");
        streams.push(stream);
    }
    thread::sleep(Duration::from_millis(300));
    drop(streams);
    is_well(&listen);
    listen.stop(0);
}

#[test]
fn too_few_file_descriptors_are_told_and_no_panic() {
    let place = Place::new();
    for limit in 4..24 {
        for args in [
            "listen 0 --for 50ms",
            "send cost.alert --to 127.0.0.1:9",
            "replay --all --to 127.0.0.1:9",
        ] {
            let mut command = place.command("sh");
            command.args(["-c", &format!("ulimit -n {limit} && exec \"$0\" {args}")]);
            let output = command.arg(env!("CARGO_BIN_EXE_ckwh")).output().unwrap();
            let said = super::text(&output.stderr);
            assert!(!said.contains("panicked"), "{limit}, {args}: {said}");
            let status = output.status.code();
            assert!(
                matches!(status, Some(0 | 3)) || args.starts_with("replay") && status == Some(2),
                "{limit}, {args}: {status:?} {said}"
            );
        }
    }
}

#[test]
fn files_without_end_are_bounded() {
    let place = Place::new();
    for args in [
        &["listen", "0", "--for", "1s", "--respond-body", "@/dev/zero"][..],
        &[
            "send",
            "cost.alert",
            "--to",
            "https://127.0.0.1:9",
            "--cacert",
            "/dev/zero",
        ],
        &[
            "listen",
            "0",
            "--for",
            "1s",
            "--forward",
            "https://127.0.0.1:9",
            "--cacert",
            "/dev/zero",
        ],
    ] {
        let output = place.run(args);
        let said = super::text(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{said}");
        assert!(said.contains("/dev/zero is longer than "), "{said}");
    }
}

#[test]
fn a_body_in_many_small_chunks_is_whole() {
    let place = Place::new();
    let listen = Listen::start(&place, &["--max-body", "100000"]);
    let post = b"POST / HTTP/1.1\r\nHost: test\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n";
    for (count, expected) in [(100_000, 200), (100_001, 413)] {
        let chunks = b"1\r\na\r\n".repeat(count);
        assert_eq!(
            status(&listen.exchange(&[&post[..], &chunks, b"0\r\n\r\n"].concat())),
            expected
        );
    }
    assert_eq!(place.bodies(), [vec![b'a'; 100_000]]);
    listen.stop(0);
}
