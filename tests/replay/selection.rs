//! Which captures go out.

use ckwh::store::wait;

use crate::number;
use crate::receiver::Receiver;
use crate::support::Home;

#[test]
fn nothing_selected_is_a_mistake_and_never_everything() {
    let home = Home::new();
    home.fill(3);
    for args in [
        &[][..],
        &["--event", "none.*"],
        &["--until", "2001-01-01T00:00:00Z"],
        &["99"],
        &["--where", ".none"],
        &["--where", ".["],
    ] {
        let ran = home.replay(&[args, &["--to", "127.0.0.1:9"]].concat());
        assert_eq!(ran.status, 2, "{args:?}: {}", ran.stderr);
    }
    assert_eq!(wait(home.store().run(None)).unwrap(), None, "no run was begun");
}

#[test]
fn captures_are_selected_by_number_event_and_time() {
    let home = Home::new();
    home.fill(6);
    for (args, expected) in [
        (&["2", "5..6"][..], &[2, 5, 6][..]),
        (&["last"], &[6]),
        (&["--event", "cost.*"], &[1, 3, 5]),
        (&["--provider", "quotawatch", "1..4"], &[2, 4]),
        (&["--since", "2026-05-08T12:00:00Z", "--invalid"], &[1, 2, 3, 4, 5, 6]),
        (&["1", "--times", "3"], &[1, 1, 1]),
    ] {
        let receiver = Receiver::start(|_| Some(200));
        let ran = home.replay(&[args, &["--to", &receiver.to()]].concat());
        assert_eq!(ran.status, 0, "{args:?}: {}", ran.stderr);
        assert_eq!(
            receiver.stop().iter().map(number).collect::<Vec<_>>(),
            expected,
            "{args:?}"
        );
    }
}

#[test]
fn a_pace_changes_neither_order_nor_number() {
    let home = Home::new();
    home.fill(20);
    for (pace, expected) in [
        (&["--rate", "2000/s"][..], (1..=20).collect::<Vec<_>>()),
        (&["--rate", "2000/s", "--times", "2"], (1..=20).chain(1..=20).collect()),
        (&["--speed", "1000"], (1..=20).collect()),
    ] {
        let receiver = Receiver::start(|_| Some(200));
        let ran = home.replay(&[&["--all", "--to", &receiver.to()], pace].concat());
        assert_eq!(ran.status, 0, "{pace:?}: {}", ran.stderr);
        assert_eq!(
            receiver.stop().iter().map(number).collect::<Vec<_>>(),
            expected,
            "{pace:?}"
        );
    }
    for wrong in [
        &["--rate", "0/s"][..],
        &["--speed", "0"],
        &["--speed", "2", "--rate", "2/s"],
    ] {
        let ran = home.replay(&[&["--all", "--to", "127.0.0.1:9"], wrong].concat());
        assert_eq!(ran.status, 2, "{wrong:?}: {}", ran.stderr);
    }
}

#[test]
fn what_failed_is_judged_by_its_target() {
    let home = Home::new();
    home.fill(6);
    let broken = Receiver::start(|seen| Some(if number(seen).is_multiple_of(3) { 500 } else { 200 }));
    let other = Receiver::start(|_| Some(200));
    assert_eq!(home.replay(&["--all", "--to", &broken.to()]).status, 1);
    assert_eq!(home.replay(&["1..3", "--to", &other.to()]).status, 0);
    assert_eq!(
        home.replay(&["--failed", "--to", &other.to()]).status,
        2,
        "nothing failed there"
    );
    let address = broken.address();
    assert_eq!(broken.stop().len(), 6);
    let mended = Receiver::at(address, |_| Some(200));
    assert_eq!(home.replay(&["--failed", "--to", &mended.to()]).status, 0);
    assert_eq!(
        home.replay(&["--failed", "--to", &mended.to()]).status,
        2,
        "all of it was delivered"
    );
    assert_eq!(mended.stop().iter().map(number).collect::<Vec<_>>(), [3, 6]);
}

#[test]
fn fail_fast_stops_and_goes_on() {
    let home = Home::new();
    home.fill(9);
    let receiver = Receiver::start(|seen| Some(if number(seen) == 4 { 500 } else { 200 }));
    let ran = home.replay(&["--all", "--fail-fast", "--to", &receiver.to()]);
    assert_eq!(ran.status, 1);
    assert!(ran.stderr.contains("--resume 1"), "{}", ran.stderr);
    assert_eq!(receiver.seen().len(), 4);
    assert_eq!(home.replay(&["--resume"]).status, 0);
    assert_eq!(
        receiver.stop().iter().map(number).collect::<Vec<_>>(),
        [1, 2, 3, 4, 5, 6, 7, 8, 9]
    );
}

#[test]
fn the_junit_report_counts_what_happened() {
    let home = Home::new();
    home.fill(4);
    let receiver = Receiver::start(|seen| Some(if number(seen) == 3 { 418 } else { 200 }));
    let ran = home.replay(&["--all", "--report", "junit=out.xml", "--to", &receiver.to()]);
    assert_eq!(ran.status, 1);
    let report = std::fs::read_to_string(home.work().join("out.xml")).unwrap();
    assert!(
        report.contains(r#"tests="4" failures="1" errors="0" skipped="0""#),
        "{report}"
    );
    assert!(
        report.contains("expected 2xx, got 418") && report.contains("capture 3"),
        "{report}"
    );
    assert!(!home.work().join("out.xml.part").exists());
}
