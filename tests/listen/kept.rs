//! A 2xx means kept.

use std::collections::HashSet;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use rusqlite::Connection;
use rustix::process::{Pid, Resource, Rlimit, Signal, prlimit};
use std::io::Write as _;

use super::rounds::rounds;
use super::{Listen, Place, read_answer};

/// Posts over `connections` keep-alive connections until the server is gone or `enough` says so; gives the bodies that
/// got a 2xx, and whether anything else came.
fn post_many(
    listen: &Listen,
    connections: u64,
    round: u64,
    enough: &Arc<AtomicBool>,
) -> thread::JoinHandle<(Vec<Vec<u8>>, HashSet<u16>)> {
    let address = listen.address;
    let enough = enough.clone();
    thread::spawn(move || {
        let acknowledged = Arc::new(Mutex::new((Vec::new(), HashSet::new())));
        let workers: Vec<_> = (0..connections)
            .map(|connection| {
                let (acknowledged, enough) = (acknowledged.clone(), enough.clone());
                thread::spawn(move || {
                    let Ok(mut stream) = std::net::TcpStream::connect(address) else {
                        return;
                    };
                    stream.set_read_timeout(Some(super::PATIENCE)).unwrap();
                    for number in 0_u64.. {
                        if enough.load(Ordering::Relaxed) {
                            return;
                        }
                        let mut body = format!("{round}/{connection}/{number}:").into_bytes();
                        body.extend((0..600).map(|at| (at * 7 + number as usize) as u8));
                        let head = format!(
                            "POST /e HTTP/1.1\r\nHost: test\r\nContent-Length: {}\r\n\r\n",
                            body.len()
                        );
                        if stream.write_all(&[head.as_bytes(), &body].concat()).is_err() {
                            return;
                        }
                        let Some(status) = read_answer(&mut SkipBody(&mut stream)) else {
                            return;
                        };
                        let mut acknowledged = acknowledged.lock().unwrap();
                        if status == 200 {
                            acknowledged.0.push(body);
                        } else {
                            acknowledged.1.insert(status);
                            return;
                        }
                    }
                })
            })
            .collect();
        for worker in workers {
            worker.join().unwrap();
        }
        let mut acknowledged = acknowledged.lock().unwrap();
        std::mem::take(&mut *acknowledged)
    })
}

/// Answers that are told apart by their heads alone.
struct SkipBody<'a>(&'a mut std::net::TcpStream);

impl std::io::Read for SkipBody<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        self.0.read(buffer)
    }
}

