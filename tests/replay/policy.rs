//! The providers' retry rules, by what a receiver counts: attempts, not times.

use std::collections::BTreeSet;

use crate::receiver::{Receiver, Seen};
use crate::support::Home;

/// What a receiver got of one capture under `--retry`, where it answers `status`; `None` is never.
fn attempts(capture: &str, status: Option<u16>) -> Vec<Seen> {
    let home = Home::new();
    home.fill(2);
    let receiver = Receiver::start(move |_| status);
    let args = [
        capture,
        "--retry",
        "--retry-scale",
        "0.01",
        "--timeout",
        "300ms",
        "--to",
        &receiver.to(),
    ];
    let ran = home.replay(&args);
    assert_ne!(ran.status, 2, "{}", ran.stderr);
    receiver.seen()
}

/// The signatures and times under which the attempts came.
fn signatures(seen: &[Seen]) -> BTreeSet<Vec<Option<&str>>> {
    let names = [
        "x-costkatana-signature",
        "x-costkatana-timestamp",
        "x-quotawatch-signature",
    ];
    seen.iter()
        .map(|seen| names.iter().map(|name| seen.header(name)).collect())
        .collect()
}

#[test]
fn cost_katana_tries_5xx_and_time_outs_again_with_the_same_signature() {
    for (status, expected) in [
        (Some(200), 1),
        (Some(500), 4),
        (Some(503), 4),
        (None, 4),
        (Some(400), 1),
        (Some(404), 1),
        (Some(429), 1),
    ] {
        let seen = attempts("1", status);
        assert_eq!(seen.len(), expected, "{status:?}");
        assert_eq!(signatures(&seen).len(), 1, "{status:?}: the same headers each time");
    }
}

#[test]
fn quotawatch_tries_whatever_is_not_2xx_again() {
    for (status, expected) in [
        (Some(200), 1),
        (Some(204), 1),
        (Some(302), 4),
        (Some(400), 4),
        (Some(401), 4),
        (Some(500), 4),
        (None, 4),
    ] {
        let seen = attempts("2", status);
        assert_eq!(seen.len(), expected, "{status:?}");
        assert_eq!(signatures(&seen).len(), 1, "{status:?}");
    }
}

#[test]
fn a_number_of_retries_counts_more_than_the_policy_and_each_provider_keeps_its_own() {
    let home = Home::new();
    home.fill(2);
    let receiver = Receiver::start(|_| Some(400));
    let ran = home.replay(&["--all", "--retry=2", "--retry-scale", "0.01", "--to", &receiver.to()]);
    assert_eq!(ran.status, 1, "{}", ran.stderr);
    let numbers: Vec<usize> = receiver.seen().iter().map(crate::number).collect();
    assert_eq!(numbers, [1, 2, 2, 2], "Cost Katana tries no 4xx again");
}
