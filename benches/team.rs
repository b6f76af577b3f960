//! A store that a team shares, as ratios in one run against the same PostgreSQL: `listen` beside pgbench's insert of one
//! row, two `listen` beside one, `replay` with several workers, a page of a long list beside one of a short.
//!
//! `cargo bench --bench team` needs PostgreSQL from Debian, with pgbench, and wrk. The machines are shared, so only
//! ratios mean anything; each is of medians over interleaved rounds.
#![expect(clippy::unwrap_used, reason = "a bench that can't go on ends")]

#[allow(dead_code, reason = "the tests ask for more")]
#[path = "../tests/support/postgres.rs"]
mod postgres;

use std::io::{self, BufRead as _, BufReader};
use std::net::{SocketAddr, TcpListener};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use std::{fs, thread};

use ckwh::capture::Recorded;
use ckwh::message::Message;
use ckwh::store::{Location, Order, Selection, Store, wait};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

const CKWH: &str = env!("CARGO_BIN_EXE_ckwh");
const CLIENTS: usize = 64;
const ROUNDS: usize = 3;
const SECONDS: u64 = 5;
const BODY: usize = 600;
/// How long the handler takes.
const HANDLER: Duration = Duration::from_millis(20);
/// How many requests a worker has on their way.
const CONCURRENCY: usize = 8;
/// How many captures each worker would deliver alone in about ten seconds.
const SHARE: usize = 4000;
const PAGES: usize = 40;

