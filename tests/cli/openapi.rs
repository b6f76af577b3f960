//! `providers new --openapi`: fixtures from a document that describes webhooks.

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

use super::support::{Home, missing, run};
use super::theirs;

/// The description of these two contradicts itself: an author, and a publisher, is an object and null.
const CONTRADICTED: [&str; 2] = ["repository_advisory.published", "repository_advisory.reported"];

/// GitHub's own description (@octokit/openapi-webhooks), with its arguments read by a validator of others (ajv).
fn schemas(args: &[&str], stdin: &[u8]) -> Vec<u8> {
    let mut node = Command::new("node");
    node.arg("schemas.mjs")
        .args(args)
        .current_dir(theirs::folder().join("libraries"));
    let judged = run(&mut node, stdin);
    assert_eq!(judged.status, 0, "{}", judged.stderr);
    judged.stdout
}

/// The payloads in `folder` with their types, but for those whose description contradicts itself.
fn payloads(folder: &Path) -> Vec<(String, Value)> {
    let mut payloads = Vec::new();
    for entry in fs::read_dir(folder).unwrap().flatten() {
        let name = entry.file_name().into_string().unwrap();
        let event = name.strip_suffix(".json");
        if let Some(event) = event.filter(|event| !CONTRADICTED.contains(event)) {
            let payload = serde_json::from_slice(&fs::read(entry.path()).unwrap()).unwrap();
            payloads.push((event.to_owned(), payload));
        }
    }
    payloads
}

#[test]
fn every_event_of_githubs_description_is_valid_under_its_schema() {
    if let Err(problem) = theirs::installed() {
        return missing(problem);
    }
    let path = String::from_utf8(schemas(&["path"], b"")).unwrap();
    let home = Home::new();
    let made = home.run(&["providers", "new", "gh", "--from", "github", "--openapi", path.trim()]);
    assert_eq!(made.status, 0, "{}", made.stderr);
    for name in ["repository-advisory-published", "repository-advisory-reported"] {
        assert!(made.stderr.contains(name), "{}", made.stderr);
    }
    let new = payloads(&home.work().join(".ckwh/providers/gh"));
    let kept = payloads(&Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/github"));
    let all: Vec<_> = new.iter().chain(&kept).collect();
    let judged = schemas(&[], json!(all).to_string().as_bytes());
    let judged: Value = serde_json::from_slice(&judged).unwrap();
    assert_eq!(judged["wrong"], json!([]));
    let count = judged["named"].as_u64().and_then(|named| usize::try_from(named).ok());
    assert_eq!(
        [new.len(), kept.len()].map(|own| Some(own + CONTRADICTED.len())),
        [count; 2]
    );
}

#[test]
fn a_described_provider_is_a_folder_like_any_other() {
    let home = Home::new();
    let document = json!({
        "openapi": "3.1.0",
        "webhooks": {
            "orderPaid": { "post": {
                "description": "An order was paid\nand more",
                "requestBody": { "content": { "application/json": { "schema": { "$ref": "#/components/schemas/Order" } } } },
            } },
            "broken": { "post": { "requestBody": { "content": { "application/json": { "schema": false } } } } },
        },
        "components": { "schemas": { "Order": {
            "type": "object",
            "required": ["type", "id"],
            "properties": { "type": { "const": "order.paid" }, "id": { "type": "string", "format": "uuid" }, "paid_at": { "type": "string" } },
        } } },
    });
    fs::write(home.work().join("api.json"), document.to_string()).unwrap();
    let args = ["providers", "new", "shop", "--from", "stripe", "--openapi", "api.json"];
    let made = home.run(&args);
    assert_eq!(made.status, 0, "{}", made.stderr);
    assert!(made.stderr.contains("broken is left out"), "{}", made.stderr);
    home.run(&["providers", "test", "shop"]).text(0);
    let events = home.run(&["events", "--provider", "shop", "--json"]);
    let listed = events.text(0);
    assert!(
        listed.contains("\"order.paid\"") && listed.contains("An order was paid"),
        "{listed}"
    );
    home.run(&["send", "order.paid", "--provider", "shop"]).text(0);
}

#[test]
fn a_document_that_describes_nothing_says_so_and_makes_nothing() {
    let home = Home::new();
    for (text, said) in [
        ("openapi: 3.1.0\nwebhooks: {}\n", "not JSON"),
        ("{\"openapi\":\"3.1.0\",\"paths\":{}}", "describes no webhooks"),
        ("[]", "describes no webhooks"),
        ("{\"webhooks\":{\"a\":{\"post\":{}}}}", "describes no webhook"),
        ("", "not JSON"),
    ] {
        fs::write(home.work().join("api"), text).unwrap();
        let made = home.run(&[
            "providers",
            "new",
            "none",
            "--from",
            "generic-sha256",
            "--openapi",
            "api",
        ]);
        assert_eq!(made.status, 2, "{text}: {}", made.stderr);
        assert!(made.stderr.contains(said), "{text}: {}", made.stderr);
        assert!(!home.work().join(".ckwh/providers/none").exists());
    }
}
