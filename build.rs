//! Makes what a short command has no time for: the tables of the built-in folders in a notation that is read faster, with
//! an index of what tells providers apart, their files packed behind them; and a program with one library less to load.

use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

use flate2::Compression;
use flate2::write::DeflateEncoder;
use toml::{Table, Value};

include!("src/provider/own.rs");

/// A block of files is closed where it is as large as this, in bytes: what is unpacked to read one of them.
const BLOCK: usize = 64 * 1024;

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=fixtures");
    println!("cargo::rerun-if-changed=src/provider/own.rs");
    link()?;
    let mut tables: BTreeMap<String, Table> = BTreeMap::new();
    for folder in fs::read_dir("fixtures")? {
        let folder = folder?;
        let table: Table = fs::read_to_string(folder.path().join("provider.toml"))?.parse()?;
        tables.insert(folder.file_name().to_string_lossy().into_owned(), table);
    }
    let (mut index, mut bytes, mut packed) = (String::new(), Vec::new(), Packed::default());
    let mut tokens = String::new();
    let mut told_by: BTreeMap<String, BTreeSet<&str>> = BTreeMap::new();
    for (name, table) in &tables {
        let table = match table.get("extends").and_then(Value::as_str) {
            Some(other) => {
                let other = tables.get(other).ok_or(format!("{name} extends no provider"))?;
                over(other.clone(), table)
            }
            None => table.clone(),
        };
        let [begin, begin_of_files] = [bytes.len(), packed.length];
        let mut files = Vec::new();
        for (file, path) in files_below(&Path::new("fixtures").join(name), "")? {
            let file_bytes = fs::read(path)?;
            packed.add(&file_bytes)?;
            files.push(format!("{file}:{}", file_bytes.len()));
        }
        let (mut written, mut recognised, mut places) = (Vec::new(), Vec::new(), BTreeSet::new());
        for (dialect, table) in dialects(table) {
            let lines = lines(&table)?;
            written.push(format!("{dialect}:{}", lines.len()));
            bytes.extend_from_slice(lines.as_bytes());
            let headers = headers(&table);
            for header in &headers {
                told_by.entry(header.to_ascii_lowercase()).or_default().insert(name);
            }
            recognised.push(headers.join(","));
            places.extend(shown(&table));
        }
        let places: Vec<String> = places.into_iter().collect();
        if !places.is_empty() {
            writeln!(tokens, "{name}\t{}", places.join(";"))?;
        }
        let [recognised, files, written] = [recognised, files, written].map(|items| items.join(";"));
        writeln!(
            index,
            "{name}\t{recognised}\t{begin}\t{written}\t{begin_of_files}\t{files}"
        )?;
    }
    packed.close()?;
    let out = Path::new(&env::var("OUT_DIR")?).to_owned();
    let mut headers = String::new();
    for (header, names) in told_by {
        writeln!(headers, "{header}\t{}", Vec::from_iter(names).join(";"))?;
    }
    fs::write(out.join("providers.txt"), index)?;
    fs::write(out.join("headers.txt"), headers)?;
    fs::write(out.join("tokens.txt"), tokens)?;
    fs::write(out.join("tables.json"), bytes)?;
    fs::write(out.join("blocks.txt"), packed.index)?;
    fs::write(out.join("files.bin"), packed.bytes)?;
    Ok(())
}

/// Files one behind the other, packed in blocks. No file is in two.
#[derive(Default)]
struct Packed {
    /// Of each block, where its files begin unpacked, and where it begins.
    index: String,
    bytes: Vec<u8>,
    /// Of all that was added, in bytes.
    length: usize,
    open: Vec<u8>,
}

impl Packed {
    fn add(&mut self, file: &[u8]) -> Result<(), Box<dyn Error>> {
        self.open.extend_from_slice(file);
        self.length += file.len();
        if self.open.len() >= BLOCK { self.close() } else { Ok(()) }
    }

