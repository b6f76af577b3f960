//! Whole processes, each in turn with another program that does the same, as ratios of their median times.
//!
//! `cargo bench --bench commands` prints a row a pair: lower than the bar is better. The machines are shared, so only
//! the ratio means anything. A program that is not installed leaves its row out, and says so.

use std::ffi::OsStr;
use std::fs;
use std::io::{self, Read, Write};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

const SECRET: &str = "an-example-secret";

fn main() -> io::Result<()> {
    let folder = tempfile::tempdir()?;
    let in_folder = |name: &str| folder.path().join(name).display().to_string();
    let (small, large) = (in_folder("small.json"), in_folder("large.bin"));
    fs::write(&small, br#"{"event":"quota.threshold_reached","data":{"pctUsed":80}}"#)?;
    fs::write(&large, vec![0x5a; 64 * 1024 * 1024])?;

    // As it is installed, written in one piece: a linker leaves its output in the page cache in many, which are mapped
    // more slowly.
    let program = folder.path().join("ckwh");
    fs::write(&program, fs::read(env!("CARGO_BIN_EXE_ckwh"))?)?;
    fs::set_permissions(&program, fs::metadata(env!("CARGO_BIN_EXE_ckwh"))?.permissions())?;
    let ckwh = Ckwh {
        program,
        home: folder.path().to_owned(),
    };
    let sign = |file: &str| ckwh.sign(file);
    let openssl = |file: &str| command("openssl", &["dgst", "-sha256", "-hmac", SECRET, file]);
    let signed = sign(&small).output()?.stdout;
    // The signature stands behind the other headers that the receiver needs.
    let headers = String::from_utf8_lossy(&signed).into_owned();
    let header = headers.lines().last().unwrap_or_default().to_owned();
    let verify = ckwh.command(&[
        "verify",
        &small,
        "--header",
        &header,
        "--provider",
        "quotawatch",
        "--secret",
        SECRET,
    ]);

    println!("{:<34} {:>10} {:>10} {:>7} {:>6}", "", "ckwh", "other", "ratio", "bar");
    compare("sign 57 bytes / openssl dgst", 101, 0.35, sign(&small), openssl(&small));
    compare("verify 57 bytes / openssl dgst", 101, 0.35, verify, openssl(&small));
    compare("sign 64 MiB / openssl dgst", 15, 1.03, sign(&large), openssl(&large));

    // A user's home with a hundred more providers: none of their tables is read.
    let crowded = tempfile::tempdir()?;
    let table = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/quotawatch/provider.toml");
    for number in 0..100 {
        let own = crowded.path().join(format!(".config/ckwh/providers/own-{number}"));
        fs::create_dir_all(&own)?;
        fs::copy(table, own.join("provider.toml"))?;
    }
    let among_many = Ckwh {
        home: crowded.path().to_owned(),
        ..ckwh.clone()
    };
    compare(
        "sign, 100 providers more / none",
        101,
        1.25,
        among_many.sign(&small),
        sign(&small),
    );

    let http = serve(None)?;
    let target = format!("http://127.0.0.1:{http}/hook");
    compare(
        "send http / curl",
        101,
        0.30,
        ckwh.send(&small, &target, &[]),
        curl(&small, &target, &[]),
    );

    let Some((certificate, key)) = certificate(folder.path()) else {
        println!("send https / curl: left out, openssl could not make a certificate");
        return Ok(());
    };
    let https = serve(Some((&certificate, &key)))?;
    let target = format!("https://localhost:{https}/hook");
    let cacert = ["--cacert", certificate.as_str()];
    compare(
        "send https / curl",
        51,
        1.0,
        ckwh.send(&small, &target, &cacert),
        curl(&small, &target, &cacert),
    );
    Ok(())
}

/// As a user starts it: where cargo has the loader look first costs each library a tenth of a millisecond.
fn command(program: impl AsRef<OsStr>, args: &[&str]) -> Command {
    let mut command = Command::new(program);
    command.args(args).stdin(Stdio::null()).env_remove("LD_LIBRARY_PATH");
    command
}

/// The program, and whose home it runs in.
#[derive(Clone)]
struct Ckwh {
    program: PathBuf,
    home: PathBuf,
}

impl Ckwh {
    fn command(&self, args: &[&str]) -> Command {
        let mut command = command(&self.program, args);
        command
            .env("HOME", &self.home)
            .env_remove("XDG_CONFIG_HOME")
            .current_dir(&self.home);
        command
    }

    fn sign(&self, file: &str) -> Command {
        self.command(&["sign", file, "--provider", "quotawatch", "--secret", SECRET])
    }

    fn send(&self, file: &str, target: &str, more: &[&str]) -> Command {
        let args = [
            "send",
            file,
            "--provider",
            "quotawatch",
            "--secret",
            SECRET,
            "--to",
            target,
        ];
        self.command(&[&args[..], more].concat())
    }
}

fn curl(file: &str, target: &str, more: &[&str]) -> Command {
    let data = format!("@{file}");
    let args = [
        "--silent",
        "--show-error",
        "--noproxy",
        "*",
        "--header",
        "Content-Type: application/json",
        "--data-binary",
        &data,
        target,
    ];
    command("curl", &[&args[..], more].concat())
}

/// Runs both in turn, after one run of each that does not count.
fn compare(what: &str, runs: usize, bar: f64, mut ours: Command, mut other: Command) {
    let mut times = [Vec::with_capacity(runs), Vec::with_capacity(runs)];
    for run in 0..=runs {
        for (index, command) in [&mut ours, &mut other].into_iter().enumerate() {
            let started = Instant::now();
            let status = command.stdout(Stdio::null()).stderr(Stdio::null()).status();
            let took = started.elapsed();
            if !status.as_ref().is_ok_and(|status| status.success()) {
                println!("{what}: left out, {:?} gave {status:?}", command.get_program());
                return;
            }
            if run > 0 {
                times[index].push(took);
            }
        }
    }
    let [ours, other] = times.map(median);
    let ratio = ours.as_secs_f64() / other.as_secs_f64();
    let milliseconds = |time: Duration| format!("{:.2} ms", time.as_secs_f64() * 1000.0);
    println!(
        "{what:<34} {:>10} {:>10} {ratio:>7.2} {bar:>6.2}",
        milliseconds(ours),
        milliseconds(other)
    );
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}

/// A self-signed certificate for localhost, and its key.
fn certificate(folder: &Path) -> Option<(String, String)> {
    let path = |name: &str| folder.join(name).display().to_string();
    let (certificate, key) = (path("certificate.pem"), path("key.pem"));
    let request = [
        "req",
        "-x509",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:P-256",
        "-nodes",
        "-days",
        "2",
    ];
    let subject = [
        "-subj",
        "/CN=localhost",
        "-addext",
        "subjectAltName=DNS:localhost",
        "-addext",
        "basicConstraints=critical,CA:FALSE",
        "-keyout",
        &key,
        "-out",
        &certificate,
    ];
    let status = command("openssl", &[&request[..], &subject].concat())
        .stderr(Stdio::null())
        .status();
    status
        .is_ok_and(|status| status.success())
        .then_some((certificate, key))
}

/// A server that answers 200 to one request a connection; gives its port.
fn serve(tls: Option<(&str, &str)>) -> io::Result<u16> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let port = listener.local_addr()?.port();
    let config = tls.map(|(certificate, key)| {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let certificate = CertificateDer::from_pem_file(certificate).expect("a certificate");
        let key = PrivateKeyDer::from_pem_file(key).expect("a key");
        let config = rustls::ServerConfig::builder().with_no_client_auth();
        Arc::new(config.with_single_cert(vec![certificate], key).expect("a pair"))
    });
    thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let config = config.clone();
            thread::spawn(move || match config {
                None => answer(&mut stream),
                Some(config) => {
                    let mut session = rustls::ServerConnection::new(config).expect("a session");
                    answer(&mut rustls::Stream::new(&mut session, &mut stream))
                }
            });
        }
    });
    Ok(port)
}

/// Both clients send head and body at once, and a body far shorter than the buffer.
fn answer(stream: &mut (impl Read + Write)) -> io::Result<()> {
    let mut request = Vec::new();
    let mut buffer = [0; 4096];
    while !request.ends_with(b"}}") {
        match stream.read(&mut buffer)? {
            0 => return Ok(()),
            read => request.extend_from_slice(&buffer[..read]),
        }
    }
    stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nOK")?;
    stream.flush()
}
