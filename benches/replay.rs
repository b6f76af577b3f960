//! `ckwh replay` against other programs that send as fast as they can, over 64 connections to the same server in the
//! same run, as ratios of requests a second.
//!
//! `cargo bench --bench replay` prints a row a program: higher than the bar is better. The others post one fixed body;
//! ckwh reads 20,000 captures of 600 bytes from its store, signs each anew and records what came of it. A program that
//! is not installed leaves its row out, and says so: `oha` and `hey` are looked for in `PATH`, undici under
//! `UNDICI_DIR` (a folder with its `node_modules`), mitmdump in `PATH`.

use std::io::{self, Write};
use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};
use std::{env, fs, future, thread};

use ckwh::capture::{Judgement, Recorded};
use ckwh::delivery::{Client, ClientOptions, Endpoint};
use ckwh::message::Message;
use ckwh::store::{Store, wait};
use ckwh::verify::{Reason, SignatureState};
use futures_util::future::try_join_all;
use futures_util::{StreamExt as _, stream};
use http_body_util::{BodyExt as _, Full};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

const CKWH: &str = env!("CARGO_BIN_EXE_ckwh");
const CAPTURES: usize = 20_000;
const CONNECTIONS: usize = 64;
const BODY: usize = 600;
const ROUNDS: usize = 5;
/// mitmdump's client replay is slow, so it gets fewer.
const FLOWS: usize = 500;

fn main() -> io::Result<()> {
    let folder = tempfile::tempdir()?;
    let counted = Arc::new(AtomicU64::new(0));
    let server = serve(counted.clone())?;
    let url = format!("http://{server}/hook");
    let body = folder.path().join("body.json");
    fs::write(&body, payload(0))?;
    fill(&folder.path().join("20000.db"), CAPTURES);
    fill(&folder.path().join("200000.db"), 10 * CAPTURES);

    let replay = |store: &str, more: &[&str]| {
        let mut command = Command::new(CKWH);
        command
            .args(["replay", "--all", "--to", &format!("http://{server}"), "--store"])
            .arg(folder.path().join(store))
            .args(more)
            .env_clear()
            .env("HOME", folder.path())
            .env("WEBHOOK_SECRET", "an-example-secret")
            .current_dir(folder.path());
        command
    };
    let connections = CONNECTIONS.to_string();
    let many = ["--concurrency", connections.as_str()];
    let ckwh = || replay("20000.db", &many);
    let count = CAPTURES.to_string();
    // hey has its options from ab, and oha has them from hey.
    let load = |program: &str, own: &[&str]| {
        let mut command = Command::new(program);
        command.args(own).args(["-n", &count, "-c", &connections]);
        command.args(["-m", "POST", "-T", "application/json", "-D"]);
        command.arg(&body).arg(&url);
        command
    };
    let oha = || load("oha", &["--no-tui"]);
    let hey = || load("hey", &[]);
    println!(
        "{:<28} {:>12} {:>12} {:>7} {:>6}",
        "requests a second", "ckwh", "other", "ratio", "bar"
    );
    compare("oha", 0.75, &counted, &ckwh, &oha);
    compare("hey", 1.3, &counted, &ckwh, &hey);
    match env::var("UNDICI_DIR") {
        Ok(undici) => {
            let script = folder.path().join("undici.cjs");
            fs::write(&script, UNDICI)?;
            let other = || {
                let mut command = Command::new("node");
                command
                    .arg(&script)
                    .args([&undici, &url, &count, &connections])
                    .arg(&body);
                command
            };
            compare("undici", 3.0, &counted, &ckwh, &other);
        }
        Err(_) => println!("undici: left out, UNDICI_DIR is not set"),
    }
    let flows = folder.path().join("flows.har");
    fs::write(&flows, har(&url))?;
    let mitmdump = || {
        let mut command = Command::new("mitmdump");
        command.args(["-n", "-q", "-C"]).arg(&flows);
        command
    };
    compare("mitmdump client replay", 100.0, &counted, &ckwh, &mitmdump);

    clients(&url)?;
    for (store, captures) in [("20000.db", CAPTURES), ("200000.db", 10 * CAPTURES)] {
        match memory(replay(store, &many)) {
            Some(peak) => println!("memory, {captures} captures: {:.1} MB (bar 32)", peak as f64 / 1e6),
            None => println!("memory: left out, it is read from /proc alone"),
        }
    }
    spacing(&folder.path().join("spaced.db"), &replay)
}

/// Prints one row: each program in turn, the medians of what the server counted a second.
fn compare(other: &str, bar: f64, counted: &AtomicU64, ckwh: &dyn Fn() -> Command, command: &dyn Fn() -> Command) {
    let mut rates = [Vec::new(), Vec::new()];
    for _ in 0..ROUNDS {
        for (rates, command) in rates.iter_mut().zip([ckwh(), command()]) {
            match rate(counted, command) {
                Ok(rate) => rates.push(rate),
                Err(problem) => return println!("{other}: left out, {problem}"),
            }
        }
    }
    row(other, rates, bar);
}

