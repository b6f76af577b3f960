//! Several `listen` and several `replay` on one database, which die, and whose server does.

use std::collections::HashMap;
use std::io::{BufRead as _, BufReader, Read, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use super::rounds::rounds;
use super::support::{Home, missing, run};
use super::{postgres, shared};

/// Nothing here takes so long.
pub const PATIENCE: Duration = Duration::from_secs(120);

/// A process that is killed when it is dropped.
pub struct Process(pub Child);

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

pub fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// Starts `ckwh listen` on a port, and waits until it listens.
pub fn listen(home: &Home, url: &str, port: u16, more: &[&str]) -> Process {
    let mut command = home.ckwh(&["listen", "--json"]);
    command
        .arg(format!("127.0.0.1:{port}"))
        .args(more)
        .env("CKWH_STORE", url);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let mut out = BufReader::new(child.stdout.take().unwrap());
    let mut line = String::new();
    out.read_line(&mut line).unwrap();
    assert!(line.contains("\"ready\""), "{line}");
    // What it tells is read, so that it never waits for a reader.
    thread::spawn(move || std::io::copy(&mut out, &mut std::io::sink()));
    Process(child)
}

/// Posts a body; gives the status, where one came.
pub fn post(address: SocketAddr, body: &str) -> Option<u16> {
    let mut stream = TcpStream::connect_timeout(&address, Duration::from_secs(5)).ok()?;
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    let head = format!(
        "POST /e HTTP/1.1\r\nHost: t\r\nConnection: close\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    stream.write_all(format!("{head}{body}").as_bytes()).ok()?;
    let mut answer = Vec::new();
    // A connection that breaks after the answer's head answered.
    let _ = stream.take(64 * 1024).read_to_end(&mut answer);
    let line = String::from_utf8_lossy(&answer).into_owned();
    line.split(' ').nth(1)?.parse().ok()
}

fn get(address: SocketAddr, path: &str) -> Option<u16> {
    let mut stream = TcpStream::connect(address).ok()?;
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    write!(stream, "GET {path} HTTP/1.1\r\nHost: t\r\n\r\n").ok()?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).ok()?;
    answer.split(' ').nth(1)?.parse().ok()
}

/// A schema with a store, and its URL with the password.
pub fn made(home: &Home, server: &postgres::Server) -> (String, String) {
    let schema = format!("s{:x}", fastrand::u64(..));
    let url = server.whole_url(&format!("?schema={schema}"));
    let init = run(home.ckwh(&["store", "init"]).env("CKWH_STORE", &url), b"");
    assert_eq!(init.status, 0, "{init:?}");
    (schema, url)
}

#[test]
fn a_server_that_is_away_is_a_503_and_it_goes_on_when_it_is_back() {
    let Some(_) = shared() else { return };
    let server = postgres::Server::start().unwrap();
    let home = Home::new();
    let (schema, url) = made(&home, &server);
    let (port, health) = (free_port(), SocketAddr::from(([127, 0, 0, 1], free_port())));
    let address = SocketAddr::from(([127, 0, 0, 1], port));
    let _listen = listen(&home, &url, port, &["--health", &health.to_string()]);
    let count = || server.sql("postgres", "ckwh", &format!("SELECT count(*) FROM {schema}.capture"));
    assert_eq!(post(address, "one"), Some(200));
    assert_eq!(
        [get(health, "/healthz"), get(health, "/"), get(health, "/healthz/x")],
        [Some(200), Some(404), Some(404)]
    );
    // Its connections are cut: the next request finds another.
    server.sql(
        "postgres",
        "ckwh",
        "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE usename = 'ckwh'",
    );
    assert_eq!(post(address, "two"), Some(200));
    server.control("restart", &["-m", "immediate"]);
    assert_eq!(post(address, "three"), Some(200));
    server.control("stop", &["-m", "fast"]);
    assert_eq!(post(address, "lost"), Some(503));
    thread::sleep(Duration::from_millis(600));
    assert_eq!(get(health, "/healthz"), Some(503));
    server.control("start", &[]);
    let begun = Instant::now();
    while post(address, "four") != Some(200) {
        assert!(begun.elapsed() < PATIENCE);
        thread::sleep(Duration::from_millis(100));
    }
    assert_eq!(count(), "4");
    thread::sleep(Duration::from_millis(600));
    assert_eq!(get(health, "/healthz"), Some(200));
    // A statement that takes too long for the server, and a user who may only read.
    server.sql(
        "postgres",
        "ckwh",
        "ALTER ROLE ckwh SET default_transaction_read_only = on",
    );
    server.control("restart", &["-m", "fast"]);
    assert_eq!(post(address, "read only"), Some(503));
    server.sql(
        "postgres",
        "ckwh",
        "ALTER ROLE ckwh RESET default_transaction_read_only",
    );
    let begun = Instant::now();
    while post(address, "five") != Some(200) {
        assert!(begun.elapsed() < PATIENCE);
        thread::sleep(Duration::from_millis(100));
    }
    assert_eq!(count(), "5");
    // Where the server answers before it has written, it is refused unless that is asked for.
    server.sql("postgres", "ckwh", "ALTER ROLE ckwh SET synchronous_commit = off");
    let refused = run(home.ckwh(&["listen", "0"]).env("CKWH_STORE", &url), b"");
    assert_eq!(refused.status, 3, "{refused:?}");
    assert!(refused.stderr.contains("synchronous_commit is off"), "{refused:?}");
    drop(listen(&home, &url, free_port(), &["--store-may-lose"]));
}

/// What a handler saw of each body: how often it came, and whether it was there twice at once.
#[derive(Default)]
struct Seen {
    now: HashMap<String, u32>,
    times: HashMap<String, u32>,
    at_once: u32,
}

/// Answers 200 after a while; gives the address.
fn patient(seen: &Arc<Mutex<Seen>>, takes: Duration) -> SocketAddr {
    let seen = seen.clone();
    handler(move |body| {
        {
            let mut seen = seen.lock().unwrap();
            *seen.times.entry(body.to_owned()).or_default() += 1;
            let now = seen.now.entry(body.to_owned()).or_default();
            *now += 1;
            if *now > 1 {
                seen.at_once += 1;
            }
        }
        thread::sleep(takes);
        // Whoever asked may be dead: then nobody living waits for it.
        *seen.lock().unwrap().now.entry(body.to_owned()).or_default() -= 1;
        200
    })
}

/// Answers each body with a status; gives the address.
pub fn handler(answer: impl Fn(&str) -> u16 + Clone + Send + 'static) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let answer = answer.clone();
            thread::spawn(move || serve(stream, &answer));
        }
    });
    address
}

