//! `replay --ordered-by` where several processes deliver one run.

use std::collections::{BTreeMap, HashSet};
use std::path::PathBuf;
use std::process::Stdio;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use ckwh::capture::Recorded;
use ckwh::message::Message;
use ckwh::store::{Location, Store, wait};
use serde_json::Value;

use super::rounds::rounds;
use super::support::{Home, run};
use super::team::{PATIENCE, Process, disturb, handler, made};
use super::{postgres, shared};

const KEYS: usize = 8;

/// The nth capture: of the customer n modulo 8; every seventh names none.
fn body(number: usize) -> String {
    match number % 7 {
        0 => format!("{{\"n\":{number}}}"),
        _ => format!("{{\"n\":{number},\"customer\":{{\"id\":{}}}}}", number % KEYS),
    }
}

fn fill(url: &str, count: usize) {
    let store = wait(Store::open(Location::parse(&PathBuf::from(url)).unwrap())).unwrap();
    let captures = (1..=count).map(|number| {
        Recorded::new(Message {
            url: Some("/e".into()),
            ..Message::new(body(number).into_bytes())
        })
    });
    wait(store.add(captures.collect())).unwrap();
}

/// The number and the customer of a body.
fn read(body: &str) -> (u64, Option<u64>) {
    let body: Value = serde_json::from_str(body).unwrap();
    (body["n"].as_u64().unwrap(), body["customer"]["id"].as_u64())
}

/// The numbers of a customer's captures, in the order in which they were caught.
fn caught(key: u64, count: usize) -> Vec<u64> {
    let of_key = |number: &usize| read(&body(*number)).1 == Some(key);
    (1..=count).filter(of_key).map(|number| number as u64).collect()
}

/// What arrived, in its order, and whether two of a customer were there at once.
#[derive(Default)]
struct Seen {
    all: Vec<(u64, Option<u64>)>,
    now: HashSet<u64>,
    at_once: u32,
}

impl Seen {
    fn by_customer(&self) -> BTreeMap<u64, Vec<u64>> {
        let mut all: BTreeMap<u64, Vec<u64>> = BTreeMap::new();
        for (number, customer) in &self.all {
            if let Some(customer) = customer {
                all.entry(*customer).or_default().push(*number);
            }
        }
        all
    }
}

/// A handler that takes a while, and refuses one capture until it is mended.
fn watching(seen: &Arc<Mutex<Seen>>, refused: u64, mended: &Arc<AtomicBool>, takes: Duration) -> String {
    let (seen, mended) = (seen.clone(), mended.clone());
    let address = handler(move |body| {
        let (number, customer) = read(body);
        {
            let mut seen = seen.lock().unwrap();
            seen.all.push((number, customer));
            let is_alone = customer.is_none_or(|customer| seen.now.insert(customer));
            seen.at_once += u32::from(!is_alone);
        }
        thread::sleep(takes);
        if let Some(customer) = customer {
            seen.lock().unwrap().now.remove(&customer);
        }
        let is_refused = number == refused && !mended.load(Ordering::SeqCst);
        if is_refused { 500 } else { 200 }
    });
    address.to_string()
}

/// Counts of a run's requests, in these states.
fn count(server: &postgres::Server, schema: &str, which: &str) -> u64 {
    let count = format!("SELECT count(*) FROM {schema}.run_item WHERE {which}");
    server.sql("postgres", "ckwh", &count).parse().unwrap()
}

fn worker(home: &Home, url: &str, target: &str, args: &[&str]) -> Process {
    let mut command = home.ckwh(&["replay", "--keep-signature", "--concurrency", "2", "--timeout", "2s"]);
    let command = command.args(["--to", target]).args(args).env("CKWH_STORE", url);
    Process(command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap())
}

/// The captures that the run says were taken from a process that went away.
fn lost_claims(home: &Home, url: &str) -> HashSet<u64> {
    let told = run(
        home.ckwh(&["captures", "runs", "last", "--json"])
            .env("CKWH_STORE", url),
        b"",
    );
    assert_eq!(told.status, 0, "{}", told.stderr);
    let told: Value = serde_json::from_slice(&told.stdout).unwrap();
    let lost = told["lost_claims"].as_array().into_iter().flatten();
    lost.map(|lost| lost["capture"].as_u64().unwrap()).collect()
}

/// Starts a run with four workers, and waits until it is there.
fn four(home: &Home, server: &postgres::Server, schema: &str, url: &str, target: &str) -> Vec<Process> {
    let mut workers = vec![worker(home, url, target, &["--all", "--ordered-by", "/customer/id"])];
    let begun = Instant::now();
    while count(server, schema, "state IN (1, 2)") == 0 {
        assert!(begun.elapsed() < PATIENCE);
        thread::sleep(Duration::from_millis(20));
    }
    workers.extend((0..3).map(|_| worker(home, url, target, &["--join"])));
    workers
}