fn row(name: &str, rates: [Vec<f64>; 2], bar: f64) {
    let [mine, others] = rates.map(|mut rates| {
        rates.sort_by(f64::total_cmp);
        rates[rates.len() / 2]
    });
    println!("{name:<28} {mine:>12.0} {others:>12.0} {:>7.2} {bar:>6}", mine / others);
}

/// Requests a second over a whole process, by what the server counted.
fn rate(counted: &AtomicU64, mut command: Command) -> Result<f64, String> {
    let before = counted.load(Ordering::SeqCst);
    let started = Instant::now();
    let output = command
        .stdin(Stdio::null())
        .output()
        .map_err(|error| format!("it does not start: {error}"))?;
    let took = started.elapsed();
    let count = counted.load(Ordering::SeqCst) - before;
    if !output.status.success() || count == 0 {
        return Err(format!("it failed: {}", String::from_utf8_lossy(&output.stderr)));
    }
    Ok(count as f64 / took.as_secs_f64())
}

/// Prints what the connections of our own come to beside those of hyper's client.
fn clients(url: &str) -> io::Result<()> {
    let endpoint = Endpoint::parse(url, "/").map_err(io::Error::other)?;
    let own = Client::new(&endpoint, &ClientOptions::default()).map_err(io::Error::other)?;
    let message = capture(0).message;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let mut rates = [Vec::new(), Vec::new()];
    for _ in 0..ROUNDS {
        let started = Instant::now();
        let attempts = stream::iter(0..CAPTURES).map(|_| own.attempt(&endpoint, &message));
        let answered = attempts
            .buffer_unordered(CONNECTIONS)
            .filter(|(attempt, _)| future::ready(attempt.status == Some(200)));
        let answered = runtime.block_on(answered.count());
        rates[0].push(answered as f64 / started.elapsed().as_secs_f64());
        let started = Instant::now();
        let connections = (0..CONNECTIONS).map(|_| by_hyper(&endpoint, &message, CAPTURES / CONNECTIONS));
        let answered = runtime.block_on(try_join_all(connections))?;
        rates[1].push(answered.iter().sum::<usize>() as f64 / started.elapsed().as_secs_f64());
    }
    row("own connections, hyper's", rates, 1.0);
    Ok(())
}

/// So many requests one after the other over one connection of hyper's; gives how many were answered with 200.
async fn by_hyper(endpoint: &Endpoint, message: &Message, count: usize) -> io::Result<usize> {
    let stream = tokio::net::TcpStream::connect(endpoint.host_header()).await?;
    stream.set_nodelay(true)?;
    let handshake = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await;
    let (mut sender, connection) = handshake.map_err(io::Error::other)?;
    let driver = tokio::spawn(connection);
    let mut answered = 0;
    for _ in 0..count {
        let mut request = hyper::Request::builder()
            .method(message.method.as_str())
            .uri(endpoint.target())
            .header("host", endpoint.host_header());
        for (name, value) in message.headers.iter() {
            request = request.header(name, value);
        }
        let request = request
            .body(Full::new(message.body.clone()))
            .map_err(io::Error::other)?;
        let answer = sender.send_request(request).await.map_err(io::Error::other)?;
        answered += usize::from(answer.status() == 200);
        answer.into_body().collect().await.map_err(io::Error::other)?;
    }
    driver.abort();
    Ok(answered)
}

/// The most memory that a process held, in bytes.
fn memory(mut command: Command) -> Option<u64> {
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().ok()?;
    let mut peak = None;
    while let Ok(None) = child.try_wait() {
        let status = fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kilobytes = line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok());
        peak = peak.max(kilobytes.map(|kilobytes| kilobytes * 1024));
        thread::sleep(Duration::from_millis(5));
    }
    peak
}

/// Prints how far `--speed` is off the original spacing.
fn spacing(store: &Path, replay: &dyn Fn(&str, &[&str]) -> Command) -> io::Result<()> {
    let first = jiff::Timestamp::now();
    let captures: Vec<Recorded> = (0..200)
        .map(|number| Recorded {
            received_at: Some(first + jiff::SignedDuration::from_millis(number * 100)),
            ..capture(number as usize)
        })
        .collect();
    keep(store, &captures);
    let expected = 199.0 * 0.1 / 10.0;
    let output = replay("spaced.db", &["--speed", "10", "--json"]).output()?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let summary: serde_json::Value = text
        .lines()
        .filter_map(|line| serde_json::from_str(line).ok())
        .find(|line: &serde_json::Value| line["type"] == "summary")
        .unwrap_or_default();
    let took = summary["duration_ms"].as_f64().unwrap_or_default() / 1e3;
    println!(
        "--speed 10 over 19.9 s: {took:.3} s for {expected:.3} s, {:+.2} %",
        (took / expected - 1.0) * 100.0
    );
    Ok(())
}