fn serve(stream: TcpStream, answer: &dyn Fn(&str) -> u16) -> Option<()> {
    let mut reader = BufReader::new(stream.try_clone().ok()?);
    let mut writer = stream;
    loop {
        let mut length = 0;
        loop {
            let mut line = String::new();
            if reader.read_line(&mut line).ok()? == 0 {
                return None;
            }
            if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
                length = value.trim().parse().ok()?;
            }
            if line == "\r\n" {
                break;
            }
        }
        let mut body = vec![0; length];
        reader.read_exact(&mut body).ok()?;
        let body = String::from_utf8(body).ok()?;
        let status = answer(&body);
        write!(writer, "HTTP/1.1 {status} Said\r\nContent-Length: 0\r\n\r\n").ok()?;
    }
}

/// nginx before several ports.
fn balancer(home: &Home, ports: &[u16]) -> Option<(Process, SocketAddr)> {
    let port = free_port();
    let folder = home.work().join("nginx");
    std::fs::create_dir_all(&folder).unwrap();
    let upstreams: String = ports
        .iter()
        .map(|port| format!("server 127.0.0.1:{port} max_fails=0;\n"))
        .collect();
    let text = format!(
        "daemon off; master_process off; pid {0}/pid; error_log {0}/error; events {{}}\n\
         http {{ access_log off; client_body_temp_path {0}/a; proxy_temp_path {0}/b; fastcgi_temp_path {0}/c; \
         uwsgi_temp_path {0}/d; scgi_temp_path {0}/e; upstream all {{ {upstreams} }}\n\
         server {{ listen 127.0.0.1:{port}; location / {{ proxy_pass http://all; proxy_http_version 1.1; }} }} }}",
        folder.display()
    );
    let file = folder.join("conf");
    std::fs::write(&file, text).unwrap();
    let program = ["/usr/sbin/nginx", "/usr/bin/nginx", "/usr/local/sbin/nginx"]
        .into_iter()
        .find(|path| std::path::Path::new(path).is_file())?;
    let mut command = Command::new(program);
    // One process, which a kill ends whole, and which holds nothing that a reader of the tests' output waits for.
    command.arg("-c").arg(&file).stdout(Stdio::null()).stderr(Stdio::null());
    let child = Process(command.spawn().unwrap());
    let address = SocketAddr::from(([127, 0, 0, 1], port));
    let begun = Instant::now();
    while TcpStream::connect(address).is_err() {
        assert!(begun.elapsed() < PATIENCE);
        thread::sleep(Duration::from_millis(20));
    }
    Some((child, address))
}

