//! The inspector: its first page of very many captures beside that of few, and what a browser sees of arrivals.
//!
//! `cargo bench --bench ui`. The first row is a ratio of medians over interleaved rounds, so that it means the same on
//! any machine. The rest needs Node and Chromium (`tests/ui/setup.sh` installs what drives it), and is time: from an
//! arrival to the screen, and how long the page was busy at a time while 500 events a second came. `CKWH_PROGRAM`
//! measures another build.

use std::ffi::OsString;
use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use std::{env, thread};

use serde_json::Value;

const FEW: usize = 100;
const MANY: usize = 100_000;
const ROUNDS: usize = 15;
const LINE: &str =
    r#"{"type":"request","method":"POST","target":"/many","headers":[["X-GitHub-Event","push"]],"body":"{\"n\":1}"}"#;

fn main() -> io::Result<()> {
    // In the source's own file system: a folder for temporary files is often in memory.
    let folder = tempfile::tempdir_in(env!("CARGO_MANIFEST_DIR"))?;
    let few = Page::start(folder.path(), FEW)?;
    let many = Page::start(folder.path(), MANY)?;
    let (mut of_few, mut of_many) = (vec![], vec![]);
    for _ in 0..ROUNDS {
        of_few.push(few.first()?);
        of_many.push(many.first()?);
    }
    let (of_few, of_many) = (median(of_few), median(of_many));
    println!(
        "{:<44} {:>9} {:>9} {:>7} {:>6}",
        "first page", "many", "few", "ratio", "bar"
    );
    println!(
        "{:<44} {of_many:>7.1}ms {of_few:>7.1}ms {:>7.2} {:>6}",
        format!("{MANY} captures / {FEW} captures"),
        of_many / of_few,
        "< 4"
    );
    println!("first page of {MANY} captures: {of_many:.1} ms (bar about 50)");
    drop(few);
    let scripts = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/ui");
    let installed = Command::new("bash").arg(scripts.join("setup.sh")).status();
    if !installed.is_ok_and(|status| status.success()) {
        println!("Node or what drives the browser is missing: two rows are left out");
        return Ok(());
    }
    println!("in a browser (bars: arrival to screen about 100 ms; busy for no time that is felt, 100 ms):");
    let ran = Command::new("node")
        .arg("many.mjs")
        .current_dir(&scripts)
        .envs([("UI", many.url("ui")), ("CATCHING", many.url("url"))])
        .envs([("RATE", "500"), ("SECONDS", "10")])
        .status()?;
    if !ran.success() {
        println!("Chromium did not get to the end");
    }
    Ok(())
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

/// A catch-server with a page, and a store of its own.
struct Page {
    child: Child,
    ready: Value,
    cookie: String,
}

impl Page {
    fn start(folder: &Path, captures: usize) -> io::Result<Self> {
        let store = folder.join(format!("{captures}.db"));
        let mut import = ckwh(folder, &store, &["captures", "import", "-", "--format", "jsonl"])
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .spawn()?;
        if let Some(mut stdin) = import.stdin.take() {
            stdin.write_all(format!("{LINE}\n").repeat(captures).as_bytes())?;
        }
        import.wait()?;
        let mut child = ckwh(folder, &store, &["listen", "0", "--ui=0", "--json"])
            .stdout(Stdio::piped())
            .spawn()?;
        let out = child.stdout.take().ok_or(io::ErrorKind::BrokenPipe)?;
        let mut out = BufReader::new(out);
        let mut line = String::new();
        out.read_line(&mut line)?;
        // A full pipe would hold it up.
        thread::spawn(move || io::copy(&mut out, &mut io::sink()));
        let mut page = Self {
            child,
            ready: serde_json::from_str(&line)?,
            cookie: String::new(),
        };
        let token = page.url("ui").split('#').nth(1).unwrap_or_default().to_owned();
        let answer = page.ask("POST /session", &format!("X-Ckwh-Token: {token}"))?;
        let cookie = answer.lines().find_map(|line| line.strip_prefix("set-cookie: "));
        page.cookie = cookie
            .and_then(|cookie| cookie.split(';').next())
            .unwrap_or_default()
            .to_owned();
        Ok(page)
    }

    fn url(&self, name: &str) -> &str {
        self.ready[name].as_str().unwrap_or_default()
    }

    fn ask(&self, start: &str, header: &str) -> io::Result<String> {
        let host = self.url("ui").trim_start_matches("http://").split('/').next();
        let host = host.unwrap_or_default();
        let address: SocketAddr = host.parse().map_err(io::Error::other)?;
        let mut stream = TcpStream::connect(address)?;
        stream.set_read_timeout(Some(Duration::from_secs(30)))?;
        write!(
            stream,
            "{start} HTTP/1.1\r\nHost: {host}\r\n{header}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
        )?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        Ok(answer)
    }

    /// How long the first page takes, in milliseconds.
    fn first(&self) -> io::Result<f64> {
        let begun = Instant::now();
        let answer = self.ask("GET /", &format!("Cookie: {}", self.cookie))?;
        let took = begun.elapsed().as_secs_f64() * 1e3;
        match answer.starts_with("HTTP/1.1 200") && answer.contains("data-ranges=") {
            true => Ok(took),
            false => Err(io::Error::other(answer)),
        }
    }
}

impl Drop for Page {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn ckwh(folder: &Path, store: &Path, args: &[&str]) -> Command {
    let own = || OsString::from(env!("CARGO_BIN_EXE_ckwh"));
    let program = PathBuf::from(env::var_os("CKWH_PROGRAM").unwrap_or_else(own));
    let mut command = Command::new(program);
    command
        .args(args)
        .arg("--store")
        .arg(store)
        .env_clear()
        .env("HOME", folder)
        .current_dir(folder)
        .stdin(Stdio::null());
    command
}
