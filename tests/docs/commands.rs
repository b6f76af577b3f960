//! Every command of README and the docs, run by bash in a folder where what they name is there. What they name of others
//! (npm, cloudflared, psql …) is a stand-in that does nothing.

use std::fs::{self, File};
use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock};
use std::thread;

use super::support::{Home, run};
use super::{blocks, pages, root};

/// Programs of others, and what each of them prints in its place.
const OTHERS: &[(&str, &str)] = &[
    ("apt", ""),
    // The packages' own scripts are run by tests/packages.rs.
    ("bash", ""),
    ("brew", ""),
    ("cargo", ""),
    (
        "cloudflared",
        "echo https://abc-def.trycloudflare.com >&2; exec sleep 20",
    ),
    // What is of the web is not asked for.
    ("curl", r#"[[ "$*" == *github.com* ]] || exec /usr/bin/curl "$@""#),
    ("docker", ""),
    ("gh", ""),
    ("git", ""),
    (
        "jq",
        r#"echo '{"method":"POST","url":"/hooks","headers":{},"body":"text"}'"#,
    ),
    ("mdbook", ""),
    ("ngrok", "echo 't=0 lvl=info url=https://abc.ngrok.app'; exec sleep 20"),
    (
        "node",
        "echo 0721b03f5a5318e9ad00be27bd8f363f96ef9f2beecf6add815a8e1db237180d",
    ),
    ("npm", ""),
    ("npx", ""),
    ("pip", ""),
    ("psql", "echo 1"),
    ("python3", ""),
    ("ssh", "echo https://abc.lhr.life; exec sleep 20"),
    ("sudo", ""),
    ("uvx", ""),
];

/// `ckwh` as the commands call it: what would wait for ever ends soon, at any port, and `check` tries one family.
const WRAPPER: &str = r#"
case "$1" in
  listen)
    shift
    [[ "$1" =~ ^[0-9] ]] || set -- 0 "$@"
    [[ " $* " == *" --for "* ]] || set -- "$@" --for 1s
    exec "$CKWH" listen "$@" ;;
  check)
    [[ " $* " == *" --only "* || " $* " == *" --list "* ]] || set -- "$@" --only fast
    exec "$CKWH" "$@" ;;
  ui)
    shift
    exec timeout --preserve-status 1 "$CKWH" ui "$@" ;;
  mcp) exec "$CKWH" "$@" </dev/null ;;
  ui)
    timeout --signal=INT 3 "$CKWH" "$@"
    status=$?
    # It ran until it was told to end.
    [ "$status" = 124 ] && exit 0
    exit "$status" ;;
  providers)
    # Each page that makes one begins with none.
    [[ "$2" = new ]] && rm -rf ".ckwh/providers/$3" ;;
esac
exec "$CKWH" "$@"
"#;

/// A status that a command of the docs may have: 1 is an answer of no, such as a handler that does not refuse.
const ANSWERS: [&str; 2] = ["0", "1"];

fn program(path: &Path, text: &str) {
    fs::write(path, format!("#!/bin/bash\n{text}\n")).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
}

/// The real `ckwh` with the secrets that the pages speak of.
fn ckwh(home: &Home, args: &[&str]) -> Command {
    let mut command = home.ckwh(args);
    for name in ["WEBHOOK_SECRET", "GITHUB_WEBHOOK_SECRET", "MINE_WEBHOOK_SECRET"] {
        command.env(name, "for-tests");
    }
    command.env("STRIPE_WEBHOOK_SECRET", "whsec_for-tests");
    // Theirs are base64.
    for name in ["STANDARD_WEBHOOKS_SECRET", "SVIX_WEBHOOK_SECRET"] {
        command.env(name, "whsec_Zm9yLXRlc3Rz");
    }
    command
}