#[test]
fn the_order_holds_over_four_workers_whoever_is_killed() {
    let wanted = rounds(3);
    // Enough that the rounds end before the run does.
    let count_of_all = 200 * wanted as usize;
    let Some(_) = shared() else { return };
    let server = postgres::Server::start().unwrap();
    let home = Home::new();
    let (schema, url) = made(&home, &server);
    fill(&url, count_of_all);
    let (seen, mended) = (Arc::new(Mutex::new(Seen::default())), Arc::default());
    let target = watching(&seen, 0, &mended, Duration::from_millis(40));
    let mut workers = four(&home, &server, &schema, &url, &target);
    let mut kills = 0;
    for round in 0..wanted {
        thread::sleep(Duration::from_millis(150));
        if count(&server, &schema, "state IN (0, 1, 5)") == 0 {
            break;
        }
        let victim = fastrand::usize(..workers.len());
        let _ = workers[victim].0.kill();
        let _ = workers[victim].0.wait();
        kills += 1;
        disturb(&server, round);
        workers[victim] = worker(&home, &url, &target, &["--join"]);
    }
    let open = || count(&server, &schema, "state IN (0, 1, 3, 5, 6)");
    let (mut begun, mut left) = (Instant::now(), open());
    while left > 0 {
        assert!(begun.elapsed() < PATIENCE, "{left} are left");
        let now = open();
        if now < left {
            begun = Instant::now();
        }
        left = now;
        if workers.iter_mut().all(|worker| worker.0.try_wait().unwrap().is_some()) {
            // What got no answer while the server was away has another turn.
            workers[0] = worker(&home, &url, &target, &["--join"]);
        }
        thread::sleep(Duration::from_millis(100));
    }
    for worker in &mut workers {
        let _ = worker.0.wait();
    }
    let seen = seen.lock().unwrap();
    assert_eq!(seen.at_once, 0, "two of a customer were there at once");
    assert!(kills > 0);
    let lost = lost_claims(&home, &url);
    let mut repeated = 0;
    for (key, numbers) in seen.by_customer() {
        let all = caught(key, count_of_all);
        let mut next = 0;
        for number in numbers {
            let place = all.iter().position(|own| *own == number).unwrap();
            assert!(place <= next, "{key}: {number} came before {}", all[next]);
            let is_again = place < next;
            repeated += usize::from(is_again);
            // Numbers begin at 1, and so do captures.
            assert!(!is_again || lost.contains(&number), "{number} is not listed");
            next = next.max(place + 1);
        }
        assert_eq!(next, all.len(), "{key}");
    }
    assert!(lost.len() <= kills * 12, "{} claims were lost", lost.len());
    // A worker holds what it claimed twice, four at a time, and two requests on their way.
    assert!(repeated <= kills * 12, "{repeated} repeated in {kills} rounds");
    println!("{kills} rounds, {repeated} repeated of {count_of_all}");
}

#[test]
fn a_failure_blocks_its_key_for_every_worker_and_the_run_goes_on_with_it() {
    for (again, runs) in [
        (&["--join", "1"][..], 1),
        (&["--failed", "--ordered-by", "/customer/id"], 2),
    ] {
        failed_and_gone_on(again, runs);
    }
}

fn failed_and_gone_on(again: &[&str], runs: u64) {
    const COUNT: usize = 200;
    let Some(server) = shared() else { return };
    let home = Home::new();
    let (schema, url) = made(&home, server);
    fill(&url, COUNT);
    let of_key = caught(3, COUNT);
    let (seen, mended) = (Arc::new(Mutex::new(Seen::default())), Arc::default());
    let target = watching(&seen, of_key[4], &mended, Duration::from_millis(10));
    for worker in &mut four(&home, server, &schema, &url, &target) {
        worker.0.wait().unwrap();
    }
    let rest = of_key[5..].len() as u64;
    let states = [0, 1, 2, 3, 4, 5, 6].map(|state| count(server, &schema, &format!("state = {state}")));
    assert_eq!(states, [0, 0, COUNT as u64 - rest, 0, 0, 0, rest]);
    let before = {
        let seen = seen.lock().unwrap();
        assert_eq!(seen.at_once, 0);
        for (key, numbers) in seen.by_customer() {
            let all = caught(key, COUNT);
            let through = if key == 3 { 5 } else { all.len() };
            assert_eq!(numbers, all[..through], "{key}");
        }
        seen.all.len()
    };
    let told = || {
        let told = run(
            home.ckwh(&["captures", "runs", "last", "--json"])
                .env("CKWH_STORE", &url),
            b"",
        );
        assert_eq!(told.status, 0, "{}", told.stderr);
        serde_json::from_slice::<Value>(&told.stdout).unwrap()
    };
    let first = told();
    assert_eq!(
        [&first["blocked"], &first["failed"], &first["finished"]],
        [&Value::from(rest), &Value::from(1), &Value::from(false)]
    );
    mended.store(true, Ordering::SeqCst);
    let mut workers: Vec<_> = (0..2)
        .map(|_| worker(&home, &url, &target, again))
        .take(3 - runs as usize)
        .collect();
    for worker in &mut workers {
        worker.0.wait().unwrap();
    }
    let seen = seen.lock().unwrap();
    let after: Vec<u64> = seen.all[before..].iter().map(|(number, _)| *number).collect();
    assert_eq!(after, of_key[4..], "{again:?}");
    let last = told();
    assert_eq!(
        [&last["id"], &last["blocked"], &last["failed"], &last["finished"]],
        [&Value::from(runs), &Value::from(0), &Value::from(0), &Value::from(true)]
    );
}