/// Does one of the things that happen to a database.
pub fn disturb(server: &postgres::Server, round: u64) {
    match round % 3 {
        0 => drop(server.sql(
            "postgres",
            "ckwh",
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE usename = 'ckwh'",
        )),
        1 => server.control("restart", &["-m", "immediate"]),
        _ => server.control("restart", &["-m", "fast"]),
    }
}

#[test]
fn nothing_acknowledged_is_lost_and_all_is_delivered_whoever_is_killed() {
    let Some(_) = shared() else { return };
    let server = postgres::Server::start().unwrap();
    let home = Home::new();
    let (schema, url) = made(&home, &server);
    let ports: Vec<u16> = (0..4).map(|_| free_port()).collect();
    let mut listens: Vec<Process> = ports.iter().map(|port| listen(&home, &url, *port, &[])).collect();
    let Some((_nginx, address)) = balancer(&home, &ports) else {
        return missing("nginx");
    };
    let (enough, number) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU64::new(0)));
    let senders: Vec<_> = (0..8)
        .map(|_| {
            let (enough, number) = (enough.clone(), number.clone());
            thread::spawn(move || {
                let mut acknowledged = Vec::new();
                while !enough.load(Ordering::Relaxed) {
                    let body = format!("{{\"n\":{}}}", number.fetch_add(1, Ordering::Relaxed));
                    match post(address, &body) {
                        Some(200) => acknowledged.push(body),
                        _ => thread::sleep(Duration::from_millis(20)),
                    }
                }
                acknowledged
            })
        })
        .collect();
    for round in 0..rounds(5) {
        thread::sleep(Duration::from_millis(200));
        let victim = fastrand::usize(..listens.len());
        listens[victim].0.kill().unwrap();
        listens[victim].0.wait().unwrap();
        disturb(&server, round);
        listens[victim] = listen(&home, &url, ports[victim], &[]);
    }
    thread::sleep(Duration::from_millis(300));
    enough.store(true, Ordering::Relaxed);
    let acknowledged: Vec<String> = senders.into_iter().flat_map(|sender| sender.join().unwrap()).collect();
    drop(listens);
    assert!(acknowledged.len() > 50, "only {} were answered", acknowledged.len());
    let kept = server.sql(
        "postgres",
        "ckwh",
        &format!("SELECT convert_from(body, 'UTF8') FROM {schema}.capture"),
    );
    let kept: std::collections::HashSet<&str> = kept.lines().collect();
    let lost = acknowledged.iter().filter(|body| !kept.contains(body.as_str())).count();
    assert_eq!(lost, 0, "of {}", acknowledged.len());
    delivered(&home, &server, &schema, &url, kept.len());
}

