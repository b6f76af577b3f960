//! Makes an index of the headers by which each built-in provider is recognised, so that few tables need to be read for
//! a request; and rebuilds when a folder gains or loses a file, since embedding alone only notices changed ones.

use std::collections::BTreeMap;
use std::error::Error;
use std::fmt::Write as _;
use std::path::Path;
use std::{env, fs};

use toml::{Table, Value};

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=fixtures");
    let mut providers = BTreeMap::new();
    for folder in fs::read_dir("fixtures")? {
        let folder = folder?;
        let table: Table = fs::read_to_string(folder.path().join("provider.toml"))?.parse()?;
        providers.insert(folder.file_name().to_string_lossy().into_owned(), table);
    }
    let mut index = String::from("&[\n");
    for (name, table) in providers {
        let base = headers(&table).unwrap_or_default();
        let dialects = table.get("dialect").and_then(Value::as_table).into_iter().flatten();
        let dialects = dialects.map(|(_, dialect)| dialect.as_table().and_then(headers).unwrap_or(base.clone()));
        write!(index, "({name:?}, &[&{base:?}")?;
        for headers in dialects {
            write!(index, ", &{headers:?}")?;
        }
        index.push_str("]),\n");
    }
    index.push(']');
    fs::write(Path::new(&env::var("OUT_DIR")?).join("recognise.rs"), index)?;
    Ok(())
}

/// The names in `[recognise]`'s `header`, where it has one.
fn headers(table: &Table) -> Option<Vec<&String>> {
    let headers = table.get("recognise")?.get("header")?.as_table()?;
    Some(headers.keys().collect())
}
