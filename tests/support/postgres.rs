//! A PostgreSQL server of a test's own, on loopback, with TLS.

use std::ffi::OsString;
use std::fs;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;

use rustix::process::geteuid;
use tempfile::TempDir;

/// What a server asks of its user `ckwh` over TCP.
pub const PASSWORD: &str = "pw-of-the-test-7391";
/// Nobody, who may run a server where root may not.
const NOBODY: u32 = 65534;

/// What is needed of PostgreSQL's programs.
const PROGRAMS: [&str; 3] = ["initdb", "pg_ctl", "psql"];

/// A running server; it ends when it is dropped, and when this process ends.
pub struct Server {
    folder: TempDir,
    port: u16,
    /// Stops the server once its standard input is closed.
    warden: Option<Child>,
}

/// The folder of PostgreSQL's programs; `None` where it is not installed.
fn programs() -> Option<&'static Path> {
    static FOUND: OnceLock<Option<PathBuf>> = OnceLock::new();
    let found = FOUND.get_or_init(|| {
        let debian = fs::read_dir("/usr/lib/postgresql").into_iter().flatten();
        let mut folders: Vec<PathBuf> = debian.flatten().map(|entry| entry.path().join("bin")).collect();
        folders.sort();
        let path = std::env::var_os("PATH").unwrap_or_default();
        folders.extend(std::env::split_paths(&path));
        folders
            .into_iter()
            .rev()
            .find(|folder| PROGRAMS.iter().all(|name| folder.join(name).is_file()))
    });
    found.as_deref()
}

/// A program of PostgreSQL, as a user who may run a server.
fn program(name: &str) -> Command {
    let mut command = Command::new(programs().unwrap().join(name));
    if geteuid().is_root() {
        command.uid(NOBODY).gid(NOBODY);
    }
    command
        .current_dir("/")
        .env_clear()
        .env("LC_ALL", "C")
        .stdin(Stdio::null());
    command
}

fn done(command: &mut Command) {
    let output = command.output().unwrap();
    let said = [output.stdout, output.stderr].concat();
    assert!(
        output.status.success(),
        "{command:?}: {}",
        String::from_utf8_lossy(&said)
    );
}

impl Server {
    /// Starts one, with the user `ckwh` and a database of that name; `None` where PostgreSQL is not installed.
    pub fn start() -> Option<Self> {
        programs()?;
        let folder = TempDir::new().unwrap();
        certificates(folder.path());
        if geteuid().is_root() {
            for entry in [
                folder.path().to_owned(),
                folder.path().join("server.key"),
                folder.path().join("server.pem"),
            ] {
                std::os::unix::fs::chown(entry, Some(NOBODY), Some(NOBODY)).unwrap();
            }
        }
        let data = folder.path().join("data");
        done(
            program("initdb")
                .args(["-A", "trust", "-U", "postgres", "-E", "UTF8", "--no-sync", "-D"])
                .arg(&data),
        );
        // The system's users, and everybody else by password.
        let rules =
            "local all all trust\nhost all postgres 127.0.0.1/32 trust\nhost all all 127.0.0.1/32 scram-sha-256\n";
        fs::write(data.join("pg_hba.conf"), rules).unwrap();
        let port = std::net::TcpListener::bind("127.0.0.1:0")
            .unwrap()
            .local_addr()
            .unwrap()
            .port();
        let mut server = Self {
            folder,
            port,
            warden: None,
        };
        server.warden = Some(server.watched());
        server.control("start", &[]);
        let own = server.sql(
            "postgres",
            "postgres",
            &format!("CREATE ROLE ckwh LOGIN PASSWORD '{PASSWORD}'"),
        );
        assert_eq!(own, "CREATE ROLE");
        server.sql("postgres", "postgres", "CREATE DATABASE ckwh OWNER ckwh");
        Some(server)
    }