/// Delivers all with four workers, of which one is killed in each round.
fn delivered(home: &Home, server: &postgres::Server, schema: &str, url: &str, distinct: usize) {
    let seen = Arc::new(Mutex::new(Seen::default()));
    let target = patient(&seen, Duration::from_millis(20)).to_string();
    let worker = |args: &[&str]| {
        let mut command = home.ckwh(&[
            "replay",
            "--to",
            &target,
            "--keep-signature",
            "--concurrency",
            "2",
            "--timeout",
            "2s",
        ]);
        let command = command
            .args(args)
            .env("CKWH_STORE", url)
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        Process(command.spawn().unwrap())
    };
    let mut workers = vec![worker(&["--all"])];
    let open = |state: &str| -> u64 {
        let count = format!("SELECT count(*) FROM {schema}.run_item WHERE state IN ({state})");
        server.sql("postgres", "ckwh", &count).parse().unwrap()
    };
    let begun = Instant::now();
    while open("0, 1, 2, 3, 4") == 0 {
        assert!(begun.elapsed() < PATIENCE);
        thread::sleep(Duration::from_millis(20));
    }
    workers.extend((0..3).map(|_| worker(&["--join"])));
    let mut kills = 0;
    for round in 0..rounds(5) {
        thread::sleep(Duration::from_millis(150));
        if open("0, 1") == 0 {
            break;
        }
        let victim = fastrand::usize(..workers.len());
        let _ = workers[victim].0.kill();
        let _ = workers[victim].0.wait();
        kills += 1;
        disturb(server, round);
        workers[victim] = worker(&["--join"]);
    }
    // One that found nothing to do, or no server, ended: another takes its place until all is done.
    let (mut begun, mut left) = (Instant::now(), open("0, 1, 3"));
    while left > 0 {
        assert!(begun.elapsed() < PATIENCE, "{left} are left");
        let now = open("0, 1, 3");
        if now < left {
            begun = Instant::now();
        }
        left = now;
        if workers.iter_mut().all(|worker| worker.0.try_wait().unwrap().is_some()) {
            workers[0] = worker(&["--join"]);
        }
        thread::sleep(Duration::from_millis(100));
    }
    for worker in &mut workers {
        let _ = worker.0.wait();
    }
    let seen = seen.lock().unwrap();
    assert_eq!(seen.times.len(), distinct, "each was delivered");
    let repeated: u32 = seen.times.values().map(|times| times - 1).sum();
    // A worker holds two batches of four, and two requests on their way.
    let bound = kills * 12;
    assert!(
        repeated <= bound,
        "{repeated} of {distinct} were repeated, in {kills} rounds"
    );
    assert_eq!(seen.at_once, 0, "none was there twice at once");
    println!("{kills} rounds of delivery, {repeated} repeated of {distinct}");
}

#[test]
fn what_any_instance_catches_is_shown_by_who_follows() {
    let Some(server) = shared() else { return };
    let home = Home::new();
    let (_, url) = made(&home, server);
    let ports = [free_port(), free_port()];
    let _listens = ports.map(|port| listen(&home, &url, port, &[]));
    let before = SocketAddr::from(([127, 0, 0, 1], ports[0]));
    assert_eq!(post(before, "before"), Some(200));
    let mut command = home.ckwh(&["captures", "--follow", "--json"]);
    command.env("CKWH_STORE", &url).stdout(Stdio::piped());
    let mut following = Process(command.spawn().unwrap());
    let mut lines = BufReader::new(following.0.stdout.take().unwrap()).lines();
    let mut next = || {
        let entry: serde_json::Value = serde_json::from_str(&lines.next().unwrap().unwrap()).unwrap();
        (entry["id"].as_i64().unwrap(), entry["size"].as_u64().unwrap())
    };
    assert_eq!(next().1, 6);
    let mut found = Vec::new();
    for (number, port) in [(1, ports[0]), (2, ports[1]), (3, ports[0])] {
        let begun = Instant::now();
        assert_eq!(post(([127, 0, 0, 1], port).into(), &"x".repeat(number)), Some(200));
        let (id, size) = next();
        assert!(begun.elapsed() < Duration::from_secs(20));
        assert_eq!(size, number as u64);
        found.push(id);
    }
    assert!(found.is_sorted_by(|a, b| a < b), "{found:?}");
}