/// A home with fourteen captures and what the commands name: bodies, requests, archives, logs, stand-ins.
fn desk() -> &'static Home {
    static DESK: OnceLock<Home> = OnceLock::new();
    DESK.get_or_init(|| {
        let home = Home::new();
        let mut listen = ckwh(&home, &["listen", "0", "--exit-after", "14", "--json"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(listen.stdout.take().unwrap()).lines();
        let ready: serde_json::Value = serde_json::from_str(&lines.next().unwrap().unwrap()).unwrap();
        let rest = thread::spawn(move || lines.count());
        let url = ready["url"].as_str().unwrap();
        let done = |args: &[&str]| {
            let done = run(&mut ckwh(&home, args), b"");
            assert_eq!(done.status, 0, "{args:?}: {}", done.stderr);
            done.stdout
        };
        done(&["send", "cost.alert", "--count", "14", "--to", url]);
        assert!(listen.wait().unwrap().success());
        rest.join().unwrap();
        replayed(&home);
        let work = home.work();
        done(&["providers", "new", "mine", "--from", "generic-timestamp"]);
        fs::write(work.join("ckwh.toml"), "timeout = \"5s\"\n").unwrap();
        done(&["events", "cost.alert", "-o", "body.json"]);
        fs::write(work.join("request.http"), done(&["send", "cost.alert", "--dry-run"])).unwrap();
        let har = done(&["captures", "export", "--all", "--format", "har"]);
        for name in ["traffic.har", "requests.har"] {
            fs::write(work.join(name), &har).unwrap();
        }
        fs::write(work.join("log"), format!("computed {}\n", "5f2a".repeat(16))).unwrap();
        fs::write(work.join("patch.json"), r#"{"title":"other"}"#).unwrap();
        fs::copy(root().join("tests/docs/api.json"), work.join("api.json")).unwrap();
        fs::create_dir(work.join("bin")).unwrap();
        for (name, text) in OTHERS {
            program(&work.join("bin").join(name), text);
        }
        program(&work.join("bin/ckwh"), WRAPPER);
        home
    })
}

/// Leaves a capture that the handler did not take, and a run that was cut off.
fn replayed(home: &Home) {
    let to = handler().to_string();
    let refused = run(&mut ckwh(home, &["replay", "2", "--to", &to]), b"");
    assert_eq!(refused.status, 1, "{}", refused.stderr);
    let mut cut = ckwh(home, &["replay", "3..7", "--to", &to, "--rate", "1/s", "--json"])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let first = BufReader::new(cut.stdout.take().unwrap()).lines().next();
    assert!(first.is_some());
    cut.kill().unwrap();
    cut.wait().unwrap();
}

/// Copies a folder and what is in it.
fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let to = to.join(path.file_name().unwrap());
        match path.is_dir() {
            true => copy(&path, &to),
            false => drop(fs::copy(&path, to).unwrap()),
        }
    }
}

/// A handler that takes everything but its first delivery, and answers a GET with the number of them so far; its port.
fn handler() -> u16 {
    static PORT: OnceLock<u16> = OnceLock::new();
    *PORT.get_or_init(|| {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        let deliveries = Arc::new(AtomicUsize::new(0));
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let deliveries = Arc::clone(&deliveries);
                // A client that breaks off has its reasons.
                thread::spawn(move || drop(answer(stream, &deliveries)));
            }
        });
        port
    })
}

