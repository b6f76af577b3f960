//! `ckwh listen` under load, as ratios against others in the same run: nginx's `return 200`, and a bare loop that
//! appends and fdatasyncs. Events of some 600 bytes, signed, verified, kept and synced before the answer.
//!
//! `cargo bench --bench listen` needs wrk, and nginx for two rows. The machines are shared, so only ratios mean
//! anything; each is of medians over interleaved rounds.

use std::fs::{self, File};
use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;

const CKWH: &str = env!("CARGO_BIN_EXE_ckwh");
const SECRET: &str = "an-example-secret";
const CONNECTIONS: usize = 64;
const ROUNDS: usize = 3;
const SECONDS: u64 = 4;
/// Different events; after that many they come again, which costs the looking up of a duplicate.
const EVENTS: usize = 2000;

fn main() -> io::Result<()> {
    // In the source's own file system: a folder for temporary files is often in memory.
    let folder = tempfile::tempdir_in(concat!(env!("CARGO_MANIFEST_DIR"), "/target"))?;
    if Command::new("wrk").arg("--version").output().is_err() {
        println!("wrk is not installed: nothing to measure with");
        return Ok(());
    }
    let keep = script(folder.path(), false)?;
    let close = script(folder.path(), true)?;
    let listen = Listen::start(folder.path())?;
    let nginx = Nginx::start(folder.path());
    let (mut kept, mut loops, mut bare, mut fresh, mut bare_fresh) = (vec![], vec![], vec![], vec![], vec![]);
    for _ in 0..ROUNDS {
        if let Some(nginx) = &nginx {
            bare.push(wrk(&nginx.url(), &keep, SECONDS)?);
            bare_fresh.push(wrk(&nginx.url(), &close, SECONDS)?);
        }
        kept.push(wrk(&listen.url, &keep, SECONDS)?);
        loops.push(append_loop(folder.path())?);
        fresh.push(wrk(&listen.url, &close, SECONDS)?);
    }
    let rate = |loads: &[Load]| median(loads.iter().map(|load| load.rate).collect());
    println!(
        "{:<44} {:>10} {:>10} {:>7} {:>6}",
        "events a second", "ckwh", "other", "ratio", "bar"
    );
    row(
        "64 connections / append and fdatasync of 64",
        rate(&kept),
        median(loops),
        0.8,
    );
    if nginx.is_some() {
        row("64 connections / nginx return 200", rate(&kept), rate(&bare), 0.4);
        row(
            "a connection each / nginx return 200",
            rate(&fresh),
            rate(&bare_fresh),
            0.7,
        );
    } else {
        println!("nginx is not installed: two rows are left out");
    }
    let p50 = median(kept.iter().map(|load| load.p50).collect());
    let p99 = median(kept.iter().map(|load| load.p99).collect());
    println!(
        "{:<44} {p99:>9.2}ms {p50:>8.2}ms {:>7.2} {:>6}",
        "p99 / median of an answer",
        p99 / p50,
        "< 8"
    );
    let failed: u64 = kept.iter().chain(&fresh).map(|load| load.failed).sum();
    println!("answers that were no 2xx: {failed}");

    while listen.kept()? < 100_000 {
        wrk(&listen.url, &keep, 1)?;
    }
    thread::sleep(Duration::from_secs(1));
    println!(
        "memory after {} events, idle: {:.1} MB (bar 20)",
        listen.kept()?,
        listen.megabytes()?
    );
    for used in [false, true] {
        let idle: Vec<TcpStream> = (0..5000).filter_map(|_| listen.idle(used).ok()).collect();
        println!(
            "with {} idle connections{}: {:.1} MB (bar 64), {} threads (bar 8)",
            idle.len(),
            if used { " that sent a request" } else { "" },
            listen.megabytes()?,
            listen.status("Threads:")?
        );
        drop(idle);
        thread::sleep(Duration::from_secs(1));
    }
    Ok(())
}