#[test]
fn a_run_is_joined_by_who_says_the_same_and_its_rate_holds_over_all() {
    let Some(server) = shared() else { return };
    let home = Home::new();
    let (schema, url) = made(&home, server);
    let requests: String = (0..24)
        .map(|number| format!("curl http://h/e -d n{number}\n"))
        .collect();
    let import = run(
        home.ckwh(&["captures", "import", "-", "--format", "curl"])
            .env("CKWH_STORE", &url),
        requests.as_bytes(),
    );
    assert_eq!(import.status, 0, "{import:?}");
    let seen = Arc::new(Mutex::new(Seen::default()));
    let target = patient(&seen, Duration::ZERO).to_string();
    let replay = |args: &[&str]| {
        let mut command = home.ckwh(&["replay", "--keep-signature", "--rate", "8/s"]);
        command.args(args).env("CKWH_STORE", &url);
        command
    };
    let mut first = Process(
        replay(&["--all", "--to", &target])
            .stderr(Stdio::null())
            .spawn()
            .unwrap(),
    );
    let begun = Instant::now();
    while server.sql(
        "postgres",
        "ckwh",
        &format!("SELECT count(*) FROM {schema}.run_item WHERE state > 0"),
    ) == "0"
    {
        assert!(begun.elapsed() < PATIENCE);
        thread::sleep(Duration::from_millis(20));
    }
    for (args, says) in [
        (&["--join", "1"][..], "--to"),
        (&["--join", "1", "--to", "1"], "goes to"),
        (&["--join", "9", "--to", &target], "no run 9"),
        (&["--join", "1", "--to", &target, "--preserve-host"], "--preserve-host"),
        (
            &["--join", "1", "--to", &target, "--with-credentials"],
            "--with-credentials",
        ),
    ] {
        let refused = run(&mut replay(args), b"");
        assert_eq!(refused.status, 2, "{args:?}: {refused:?}");
        assert!(refused.stderr.contains(says), "{args:?}: {refused:?}");
    }
    let alone = run(&mut replay(&["--resume", "--to", &target]), b"");
    assert!(alone.status != 0, "{alone:?}");
    let joined = run(&mut replay(&["--join", "1", "--to", &target]), b"");
    assert_eq!(joined.status, 0, "{joined:?}");
    first.0.wait().unwrap();
    // The last of 24 begins 23 eighths of a second after the first.
    assert!(begun.elapsed() > Duration::from_millis(2200), "{:?}", begun.elapsed());
    let seen = seen.lock().unwrap();
    assert_eq!(seen.times.len(), 24);
    assert!(seen.times.values().all(|times| *times == 1), "{:?}", seen.times);
    let finished = server.sql("postgres", "ckwh", &format!("SELECT finished FROM {schema}.run"));
    assert_eq!(finished, "t");
    let of_file = |args: &[&str]| run(home.ckwh(args).env("CKWH_STORE", "captures.db"), b"");
    assert_eq!(of_file(&["store", "init"]).status, 0);
    let of_file = of_file(&["replay", "--join", "--to", &target]);
    assert_eq!(of_file.status, 2, "{of_file:?}");
}

#[test]
fn what_a_run_says_goes_on_with_it() {
    let Some(server) = shared() else { return };
    let home = Home::new();
    let (_, url) = made(&home, server);
    let import = run(
        home.ckwh(&["captures", "import", "-", "--format", "curl"])
            .env("CKWH_STORE", &url),
        [0, 1]
            .map(|n| format!("curl http://h/e --json '{{\"n\":{n}}}' -H 'Stripe-Signature: t=1,v1=00'\n"))
            .concat()
            .as_bytes(),
    );
    assert_eq!(import.status, 0, "{import:?}");
    let ways: [&[&str]; 2] = [
        &["--preserve-host", "--set", "n=7", "--public-url", "https://h/e"],
        &["--with-credentials", "--keep-signature", "--speed", "1000"],
    ];
    for (way, flag) in ways.iter().zip(["--join", "--resume"]) {
        goes_on_with_what_it_says(&home, &url, way, flag);
    }
}

/// Begins a replay of all to a port that nobody answers, and goes on with the command it names, which has that flag.
fn goes_on_with_what_it_says(home: &Home, url: &str, way: &[&str], flag: &str) {
    let answered = Arc::new(AtomicU64::new(0));
    let is_there = Arc::new(AtomicBool::new(false));
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let target = listener.local_addr().unwrap().to_string();
    let (count, answers) = (answered.clone(), is_there.clone());
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            if answers.load(Ordering::Relaxed) {
                serve(stream, &|_: &str| {
                    count.fetch_add(1, Ordering::Relaxed);
                    200
                });
            }
        }
    });
    let replay = |args: &[&str]| {
        let mut command = home.ckwh(args);
        command
            .env("CKWH_STORE", url)
            .env("CKWH_SECRET", "a-secret-of-this-test");
        run(&mut command, b"")
    };
    let gone = replay(&[&["replay", "--all", "--to", &target], way].concat());
    assert_eq!(gone.status, 3, "{gone:?}");
    let command = gone.stderr.split('`').find(|text| text.starts_with("ckwh replay"));
    let command = command.unwrap_or_else(|| panic!("{}", gone.stderr)).to_owned();
    assert!(command.contains(flag), "{command}");
    is_there.store(true, Ordering::Relaxed);
    let words: Vec<&str> = command.split(' ').skip(1).collect();
    let again = replay(&words);
    assert_eq!(again.status, 0, "{command}: {again:?}");
    assert_eq!(answered.load(Ordering::Relaxed), 2);
}
