//! Overrides, styles, and output that is the same on every run.

use serde_json::{Value, json};

use super::support::Home;
use crate::{FIXED, header};

const DRY: [&str; 5] = ["send", "cost.alert", "--dry-run", "--json", "--provider"];

fn body(home: &Home, more: &[&str]) -> Value {
    let line = home.run(&[&DRY[..], &["costkatana"], &FIXED, more].concat()).line(0);
    serde_json::from_str(line["body"].as_str().unwrap()).unwrap()
}

#[test]
fn an_override_changes_what_it_names_and_nothing_else() {
    let home = Home::new();
    let before = body(&home, &[]);
    home.write(
        "over.json",
        r#"{"cost":{"currency":"EUR","period":null},"extra":{"a":1}}"#,
    );
    home.write("../over2.json", r#"{"severity":"low"}"#);
    type Change = fn(&mut Value);
    let cases: [(&[&str], Change); 11] = [
        (&["--set", "cost.amount=900.50"], |body| {
            body["cost"]["amount"] = json!(900.5)
        }),
        (&["--set", "title=900"], |body| body["title"] = json!("900")),
        (&["--set", "title=a=b:=c"], |body| body["title"] = json!("a=b:=c")),
        (&["--set", "title="], |body| body["title"] = json!("")),
        (&["--set", "cost.amount:=\"lots\""], |body| {
            body["cost"]["amount"] = json!("lots")
        }),
        (
            &[
                "--set",
                "cost.list:=[1]",
                "--set",
                "cost.list[1]:={\"k\":2}",
                "--set",
                "cost.list[1].k=3",
            ],
            |body| {
                body["cost"]["list"] = json!([1, {"k": 3}]);
            },
        ),
        (&["--set", "a\\.b:=true"], |body| body["a.b"] = json!(true)),
        (&["--set", "cost.breakdown.gpt-4o=1"], |body| {
            body["cost"]["breakdown"]["gpt-4o"] = json!(1)
        }),
        (&["--unset", "cost.breakdown", "--unset", "metrics"], |body| {
            body["cost"].as_object_mut().unwrap().shift_remove("breakdown");
            body.as_object_mut().unwrap().shift_remove("metrics");
        }),
        (&["--merge", "over.json", "--merge", "../over2.json"], |body| {
            body["cost"]["currency"] = json!("EUR");
            body["cost"].as_object_mut().unwrap().shift_remove("period");
            body["severity"] = json!("low");
            body["extra"] = json!({"a": 1});
        }),
        (&["--set", "event_id=evt_mine", "--set", "occurred_at=never"], |body| {
            body["event_id"] = json!("evt_mine");
            body["occurred_at"] = json!("never");
        }),
    ];
    for (args, change) in cases {
        let mut expected = before.clone();
        change(&mut expected);
        // As text, since the order of the members counts.
        assert_eq!(body(&home, args).to_string(), expected.to_string(), "{args:?}");
    }
}

#[test]
fn what_is_fresh_follows_the_time_and_the_id() {
    let home = Home::new();
    let fresh = body(&home, &[]);
    assert_eq!(
        (&fresh["event_id"], &fresh["occurred_at"]),
        (&json!("evt_fixed"), &json!("2026-05-08T12:00:00Z"))
    );
    let fixture: Value = serde_json::from_slice(include_bytes!("../../fixtures/costkatana/cost.alert.json")).unwrap();
    assert_eq!(body(&home, &["--as-is"]).to_string(), fixture.to_string());
    let quota = [
        "send",
        "quota.threshold_reached",
        "--dry-run",
        "--json",
        "--timestamp",
        FIXED[1],
    ];
    let quota: Value = serde_json::from_str(home.run(&quota).line(0)["body"].as_str().unwrap()).unwrap();
    assert_eq!(quota["timestamp"], "2026-05-08T12:00:00.000Z");
    assert_eq!(quota["data"]["periodStart"], "2026-05-08T00:00:00.000Z");
}

#[test]
fn times_are_read_in_every_documented_form() {
    let home = Home::new();
    for at in [
        "2026-05-08T12:00:00Z",
        "2026-05-08T14:00:00+02:00",
        "1778241600",
        "1778241600000",
    ] {
        let line = home
            .run(&[&DRY[..], &["costkatana", "--timestamp", at]].concat())
            .line(0);
        assert_eq!(header(&line, "x-costkatana-timestamp"), Some("1778241600000"), "{at}");
    }
    for at in ["-10m", "+1h", "now"] {
        home.run(&[&DRY[..], &["costkatana", "--timestamp", at]].concat())
            .line(0);
    }
    let last = ["--timestamp", "9999-12-30T22:00:00Z", "--break", "timestamp"];
    home.run(&[&DRY[..], &["costkatana"], &last].concat()).line(0);
    for at in [
        "",
        "soon",
        "2026-05-08",
        "-10",
        "99999999999999999999",
        "2026-05-08T12:00:00",
    ] {
        let refused = home.run(&[&DRY[..], &["costkatana", "--timestamp", at]].concat());
        assert!(refused.error(2).contains("is not a time"), "{at}");
    }
}

#[test]
fn with_a_time_and_an_id_output_is_the_same_on_every_run() {
    let home = Home::new();
    home.write("body", "{}");
    for args in [
        &["send", "cost.alert", "--dry-run"][..],
        &["send", "cost.alert", "--dry-run", "--json", "--count", "2"],
        &[
            "send",
            "cost.alert",
            "--dry-run",
            "--dialect",
            "current",
            "--print",
            "curl",
        ],
        &["send", "cost.alert", "--dry-run", "--dialect", "examples"],
        &["send", "quota.threshold_reached", "--dry-run", "--break", "stale"],
        &["sign", "body", "--provider", "costkatana"],
        &["sign", "cost.alert", "--body-out", "out"],
    ] {
        let runs: Vec<_> = (0..3).map(|_| home.run(&[args, &FIXED].concat())).collect();
        let first = runs[0].text(0);
        assert!(
            !first.is_empty() && runs.iter().all(|run| run.text(0) == first),
            "{args:?}"
        );
    }
    let ids: Vec<Value> = (0..3)
        .map(|_| home.run(&[&DRY[..], &["costkatana"]].concat()).line(0)["body"].clone())
        .collect();
    assert!(
        ids[0] != ids[1] && ids[1] != ids[2],
        "without them it is another each time"
    );
}

#[test]
fn a_style_writes_the_same_payload_otherwise() {
    let home = Home::new();
    let text = |style: &str| {
        let line = home
            .run(&[&DRY[..], &["costkatana", "--body-style", style], &FIXED].concat())
            .line(0);
        line["body"].as_str().unwrap().to_owned()
    };
    let (compact, pretty) = (text("compact"), text("pretty"));
    assert!(!compact.contains('\n') && pretty.starts_with("{\n  \"event_id\""));
    assert_eq!(text("provider"), compact);
    let value = |text: &str| serde_json::from_str::<Value>(text).unwrap();
    assert_eq!(value(&compact), value(&pretty));
}

#[test]
fn an_override_of_a_file_opts_in_to_rewriting_it() {
    let home = Home::new();
    home.write("mine.json", "{ \"n\": 1.50,\n \"s\": \"x\" }\n");
    let dry = ["send", "./mine.json", "--provider", "quotawatch", "--dry-run", "--json"];
    let body = |more: &[&str]| {
        home.run(&[&dry[..], more].concat()).line(0)["body"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    assert_eq!(body(&[]), "{ \"n\": 1.50,\n \"s\": \"x\" }\n");
    assert_eq!(body(&["--set", "s=y"]), r#"{"n":1.5,"s":"y"}"#);
    assert_eq!(body(&["--body-style", "compact"]), r#"{"n":1.5,"s":"x"}"#);
}

#[test]
fn a_known_event_wins_over_a_file_of_its_name() {
    let home = Home::new();
    home.write("cost.alert", "mine");
    let event = home.run(&[&DRY[..], &["costkatana"]].concat()).line(0);
    assert!(event["body"].as_str().unwrap().contains("cost.alert"));
    let file = home
        .run(&[
            "send",
            "./cost.alert",
            "--provider",
            "costkatana",
            "--dry-run",
            "--json",
        ])
        .line(0);
    assert_eq!(file["body"], "mine");
}
