//! Makes what a short command has no time for: the built-in tables in a notation that is read faster, an index of the
//! headers by which each provider is recognised, so that few tables need to be read for a request, and a program with
//! one library less to load. Rebuilds when a folder gains or loses a file, since embedding alone only notices changed ones.

use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;
use std::fmt::Write as _;
use std::path::Path;
use std::{env, fs};

use toml::{Table, Value};

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=fixtures");
    link()?;
    let mut tables: BTreeMap<String, Table> = BTreeMap::new();
    let mut events = Vec::new();
    for folder in fs::read_dir("fixtures")? {
        let folder = folder?;
        let table: Table = fs::read_to_string(folder.path().join("provider.toml"))?.parse()?;
        let name = folder.file_name().to_string_lossy().into_owned();
        for event in event_types(&folder.path(), "")? {
            events.push((name.clone(), event));
        }
        tables.insert(name, table);
    }
    let mut providers = BTreeMap::new();
    for (name, table) in &tables {
        let extended = table.get("extends").and_then(Value::as_str);
        let table = match extended {
            Some(other) => over(
                tables.get(other).ok_or(format!("{name} extends no provider"))?.clone(),
                table,
            ),
            None => table.clone(),
        };
        providers.insert(name.clone(), dialects(table));
    }
    events.sort();
    let (mut tables, mut index, mut tokens) = (String::from("&["), String::from("&["), String::from("&["));
    for (name, dialects) in providers {
        let shown: BTreeSet<String> = dialects.iter().flat_map(|(_, table)| shown(table)).collect();
        if !shown.is_empty() {
            writeln!(tokens, "({name:?}, &{:?}),", shown.into_iter().collect::<Vec<_>>())?;
        }
        write!(tables, "({name:?}, &[")?;
        write!(index, "({name:?}, &[")?;
        for (dialect, table) in dialects {
            write!(tables, "({dialect:?}, {:?}), ", serde_json::to_string(&table)?)?;
            write!(index, "&{:?}, ", headers(&table))?;
        }
        tables.push_str("]),\n");
        index.push_str("]),\n");
    }
    let out = Path::new(&env::var("OUT_DIR")?).to_owned();
    for (file, text) in [("tables.rs", tables), ("recognise.rs", index), ("tokens.rs", tokens)] {
        fs::write(out.join(file), text + "]")?;
    }
    fs::write(out.join("events.rs"), format!("&{events:?}"))?;
    Ok(())
}

/// The types of the events that have a fixture in a folder: a folder in it is a part of the type.
fn event_types(folder: &Path, prefix: &str) -> Result<Vec<String>, Box<dyn Error>> {
    let mut types = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if entry.file_type()?.is_dir() {
            types.extend(event_types(&entry.path(), &format!("{prefix}{name}/"))?);
        } else if let Some(name) = name.strip_suffix(".json") {
            types.push(format!("{prefix}{}", name.replace("%3A", ":")));
        }
    }
    Ok(types)
}

/// Links the unwinder into the program where glibc is a library to load: that is one library less to find and load, and
/// loading is half of what `ckwh sign` takes. The program stays position-independent.
fn link() -> Result<(), env::VarError> {
    let is_static = env::var("CARGO_CFG_TARGET_FEATURE")?
        .split(',')
        .any(|feature| feature == "crt-static");
    if env::var("CARGO_CFG_TARGET_OS")? == "linux" && env::var("CARGO_CFG_TARGET_ENV")? == "gnu" && !is_static {
        println!("cargo::rustc-link-lib=static:-bundle=gcc_eh");
    }
    Ok(())
}

/// A table laid over the one that it extends, as the program does it.
fn over(mut base: Table, own: &Table) -> Table {
    for name in [
        "title",
        "docs",
        "checked",
        "secret_env",
        "recognise",
        "events",
        "undocumented_events",
        "chain",
        "dialect_name",
        "dialect",
    ] {
        base.remove(name);
    }
    if !own.contains_key("recognise") {
        base.insert("recognise".into(), Value::Table(Table::new()));
    }
    lay_over(&mut base, own);
    base.remove("extends");
    base
}

/// Every dialect with its whole table, the one that the table begins with first. As the program lays a dialect over
/// the table of a folder on disk; a test compares the two.
fn dialects(mut base: Table) -> Vec<(String, Table)> {
    let others = base.remove("dialect").and_then(|others| match others {
        Value::Table(others) => Some(others),
        _ => None,
    });
    let first = base.get("dialect_name").and_then(Value::as_str).unwrap_or("default");
    let mut all = vec![(first.to_owned(), base.clone())];
    for (name, overlay) in others.into_iter().flatten() {
        let mut table = base.clone();
        if let Some(overlay) = overlay.as_table() {
            lay_over(&mut table, overlay);
        }
        all.push((name, table));
    }
    all
}

fn lay_over(table: &mut Table, overlay: &Table) {
    for (key, value) in overlay {
        match (table.get_mut(key), value) {
            (Some(Value::Table(section)), Value::Table(keys)) => section.extend(keys.clone()),
            (Some(Value::Table(_)), Value::Boolean(false)) => drop(table.remove(key)),
            _ => drop(table.insert(key.clone(), value.clone())),
        }
    }
}

/// The names in `[recognise]`'s `header`.
fn headers(table: &Table) -> Vec<&String> {
    let headers = table
        .get("recognise")
        .and_then(|recognise| recognise.get("header")?.as_table());
    headers.into_iter().flat_map(Table::keys).collect()
}

/// Where a table's secrets are shown, as the table writes places; a test compares them with the program's.
fn shown(table: &Table) -> Vec<String> {
    let rows = |name: &str| table.get(name).and_then(Value::as_array).into_iter().flatten();
    let texts = |value: &Value| -> Vec<String> {
        let text = |value: &Value| value.as_str().map(str::to_owned);
        match value {
            Value::Array(values) => values.iter().filter_map(text).collect(),
            value => text(value).into_iter().collect(),
        }
    };
    let of = |row: &Value, name: &str| row.get(name).map(texts).unwrap_or_default();
    let mut places = Vec::new();
    for row in rows("signature") {
        let kind = row.get("kind").and_then(Value::as_str);
        if !matches!(kind, Some("token" | "basic")) {
            continue;
        }
        let headers = of(row, "headers");
        places.extend(headers.iter().map(|name| format!("header:{name}")));
        places.extend(of(row, "from"));
    }
    places.extend(rows("handshake").flat_map(|row| of(row, "delivers")));
    places
}
