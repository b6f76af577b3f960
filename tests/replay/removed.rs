//! Captures that are removed while they are replayed, and what is asked for and is not there: nothing is left out in
//! silence.

use std::collections::BTreeSet;
use std::fs;
use std::sync::atomic::{AtomicBool, Ordering};

use ckwh::store::{Store, wait};
use rusqlite::Connection;

use crate::number;
use crate::receiver::Receiver;
use crate::support::{Home, run};

/// A receiver that has captures removed from the home's store when the tenth request is there.
fn removing(home: &Home, gone: std::ops::RangeInclusive<i64>) -> Receiver {
    let path = home.store_path();
    let done = AtomicBool::new(false);
    Receiver::start(move |seen| {
        if number(seen) >= 10 && !done.swap(true, Ordering::SeqCst) {
            let ids: Vec<i64> = gone.clone().collect();
            wait(wait(Store::open(&path)).unwrap().remove(ids)).unwrap();
        }
        Some(200)
    })
}

#[test]
fn what_is_removed_while_it_is_replayed_is_skipped_and_said() {
    for (pace, times) in [
        (&[][..], 1),
        (&["--concurrency", "4"], 1),
        (&["--times", "2"], 2),
        (&["--event", "*"], 1),
    ] {
        let home = Home::new();
        home.fill(1000);
        // Far behind what was read ahead by then; the last of the store, and some in its middle.
        let receiver = removing(&home, 601..=1000);
        let to = receiver.to();
        let args = [&["--json", "--all", "--to", &to, "--report", "junit=out.xml"], pace].concat();
        let ran = home.replay(&args);
        let summary = ran.summary(1);
        assert_eq!(summary["ok"], 600 * times, "{pace:?}");
        assert_eq!(summary["skipped"], 400 * times, "{pace:?}");
        assert_eq!(summary["not_sent"], 0);
        let lines = ran.lines(1);
        let skipped = lines.iter().filter(|line| line["type"] == "skipped");
        let skipped: BTreeSet<i64> = skipped
            .inspect(|line| assert!(line["reason"].as_str().unwrap().contains("was removed"), "{line}"))
            .map(|line| line["capture"].as_i64().unwrap())
            .collect();
        assert_eq!(skipped, (601..=1000).collect(), "{pace:?}");
        assert_eq!(receiver.stop().len(), 600 * times);
        let report = fs::read_to_string(home.work().join("out.xml")).unwrap();
        let counts = format!(
            r#"tests="{}" failures="0" errors="0" skipped="{}""#,
            1000 * times,
            400 * times
        );
        assert!(report.contains(&counts), "{counts}\n{}", &report[..200]);
    }
}

#[test]
fn people_are_told_too_and_prune_is_as_rm() {
    let home = Home::new();
    home.fill(600);
    let store = home.store_path();
    let pruned = AtomicBool::new(false);
    let receiver = Receiver::start(move |seen| {
        if number(seen) >= 10 && !pruned.swap(true, Ordering::SeqCst) {
            let mut prune = std::process::Command::new(env!("CARGO_BIN_EXE_ckwh"));
            prune
                .args(["captures", "prune", "--keep", "100"])
                .env("CKWH_STORE", &store);
            assert!(prune.output().unwrap().status.success());
        }
        Some(200)
    });
    let ran = home.replay(&["--all", "--to", &receiver.to()]);
    let seen = receiver.stop().len();
    let text = String::from_utf8(ran.stdout).unwrap();
    assert_eq!(ran.status, 1, "{text}");
    let said = text.lines().filter(|line| line.contains("skipped: capture")).count();
    assert_eq!(seen + said, 600, "each is accounted for");
    assert!(
        text.contains(&format!("{seen} delivered, 0 failed, {said} skipped")),
        "{text}"
    );
}