fn main() {
    let have = |program: &str| Command::new(program).arg("--version").output().is_ok();
    let Some(server) = postgres::Server::start().filter(|_| have("wrk")) else {
        println!("PostgreSQL or wrk is not installed: nothing to measure with");
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    // pgbench reads its script as the server's user.
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
    println!("{:<44} {:>10} {:>10} {:>7} {:>6}", "", "this", "beside", "ratio", "bar");
    arrivals(&server, folder.path());
    workers(&server, folder.path());
    pages(&server);
}

fn row(name: &str, own: f64, other: f64, bar: &str) {
    println!("{name:<44} {own:>10.2} {other:>10.2} {:>7.2} {bar:>6}", own / other);
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

/// A store in a schema of its own; gives the schema and its URL.
fn made(server: &postgres::Server, schema: &str) -> (Location, String) {
    let url = server.whole_url(&format!("?schema={schema}"));
    let location = Location::parse(&PathBuf::from(&url)).unwrap();
    wait(location.init()).unwrap();
    (location, url)
}

fn payload(number: usize) -> Vec<u8> {
    let mut body = format!(r#"{{"event_id":"evt_{number:08}","event_type":"cost.alert","padding":""#).into_bytes();
    body.resize(BODY - 2, b'x');
    body.extend_from_slice(b"\"}");
    body
}

/// Events a second: pgbench, one `listen` and two of them, in turn.
fn arrivals(server: &postgres::Server, folder: &Path) {
    let (_, url) = made(server, "arrivals");
    server.sql(
        "ckwh",
        "ckwh",
        "CREATE TABLE plain (id bigserial PRIMARY KEY, at timestamptz, headers bytea, body bytea)",
    );
    let insert = folder.join("insert.sql");
    let headers = "Content-Type: application/json Host: localhost";
    let body = String::from_utf8(payload(0)).unwrap();
    fs::write(
        &insert,
        format!("INSERT INTO plain (at, headers, body) VALUES (now(), '{headers}', '{body}');\n"),
    )
    .unwrap();
    let script = folder.join("post.lua");
    let lua = "local n = 0\nrequest = function() n = n + 1; return wrk.format('POST', '/hooks', \
        {['Content-Type'] = 'application/json'}, string.format('{\"n\":%08d,\"id\":%08d,\"p\":\"%s\"}', n, math.random(99999999), string.rep('x', 560))) end\n\
        init = function() math.randomseed(os.time()) end\n\
        done = function(s, l) print(string.format('RESULT %d %d %d', s.requests - s.errors.status, s.duration, s.errors.status)) end\n";
    fs::write(&script, lua).unwrap();
    let listens = [Listen::start(&url), Listen::start(&url)];
    let (mut plain, mut one, mut two) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        plain.push(pgbench(server, &insert));
        one.push(wrk(&listens[0].url, &script, CLIENTS));
        two.push(thread::scope(|scope| {
            let all = listens
                .each_ref()
                .map(|listen| scope.spawn(|| wrk(&listen.url, &script, CLIENTS / 2)));
            all.map(|one| one.join().unwrap()).iter().sum()
        }));
    }
    let (plain, one, two) = (median(plain), median(one), median(two));
    row("events/s: one listen / pgbench", one, plain, ">= 1");
    row("events/s: two listens / one", two, one, ">= 0.9");
}

/// Transactions a second.
fn pgbench(server: &postgres::Server, script: &Path) -> f64 {
    let output = server
        .program("pgbench")
        .args(["-n", "-M", "prepared", "-j", "2"])
        .args(["-c", &CLIENTS.to_string(), "-T", &SECONDS.to_string(), "-f"])
        .arg(script)
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    let rate = text.lines().find_map(|line| line.strip_prefix("tps = "));
    let rate = rate.and_then(|rest| rest.split(' ').next()?.parse().ok());
    rate.unwrap_or_else(|| panic!("pgbench: {text}{}", String::from_utf8_lossy(&output.stderr)))
}

/// Acknowledged requests a second.
fn wrk(url: &str, script: &Path, connections: usize) -> f64 {
    let mut command = Command::new("wrk");
    command.args([
        "-t",
        "1",
        "-c",
        &connections.to_string(),
        "-d",
        &format!("{SECONDS}s"),
        "-s",
    ]);
    let output = command.arg(script).arg(url).output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    let line = text.lines().find_map(|line| line.strip_prefix("RESULT "));
    let numbers: Vec<f64> = line
        .unwrap_or_default()
        .split(' ')
        .filter_map(|number| number.parse().ok())
        .collect();
    match numbers.as_slice() {
        [kept, microseconds, 0.0] => kept / (microseconds / 1e6),
        _ => panic!("wrk: {text}"),
    }
}

struct Listen {
    child: Child,
    url: String,
}

impl Listen {
    fn start(store: &str) -> Self {
        let mut child = Command::new(CKWH)
            .args(["listen", "0"])
            .env("CKWH_STORE", store)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut out = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        out.read_line(&mut line).unwrap();
        let url = line.trim().trim_start_matches("Listening on ").to_owned();
        thread::spawn(move || io::copy(&mut out, &mut io::sink()));
        Self { child, url }
    }
}

impl Drop for Listen {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Deliveries a second by one, two and four workers on one run, each to what as many times one would be.
fn workers(server: &postgres::Server, folder: &Path) {
    let arrived = Arc::new(Mutex::new(Vec::new()));
    let target = handler(arrived.clone()).to_string();
    let mut alone = 0.0;
    for count in [1, 2, 4] {
        let mut rates = Vec::new();
        for round in 0..ROUNDS {
            let (location, url) = made(server, &format!("workers{count}_{round}"));
            let store = wait(Store::open(location)).unwrap();
            let captures = (0..count * SHARE).map(|number| {
                Recorded::new(Message {
                    url: Some("/hooks".into()),
                    ..Message::new(payload(number))
                })
            });
            wait(store.add(captures.collect())).unwrap();
            arrived.lock().unwrap().clear();
            let worker = |args: &[&str]| {
                let mut command = Command::new(CKWH);
                command.args(["replay", "--keep-signature", "--to", &target]).args(args);
                command.args(["--concurrency", &CONCURRENCY.to_string()]);
                command.env("CKWH_STORE", &url).current_dir(folder);
                command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
            };
            let mut all = vec![worker(&["--all"])];
            while arrived.lock().unwrap().is_empty() {
                thread::sleep(Duration::from_millis(1));
            }
            all.extend((1..count).map(|_| worker(&["--join"])));
            for worker in &mut all {
                assert!(worker.wait().unwrap().success());
            }
            let arrived = arrived.lock().unwrap();
            assert_eq!(arrived.len(), count * SHARE);
            let took = arrived.last().unwrap().duration_since(*arrived.first().unwrap());
            rates.push(arrived.len() as f64 / took.as_secs_f64());
        }
        let rate = median(rates);
        if count == 1 {
            alone = rate;
        }
        row(
            &format!("deliveries/s: {count} workers / {count} x one"),
            rate,
            alone * count as f64,
            ">= 0.9",
        );
    }
}

/// Answers 200 after a while, and notes when each request came.
fn handler(arrived: Arc<Mutex<Vec<Instant>>>) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let address = listener.local_addr().unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    thread::spawn(move || {
        runtime.block_on(async move {
            let listener = tokio::net::TcpListener::from_std(listener).unwrap();
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                tokio::spawn(answer(stream, arrived.clone()));
            }
        })
    });
    address
}

/// Answers what is no longer than a body of this bench on one connection.
async fn answer(mut stream: tokio::net::TcpStream, arrived: Arc<Mutex<Vec<Instant>>>) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let mut buffer = Vec::new();
    loop {
        let end = loop {
            let head = buffer.windows(4).position(|four| four == b"\r\n\r\n");
            match head.map(|head| head + 4 + BODY) {
                Some(end) if buffer.len() >= end => break end,
                _ if stream.read_buf(&mut buffer).await? == 0 => return Ok(()),
                _ => {}
            }
        };
        buffer.drain(..end);
        arrived.lock().unwrap().push(Instant::now());
        tokio::time::sleep(HANDLER).await;
        stream
            .write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n")
            .await?;
    }
}