fn payload(number: usize) -> Vec<u8> {
    let mut body = format!(r#"{{"event_id":"evt_{number:08}","event_type":"cost.alert","padding":""#).into_bytes();
    body.resize(BODY - 2, b'x');
    body.extend_from_slice(b"\"}");
    body
}

fn capture(number: usize) -> Recorded {
    let headers = [
        ("content-type", "application/json"),
        ("user-agent", "CostKatana-Webhook/1.0"),
        ("x-costkatana-timestamp", "1700000000000"),
        ("x-costkatana-signature", "sha256=00"),
    ];
    let mut judgement = Judgement::new(Reason::Stale, SignatureState::Match);
    judgement.provider = Some("costkatana".into());
    judgement.dialect = Some("documented".into());
    judgement.event_type = Some("cost.alert".into());
    Recorded {
        judgement: Some(judgement),
        ..Recorded::new(Message {
            url: Some("/hook".into()),
            headers: headers.into_iter().collect(),
            ..Message::new(payload(number))
        })
    }
}

fn fill(path: &Path, count: usize) {
    let mut number = 0;
    while number < count {
        let until = (number + 5000).min(count);
        let captures: Vec<Recorded> = (number..until).map(capture).collect();
        keep(path, &captures);
        number = until;
    }
}

fn keep(path: &Path, captures: &[Recorded]) {
    let kept = wait(async { Store::open(path).await?.add(captures.to_vec()).await });
    if let Err(error) = kept {
        eprintln!("{error}");
        std::process::exit(1);
    }
}

/// Flows for mitmdump, which reads HAR.
fn har(url: &str) -> String {
    let text = String::from_utf8_lossy(&payload(0)).into_owned();
    let entry = serde_json::json!({
        "startedDateTime": "2026-05-08T12:00:00.000Z", "time": 0, "cache": {}, "timings": {"send": 0, "wait": 0, "receive": 0},
        "request": {"method": "POST", "url": url, "httpVersion": "HTTP/1.1", "cookies": [], "queryString": [],
            "headers": [{"name": "Content-Type", "value": "application/json"}], "headersSize": -1, "bodySize": text.len(),
            "postData": {"mimeType": "application/json", "text": text}},
        "response": {"status": 200, "statusText": "OK", "httpVersion": "HTTP/1.1", "cookies": [], "headers": [],
            "content": {"size": 0, "mimeType": "text/plain", "text": ""}, "redirectURL": "", "headersSize": -1, "bodySize": 0},
    });
    let entries = vec![entry; FLOWS];
    serde_json::json!({"log": {"version": "1.2", "creator": {"name": "x", "version": "1"}, "entries": entries}})
        .to_string()
}

const UNDICI: &str = r"
const [folder, url, count, connections, file] = process.argv.slice(2);
const { Pool } = require(require('path').join(folder, 'node_modules', 'undici'));
const body = require('fs').readFileSync(file);
const target = new URL(url);
const pool = new Pool(target.origin, { connections: Number(connections) });
let left = Number(count);
const worker = async () => {
  while (left-- > 0) {
    const answer = await pool.request({ path: target.pathname, method: 'POST', headers: { 'content-type': 'application/json' }, body });
    await answer.body.dump();
  }
};
Promise.all(Array.from({ length: Number(connections) }, worker)).then(() => pool.close());
";

/// A server that reads a request, counts it and answers 200, and does nothing else.
fn serve(counted: Arc<AtomicU64>) -> io::Result<SocketAddr> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    listener.set_nonblocking(true)?;
    let address = listener.local_addr()?;
    let work = async move {
        let listener = tokio::net::TcpListener::from_std(listener)?;
        loop {
            let (stream, _) = listener.accept().await?;
            stream.set_nodelay(true)?;
            tokio::spawn(answer(stream, counted.clone()));
        }
        #[expect(unreachable_code, reason = "names the type of the error")]
        io::Result::Ok(())
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    thread::spawn(move || {
        if let Err(error) = runtime.block_on(work) {
            let _ = writeln!(io::stderr(), "the server ended: {error}");
        }
    });
    Ok(address)
}

async fn answer(mut stream: tokio::net::TcpStream, counted: Arc<AtomicU64>) -> io::Result<()> {
    let mut buffer = Vec::with_capacity(16 * 1024);
    loop {
        let taken = loop {
            let mut fields = [httparse::EMPTY_HEADER; 64];
            let mut request = httparse::Request::new(&mut fields);
            if let Ok(httparse::Status::Complete(head)) = request.parse(&buffer) {
                let length = request
                    .headers
                    .iter()
                    .find(|field| field.name.eq_ignore_ascii_case("content-length"))
                    .and_then(|field| std::str::from_utf8(field.value).ok()?.parse::<usize>().ok())
                    .unwrap_or(0);
                if buffer.len() >= head + length {
                    break head + length;
                }
            }
            if stream.read_buf(&mut buffer).await? == 0 {
                return Ok(());
            }
        };
        buffer.drain(..taken);
        counted.fetch_add(1, Ordering::SeqCst);
        stream
            .write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n")
            .await?;
    }
}
