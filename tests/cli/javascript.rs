//! What a receiver in JavaScript parses and writes again is what was sent: `JSON.stringify(JSON.parse(body)) === body`.

use std::process::Command;

use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::TestRunner;
use serde_json::Value;

use super::support::{Home, missing, run};

/// Reads bodies as a JSON array of texts, and prints those that come out otherwise.
const NODE: &str = r#"
const bodies = JSON.parse(require('fs').readFileSync(0, 'utf8'));
const changed = bodies
  .map((body) => [body, JSON.stringify(JSON.parse(body))])
  .filter(([before, after]) => before !== after);
console.log(JSON.stringify(changed));
"#;

/// Fails where Node writes one of `bodies` otherwise.
fn round_trip(bodies: &[String]) {
    let mut node = Command::new("node");
    node.args(["-e", NODE]);
    if Command::new("node").arg("--version").output().is_err() {
        return missing("Node");
    }
    let shown = run(&mut node, serde_json::to_string(bodies).unwrap().as_bytes());
    assert_eq!(shown.text(0), "[]\n", "{}", shown.stderr);
}

/// Values for `--set`, whatever stands there now.
const VALUES: [&str; 22] = [
    "metrics.current=900.50",
    "metrics.current=1e21",
    "metrics.current=-0",
    "metrics.current=5e-324",
    "metrics.current=1.7976931348623157e308",
    "metrics.current=9007199254740993e0",
    "metrics.current=0.1",
    "metrics.current=1E5",
    "title=Überziehung — café ☕ 漢字",
    "title=\u{2028}and\u{2029}",
    "title=\\ \" / \\u0041 \n\r\t\u{8}\u{c}",
    "title=\u{0}\u{1}\u{1f}\u{7f}\u{80}\u{9f}",
    "title=👩‍👩‍👧‍👦 \u{1f600}",
    "title=\u{feff}",
    r#"title:="\u00e9\ud83d\ude00\/\u2028""#,
    r#"new:={"10":1,"9":2,"b":3,"01":4,"-1":5,"4294967295":6,"4294967294":7}"#,
    r#"new:={"":0,"__proto__x":1,"é":2,"\u0000":3}"#,
    r#"new:=[[],{},[[]],null,true,false,""]"#,
    r#"new:=[0.0,-0.0,1.0,100,1e2,0.1e-6,123456789012345680000]"#,
    r#"new:={"a":1,"a":2}"#,
    "new:= [ 1 , 2 ] ",
    "new:=[4.35,0.000001,1e-7,2e-323]",
];

#[test]
fn every_payload_survives_with_every_override() {
    let home = Home::new();
    let events = home.run(&["events", "--provider", "costkatana", "--json"]).lines(0);
    let mut bodies = Vec::new();
    let mut keep = |more: &[&str]| {
        let line = home
            .run(&[&["send"][..], more, &["--dry-run", "--json"]].concat())
            .line(0);
        bodies.push(line["body"].as_str().unwrap().to_owned());
    };
    for event in &events {
        let event = event["event_type"].as_str().unwrap();
        let event = [event, "--provider", "costkatana"];
        keep(&event);
        keep(&[&event[..], &["--dialect", "current"]].concat());
    }
    for value in VALUES
        .iter()
        .filter(|value| !value.contains('\0') && **value != "metrics.current=9007199254740993e0")
    {
        keep(&["cost.alert", "--set", value]);
    }
    // A NUL stands in no argument, but in a file.
    for value in VALUES.iter().filter_map(|value| value.strip_prefix("title=")) {
        home.write("merge.json", serde_json::json!({ "title": value }).to_string());
        keep(&["cost.alert", "--merge", "merge.json"]);
    }
    keep(&["quota.threshold_reached"]);
    round_trip(&bodies);
}

#[test]
fn what_javascript_would_change_is_refused() {
    let home = Home::new();
    for (set, says) in [
        ("metrics.current=1e400", "metrics.current"),
        ("metrics.current=12345678901234567890", "12345678901234567000"),
        ("metrics.current=9007199254740993e0", "9007199254740992"),
        ("metrics.current=1e-400", "metrics.current"),
        ("metrics.current=0.10000000000000000555", "0.1"),
        ("metrics.current=NaN", "a number"),
        ("metrics.current=0x10", "a number"),
        (r#"title:="\ud800""#, "not JSON"),
        (r#"title:="\udc00\ud800""#, "not JSON"),
        ("title:='single'", "not JSON"),
        ("title:={\"a\":1,}", "not JSON"),
    ] {
        let refused = home.run(&["send", "cost.alert", "--dry-run", "--set", set]);
        assert!(refused.error(2).contains(says), "{set}: {}", refused.stderr);
    }
}

/// Any JSON value, numbers that JavaScript holds.
fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<f64>()
            .prop_filter("JSON has no others", |number| number.is_finite())
            .prop_map(Value::from),
        (-(1_i64 << 53)..(1 << 53)).prop_map(Value::from),
        any::<String>().prop_map(Value::from),
    ];
    let key = prop_oneof![any::<String>(), "[0-9]{1,10}", "[a-z]{0,3}"]
        .prop_filter("a literal __proto__ is a key like any other for JSON.parse", |key| {
            key != "__proto__"
        });
    leaf.prop_recursive(5, 64, 8, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..8).prop_map(Value::from),
            prop::collection::vec((key.clone(), inner), 0..8)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

#[test]
fn any_value_survives() {
    let mut runner = TestRunner::deterministic();
    let values = any_json();
    let bodies: Vec<String> = (0..1000)
        .map(|_| {
            let value = values.new_tree(&mut runner).unwrap().current();
            let body = ckwh::json::write(&value, &ckwh::json::JAVASCRIPT).unwrap();
            String::from_utf8(body).unwrap()
        })
        .collect();
    round_trip(&bodies);
}