#[test]
fn what_was_removed_before_a_run_goes_on_is_skipped_unless_it_was_answered() {
    let home = Home::new();
    home.fill(12);
    let first = Receiver::start(|seen| (number(seen) <= 5).then_some(200));
    let mut child = home.begin(&["--all", "--to", &first.to()]);
    first.wait_for(6);
    // Outcomes are in the store soon after they are known.
    while !(1..=5).all(|record| wait(home.store().answered(1)).unwrap().contains(record, 0)) {
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    wait(home.store().remove(vec![2, 3, 8, 12])).unwrap();
    let address = first.address();
    first.stop();
    let second = Receiver::at(address, |_| Some(200));
    let ran = home.replay(&["--json", "--resume"]);
    let summary = ran.summary(1);
    assert_eq!((&summary["ok"], &summary["skipped"]), (&5.into(), &2.into()));
    let seen: Vec<usize> = second.stop().iter().map(number).collect();
    assert_eq!(seen, [6, 7, 9, 10, 11]);
    let lines = ran.lines(1);
    let skipped: Vec<_> = lines.iter().filter(|line| line["type"] == "skipped").collect();
    assert_eq!(
        skipped.iter().map(|line| line["capture"].as_i64()).collect::<Vec<_>>(),
        [Some(8), Some(12)]
    );
}

#[test]
fn a_damaged_store_is_never_nothing_to_do() {
    let home = Home::new();
    home.fill(300);
    let other = Connection::open(home.store_path()).unwrap();
    // A row that can't be read: its time is a text.
    other
        .execute("UPDATE capture SET received_at = 'x' WHERE id IN (3, 295)", [])
        .unwrap();
    drop(other);
    for args in [
        &["captures", "prune", "--keep", "290"][..],
        &["captures", "prune", "--keep", "299"],
        &["captures", "prune", "--older-than", "1d"],
        &["captures", "list", "--limit", "0"],
        &["captures", "rm", "--all", "--yes"],
        &["captures", "export", "--all"],
        &["replay", "--all", "--to", "127.0.0.1:9", "--keep-signature"],
        &["replay", "--failed", "--to", "127.0.0.1:9"],
        &["replay", "--event", "*", "--to", "127.0.0.1:9", "--dry-run"],
        &["replay", "--where", ".n", "--to", "127.0.0.1:9"],
    ] {
        let ran = run(&mut home.replaying(args), b"");
        assert_eq!(ran.status, 3, "{args:?}: {}", ran.stderr);
        assert!(ran.stderr.contains("error: the store"), "{args:?}: {}", ran.stderr);
    }
    let count = wait(home.store().count()).unwrap();
    assert_eq!(count, 300, "none was removed");
}

#[test]
fn a_capture_that_is_not_there_is_a_mistake_that_says_what_is() {
    let home = Home::new();
    home.fill(12);
    wait(home.store().remove(vec![4, 5])).unwrap();
    for (args, missing) in [
        (&["replay", "99", "--to", "127.0.0.1:9"][..], "99"),
        (&["replay", "1..99", "--to", "127.0.0.1:9"], "4..5, 13..99"),
        (&["replay", "3", "13", "--to", "127.0.0.1:9", "--dry-run"], "13"),
        (&["captures", "99"], "99"),
        (&["captures", "list", "5..7"], "5"),
        (&["captures", "show", "99"], "99"),
        (&["captures", "diff", "1", "99"], "99"),
        (&["captures", "rm", "999"], "999"),
        (&["captures", "rm", "1..4"], "4"),
        (&["captures", "export", "99"], "99"),
        (&["verify", "99"], "99"),
    ] {
        let ran = run(&mut home.replaying(args), b"");
        assert_eq!(ran.status, 2, "{args:?}: {}", ran.stderr);
        let says = format!("there is no capture {missing}; the store holds 1..3, 6..12");
        assert!(ran.stderr.contains(&says), "{args:?}: {}", ran.stderr);
        assert!(ran.stdout.is_empty());
    }
    assert_eq!(wait(home.store().count()).unwrap(), 10);
    // A range between two that are there goes on, and what it lacks is said.
    let ran = run(&mut home.replaying(&["captures", "list", "3..last", "--json"]), b"");
    assert_eq!(ran.lines(0).len(), 8);
    assert!(ran.stderr.contains("there is no capture 4..5"), "{}", ran.stderr);
}

#[test]
fn a_method_that_is_none_is_skipped_and_no_other_is_sent() {
    let home = Home::new();
    let file = home.work().join("requests.jsonl");
    let line = |method: &str| {
        format!(r#"{{"type":"request","method":{method},"url":"/h?n=1","headers":[],"body":"x"}}"#) + "\n"
    };
    fs::write(
        &file,
        [
            line(r#""GET /admin HTTP/1.1\r\nX: y""#),
            line(r#""""#),
            line(r#""P T""#),
            line(r#""PURGE""#),
        ]
        .concat(),
    )
    .unwrap();
    for from_store in [false, true] {
        let receiver = Receiver::start(|_| Some(200));
        let to = receiver.to();
        let which: &[&str] = if from_store {
            let ran = run(&mut home.replaying(&["captures", "import", "requests.jsonl"]), b"");
            if ran.status != 0 {
                // What takes none of them in can replay none of them.
                continue;
            }
            &["--all"]
        } else {
            &["--from", "requests.jsonl"]
        };
        let ran = home.replay(&[&["--json", "--keep-signature", "--to", &to], which].concat());
        let summary = ran.summary(1);
        assert_eq!(
            (&summary["ok"], &summary["skipped"]),
            (&1.into(), &3.into()),
            "{}",
            ran.stderr
        );
        assert_eq!(receiver.stop().len(), 1);
    }
}

#[test]
fn a_filter_that_never_ends_ends_nothing_else() {
    let home = Home::new();
    home.fill(3);
    let deep = format!("{}1{}", "[".repeat(200_000), "]".repeat(200_000));
    for filter in [
        "def f: [f]; f",
        "[range(1e12)]",
        "def f: f + f; f",
        "[recurse([.])] | length",
        &"[".repeat(90_000),
    ] {
        let ran = home.replay(&["--where", filter, "--to", "127.0.0.1:9"]);
        assert_eq!(ran.status, 2, "{:.40}: {:.400}", filter, ran.stderr);
    }
    // Nor does a body that a stranger sent: it is not meant.
    fs::write(
        home.work().join("deep.http"),
        format!("POST /h?n=1 HTTP/1.1\r\n\r\n{deep}"),
    )
    .unwrap();
    for filter in [".a", ".. == 1"] {
        let ran = home.replay(&["--from", "deep.http", "--where", filter, "--to", "127.0.0.1:9"]);
        assert_eq!(ran.status, 2, "{:.400}", ran.stderr);
        assert!(ran.stderr.contains("nothing is selected"), "{:.400}", ran.stderr);
    }
}

#[cfg(unix)]
#[test]
fn a_run_that_is_interrupted_says_how_many_were_not_sent_and_how_to_go_on() {
    use rustix::process::{Pid, Signal, kill_process};
    use std::process::Stdio;

    let home = Home::new();
    home.fill(20);
    let receiver = Receiver::start(|seen| (number(seen) <= 3).then_some(200));
    let mut replay = home.replaying(&["replay", "--all", "--to", &receiver.to(), "--report", "junit=out.xml"]);
    let child = replay
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    receiver.wait_for(4);
    kill_process(Pid::from_child(&child), Signal::INT).unwrap();
    let output = child.wait_with_output().unwrap();
    let (out, err) = (
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr),
    );
    assert_eq!(output.status.code(), Some(130), "{out}{err}");
    assert!(out.contains("3 delivered, 0 failed, 16 not sent"), "{out}");
    assert!(
        err.contains("interrupted: 16 were not sent and 1 was on its way without an answer; `ckwh replay --resume 1`"),
        "{err}"
    );
    let report = fs::read_to_string(home.work().join("out.xml")).unwrap();
    assert!(report.contains("16 requests were not sent"), "{report}");
    let left: Vec<_> = fs::read_dir(home.work())
        .unwrap()
        .filter(|entry| entry.as_ref().unwrap().file_name().to_string_lossy().contains("-run"))
        .collect();
    assert!(left.is_empty(), "no lock is left");
}

#[test]
fn a_target_that_is_no_path_names_no_other_host() {
    let home = Home::new();
    let line = |target: &str, host: &str| {
        format!(r#"{{"type":"request","method":"POST","url":"{target}","headers":[{host}],"body":"x"}}"#) + "\n"
    };
    let all: String = ["@evil.test/x", ":pw@evil.test/x", ".evil.test/x", "*"]
        .iter()
        .flat_map(|target| [line(target, ""), line(target, r#"["host","here.test"]"#)])
        .collect();
    fs::write(home.work().join("requests.jsonl"), all).unwrap();
    let imported = run(&mut home.replaying(&["captures", "import", "requests.jsonl"]), b"");
    assert_eq!(imported.status, 0, "{}", imported.stderr);
    for args in [&[][..], &["--base-url", "http://here.test"]] {
        for format in ["curl", "har"] {
            let args = [&["captures", "export", "--all", "--format", format], args].concat();
            let exported = String::from_utf8(run(&mut home.replaying(&args), b"").stdout).unwrap();
            for (at, _) in exported.match_indices("http://") {
                let url = exported[at..].split(['\'', '"', ' ', '\n']).next().unwrap();
                let host = url::Url::parse(url).unwrap().host_str().unwrap().to_owned();
                assert!(["localhost", "here.test"].contains(&host.as_str()), "{url}");
            }
        }
    }
}
