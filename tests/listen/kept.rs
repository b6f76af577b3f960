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
    for round in 0..6 {
        let listen = Listen::start(&place, &[]);
        let never = Arc::new(AtomicBool::new(false));
        let posting = post_many(&listen, 64, round, &never);
        thread::sleep(Duration::from_millis(120 + 90 * round));
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
        eprintln!("not tested: no file system can be mounted here; a limit of the file's size stands for it");
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