fn row(name: &str, own: f64, other: f64, bar: f64) {
    println!("{name:<44} {own:>10.0} {other:>10.0} {:>7.2} {bar:>6}", own / other);
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

/// What wrk measured.
struct Load {
    rate: f64,
    p50: f64,
    p99: f64,
    failed: u64,
}

fn wrk(url: &str, script: &str, seconds: u64) -> io::Result<Load> {
    let connections = CONNECTIONS.to_string();
    let output = Command::new("wrk")
        .args([
            "-t",
            "1",
            "-c",
            &connections,
            "-d",
            &format!("{seconds}s"),
            "-s",
            script,
            url,
        ])
        .output()?;
    let text = String::from_utf8_lossy(&output.stdout);
    let line = text
        .lines()
        .find_map(|line| line.strip_prefix("RESULT "))
        .unwrap_or_default();
    let numbers: Vec<f64> = line.split(' ').filter_map(|number| number.parse().ok()).collect();
    match numbers.as_slice() {
        [requests, microseconds, p50, p99, failed] => Ok(Load {
            rate: requests / (microseconds / 1e6),
            p50: p50 / 1e3,
            p99: p99 / 1e3,
            failed: *failed as u64,
        }),
        _ => Err(io::Error::other(format!("wrk: {text}"))),
    }
}

/// A script for wrk that sends signed events in turn.
fn script(folder: &Path, close: bool) -> io::Result<String> {
    let output = Command::new(CKWH)
        .args([
            "send",
            "cost.alert",
            "--to",
            "localhost/",
            "--dry-run",
            "--print",
            "json",
            "--count",
        ])
        .arg(EVENTS.to_string())
        .args(["--secret", SECRET])
        .current_dir(folder)
        .output()?;
    let mut lua = String::from("local events = {\n");
    for line in output.stdout.lines() {
        let event: Value = serde_json::from_str(&line?)?;
        lua.push_str("{{");
        for pair in event["headers"].as_array().into_iter().flatten() {
            let name = pair[0].as_str().unwrap_or_default();
            if !matches!(name.to_ascii_lowercase().as_str(), "host" | "content-length") {
                lua.push_str(&format!("[{}]={},", pair[0], pair[1]));
            }
        }
        if close {
            lua.push_str("Connection=\"close\",");
        }
        lua.push_str(&format!(
            "}},[==[{}]==]}},\n",
            event["body"].as_str().unwrap_or_default()
        ));
    }
    lua.push_str(
        "}\nlocal requests = {}\ninit = function() for i, e in ipairs(events) do requests[i] = wrk.format('POST', '/hooks', e[1], e[2]) end end\n\
         local at = 0\nrequest = function() at = at % #requests + 1; return requests[at] end\n\
         done = function(s, l) print(string.format('RESULT %d %d %d %d %d', s.requests, s.duration, l:percentile(50), l:percentile(99), s.errors.status)) end\n",
    );
    let path = folder.join(if close { "close.lua" } else { "keep.lua" });
    fs::write(&path, lua)?;
    Ok(path.display().to_string())
}

/// Appends groups of 64 events and syncs each: events a second.
fn append_loop(folder: &Path) -> io::Result<f64> {
    let path = folder.join("append");
    let mut file = File::create(&path)?;
    let group = vec![b'x'; 600 * CONNECTIONS];
    let started = Instant::now();
    let mut groups = 0;
    while started.elapsed() < Duration::from_secs(SECONDS / 2) {
        file.write_all(&group)?;
        file.sync_data()?;
        groups += 1;
    }
    let rate = f64::from(groups) * CONNECTIONS as f64 / started.elapsed().as_secs_f64();
    fs::remove_file(path)?;
    Ok(rate)
}

struct Listen {
    child: Child,
    url: String,
    store: String,
}

impl Listen {
    fn start(folder: &Path) -> io::Result<Self> {
        let store = folder.join("captures.db").display().to_string();
        let mut child = Command::new(CKWH)
            .args(["listen", "0", "--store", &store, "--secret", SECRET])
            .current_dir(folder)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()?;
        let mut out = BufReader::new(child.stdout.take().ok_or(io::ErrorKind::BrokenPipe)?);
        let mut line = String::new();
        out.read_line(&mut line)?;
        let url = line.trim().trim_start_matches("Listening on ").to_owned();
        thread::spawn(move || io::copy(&mut out, &mut io::sink()));
        Ok(Self { child, url, store })
    }

    fn kept(&self) -> io::Result<u64> {
        let output = Command::new(CKWH)
            .args(["captures", "list", "last", "--json", "--store", &self.store])
            .output()?;
        let line: Value = serde_json::from_slice(&output.stdout)?;
        line["id"].as_u64().ok_or_else(|| io::Error::other("no captures"))
    }

    fn status(&self, name: &str) -> io::Result<u64> {
        let text = fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let line = text.lines().find(|line| line.starts_with(name)).unwrap_or_default();
        let number = line.split_whitespace().nth(1).and_then(|number| number.parse().ok());
        number.ok_or_else(|| io::Error::other(format!("no {name}")))
    }

    fn megabytes(&self) -> io::Result<f64> {
        Ok(self.status("VmRSS:")? as f64 * 1024.0 / 1e6)
    }

    fn idle(&self, used: bool) -> io::Result<TcpStream> {
        let mut stream = TcpStream::connect(self.url.trim_start_matches("http://"))?;
        if used {
            stream.write_all(b"GET / HTTP/1.1\r\nHost: test\r\n\r\n")?;
            let _ = stream.read(&mut [0; 256])?;
        }
        Ok(stream)
    }
}

impl Drop for Listen {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

struct Nginx {
    child: Child,
    port: u16,
}

impl Nginx {
    fn start(folder: &Path) -> Option<Self> {
        let port = TcpListener::bind("127.0.0.1:0")
            .and_then(|listener| listener.local_addr())
            .ok()?
            .port();
        let conf = folder.join("nginx.conf");
        let text = format!(
            "daemon off; pid {0}/nginx.pid; error_log /dev/null; worker_processes auto;\n\
             events {{ worker_connections 1024; }}\n\
             http {{ access_log off; keepalive_requests 100000000; client_body_temp_path {0}/b; proxy_temp_path {0}/p;\n\
             fastcgi_temp_path {0}/f; uwsgi_temp_path {0}/u; scgi_temp_path {0}/s;\n\
             server {{ listen 127.0.0.1:{port}; location / {{ return 200; }} }} }}\n",
            folder.display()
        );
        fs::write(&conf, text).ok()?;
        let child = Command::new("nginx")
            .arg("-c")
            .arg(&conf)
            .stderr(Stdio::null())
            .spawn()
            .ok()?;
        let started = Instant::now();
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            if started.elapsed() > Duration::from_secs(5) {
                return None;
            }
            thread::sleep(Duration::from_millis(20));
        }
        Some(Self { child, port })
    }

    fn url(&self) -> String {
        format!("http://127.0.0.1:{}/", self.port)
    }
}

impl Drop for Nginx {
    fn drop(&mut self) {
        // SIGQUIT to the master ends its workers too.
        if let Ok(pid) = i32::try_from(self.child.id())
            && let Some(pid) = rustix::process::Pid::from_raw(pid)
        {
            let _ = rustix::process::kill_process(pid, rustix::process::Signal::QUIT);
        }
        let _ = self.child.wait();
    }
}