/// Reads one request and answers it.
fn answer(mut stream: TcpStream, deliveries: &AtomicUsize) -> io::Result<()> {
    let mut lines = BufReader::new(stream.try_clone()?);
    let (mut head, mut body) = (String::new(), Vec::new());
    while !head.ends_with("\r\n\r\n") && lines.read_line(&mut head)? > 0 {}
    let head = head.to_lowercase();
    let length = head
        .split("content-length: ")
        .nth(1)
        .and_then(|rest| rest.split("\r\n").next());
    match length.and_then(|length| length.parse().ok()) {
        Some(length) => drop(lines.take(length).read_to_end(&mut body)?),
        None if head.contains("chunked") => {
            while !body.ends_with(b"0\r\n\r\n") && lines.read_until(b'\n', &mut body)? > 0 {}
        }
        None => {}
    }
    let is_delivery = head.starts_with("post");
    let before = deliveries.fetch_add(usize::from(is_delivery), Ordering::Relaxed);
    let (status, body) = match is_delivery {
        true if before == 0 => ("500 Later", "{}".to_owned()),
        true => ("200 OK", r#"{"ok":true}"#.to_owned()),
        false => ("200 OK", format!("{before}\n")),
    };
    let head = format!("HTTP/1.1 {status}\r\nContent-Type: application/json\r\nConnection: close\r\n");
    stream.write_all(format!("{head}Content-Length: {}\r\n\r\n{body}", body.len()).as_bytes())
}

/// A page's commands, each whole: one that goes on behind a backslash, or in an open quote, is one.
fn commands(page: &str) -> Vec<String> {
    let mut commands = Vec::new();
    let mut open = String::new();
    for line in blocks(page, "sh").into_iter().flat_map(str::lines) {
        let line = match line.find(" #").or_else(|| line.starts_with('#').then_some(0)) {
            Some(at) => line[..at].trim_end(),
            None => line,
        };
        open.push_str(line);
        let is_open = line.ends_with('\\') || open.matches('\'').count() % 2 == 1;
        match is_open {
            true => open.push('\n'),
            false if open.trim().is_empty() => open.clear(),
            false => commands.push(std::mem::take(&mut open)),
        }
    }
    assert!(open.is_empty(), "{open} is not closed");
    commands
}

/// Runs a page's commands in one shell; what each that failed said.
fn failures(name: &str, commands: &[String]) -> Vec<String> {
    let folder = tempfile::TempDir::new().unwrap();
    let from = desk().work();
    let of_desk = from.parent().unwrap();
    copy(of_desk, folder.path());
    let work = folder.path().join("work");
    let mut script = "set -o pipefail\nexec 9>statuses\n".to_owned();
    for (number, command) in commands.iter().enumerate() {
        let command = command.replace("3000", &handler().to_string()).replace(" 30s", " 1s");
        // A port where nobody is, unless it is replaced too.
        let command = command.replace("7788", &handler().to_string());
        script.push_str(&format!("{{ {command}\n}} >out-{number} 2>&1\necho $? >&9\n"));
    }
    fs::write(work.join("script"), script).unwrap();
    let path = format!("{}:/usr/local/bin:/usr/bin:/bin", work.join("bin").display());
    let real = desk().ckwh(&[]);
    let mut bash = Command::new("timeout");
    bash.args(["600", "/bin/bash", "script"])
        .current_dir(&work)
        .env_clear()
        .env("CKWH", real.get_program())
        .env("EDITOR", "true")
        .env("HOME", folder.path().join("home"))
        .env("PATH", path)
        .stdin(Stdio::null())
        .stdout(File::create(work.join("out")).unwrap())
        .stderr(Stdio::inherit());
    for (name, value) in ckwh(desk(), &[])
        .get_envs()
        .filter_map(|(name, value)| Some((name, value?)))
    {
        if name != "HOME" {
            bash.env(name, value);
        }
    }
    bash.status().unwrap();
    let statuses = fs::read_to_string(work.join("statuses")).unwrap();
    let mut statuses = statuses.lines();
    let mut failures = Vec::new();
    for (number, command) in commands.iter().enumerate() {
        let status = statuses.next().unwrap_or("never reached");
        if !ANSWERS.contains(&status) {
            let said = fs::read(work.join(format!("out-{number}"))).unwrap_or_default();
            failures.push(format!(
                "{name}: {command}: {status}\n{}",
                String::from_utf8_lossy(&said)
            ));
        }
    }
    failures
}

#[test]
fn every_command_runs() {
    if !Path::new("/bin/bash").exists() {
        return super::support::missing("bash");
    }
    let pages: Vec<(String, Vec<String>)> = pages()
        .into_iter()
        .map(|(name, page)| (name, commands(&page)))
        .filter(|(_, commands)| !commands.is_empty())
        .collect();
    let count: usize = pages.iter().map(|(_, commands)| commands.len()).sum();
    assert!(count > 150, "{count}");
    desk();
    let (next, failed) = (Mutex::new(pages.iter()), Mutex::new(Vec::new()));
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                loop {
                    let Some((name, commands)) = next.lock().unwrap().next() else {
                        break;
                    };
                    let found = failures(name, commands);
                    failed.lock().unwrap().extend(found);
                }
            });
        }
    });
    let failed = failed.into_inner().unwrap();
    assert!(
        failed.is_empty(),
        "{} of {count} fail:\n{}",
        failed.len(),
        failed.join("\n")
    );
}
