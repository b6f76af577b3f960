//! What `ckwh captures runs` tells of replays that other processes delivered.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::{Value, json};

use super::number;
use super::receiver::Receiver;
use super::support::{Home, run};

fn told(home: &Home, args: &[&str]) -> Vec<Value> {
    run(
        &mut home.replaying(&[&["captures", "runs", "--json"], args].concat()),
        b"",
    )
    .lines(0)
}

#[test]
fn each_run_has_its_figures_and_what_changed_since_the_one_before() {
    let home = Home::new();
    home.fill(6);
    let later = Arc::new(AtomicBool::new(false));
    let is_later = later.clone();
    // Before: 1 and 2 fail; afterwards 2 and 3 do.
    let receiver = Receiver::start(move |seen| {
        let failing = if is_later.load(Ordering::Relaxed) {
            [2, 3]
        } else {
            [1, 2]
        };
        Some(if failing.contains(&number(seen)) { 500 } else { 200 })
    });
    let target = receiver.to();
    assert_eq!(told(&home, &[]), [] as [Value; 0]);
    let replayed = |args: &[&str]| home.replay(&[&["--json", "--to", &target], args].concat()).summary(1);
    let first = replayed(&["1..5"]);
    later.store(true, Ordering::Relaxed);
    // The sixth was never delivered before, so nothing changed with it.
    let second = replayed(&["--all"]);
    let listed = told(&home, &[]);
    assert_eq!(listed.len(), 2);
    for (item, summary) in [(&listed[1], &first), (&listed[0], &second)] {
        assert_eq!(item["id"], summary["run"]);
        for name in [
            "deliveries",
            "ok",
            "failed",
            "statuses",
            "failures",
            "p50_ms",
            "max_ms",
            "histogram",
        ] {
            assert_eq!(item[name], summary[name], "{name}");
        }
        assert_eq!(item["planned"], summary["deliveries"]);
        assert_eq!((&item["finished"], &item["requests"]), (&json!(true), &Value::Null));
    }
    let [one] = told(&home, &["last"]).try_into().unwrap();
    assert_eq!(one["changes"], json!({"fixed": 1, "regressed": 1, "still_failing": 1}));
    let requests: Vec<_> = one["requests"]
        .as_array()
        .unwrap()
        .iter()
        .map(|request| {
            (
                request["capture"].as_i64().unwrap(),
                request["status"].as_i64(),
                request["change"].clone(),
            )
        })
        .collect();
    let mut requests = requests;
    requests.sort_by_key(|(capture, ..)| *capture);
    assert_eq!(
        requests,
        [
            (1, Some(200), json!("fixed")),
            (2, Some(500), json!("still-failing")),
            (3, Some(500), json!("regressed")),
        ]
    );
    assert!(
        one["requests"][0]["event_type"]
            .as_str()
            .is_some_and(|event| !event.is_empty())
    );
    assert_eq!(
        told(&home, &["1"])[0]["changes"],
        json!({"fixed": 0, "regressed": 0, "still_failing": 0})
    );
    receiver.stop();

    // Nobody is there any more: the run does not end, and says why.
    home.replay(&["--json", "--to", &target, "--all", "--concurrency", "1"]);
    let [cut] = told(&home, &["last"]).try_into().unwrap();
    assert_eq!(
        (&cut["finished"], &cut["ok"], &cut["planned"]),
        (&json!(false), &json!(0), &json!(6))
    );
    assert!(!cut["failures"].as_object().unwrap().is_empty(), "{cut}");
    for (args, status) in [(["captures", "runs", "99"], 2), (["captures", "runs", "x"], 2)] {
        assert_eq!(run(&mut home.replaying(&args), b"").status, status, "{args:?}");
    }
}
