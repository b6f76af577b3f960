//! `ckwh schema`: the JSON Schema of what `--json` prints.

use std::collections::BTreeSet;

use anyhow::Context as _;
use ckwh::suggest::did_you_mean;
use serde_json::{Map, Value};

use super::app::App;
use super::exit::{Failure, Status};
use super::report::{Item, SCHEMA};

/// What a reference within the schema begins with.
const WITHIN: &str = "#/$defs/";

pub fn run(app: &mut App, name: Option<&str>) -> Result<Status, Failure> {
    let text = match name {
        None => SCHEMA.to_owned(),
        Some(name) => one(name)?,
    };
    app.result(Item::Text { text })?;
    Ok(Status::Yes)
}

/// The schema of one type of object.
fn one(name: &str) -> Result<String, Failure> {
    let mut whole: Map<String, Value> = serde_json::from_str(SCHEMA)
        .context("the schema")
        .map_err(Failure::Unavailable)?;
    let Some(Value::Array(types)) = whole.remove("oneOf") else {
        return Err(Failure::usage("the schema names no types"));
    };
    let of = |schema: &Value| schema["properties"]["type"]["const"].as_str().map(str::to_owned);
    let Some(found) = types.iter().find(|schema| of(schema).as_deref() == Some(name)) else {
        let names: Vec<String> = types.iter().filter_map(of).collect();
        let near = did_you_mean(name, names.iter().map(String::as_str));
        return Err(Failure::of(
            "unknown-type",
            anyhow::anyhow!(
                "`--json` prints no object of the type `{}`.{near} There are {}",
                name.escape_debug(),
                names.join(", ")
            ),
        )
        .near(&near));
    };
    let Value::Object(found) = found.clone() else {
        return Err(Failure::usage("the schema of a type is no object"));
    };
    let defs = whole.remove("$defs").unwrap_or_default();
    let mut needed = BTreeSet::new();
    for value in found.values() {
        gather(value, &defs, &mut needed);
    }
    whole.insert("title".to_owned(), name.into());
    whole.extend(found);
    let kept = needed.into_iter().map(|name| (name.clone(), defs[&name].clone()));
    whole.insert("$defs".to_owned(), Value::Object(kept.collect()));
    let text = serde_json::to_string_pretty(&whole).context("the schema");
    Ok(text.map_err(Failure::Unavailable)? + "\n")
}

/// The names of the definitions that `schema` refers to, itself or through others.
fn gather(schema: &Value, defs: &Value, needed: &mut BTreeSet<String>) {
    match schema {
        Value::String(text) => {
            if let Some(name) = text.strip_prefix(WITHIN)
                && needed.insert(name.to_owned())
            {
                gather(&defs[name], defs, needed);
            }
        }
        Value::Array(all) => all.iter().for_each(|one| gather(one, defs, needed)),
        Value::Object(members) => members.values().for_each(|one| gather(one, defs, needed)),
        _ => {}
    }
}
