//! Cut off half way, and gone on.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::net::SocketAddr;
use std::process::Child;
use std::thread;
use std::time::Duration;

use ckwh::store::wait;

use crate::number;
use crate::receiver::{Receiver, Seen};
use crate::rounds::rounds;
use crate::support::Home;

/// How many requests are on their way at once.
const CONCURRENCY: usize = 4;
/// How many outcomes are written together: what may be repeated after a SIGKILL besides the attempts in flight.
const GROUP: usize = 64;

/// How often each request arrived.
fn counts(seen: &[Seen]) -> BTreeMap<usize, usize> {
    let mut counts = BTreeMap::new();
    for seen in seen {
        *counts.entry(number(seen)).or_default() += 1;
    }
    counts
}

fn kill(mut child: Child) {
    child.kill().unwrap();
    child.wait().unwrap();
}

/// How many requests arrived, once those are counted too that a killed sender left on their way.
fn settled(receiver: &Receiver) -> usize {
    loop {
        let count = receiver.seen().len();
        thread::sleep(Duration::from_millis(300));
        if receiver.seen().len() == count {
            return count;
        }
    }
}

/// Where a receiver that is the first at its address is.
fn anywhere() -> SocketAddr {
    "127.0.0.1:0".parse().unwrap()
}

/// [`killed_and_resumed_once`], in several rounds.
fn killed_and_resumed(home: &Home, args: &[&str], at_once: usize, count: usize, times: usize) {
    for _ in 0..rounds(1) {
        killed_and_resumed_once(home, args, at_once, count, times);
    }
}

/// Kills the sender half way, goes on, and checks what arrived and what the store says.
fn killed_and_resumed_once(home: &Home, args: &[&str], at_once: usize, count: usize, times: usize) {
    let receiver = match at_once {
        CONCURRENCY => Receiver::start(|_| Some(200)),
        _ => Receiver::of_many(anywhere(), |_| Some(200)),
    };
    let target = receiver.to();
    let concurrency = at_once.to_string();
    let child = home.begin(&[args, &["--to", &target, "--concurrency", &concurrency]].concat());
    receiver.wait_for(count * times / 2);
    kill(child);
    let before = settled(&receiver);
    assert!(before < count * times, "it was killed after its end");
    let run = wait(home.store().run(None))
        .unwrap()
        .expect("a run that is not finished");
    let ran = home.replay(&["--json", "--resume"]);
    let summary = ran.summary(0);
    assert_eq!(summary["run"], run.id);
    let seen = receiver.stop();
    let counts = counts(&seen);
    assert_eq!(counts.len(), count, "every request arrived");
    assert!(counts.values().all(|got| *got >= times), "as often as it should");
    let repeated = seen.len() - count * times;
    assert!(repeated <= at_once + GROUP, "{repeated} were repeated");
    assert_eq!(summary["ok"], seen.len() - before);
    let store = home.store();
    let answered = wait(store.answered(run.id)).unwrap();
    for record in 1..=count {
        for turn in 0..times {
            assert!(answered.contains(record as i64, turn as u32), "{record} {turn}");
        }
    }
    assert!(wait(store.run(Some(run.id))).unwrap().unwrap().finished);
    assert_eq!(home.replay(&["--resume"]).status, 2, "nothing is left to go on with");
}

#[test]
fn a_sender_that_is_killed_leaves_nothing_out() {
    let home = Home::new();
    home.fill(800);
    killed_and_resumed(&home, &["--all"], CONCURRENCY, 800, 1);
}

#[test]
fn a_sender_of_several_threads_that_is_killed_leaves_nothing_out() {
    let home = Home::new();
    home.fill(4000);
    killed_and_resumed(&home, &["--all"], 64, 4000, 1);
}

#[cfg(unix)]
#[test]
fn a_sender_of_several_threads_ends_at_once_when_it_is_interrupted() {
    use rustix::process::{Pid, Signal, kill_process};

    let home = Home::new();
    home.fill(1000);
    let silent = Receiver::of_many(anywhere(), |_| None);
    let mut child = home.begin(&["--all", "--to", &silent.to(), "--concurrency", "64"]);
    silent.wait_for(64);
    kill_process(Pid::from_child(&child), Signal::INT).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(130));
    let address = silent.address();
    assert_eq!(silent.stop().len(), 64, "no other began");
    let answering = Receiver::of_many(address, |_| Some(200));
    let ran = home.replay(&["--json", "--resume"]);
    assert_eq!(ran.summary(0)["ok"], 1000);
    assert_eq!(counts(&answering.stop()).len(), 1000);
}

#[test]
fn a_sender_that_is_killed_between_turns_leaves_nothing_out() {
    let home = Home::new();
    home.fill(200);
    killed_and_resumed(&home, &["--event", "*", "--times", "4"], CONCURRENCY, 200, 4);
}