    fn close(&mut self) -> Result<(), Box<dyn Error>> {
        if self.open.is_empty() {
            return Ok(());
        }
        writeln!(self.index, "{}\t{}", self.length - self.open.len(), self.bytes.len())?;
        let mut encoder = DeflateEncoder::new(&mut self.bytes, Compression::best());
        encoder.write_all(&self.open)?;
        encoder.finish()?;
        self.open.clear();
        Ok(())
    }
}

/// The files of a folder by their names, a `/` for a folder in it, each with its path.
fn files_below(folder: &Path, prefix: &str) -> Result<BTreeMap<String, PathBuf>, Box<dyn Error>> {
    let mut files = BTreeMap::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
        if entry.file_type()?.is_dir() {
            files.append(&mut files_below(&entry.path(), &format!("{name}/"))?);
        } else {
            files.insert(name, entry.path());
        }
    }
    Ok(files)
}

/// Makes the program quicker to load, which is half of what `ckwh sign` takes. It stays position-independent.
///
/// The unwinder is linked in where glibc is a library to load: that is one library less to find and load. Addresses that
/// are changed at the start are packed where the glibc of this machine unpacks them: there are 22,000.
fn link() -> Result<(), env::VarError> {
    let is_static = env::var("CARGO_CFG_TARGET_FEATURE")?
        .split(',')
        .any(|feature| feature == "crt-static");
    if env::var("CARGO_CFG_TARGET_OS")? == "linux" && env::var("CARGO_CFG_TARGET_ENV")? == "gnu" && !is_static {
        println!("cargo::rustc-link-lib=static:-bundle=gcc_eh");
        if is_for_this_machine()? && glibc().is_some_and(|version| version >= [2, 36]) {
            println!("cargo::rustc-link-arg-bins=-Wl,-z,pack-relative-relocs");
        }
    }
    Ok(())
}

/// Whether the program is linked against this machine's libraries by Rust's own choice of a linker. Another may bring older
/// libraries, as zig does, or pack without saying so in the program, as mold 1.10 does: glibc refuses to load that.
fn is_for_this_machine() -> Result<bool, env::VarError> {
    println!("cargo::rerun-if-env-changed=RUSTC_LINKER");
    let flags = env::var("CARGO_ENCODED_RUSTFLAGS").unwrap_or_default();
    let chosen = env::var_os("RUSTC_LINKER").is_some() || flags.contains("link");
    Ok(!chosen && env::var("HOST")? == env::var("TARGET")?)
}

/// The version of this machine's glibc.
fn glibc() -> Option<[u32; 2]> {
    let said = Command::new("getconf").arg("GNU_LIBC_VERSION").output().ok()?.stdout;
    let (major, minor) = std::str::from_utf8(&said)
        .ok()?
        .trim()
        .strip_prefix("glibc ")?
        .split_once('.')?;
    Some([major.parse().ok()?, minor.parse().ok()?])
}

/// A table laid over the one that it extends, as the program does it.
fn over(mut base: Table, own: &Table) -> Table {
    for name in OWN {
        base.remove(name);
    }
    if !own.contains_key("recognise") {
        base.insert("recognise".into(), Value::Table(Table::new()));
    }
    lay_over(&mut base, own);
    base.remove("extends");
    base
}

/// A table in JSON, and behind it, each in a line of its own, its event types: few commands read them.
fn lines(table: &Table) -> Result<String, serde_json::Error> {
    let mut table = table.clone();
    let lists = ["events", "undocumented_events"].map(|name| table.remove(name));
    let mut lines = serde_json::to_string(&table)?;
    for list in lists {
        lines.push('\n');
        lines.push_str(&list.map_or(Ok("{}".to_owned()), |list| serde_json::to_string(&list))?);
    }
    Ok(lines)
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
fn headers(table: &Table) -> Vec<String> {
    let headers = table
        .get("recognise")
        .and_then(|recognise| recognise.get("header")?.as_table());
    headers.into_iter().flat_map(Table::keys).cloned().collect()
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
