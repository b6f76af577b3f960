//! `providers` and `events`: what is known, and folders of one's own.

use ckwh::provider::{Places, Registry};

use super::support::Home;
use crate::SECRET;

/// The table of a provider of one's own: a bare hex MAC over the body.
pub const TABLE: &str = include_str!("../support/provider.toml");

#[test]
fn every_built_in_provider_passes_its_own_test() {
    let home = Home::new();
    let providers = home.run(&["providers", "--json"]).lines(0);
    assert!(providers.len() >= 2);
    for provider in providers {
        let name = provider["provider"].as_str().unwrap();
        let checks = home.run(&["providers", "test", name, "--json"]).lines(0);
        let known = checks
            .iter()
            .filter(|check| check["subject"].as_str().unwrap().starts_with("known answer"));
        // A secret that is shown, and nothing at all, have no answer that could be published.
        let own = Registry::new(&Places::default()).provider(name, None).unwrap();
        assert!(
            !own.scheme.covers() || known.count() >= provider["dialects"].as_array().unwrap().len(),
            "{name}: known answers for each dialect"
        );
        assert!(checks.iter().all(|check| check["ok"] == true));
    }
}

#[test]
fn every_event_that_is_listed_can_be_shown_and_sent() {
    let home = Home::new();
    let events = home.run(&["events", "--json"]).lines(0);
    assert!(events.len() > 50, "{}", events.len());
    for event in &events {
        let (name, provider) = (
            event["event_type"].as_str().unwrap(),
            event["provider"].as_str().unwrap(),
        );
        let payload = home.run(&["events", name, "--provider", provider, "--json"]).line(0);
        assert_eq!(payload["documented"], event["documented"], "{name}");
        let shown: serde_json::Value = serde_json::from_str(payload["body"].as_str().unwrap()).unwrap();
        let send = ["send", name, "--provider", provider, "--as-is", "--no-sign"];
        let dry = home.run(&[&send[..], &["--dry-run", "--json"]].concat()).line(0);
        let sent = dry["body"].as_str().unwrap();
        // Some send a form, some JSON in a form, some a list, some XML.
        let sent = match serde_json::from_str(sent) {
            Ok(serde_json::Value::Array(list)) => serde_json::json!({ "0": list[0] }),
            Ok(value) => value,
            Err(_) if sent.starts_with("--") => sent
                .split("; name=\"")
                .skip(1)
                .map(|field| (field.split('"').next().unwrap_or_default().to_owned(), true.into()))
                .collect::<serde_json::Map<_, _>>()
                .into(),
            Err(_) if sent.starts_with('<') => {
                let tag = |part: &&str| part.starts_with(|first: char| first.is_ascii_alphabetic());
                let root = sent.split('<').find(tag).unwrap_or_default();
                serde_json::json!({ root.split(['>', ' ']).next().unwrap_or_default(): true })
            }
            Err(_) if sent.starts_with("payload=") => {
                let (_, payload) = form_urlencoded::parse(sent.as_bytes()).next().unwrap();
                serde_json::from_str(&payload).unwrap()
            }
            Err(_) => form_urlencoded::parse(sent.as_bytes())
                .map(|(name, value)| (name.into_owned(), value.into_owned().into()))
                .collect::<serde_json::Map<_, _>>()
                .into(),
        };
        // Some write members in order.
        let mut shown_names: Vec<_> = match &shown {
            serde_json::Value::Array(_) => vec!["0"],
            shown => shown.as_object().unwrap().keys().map(String::as_str).collect(),
        };
        let mut sent_names: Vec<_> = sent.as_object().unwrap().keys().collect();
        shown_names.sort_unstable();
        sent_names.sort_unstable();
        assert_eq!(shown_names, sent_names, "{name}");
    }
}

#[test]
fn a_folder_is_a_provider() {
    let home = Home::new();
    home.write(".ckwh/providers/mine/provider.toml", TABLE);
    home.write(".ckwh/providers/mine/thing.done.json", r#"{"b": 1.50, "a": "x"}"#);
    home.run(&["providers", "test", "mine"]).text(0);
    let sent = home
        .run(&["send", "thing.done", "--secret", SECRET, "--dry-run", "--json"])
        .line(0);
    assert_eq!(sent["body"], r#"{"b":1.5,"a":"x"}"#);
    assert_eq!(sent["url"], "http://localhost/hooks");
    let listed = home.run(&["providers", "--json"]).lines(0);
    assert!(
        listed
            .iter()
            .any(|provider| provider["provider"] == "mine" && provider["origin"] == "project")
    );
}

#[test]
fn a_copy_is_a_beginning_and_overwrites_nothing() {
    let home = Home::new();
    home.run(&["providers", "new", "copy", "--from", "quotawatch"]).text(0);
    home.run(&["providers", "test", "copy"]).text(0);
    home.run(&["providers", "new", "mine", "--from", "costkatana", "--user"])
        .text(0);
    home.run(&["providers", "show", "mine"]).text(0);
    assert!(
        home.run(&["providers", "new", "copy", "--from", "costkatana"])
            .error(2)
            .contains("there already")
    );
    for name in ["../x", "Copy", "", "-x", "a b", "a\u{1b}[2J"] {
        let refused = home.run(&["providers", "new", "--from", "quotawatch", "--", name]);
        assert!(refused.error(2).contains("can't name a provider"), "{refused:?}");
        assert!(!refused.stderr.contains('\u{1b}'));
    }
}

#[test]
fn a_test_finds_what_is_wrong_with_a_folder() {
    let home = Home::new();
    let path = home.write(".ckwh/providers/mine/provider.toml", TABLE);
    for (file, text, says) in [
        ("thing.done.json", "{", "not JSON"),
        ("thing.done.json", r#"{"n":1e400}"#, "JavaScript can't hold"),
        ("other.json", r#"{"n":"abc"}"#, "thing.done"),
        (
            "vectors.toml",
            "[[vector]]\nsource = \"x\"\nsecret = \"s\"\nbody = \"{}\"\n[vector.headers]\nX-Mine = \"0000000000000000000000000000000000000000000000000000000000000000\"\n",
            "does not verify",
        ),
    ] {
        let file = path.with_file_name(file);
        std::fs::write(&file, text).unwrap();
        let tested = home.run(&["providers", "test", "mine"]);
        assert!(tested.text(1).contains(says), "{tested:?}");
        std::fs::remove_file(file).unwrap();
    }
    std::fs::write(&path, TABLE.replace("hex", "hexx")).unwrap();
    let error = home.run(&["providers", "test", "mine"]);
    let error = error.error(2);
    assert!(
        error.contains("provider.toml:14") && error.contains("base64"),
        "{error}"
    );
}
