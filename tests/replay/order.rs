//! `replay --ordered-by`: what has the same value in its body goes out one after the other.

use std::collections::BTreeMap;
use std::fs;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use ckwh::capture::Recorded;
use ckwh::message::Message;
use ckwh::store::wait;
use serde_json::{Value, json};

use crate::receiver::{Receiver, Seen};
use crate::support::{Home, run};

const KEYS: usize = 5;

/// The nth capture, from 1 on: of the customer n modulo 5; every seventh names none.
fn body(number: usize) -> Value {
    match number % 7 {
        0 => json!({"n": number}),
        _ => json!({"n": number, "customer": {"id": format!("c{}", number % KEYS)}}),
    }
}

fn fill(home: &Home, count: usize) {
    let captures = (1..=count).map(|number| {
        Recorded::new(Message {
            url: Some("/e".into()),
            ..Message::new(body(number).to_string().into_bytes())
        })
    });
    wait(home.store().add(captures.collect())).unwrap();
}

fn number(seen: &Seen) -> usize {
    let body: Value = serde_json::from_slice(&seen.body).unwrap();
    body["n"].as_u64().unwrap() as usize
}

/// The customer of the nth capture.
fn customer(number: usize) -> Option<String> {
    body(number)["customer"]["id"].as_str().map(str::to_owned)
}

/// The numbers of each customer's captures, in the order in which they arrived.
fn by_customer(seen: &[Seen]) -> BTreeMap<String, Vec<usize>> {
    let mut all: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for number in seen.iter().map(number) {
        if let Some(customer) = customer(number) {
            all.entry(customer).or_default().push(number);
        }
    }
    all
}

/// The numbers of a customer's captures, in the order in which they were caught.
fn caught(key: &str, count: usize) -> Vec<usize> {
    (1..=count)
        .filter(|number| customer(*number).as_deref() == Some(key))
        .collect()
}

/// How many requests are with the receiver at once, of each customer and in all.
#[derive(Default)]
struct Crowd {
    of: Mutex<BTreeMap<String, usize>>,
    now: AtomicUsize,
    most: AtomicUsize,
    of_one: AtomicUsize,
}

impl Crowd {
    fn stay(&self, seen: &Seen) {
        let key = customer(number(seen));
        let now = self.now.fetch_add(1, Ordering::SeqCst) + 1;
        self.most.fetch_max(now, Ordering::SeqCst);
        if let Some(key) = &key {
            let mut of = self.of.lock().unwrap();
            let here = of.entry(key.clone()).or_default();
            *here += 1;
            self.of_one.fetch_max(*here, Ordering::SeqCst);
        }
        thread::sleep(Duration::from_millis(fastrand::u64(1..8)));
        if let Some(key) = key {
            *self.of.lock().unwrap().entry(key).or_default() -= 1;
        }
        self.now.fetch_sub(1, Ordering::SeqCst);
    }
}

fn replay(home: &Home, args: &[&str]) -> crate::support::Run {
    let as_captured: &[&str] = if args.contains(&"--resume") {
        &[]
    } else {
        &["--keep-signature"]
    };
    home.replay(&[as_captured, &["--concurrency", "4"], args].concat())
}

const ORDER: [&str; 2] = ["--ordered-by", "/customer/id"];

#[test]
fn one_of_each_key_is_on_its_way_and_the_keys_side_by_side() {
    let home = Home::new();
    fill(&home, 200);
    let crowd = Arc::new(Crowd::default());
    let own = crowd.clone();
    let receiver = Receiver::start(move |seen| {
        own.stay(seen);
        Some(200)
    });
    let target = receiver.to();
    let file = home.work().join("all.jsonl");
    let exported = run(&mut home.replaying(&["captures", "export", "--all"]), b"");
    fs::write(&file, exported.stdout).unwrap();
    for args in [
        &["--all"][..],
        &["--all", "--times", "2"],
        &["--from", file.to_str().unwrap()],
    ] {
        let before = receiver.seen().len();
        let done = replay(&home, &[args, &ORDER, &["--to", &target]].concat());
        assert_eq!(done.status, 0, "{}", done.stderr);
        let seen = receiver.seen().split_off(before);
        let times = seen.len() / 200;
        assert_eq!(times, if args.contains(&"2") { 2 } else { 1 });
        let found = by_customer(&seen);
        assert_eq!(found.len(), KEYS);
        for (key, numbers) in found {
            assert_eq!(numbers, caught(&key, 200).repeat(times), "{key}");
        }
    }
    assert_eq!(crowd.of_one.load(Ordering::SeqCst), 1);
    assert!(crowd.most.load(Ordering::SeqCst) > 2);
}

#[test]
fn the_order_holds_over_several_threads() {
    let home = Home::new();
    fill(&home, 2000);
    let receiver = Receiver::of_many("127.0.0.1:0".parse().unwrap(), |_| Some(200));
    let target = receiver.to();
    let args = [
        &["--all", "--to", &target, "--keep-signature", "--concurrency", "64"],
        &ORDER[..],
    ]
    .concat();
    let done = home.replay(&args);
    assert_eq!(done.status, 0, "{}", done.stderr);
    let seen = receiver.stop();
    assert_eq!(seen.len(), 2000);
    for (key, numbers) in by_customer(&seen) {
        assert_eq!(numbers, caught(&key, 2000), "{key}");
    }
}