    /// What ends the server when this process ends, however it ends: then its standard input is closed. It is in a group
    /// of its own, so that what ends the tests does not end it first, and holds none of their output.
    fn watched(&self) -> Child {
        let stop = "read end; \"$1\" -D \"$2/data\" -m immediate stop; rm -rf \"$2\"";
        let mut warden = Command::new("sh");
        if geteuid().is_root() {
            warden.uid(NOBODY).gid(NOBODY);
        }
        warden
            .args(["-c", stop, "sh"])
            .arg(programs().unwrap().join("pg_ctl"))
            .arg(self.folder.path())
            .current_dir("/")
            .process_group(0)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap()
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// `pg_ctl`: start, stop, restart.
    pub fn control(&self, verb: &str, more: &[&str]) {
        let options = format!(
            "-p {} -c listen_addresses=127.0.0.1 -c unix_socket_directories='{}' -c ssl=on -c ssl_cert_file='{}' -c ssl_key_file='{}' -c max_connections=100",
            self.port,
            self.folder.path().display(),
            self.folder.path().join("server.pem").display(),
            self.folder.path().join("server.key").display(),
        );
        let mut command = program("pg_ctl");
        command
            .arg("-D")
            .arg(self.data())
            .arg("-w")
            .arg("-l")
            .arg(self.folder.path().join("data/log"));
        if verb != "stop" {
            command.args(["-o", &options]);
        }
        done(command.args(more).arg(verb).stdout(Stdio::null()).stderr(Stdio::null()));
    }

    /// What psql prints for a statement.
    pub fn sql(&self, user: &str, database: &str, statement: &str) -> String {
        let mut command = program("psql");
        command.args([
            "-h",
            "127.0.0.1",
            "-p",
            &self.port.to_string(),
            "-U",
            user,
            "-d",
            database,
        ]);
        command
            .args(["-At", "-v", "ON_ERROR_STOP=1", "-c", statement])
            .env("PGPASSWORD", PASSWORD);
        let output = command.output().unwrap();
        assert!(
            output.status.success(),
            "{statement}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }

    /// A program of PostgreSQL, over TCP to the database, with the password.
    #[allow(dead_code, reason = "a bench asks for it")]
    pub fn program(&self, name: &str) -> Command {
        let mut command = program(name);
        command
            .env("PGHOST", "127.0.0.1")
            .env("PGPORT", self.port.to_string())
            .env("PGUSER", "ckwh")
            .env("PGDATABASE", "ckwh")
            .env("PGPASSWORD", PASSWORD);
        command
    }

    /// The URL of the database, without a password.
    pub fn url(&self, more: &str) -> OsString {
        format!("postgres://ckwh@127.0.0.1:{}/ckwh{more}", self.port).into()
    }

    /// The URL with its password.
    pub fn whole_url(&self, more: &str) -> String {
        format!("postgres://ckwh:{PASSWORD}@127.0.0.1:{}/ckwh{more}", self.port)
    }

    /// The CA that issued its certificate.
    pub fn ca(&self) -> PathBuf {
        self.folder.path().join("ca.pem")
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(mut warden) = self.warden.take() {
            drop(warden.stdin.take());
            let _ = warden.wait();
        }
    }
}

/// A CA, and a certificate of 127.0.0.1 and localhost that it issued.
fn certificates(folder: &Path) {
    let run = |line: &str| {
        let mut command = Command::new("openssl");
        command.args(line.split(' ')).current_dir(folder);
        done(&mut command);
    };
    fs::write(folder.join("names"), "subjectAltName=IP:127.0.0.1,DNS:localhost\n").unwrap();
    run(
        "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=ca -keyout ca.key -out ca.pem",
    );
    run(
        "req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj /CN=server -keyout server.key -out server.csr",
    );
    run("x509 -req -in server.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -extfile names -out server.pem");
    fs::set_permissions(
        folder.join("server.key"),
        std::os::unix::fs::PermissionsExt::from_mode(0o600),
    )
    .unwrap();
}