#[test]
fn a_sender_that_is_killed_over_a_file_leaves_nothing_out() {
    let home = Home::new();
    let mut lines = String::new();
    for number in 1..=800 {
        let _ = writeln!(
            lines,
            r#"{{"type":"request","method":"POST","url":"/h?n={number}","headers":[["X-QuotaWatch-Event","quota.threshold_reached"],["X-QuotaWatch-Signature","sha256=00"]],"body":"{number}"}}"#
        );
    }
    let file = home.work().join("requests.jsonl");
    fs::write(&file, &lines).unwrap();
    killed_and_resumed(
        &home,
        &["--from", "requests.jsonl", "--keep-signature"],
        CONCURRENCY,
        800,
        1,
    );
}

#[test]
fn a_file_that_changed_is_not_gone_on_with() {
    let home = Home::new();
    let file = home.work().join("request.http");
    fs::write(&file, "POST /h?n=1 HTTP/1.1\r\n\r\nbody").unwrap();
    let ran = home.replay(&["--from", "request.http", "--keep-signature", "--to", "127.0.0.1:9"]);
    assert_eq!(ran.status, 3, "{}", ran.stderr);
    fs::write(&file, "POST /h?n=2 HTTP/1.1\r\n\r\nbody").unwrap();
    let ran = home.replay(&["--resume"]);
    assert_eq!(ran.status, 2);
    assert!(ran.stderr.contains("has changed"), "{}", ran.stderr);
}

#[test]
fn what_arrives_after_a_run_began_is_not_part_of_it() {
    let home = Home::new();
    home.fill(3);
    assert_eq!(home.replay(&["--all", "--to", "127.0.0.1:9"]).status, 3);
    home.fill(3);
    let ran = home.replay(&["--json", "--resume", "--to", "127.0.0.1:9"]);
    assert_eq!(ran.summary(3)["deliveries"], 3);
}

#[test]
fn a_run_goes_on_as_it_was_begun() {
    let home = Home::new();
    home.fill(3);
    assert_eq!(home.replay(&["--all", "--to", "127.0.0.1:9"]).status, 3);
    for more in [&["--keep-signature"][..], &["--set", "a=1"], &["--host", "h"]] {
        let ran = home.replay(&[&["--resume"], more].concat());
        assert_eq!(ran.status, 2, "{more:?} {}", ran.stderr);
        let says = format!("leave {} out", more[0]);
        assert!(ran.stderr.contains(&says), "{more:?} {}", ran.stderr);
    }
}

#[test]
fn a_receiver_that_is_taken_away_and_brought_back_gets_everything() {
    let home = Home::new();
    home.fill(400);
    let first = Receiver::start(|_| Some(200));
    let address = first.address();
    let concurrency = CONCURRENCY.to_string();
    let mut child = home.begin(&["--all", "--to", &first.to(), "--concurrency", &concurrency]);
    first.wait_for(150);
    let mut seen = first.stop();
    let status = child.wait().unwrap();
    assert_eq!(status.code(), Some(3), "it stopped early");
    let second = Receiver::at(address, |_| Some(200));
    let ran = home.replay(&["--resume"]);
    assert_eq!(ran.status, 0, "{}", ran.stderr);
    seen.extend(second.stop());
    assert_eq!(counts(&seen).len(), 400, "every request arrived");
    assert!(seen.len() <= 400 + CONCURRENCY, "{} were repeated", seen.len() - 400);
}

#[test]
fn two_processes_do_not_deliver_one_run() {
    let home = Home::new();
    home.fill(3);
    // The first waits for an answer, and so is under way for as long as it takes.
    let silent = Receiver::start(|_| None);
    let child = home.begin(&["--all", "--to", &silent.to()]);
    silent.wait_for(1);
    for run in ["--resume", "--resume=1"] {
        let second = home.replay(&[run]);
        assert_eq!(second.status, 3, "{}", second.stderr);
        assert!(
            second.stderr.contains("run 1 is being delivered by another process")
                && second.stderr.contains("--resume 1"),
            "{}",
            second.stderr
        );
    }
    let other = Receiver::start(|_| Some(200));
    assert_eq!(home.replay(&["--all", "--to", &other.to()]).status, 0, "another run");
    kill(child);
    assert_eq!(silent.seen().len(), 1);
    let address = silent.address();
    silent.stop();
    let answering = Receiver::at(address, |_| Some(200));
    let ran = home.replay(&["--resume"]);
    assert_eq!(ran.status, 0, "{}", ran.stderr);
    assert_eq!(answering.stop().iter().map(number).collect::<Vec<_>>(), [1, 2, 3]);
    let left = fs::read_dir(home.work()).unwrap().flatten();
    let left: Vec<_> = left
        .map(|entry| entry.file_name())
        .filter(|name| name.to_string_lossy().contains("run"))
        .collect();
    assert!(left.is_empty(), "{left:?}");
}

#[test]
fn a_target_that_is_plainly_gone_ends_it() {
    let home = Home::new();
    home.fill(50);
    let ran = home.replay(&["--json", "--all", "--to", "127.0.0.1:9"]);
    let summary = ran.summary(3);
    assert_eq!(summary["deliveries"], 10);
    assert_eq!(summary["failures"]["refused"], 10);
    assert!(ran.stderr.contains("--resume 1"), "{}", ran.stderr);
}
