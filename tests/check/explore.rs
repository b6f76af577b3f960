//! Orders of events: receivers rebuilt from what people report, and right ones.

use serde_json::Value;

use crate::receiver::{self, Receiver, SECRET};
use crate::support::{Home, Run, missing, run};

fn explored(fault: &str, more: &[&str]) -> Option<Run> {
    if let Err(problem) = receiver::installed("express") {
        missing(problem);
        return None;
    }
    let receiver = Receiver::start("express", fault, "stripe");
    let home = Home::new();
    let reset = receiver.effects().replace("/effects", "/reset");
    let (to, effects, reset) = (
        receiver.target(),
        receiver.effects(),
        format!("curl --silent --fail --request POST http://{reset}"),
    );
    let args = [
        "check",
        "--json",
        "--provider",
        "stripe",
        "--to",
        &to,
        "--observe-url",
        &effects,
        "--reset",
        &reset,
        "--settle",
        "30ms",
    ];
    let mut command = home.ckwh(&[&args, more].concat());
    command
        .env("CKWH_SECRET", SECRET)
        .env("PATH", std::env::var_os("PATH").unwrap_or_default());
    Some(run(&mut command, b""))
}

/// The deliveries that show the fault, as they were delivered.
fn found(fault: &str, more: &[&str]) -> Option<Vec<String>> {
    let explored = explored(fault, &[&["--explore", "4"], more].concat())?;
    assert_eq!(
        explored.status,
        1,
        "{}{}",
        String::from_utf8_lossy(&explored.stdout),
        explored.stderr
    );
    let item: Value = serde_json::from_slice(&explored.stdout).unwrap();
    let events = item["found"].as_array().unwrap().iter();
    Some(events.map(|event| event.as_str().unwrap().to_owned()).collect())
}

/// As reported of Stripe handlers that take `customer.subscription.created` for the newest state whenever it comes:
/// `updated`, which is delivered first, is lost, and the subscription stays incomplete.
#[test]
fn an_update_before_its_creation_is_found() {
    let Some(events) = found("created-begins-anew", &[]) else {
        return;
    };
    assert_eq!(events.len(), 2, "{events:?}");
    assert_eq!(events[1], "customer.subscription.created");
}

/// As reported of credits that are booked for each delivery of `invoice.paid`.
#[test]
fn credits_that_a_duplicate_doubles_are_found() {
    let Some(events) = found("counts-twice", &["--chain", "invoice.paid,charge.refunded"]) else {
        return;
    };
    assert_eq!(events.len(), 2, "{events:?}");
    assert_eq!(events[0], events[1]);
}

/// As reported of `customer.subscription.deleted` that a late `updated` undoes.
#[test]
fn a_deletion_that_a_late_update_undoes_is_found() {
    let Some(events) = found("last-one-wins", &[]) else {
        return;
    };
    assert_eq!(events.len(), 2, "{events:?}");
}

#[test]
fn a_right_handler_is_right_in_every_order() {
    let orders = if std::env::var_os("CKWH_ROUNDS").is_some() {
        "1000"
    } else {
        "60"
    };
    let Some(explored) = explored("", &["--explore", "6", "--orders", orders]) else {
        return;
    };
    let item: Value = serde_json::from_slice(&explored.stdout).unwrap();
    assert_eq!((explored.status, &item["found"]), (0, &Value::Null), "{item}");
    assert_eq!(item["tried"].to_string(), orders);
    assert!(item["left_out"].as_u64().is_some_and(|left_out| left_out > 0), "{item}");
}

#[test]
fn states_can_be_compared_only_where_they_are_seen() {
    let home = Home::new();
    let args = ["check", "--provider", "stripe", "--to", "localhost:1", "--explore", "3"];
    let explored = run(home.ckwh(&args).env("CKWH_SECRET", SECRET), b"");
    assert_eq!(explored.status, 2);
    assert!(explored.stderr.contains("--observe"), "{}", explored.stderr);
}

#[test]
fn a_view_that_shows_nothing_of_the_events_compares_nothing() {
    let Some(explored) = explored("", &["--explore", "2"]) else {
        return;
    };
    assert_eq!(explored.status, 0, "{}", explored.stderr);
    let receiver = Receiver::start("express", "", "stripe");
    let to = receiver.target();
    let home = Home::new();
    let args = ["check", "--provider", "stripe", "--to", &to, "--explore", "2"];
    let view = ["--observe", "echo 1", "--reset", "true", "--settle", "30ms"];
    for (secret, status, said) in [
        (SECRET, 2, "change nothing"),
        ("another secret", 3, "where 2xx was due"),
    ] {
        let mut command = home.ckwh(&[&args[..], &view].concat());
        command
            .env("CKWH_SECRET", secret)
            .env("PATH", std::env::var_os("PATH").unwrap_or_default());
        let explored = run(&mut command, b"");
        assert_eq!(explored.status, status, "{}", explored.stderr);
        assert!(explored.stderr.contains(said), "{}", explored.stderr);
    }
}