/// Milliseconds for the newest page of 5 million captures, and of 5 thousand, in ten days each.
fn pages(server: &postgres::Server) {
    let stores = [("long", 5_000_000), ("short", 5_000)].map(|(schema, count)| {
        let (location, _) = made(server, schema);
        fill(server, schema, count);
        wait(Store::open(location)).unwrap()
    });
    let mut times = [Vec::new(), Vec::new()];
    for _ in 0..PAGES {
        for (times, store) in times.iter_mut().zip(&stores) {
            let begun = Instant::now();
            let page = wait(store.summaries(Selection::default(), Order::NewestFirst).next()).unwrap();
            assert!(page.len() >= 50, "{}", page.len());
            times.push(begun.elapsed().as_secs_f64() * 1e3);
        }
    }
    let [long, short] = times.map(median);
    row("ms: a page of 5,000,000 / of 5,000", long, short, "<= 3");
}

/// Adds captures of some 320 bytes, a tenth on each of ten days.
fn fill(server: &postgres::Server, schema: &str, count: usize) {
    for day in 0..10 {
        let (name, next) = (format!("2026-05-{:02}", day + 1), format!("2026-05-{:02}", day + 2));
        let (first, last) = (day * count / 10 + 1, (day + 1) * count / 10);
        let short = name.replace('-', "");
        for table in ["capture", "delivery"] {
            let make = format!(
                "CREATE TABLE {schema}.{table}_{short} PARTITION OF {schema}.{table} FOR VALUES FROM ('{name}') TO ('{next}')"
            );
            server.sql("ckwh", "ckwh", &make);
        }
        let captures = format!(
            "INSERT INTO {schema}.capture (id, day, received_at, method, target, http_1_0, headers, body) \
             SELECT id, '{name}', timestamptz '{name} 12:00Z', 'POST', '/hooks', false, '', \
             convert_to(rpad(id::text, 320, 'x'), 'UTF8') FROM generate_series({first}, {last}) AS n (id)"
        );
        server.sql("ckwh", "ckwh", &captures);
        let numbers =
            format!("INSERT INTO {schema}.number SELECT id, '{name}' FROM generate_series({first}, {last}) AS n (id)");
        server.sql("ckwh", "ckwh", &numbers);
    }
    server.sql(
        "ckwh",
        "ckwh",
        &format!("SELECT setval('{schema}.capture_number', {count})"),
    );
    server.sql("ckwh", "ckwh", "ANALYZE");
}