/// A receiver that refuses one capture until it is mended.
fn refusing(refused: usize) -> (Receiver, Arc<AtomicBool>) {
    let mended = Arc::new(AtomicBool::new(false));
    let is_mended = mended.clone();
    let receiver = Receiver::start(move |seen| {
        let is_refused = number(seen) == refused && !is_mended.load(Ordering::SeqCst);
        Some(if is_refused { 500 } else { 200 })
    });
    (receiver, mended)
}

#[test]
fn a_failure_blocks_the_rest_of_its_key_and_nothing_else() {
    for (again, runs) in [(&["--resume"][..], 1), (&["--failed", ORDER[0], ORDER[1]], 2)] {
        let home = Home::new();
        fill(&home, 60);
        // The customer's third.
        let of_key = caught("c1", 60);
        let (receiver, mended) = refusing(of_key[2]);
        let target = receiver.to();
        let retried = ["--json", "--retry=2", "--retry-scale", "0.001"];
        let failed = replay(&home, &[&["--all", "--to", &target], &ORDER[..], &retried].concat());
        let lines = failed.lines(1);
        let blocked: Vec<u64> = lines
            .iter()
            .filter(|line| line["type"] == "skipped" && line["reason"].as_str().unwrap().starts_with("blocked: "))
            .map(|line| line["capture"].as_u64().unwrap())
            .collect();
        let rest: Vec<u64> = of_key[3..].iter().map(|number| *number as u64).collect();
        assert_eq!(blocked, rest);
        let seen = receiver.seen();
        let tries = seen.iter().filter(|seen| number(seen) == of_key[2]).count();
        assert_eq!(tries, 3, "its retries end before it blocks");
        assert_eq!(seen.len(), 60 + 2 - rest.len());
        let told = |args: &[&str]| {
            run(
                &mut home.replaying(&[&["captures", "runs", "--json"], args].concat()),
                b"",
            )
            .lines(0)
        };
        let first = &told(&[])[0];
        assert_eq!(
            [&first["ok"], &first["failed"], &first["blocked"], &first["finished"]],
            [&json!(59 - rest.len()), &json!(1), &json!(rest.len()), &json!(false)]
        );
        assert_eq!(first["ordered_by"], ORDER[1]);
        mended.store(true, Ordering::SeqCst);
        let done = replay(&home, &[again, &["--to", &target]].concat());
        assert_eq!(done.status, 0, "{again:?} {}", done.stderr);
        let after: Vec<usize> = receiver.stop().split_off(seen.len()).iter().map(number).collect();
        assert_eq!(after, of_key[2..], "{again:?}");
        let last = &told(&[])[0];
        assert_eq!((&last["id"], &last["finished"]), (&json!(runs), &json!(true)));
        assert_eq!(last["blocked"], 0);
    }
}

#[test]
fn the_order_holds_through_a_kill() {
    let home = Home::new();
    fill(&home, 600);
    let receiver = Receiver::start(|_| {
        thread::sleep(Duration::from_millis(2));
        Some(200)
    });
    let target = receiver.to();
    let args = [
        &["--all", "--to", &target, "--keep-signature", "--concurrency", "4"],
        &ORDER[..],
    ]
    .concat();
    let mut child = home.begin(&args);
    receiver.wait_for(200);
    child.kill().unwrap();
    child.wait().unwrap();
    thread::sleep(Duration::from_millis(300));
    let before = receiver.seen().len();
    assert!(before < 600, "it was killed after its end");
    let resumed = replay(&home, &["--resume"]);
    assert_eq!(resumed.status, 0, "{}", resumed.stderr);
    let seen = receiver.stop();
    let (first, second) = seen.split_at(before);
    for (key, numbers) in by_customer(first) {
        assert_eq!(numbers, caught(&key, 600)[..numbers.len()], "{key}");
    }
    for (key, numbers) in by_customer(second) {
        let all = caught(&key, 600);
        assert_eq!(numbers, all[all.len() - numbers.len()..], "{key}");
    }
}

#[test]
fn the_order_is_said_and_no_pointer_is_refused() {
    let home = Home::new();
    fill(&home, 4);
    let dry = replay(&home, &[&["--all", "--to", "9", "--dry-run"], &ORDER[..]].concat());
    assert_eq!(dry.status, 0, "{}", dry.stderr);
    assert!(
        dry.stderr
            .contains("one after the other where /customer/id is the same"),
        "{}",
        dry.stderr
    );
    for (args, says) in [
        (
            &["--all", "--to", "9", "--ordered-by", "customer.id"][..],
            "JSON pointer",
        ),
        (&["--all", "--to", "9", "--ordered-by", "/a~2b"], "JSON pointer"),
        (&["--resume", "--ordered-by", "/a"], "--ordered-by"),
        (&["--join", "--ordered-by", "/a"], "--ordered-by"),
    ] {
        let refused = replay(&home, args);
        assert_eq!(refused.status, 2, "{args:?} {}", refused.stderr);
        assert!(refused.stderr.contains(says), "{args:?} {}", refused.stderr);
    }
}
