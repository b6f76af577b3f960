//! Servers that tests talk to: raw sockets in this process, and programs of others.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver};
use std::time::{Duration, Instant};
use std::{fs, thread};

use super::PATIENCE;
use super::support::{Home, run};

/// A server that gives each connection to `answer`; it lives as long as its process.
pub fn each(answer: impl Fn(TcpStream) + Send + Sync + 'static) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let answer = Arc::new(answer);
    thread::spawn(move || {
        for stream in listener.incoming() {
            let (stream, answer) = (stream.unwrap(), answer.clone());
            stream.set_read_timeout(Some(PATIENCE)).unwrap();
            thread::spawn(move || answer(stream));
        }
    });
    address
}

/// A server that answers every request with these bytes and closes; gives every request as it came.
pub fn recorder(answer: impl Into<Vec<u8>>) -> (SocketAddr, Receiver<Vec<u8>>) {
    let (sender, seen) = mpsc::channel();
    let answer = answer.into();
    let address = each(move |mut stream| {
        let request = request(&mut stream);
        let _ = stream.write_all(&answer);
        let _ = sender.send(request);
    });
    (address, seen)
}

/// One request: its head, and as much body as its `Content-Length` says.
pub fn request(stream: &mut impl Read) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut buffer = [0; 64 * 1024];
    loop {
        if let Some(head) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
            let text = String::from_utf8_lossy(&bytes[..head]).to_ascii_lowercase();
            let length = text.lines().find_map(|line| line.strip_prefix("content-length: "));
            let length: usize = length.map_or(0, |length| length.parse().unwrap());
            if bytes.len() >= head + 4 + length {
                return bytes;
            }
        }
        match stream.read(&mut buffer) {
            Ok(0) | Err(_) => return bytes,
            Ok(read) => bytes.extend_from_slice(&buffer[..read]),
        }
    }
}

/// The request over TLS with the certificate in `cert.pem`, answered with `ok`.
pub fn tls_recorder(home: &Home) -> (SocketAddr, Receiver<Vec<u8>>) {
    use rustls::pki_types::pem::PemObject as _;
    use rustls::pki_types::{CertificateDer, PrivateKeyDer};
    let certificates = CertificateDer::pem_file_iter(home.work().join("cert.pem")).unwrap();
    let key = PrivateKeyDer::from_pem_file(home.work().join("key.pem")).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(certificates.map(Result::unwrap).collect(), key)
        .unwrap();
    let config = Arc::new(config);
    let (sender, seen) = mpsc::channel();
    let address = each(move |stream| {
        let connection = rustls::ServerConnection::new(config.clone()).unwrap();
        let mut stream = rustls::StreamOwned::new(connection, stream);
        let request = request(&mut stream);
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok");
        stream.conn.send_close_notify();
        let _ = stream.flush();
        let _ = sender.send(request);
    });
    (address, seen)
}

/// Makes a CA's certificate (`ca.pem`), one of the server for 127.0.0.1 that it issued (`cert.pem`, `key.pem`), and
/// others, by OpenSSL.
pub fn certificates(home: &Home) {
    for arguments in [
        "-days 2 -subj /CN=authority -keyout ca.key -out ca.pem",
        "-days 2 -subj /CN=localhost -addext subjectAltName=IP:127.0.0.1,DNS:localhost -addext \
         basicConstraints=critical,CA:FALSE -CA ca.pem -CAkey ca.key -keyout key.pem -out cert.pem",
        "-days 2 -subj /CN=self -addext subjectAltName=IP:127.0.0.1 -keyout selfca.key -out selfca.pem",
        "-days 2 -subj /CN=other -addext subjectAltName=DNS:other.test,DNS:second.test -addext \
         basicConstraints=critical,CA:FALSE -keyout other.key -out other.pem",
    ] {
        openssl(
            home,
            &format!("req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes {arguments}"),
        );
    }
    // One whose time is over.
    home.write(
        "old.cnf",
        "[ca]\ndefault_ca = d\n[d]\ndatabase = old.index\nserial = old.serial\nnew_certs_dir = .\ndefault_md = sha256\n\
         policy = p\nx509_extensions = e\n[p]\ncommonName = supplied\n[e]\nsubjectAltName = IP:127.0.0.1\n\
         basicConstraints = critical,CA:FALSE\n",
    );
    home.write("old.index", "");
    home.write("old.serial", "01\n");
    let new = "req -new -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes";
    openssl(home, &format!("{new} -subj /CN=old -keyout old.key -out old.csr"));
    openssl(
        home,
        "ca -batch -notext -config old.cnf -selfsign -keyfile old.key -in old.csr -out old.pem \
         -startdate 20240101000000Z -enddate 20240201000000Z",
    );
}

fn openssl(home: &Home, arguments: &str) {
    let mut command = Command::new("openssl");
    command.args(arguments.split_whitespace()).current_dir(home.work());
    let made = run(&mut command, b"");
    assert_eq!(made.status, 0, "{arguments}: {}", made.stderr);
}

/// A program that serves; it ends with this value.
pub struct Served(Child);

impl Served {
    /// Starts `program` in the working folder and waits until `port` takes connections.
    pub fn start(home: &Home, program: &str, arguments: &[&str], port: u16) -> Self {
        let mut served = Self(
            Command::new(program)
                .args(arguments)
                .current_dir(home.work())
                .stdin(Stdio::piped())
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .spawn()
                .unwrap(),
        );
        let begun = Instant::now();
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(served.0.try_wait().unwrap().is_none(), "{program} ended by itself");
            assert!(begun.elapsed() < PATIENCE, "{program} never listened");
            thread::sleep(Duration::from_millis(20));
        }
        served
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A port that nothing listens on.
pub fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}

/// Whether every program is here; says what is missing.
pub fn have(programs: &[&str]) -> bool {
    let is_missing = |program: &&&str| {
        let found = std::env::var_os("PATH").unwrap_or_default();
        !std::env::split_paths(&found).any(|folder| folder.join(program).exists())
    };
    match programs.iter().find(is_missing) {
        Some(program) => {
            super::support::missing(program);
            false
        }
        None => true,
    }
}

/// Starts nginx in the foreground with `servers` in its configuration, which name `port`.
pub fn nginx(home: &Home, port: u16, servers: &str) -> Served {
    let folder = home.work();
    let folder = folder.display();
    fs::create_dir_all(home.work().join("nginx")).unwrap();
    home.write(
        "nginx.conf",
        format!(
            "daemon off; master_process off; pid {folder}/nginx/pid; error_log {folder}/nginx/error.log;\n\
             events {{}}\n\
             http {{ access_log off; client_body_temp_path {folder}/nginx/body; proxy_temp_path {folder}/nginx/proxy;\n\
             fastcgi_temp_path {folder}/nginx/f; uwsgi_temp_path {folder}/nginx/u; scgi_temp_path {folder}/nginx/s;\n\
             {servers} }}\n"
        ),
    );
    let configuration = home.work().join("nginx.conf");
    Served::start(home, "nginx", &["-c", configuration.to_str().unwrap()], port)
}

/// Reads to the end, or until the other side breaks off; says which.
pub fn read_all(stream: &mut impl Read) -> (Vec<u8>, io::Result<()>) {
    let mut bytes = Vec::new();
    let read = stream.read_to_end(&mut bytes);
    (bytes, read.map(drop))
}