#[test]
fn what_got_a_2xx_survives_a_kill() {
    let place = Place::new();
    let mut acknowledged = Vec::new();
    for round in 0..rounds(6) {
        let listen = Listen::start(&place, &[]);
        let never = Arc::new(AtomicBool::new(false));
        let posting = post_many(&listen, 64, round, &never);
        thread::sleep(Duration::from_millis(120 + 90 * (round % 6)));
        listen.signal(Signal::KILL);
        acknowledged.extend(posting.join().unwrap().0);
    }
    assert!(acknowledged.len() > 100, "only {} were answered", acknowledged.len());
    let kept: HashSet<Vec<u8>> = place.bodies().into_iter().collect();
    let lost = acknowledged.iter().filter(|body| !kept.contains(*body)).count();
    assert_eq!(lost, 0, "of {}", acknowledged.len());
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_a_503_and_it_recovers() {
    let place = Place::new();
    let listen = Listen::start(&place, &[]);
    let pid = Pid::from_child(&listen.child);
    let limit = |bytes| {
        let limit = Rlimit {
            current: bytes,
            maximum: None,
        };
        prlimit(Some(pid), Resource::Fsize, limit).unwrap();
    };
    limit(Some(2 * 1024 * 1024));
    let never = Arc::new(AtomicBool::new(false));
    let (acknowledged, refused) = post_many(&listen, 8, 0, &never).join().unwrap();
    assert_eq!(refused, HashSet::from([503]));
    assert!(!acknowledged.is_empty());
    limit(None);
    assert_eq!(listen.post("/again", b"there is room"), 200);
    let (_, said) = listen.stop(0);
    let errors = said.lines().filter(|line| line.starts_with("error: ")).count();
    assert!(
        errors > 0 && said.contains("not kept, answered 503: the store"),
        "{said}"
    );
    let kept: HashSet<Vec<u8>> = place.bodies().into_iter().collect();
    assert!(acknowledged.iter().all(|body| kept.contains(body)));
    assert!(kept.contains(&b"there is room"[..]));
}

/// A small file system in memory; only root may mount one.
#[cfg(target_os = "linux")]
struct SmallDisk(std::path::PathBuf);

#[cfg(target_os = "linux")]
impl SmallDisk {
    fn mount(at: std::path::PathBuf) -> Option<Self> {
        fs::create_dir(&at).unwrap();
        let mut mount = std::process::Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", "size=4m,mode=700", "none"]).arg(&at);
        let output = mount.output().ok()?;
        output.status.success().then_some(Self(at))
    }
}

#[cfg(target_os = "linux")]
impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = std::process::Command::new("umount").arg("-l").arg(&self.0).status();
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_disk_without_room_is_a_503_and_it_recovers() {
    let place = Place::new();
    let Some(disk) = SmallDisk::mount(place.path("data")) else {
        super::missing("the right to mount a file system, such as root has,");
        return;
    };
    let filler = disk.0.join("filler");
    fs::write(&filler, vec![0; 2 * 1024 * 1024]).unwrap();
    let listen = Listen::start(&place, &[]);
    let never = Arc::new(AtomicBool::new(false));
    let (acknowledged, refused) = post_many(&listen, 64, 0, &never).join().unwrap();
    assert_eq!(refused, HashSet::from([503]));
    assert!(!acknowledged.is_empty());
    fs::remove_file(&filler).unwrap();
    assert_eq!(listen.post("/again", b"there is room"), 200);
    let (_, said) = listen.stop(0);
    assert!(said.contains("the disk is full"), "{said}");
    let kept: HashSet<Vec<u8>> = place.bodies().into_iter().collect();
    let lost = acknowledged.iter().filter(|body| !kept.contains(*body)).count();
    assert_eq!(lost, 0, "of {}", acknowledged.len());
    assert!(kept.contains(&b"there is room"[..]));
}

#[test]
fn a_locked_store_is_a_503_and_it_recovers() {
    let place = Place::new();
    let listen = Listen::start(&place, &[]);
    let other = Connection::open(place.store()).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    assert_eq!(listen.post("/", b"locked"), 503);
    other.execute_batch("COMMIT").unwrap();
    assert_eq!(listen.post("/", b"free"), 200);
    let (_, said) = listen.stop(0);
    assert!(said.contains("another process"), "{said}");
    assert_eq!(place.bodies(), [b"free"]);
}

#[test]
fn a_store_that_is_taken_away_or_broken_costs_no_2xx() {
    let place = Place::new();
    let listen = Listen::start(&place, &[]);
    assert_eq!(listen.post("/", b"gone with the folder"), 200);
    fs::remove_dir_all(place.path("data")).unwrap();
    assert_eq!(listen.post("/", b"in a new one"), 200);
    assert_eq!(place.bodies(), [b"in a new one"]);
    for name in ["captures.db", "captures.db-wal", "captures.db-shm"] {
        fs::remove_file(place.path("data").join(name)).unwrap();
    }
    fs::write(
        place.store(),
        "no database, but longer than one page header has to be: ".repeat(40),
    )
    .unwrap();
    assert_eq!(listen.post("/", b"into the wrong file"), 503);
    fs::remove_file(place.store()).unwrap();
    assert_eq!(listen.post("/", b"at last"), 200);
    listen.stop(0);
    assert_eq!(place.bodies(), [b"at last"]);
}

/// What is done to the files of a store that is in use, what that is called, and the number of the next capture.
type Harm = (&'static str, &'static str, fn(&std::path::Path), i64);

const HARMS: [Harm; 8] = [
    ("emptied", "emptied", |store| fs::write(store, "").unwrap(), 1),
    ("its log removed", "log-removed", |store| remove(store, "-wal"), 6),
    ("its index removed", "log-removed", |store| remove(store, "-shm"), 6),
    (
        "its log replaced",
        "log-removed",
        |store| {
            remove(store, "-wal");
            fs::write(beside(store, "-wal"), "").unwrap();
        },
        6,
    ),
    // What was in it alone is gone: here everything was.
    ("its log cut", "log-lost", |store| cut(&beside(store, "-wal"), 0), 1),
    ("removed", "removed", |store| fs::remove_file(store).unwrap(), 1),
    (
        "moved away",
        "removed",
        |store| fs::rename(store, store.with_extension("old")).unwrap(),
        1,
    ),
    (
        "removed whole",
        "removed",
        |store| {
            for suffix in ["", "-wal", "-shm"] {
                remove(store, suffix);
            }
        },
        1,
    ),
];

fn beside(store: &std::path::Path, suffix: &str) -> std::path::PathBuf {
    let mut path = store.as_os_str().to_owned();
    path.push(suffix);
    path.into()
}

fn cut(file: &std::path::Path, length: u64) {
    fs::File::options()
        .write(true)
        .open(file)
        .unwrap()
        .set_len(length)
        .unwrap();
}

fn remove(store: &std::path::Path, suffix: &str) {
    fs::remove_file(beside(store, suffix)).unwrap();
}

#[test]
fn what_is_kept_after_a_store_was_harmed_stays_and_it_is_said() {
    for (name, change, harm, next) in HARMS {
        let place = Place::new();
        let mut listen = Listen::start(&place, &[]);
        for number in 0..5 {
            assert_eq!(listen.post("/", format!("before {number}").as_bytes()), 200);
            assert_eq!(listen.line()["id"], number + 1);
        }
        harm(&place.store());
        for number in 0..5 {
            assert_eq!(listen.post("/", format!("after {number}").as_bytes()), 200, "{name}");
        }
        let said = listen.line();
        assert_eq!(
            (&said["type"], &said["change"]),
            (&"store".into(), &change.into()),
            "{name}"
        );
        assert_eq!(said["next"], next, "{name}");
        if next == 1 && change != "log-lost" {
            assert!(
                said["detail"].as_str().unwrap().contains("numbers begin at #1 again"),
                "{said}"
            );
        }
        for number in 0..5 {
            assert_eq!(listen.line()["id"], next + number, "{name}");
        }
        listen.signal(Signal::KILL);
        let _ = listen.child.wait();
        let kept = place.bodies();
        let after: Vec<Vec<u8>> = (0..5).map(|number| format!("after {number}").into_bytes()).collect();
        assert_eq!(kept[kept.len() - 5..], after, "{name}");
        assert_eq!(kept.len() as i64, next + 4, "{name}");
        let store = Connection::open(place.store()).unwrap();
        let whole: String = store.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
        assert_eq!(whole, "ok", "{name}");
    }
}

#[test]
fn under_load_what_is_sent_after_a_harm_and_acknowledged_is_kept() {
    for (name, _, harm, _) in HARMS {
        let place = Place::new();
        let listen = Listen::start(&place, &[]);
        let (harmed, over) = (AtomicBool::new(false), AtomicBool::new(false));
        let acknowledged = Mutex::new(Vec::new());
        thread::scope(|scope| {
            for connection in 0..16 {
                let (harmed, over, acknowledged, listen) = (&harmed, &over, &acknowledged, &listen);
                scope.spawn(move || {
                    let mut stream = listen.connect();
                    let mut number = 0;
                    while !over.load(Ordering::SeqCst) {
                        number += 1;
                        let after = harmed.load(Ordering::SeqCst);
                        let body = format!("{after}/{connection}/{number}");
                        let head = format!("POST / HTTP/1.1\r\nHost: t\r\nContent-Length: {}\r\n\r\n", body.len());
                        if stream.write_all((head + &body).as_bytes()).is_err() {
                            return;
                        }
                        match read_answer(&mut stream) {
                            Some(200) if after => acknowledged.lock().unwrap().push(body.into_bytes()),
                            Some(200) => {}
                            // A refusal has a body, which is not read.
                            _ => stream = listen.connect(),
                        }
                    }
                });
            }
            thread::sleep(Duration::from_millis(300));
            harm(&place.store());
            harmed.store(true, Ordering::SeqCst);
            let began = std::time::Instant::now();
            while acknowledged.lock().unwrap().len() < 200 && began.elapsed() < Duration::from_secs(20) {
                thread::sleep(Duration::from_millis(20));
            }
            over.store(true, Ordering::SeqCst);
        });
        listen.signal(Signal::KILL);
        drop(listen);
        let acknowledged = acknowledged.into_inner().unwrap();
        if acknowledged.is_empty() && ["emptied", "its log cut"].contains(&name) {
            // A file that is cut while its log is written back into it is damaged, and takes nothing more.
            continue;
        }
        let kept: HashSet<Vec<u8>> = place.bodies().into_iter().collect();
        let lost = acknowledged.iter().filter(|body| !kept.contains(*body)).count();
        assert_eq!(lost, 0, "{name}: of {}", acknowledged.len());
        assert!(!acknowledged.is_empty(), "{name}");
    }
}

#[test]
fn nothing_is_acknowledged_that_a_store_cut_in_part_would_not_hold() {
    for length in [100, 4096, 8192, 100_000, 1_000_000] {
        let place = Place::new();
        let listen = Listen::start(&place, &[]);
        for _ in 0..60 {
            assert_eq!(listen.post("/", &[b'x'; 60_000]), 200);
        }
        let before = fs::metadata(place.store()).unwrap().len();
        assert!(before > length, "{before}");
        cut(&place.store(), length);
        let mut acknowledged = Vec::new();
        for number in 0..5 {
            let body = format!("after {number}").into_bytes();
            match listen.post("/", &body) {
                200 => acknowledged.push(body),
                status => assert_eq!(status, 503),
            }
        }
        println!("{length} of {before}: {} kept", acknowledged.len());
        listen.signal(Signal::KILL);
        drop(listen);
        if acknowledged.is_empty() {
            continue;
        }
        let kept = place.bodies();
        assert!(acknowledged.iter().all(|body| kept.contains(body)), "{length}");
    }
}

#[test]
fn a_store_that_others_make_shorter_is_no_harm() {
    let place = Place::new();
    let listen = Listen::start(&place, &[]);
    for round in 0..4 {
        for _ in 0..60 {
            assert_eq!(listen.post("/", &[b'x'; 60_000]), 200);
        }
        place.text(&["captures", "prune", "--keep", "3"], 0);
        let other = Connection::open(place.store()).unwrap();
        let mode = if round % 2 == 0 { "TRUNCATE" } else { "RESTART" };
        other
            .query_row(&format!("PRAGMA wal_checkpoint({mode})"), [], |_| Ok(()))
            .unwrap();
        assert_eq!(listen.post("/", b"between"), 200);
    }
    let (lines, said) = listen.stop(0);
    assert!(lines.iter().all(|line| line["type"] != "store"), "nothing is told");
    assert!(!said.contains("error"), "{said}");
    assert_eq!(place.lines(&["captures"], 0).len(), 4);
}

#[test]
fn two_that_share_a_store_lose_nothing_by_its_harm() {
    for (name, _, harm, _) in HARMS {
        let place = Place::new();
        let (one, other) = (Listen::start(&place, &[]), Listen::start(&place, &[]));
        for number in 0..5 {
            assert_eq!(one.post("/", format!("a{number}").as_bytes()), 200);
            assert_eq!(other.post("/", format!("b{number}").as_bytes()), 200);
        }
        harm(&place.store());
        let mut acknowledged = Vec::new();
        for number in 0..20 {
            for (listen, who) in [(&one, "c"), (&other, "d")] {
                let body = format!("{who}{number}").into_bytes();
                match listen.post("/", &body) {
                    200 => acknowledged.push(body),
                    status => assert_eq!(status, 503, "{name}"),
                }
            }
        }
        one.signal(Signal::KILL);
        other.signal(Signal::KILL);
        thread::sleep(Duration::from_millis(50));
        let kept: HashSet<Vec<u8>> = place.bodies().into_iter().collect();
        let lost: Vec<String> = acknowledged
            .iter()
            .filter(|body| !kept.contains(*body))
            .map(|body| super::text(body))
            .collect();
        assert!(lost.is_empty(), "{name}: {lost:?} of {}", acknowledged.len());
        assert!(acknowledged.len() > 30, "{name}: {}", acknowledged.len());
    }
}

#[test]
fn an_empty_file_is_begun_anew_and_that_is_said() {
    let place = Place::new();
    fs::create_dir(place.path("data")).unwrap();
    for args in [&["captures"][..], &["listen", "0", "--for", "100ms"]] {
        fs::write(place.store(), "").unwrap();
        let output = place.run(args);
        assert_eq!(output.status.code(), Some(0));
        let said = super::text(&output.stderr);
        assert!(
            said.contains("captures.db was there and empty, so a new store was begun in it"),
            "{said}"
        );
        let again = super::text(&place.run(args).stderr);
        assert!(!again.contains("was there and empty"), "{again}");
    }
}

#[test]
fn a_store_that_no_ckwh_made_says_so() {
    let place = Place::new();
    place.text(&["store", "init"], 0);
    let other = Connection::open(place.store()).unwrap();
    for (version, says) in [
        (-1, "no ckwh made it so (version -1)"),
        (99, "a later ckwh made it (version 99"),
    ] {
        other.pragma_update(None, "user_version", version).unwrap();
        let output = place.run(&["captures"]);
        let said = super::text(&output.stderr);
        assert_eq!(output.status.code(), Some(3), "{said}");
        assert!(said.contains(says), "{said}");
    }
}

#[test]
fn names_that_mean_memory_to_sqlite_are_files() {
    for name in [":memory:", "file:a?mode=memory", "file::memory:", "a?cache=shared"] {
        let place = Place::new();
        let listen = Listen::start(&place, &["--store", name]);
        assert_eq!(listen.post("/", b"kept"), 200);
        listen.signal(Signal::KILL);
        drop(listen);
        let captures = place.text(&["captures", "export", "--all", "--store", name], 0);
        assert!(captures.contains(r#""body":"kept""#), "{name}: {captures}");
    }
}

#[test]
fn a_bad_store_at_the_start_is_told() {
    let place = Place::new();
    fs::create_dir(place.path("data")).unwrap();
    fs::write(
        place.store(),
        "no database, but longer than one page header has to be: ".repeat(40),
    )
    .unwrap();
    let output = place.run(&["listen", "0", "--for", "1s"]);
    let said = super::text(&output.stderr);
    assert_eq!(output.status.code(), Some(3), "{said}");
    assert!(said.contains("captures.db") && said.contains("--store"), "{said}");
}

#[test]
fn several_processes_share_a_store() {
    let place = Place::new();
    let (one, other) = (Listen::start(&place, &[]), Listen::start(&place, &[]));
    for number in 0..20 {
        assert_eq!(one.post("/", format!("a{number}").as_bytes()), 200);
        assert_eq!(other.post("/", format!("b{number}").as_bytes()), 200);
    }
    assert_eq!(place.lines(&["captures"], 0).len(), 40);
    place.text(&["captures", "prune", "--keep", "5"], 0);
    assert_eq!(one.post("/", b"after"), 200);
    assert_eq!(place.lines(&["captures"], 0).len(), 6);
    one.stop(0);
    other.stop(0);
}

#[test]
fn nobody_else_can_read_what_was_caught() {
    let place = Place::new();
    let listen = Listen::start(&place, &[]);
    assert_eq!(listen.post("/", b"x"), 200);
    let mode = |path: &std::path::Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&place.path("data")), 0o700);
    for entry in fs::read_dir(place.path("data")).unwrap() {
        let path = entry.unwrap().path();
        assert_eq!(mode(&path), 0o600, "{path:?}");
    }
    let out = place.path("out.jsonl");
    place.text(&["captures", "export", "--all", "--output", out.to_str().unwrap()], 0);
    assert_eq!(mode(&out), 0o600);
    listen.stop(0);
}

#[test]
fn what_was_open_to_others_is_closed_where_it_is_ours() {
    let place = Place::new();
    let listen = Listen::start(&place, &[]);
    assert_eq!(listen.post("/", b"x"), 200);
    let set = |path: &std::path::Path, mode| fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    let mode = |path: &std::path::Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    let files = ["", "-wal", "-shm"].map(|suffix| beside(&place.store(), suffix));
    files.iter().for_each(|file| set(file, 0o666));
    set(&place.path("data"), 0o777);
    let output = place.run(&["captures"]);
    let said = super::text(&output.stderr);
    for file in &files {
        assert_eq!(mode(file), 0o600, "{file:?}");
        let says = format!(
            "{} was open to others (mode 0666); now it is yours alone",
            file.display()
        );
        assert!(said.contains(&says), "{says}\n{said}");
    }
    // A folder that was named may be meant for others; it is left, and said.
    assert_eq!(mode(&place.path("data")), 0o777);
    assert!(said.contains("data is open to others (mode 0777)"), "{said}");
    set(&place.path("data"), 0o700);
    assert_eq!(super::text(&place.run(&["captures"]).stderr), "");
    let out = place.path("out.jsonl");
    fs::write(&out, "old").unwrap();
    set(&out, 0o644);
    let output = place.run(&["captures", "export", "--all", "-o", "out.jsonl"]);
    assert_eq!(mode(&out), 0o600);
    assert!(super::text(&output.stderr).contains("out.jsonl was open to others (mode 0644)"));
    assert!(fs::read_to_string(&out).unwrap().starts_with("{\"type\":\"capture\""));
    set(&out, 0o604);
    place.text(&["captures", "show", "1", "--raw", "--output", "out.jsonl"], 0);
    assert_eq!((mode(&out), fs::read(&out).unwrap()), (0o600, b"x".to_vec()));
    listen.stop(0);
}

#[test]
fn the_data_folder_of_its_own_is_closed() {
    let place = Place::new();
    let folder = place.path("share").join("ckwh");
    fs::create_dir_all(&folder).unwrap();
    for before in [0o777, 0o755] {
        fs::set_permissions(&folder, fs::Permissions::from_mode(before)).unwrap();
        let mut list = place.ckwh(&["captures"]);
        list.env_remove("CKWH_STORE").env("XDG_DATA_HOME", place.path("share"));
        let output = list.output().unwrap();
        assert_eq!(output.status.code(), Some(0));
        let said = super::text(&output.stderr);
        assert!(said.contains("now it is yours alone"), "{said}");
        assert_eq!(fs::metadata(&folder).unwrap().permissions().mode() & 0o777, 0o700);
    }
}

#[test]
fn a_link_to_nothing_leads_to_a_file_for_its_owner_alone() {
    let place = Place::new();
    fs::create_dir(place.path("data")).unwrap();
    for (link, to) in [
        ("one.db", "data/real.db"),
        ("two.db", "three.db"),
        ("three.db", "data/other.db"),
    ] {
        std::os::unix::fs::symlink(to, place.path(link)).unwrap();
    }
    for (link, real) in [("one.db", "real.db"), ("two.db", "other.db")] {
        place.text(&["store", "init", "--store", link], 0);
        let mode = fs::metadata(place.path("data").join(real))
            .unwrap()
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600);
    }
    for (link, to) in [("loop.db", "loop.db"), ("lost.db", "none/real.db")] {
        std::os::unix::fs::symlink(to, place.path(link)).unwrap();
        let output = place.run(&["store", "init", "--store", link]);
        assert_eq!(output.status.code(), Some(3), "{}", super::text(&output.stderr));
    }
    // Another user's link in a shared folder: only root can make one for a test.
    let foreign = place.path("foreign.db");
    std::os::unix::fs::symlink("data/planted.db", &foreign).unwrap();
    if std::os::unix::fs::lchown(&foreign, Some(12345), None).is_err() {
        super::missing("root, who can give a link away");
        return;
    }
    let output = place.run(&["store", "init", "--store", "foreign.db"]);
    let said = super::text(&output.stderr);
    assert_eq!(output.status.code(), Some(3), "{said}");
    assert!(said.contains("another user's link"), "{said}");
    assert!(!place.path("data").join("planted.db").exists());
    // And a file of another user's is said, and left.
    let store = place.path("theirs.db");
    place.text(&["store", "init", "--store", "theirs.db"], 0);
    fs::set_permissions(&store, fs::Permissions::from_mode(0o644)).unwrap();
    std::os::unix::fs::chown(&store, Some(12345), None).unwrap();
    let said = super::text(&place.run(&["captures", "--store", "theirs.db"]).stderr);
    assert!(
        said.contains("theirs.db is open to others (mode 0644): it belongs to another user"),
        "{said}"
    );
    assert_eq!(fs::metadata(&store).unwrap().permissions().mode() & 0o777, 0o644);
}

#[test]
fn what_is_in_flight_at_the_end_is_answered() {
    let place = Place::new();
    let listen = Listen::start(&place, &["--delay", "1s"]);
    let mut stream = listen.connect();
    stream.write_all(&super::request("/", b"in flight")).unwrap();
    let mut slow = listen.connect();
    slow.write_all(b"POST / HTTP/1.1\r\nHost: test\r\nContent-Length: 4\r\n\r\nab")
        .unwrap();
    thread::sleep(Duration::from_millis(300));
    listen.signal(Signal::TERM);
    slow.write_all(b"cd").unwrap();
    assert_eq!(read_answer(&mut stream), Some(200));
    assert_eq!(read_answer(&mut slow), Some(200));
    let (lines, _) = listen.end(0);
    assert_eq!(lines.last().unwrap()["captures"], 2);
    let kept: HashSet<_> = place.bodies().into_iter().collect();
    assert_eq!(kept, HashSet::from([b"in flight".to_vec(), b"abcd".to_vec()]));
}
