//! `providers new --openapi`: fixtures from a document that describes webhooks.

use std::fs;
use std::process::Command;

use serde_json::{Map, Value, json};

use super::support::{Home, missing, run};
use super::theirs;

/// GitHub's own description (@octokit/openapi-webhooks), whose payloads are judged by a validator of others (ajv).
#[test]
fn every_event_of_githubs_description_is_valid_under_its_schema() {
    if let Err(problem) = theirs::installed() {
        return missing(problem);
    }
    let schemas = |args: &[&str], stdin: &[u8]| {
        let mut node = Command::new("node");
        node.arg("schemas.mjs")
            .args(args)
            .current_dir(theirs::folder().join("libraries"));
        run(&mut node, stdin)
    };
    let path = String::from_utf8(schemas(&["path"], b"").stdout).unwrap();
    let home = Home::new();
    let made = home.run(&["providers", "new", "gh", "--from", "github", "--openapi", path.trim()]);
    assert_eq!(made.status, 0, "{}", made.stderr);
    let mut payloads = Map::new();
    for entry in fs::read_dir(home.work().join(".ckwh/providers/gh")).unwrap().flatten() {
        let name = entry.file_name().into_string().unwrap();
        if let Some(event) = name.strip_suffix(".json") {
            payloads.insert(
                event.to_owned(),
                serde_json::from_slice(&fs::read(entry.path()).unwrap()).unwrap(),
            );
        }
    }
    // The description of these two contradicts itself: an author is an object and null.
    let left_out = ["repository-advisory-published", "repository-advisory-reported"];
    for name in left_out {
        assert!(made.stderr.contains(name), "{}", made.stderr);
    }
    let judged = schemas(&[], Value::Object(payloads.clone()).to_string().as_bytes());
    let judged: Value = serde_json::from_slice(&judged.stdout).unwrap_or_else(|_| panic!("{}", judged.stderr));
    assert_eq!(judged["wrong"], json!([]));
    assert_eq!(judged["named"], payloads.len() + left_out.len());
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
