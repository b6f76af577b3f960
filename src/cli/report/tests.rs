//! The reports on a buffer, and what docs/json.md says of their objects.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::{env, fs};

use schemars::generate::SchemaSettings;
use serde_json::Value;

use super::human::Human;
use super::json::Json;
use super::out::Out;
use super::talk::Talk;
use super::visible::is_unsafe;
use super::{Item, Report, samples};

const PAGE: &str = include_str!("../../../docs/json.md");

/// A stream that can be looked at.
#[derive(Clone, Default)]
struct Buffer(Arc<Mutex<Vec<u8>>>);

impl Buffer {
    fn take(&self) -> String {
        String::from_utf8(std::mem::take(&mut *self.0.lock().unwrap())).unwrap()
    }
}

impl Write for Buffer {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn talk(err: &Buffer) -> Talk {
    Talk::new(err.clone(), false, false)
}

#[test]
fn each_result_is_a_line_of_json() {
    let (out, err) = (Buffer::default(), Buffer::default());
    let mut report = Json::new(Out::new(out.clone()), talk(&err), true);
    report.note("worth knowing");
    assert_eq!(err.take(), "note: worth knowing\n");
    for item in samples::all() {
        report.result(&item).unwrap();
        let line = out.take();
        assert_eq!(line.matches('\n').count(), 1, "{line}");
        let value: Value = serde_json::from_str(&line).unwrap();
        assert_eq!(value, serde_json::to_value(&item).unwrap());
    }
    assert_eq!(err.take(), "");
}

#[test]
fn each_result_is_a_text_for_people_without_control_codes() {
    let (out, err) = (Buffer::default(), Buffer::default());
    let mut report = Human::new(Out::new(out.clone()), false, false, talk(&err));
    for item in samples::all() {
        report.result(&item).unwrap();
        let text = out.take();
        // What is wrong with a case stands in the summary.
        let is_silent = matches!(item, Item::Case(_));
        assert_eq!(text.ends_with('\n'), !is_silent, "{item:?}: {text:?}");
        assert!(
            text.chars().all(|char| char == '\n' || !is_unsafe(char)),
            "{item:?}: {text:?}"
        );
    }
    let mut report = Human::new(Out::new(out.clone()), true, false, talk(&err));
    report.result(&samples::all()[0]).unwrap();
    let text = out.take();
    assert!(text.contains("\u{1b}["), "{text:?} has no colour");
}

#[test]
fn results_are_gathered_until_the_last() {
    let (out, err) = (Buffer::default(), Buffer::default());
    let mut report = Json::new(Out::new(out.clone()), talk(&err), true);
    let item = Item::Text { text: "a".into() };
    report.gather(true).unwrap();
    report.result(&item).unwrap();
    report.result(&item).unwrap();
    assert_eq!(out.take(), "");
    report.gather(false).unwrap();
    assert_eq!(out.take().lines().count(), 2);
}

/// How many variants [`Item`] has, by its source.
fn variants() -> usize {
    let source = include_str!("item.rs").lines();
    let body = source.skip_while(|line| *line != "pub enum Item {").skip(1);
    let body = body.take_while(|line| *line != "}");
    body.filter(|line| line.starts_with("    ") && line[4..].starts_with(|char: char| char.is_ascii_uppercase()))
        .count()
}

/// The keys of each type of object, as they are written.
fn written() -> BTreeMap<String, BTreeSet<String>> {
    let mut written = BTreeMap::new();
    for item in samples::all() {
        let Value::Object(mut object) = serde_json::to_value(&item).unwrap() else {
            panic!("{item:?} is no object");
        };
        let Some(Value::String(name)) = object.remove("type") else {
            panic!("{item:?} has no type");
        };
        let before = written.insert(name.clone(), object.keys().cloned().collect());
        assert_eq!(before, None, "`{name}` names two shapes");
    }
    assert_eq!(written.len(), variants(), "a type has no sample: {written:?}");
    written
}

/// The schema of the results, by their types.
fn schema() -> String {
    let generator = SchemaSettings::draft2020_12().for_serialize().into_generator();
    let mut schema = generator.into_root_schema_for::<Item>();
    schema.insert(
        "title".into(),
        "What ckwh prints under --json, one object a line".into(),
    );
    schema.remove("description");
    serde_json::to_string_pretty(&schema).unwrap() + "\n"
}

#[test]
fn the_schema_is_that_of_the_types() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/cli/report/schema.json");
    let schema = schema();
    if env::var_os("CKWH_REFRESH").is_some() {
        fs::write(&path, &schema).unwrap();
    }
    let kept = fs::read_to_string(&path).unwrap();
    assert!(
        kept == schema,
        "a result has changed: CKWH_REFRESH=1 cargo test --bin ckwh the_schema writes {} anew",
        path.display()
    );
    let types = serde_json::from_str::<Value>(&schema).unwrap()["oneOf"]
        .as_array()
        .unwrap()
        .len();
    assert_eq!(types, variants());
}

/// The rows of the table of docs/json.md whose header begins with `first`, as cells.
fn table(first: &str) -> Vec<Vec<&'static str>> {
    let header = format!("| {first} |");
    let rows = PAGE.lines().skip_while(|line| !line.starts_with(&header)).skip(2);
    let rows = rows.take_while(|line| line.starts_with('|'));
    rows.map(|row| row.trim_matches('|').split(" | ").map(str::trim).collect())
        .collect()
}

/// The names in back quotes, outside of parentheses: `name` or `name: shape`.
fn names(cell: &str) -> BTreeSet<String> {
    let mut depth = 0_u32;
    let outside = cell.chars().filter(|char| {
        match char {
            '(' => depth += 1,
            ')' => depth -= 1,
            _ => return depth == 0,
        }
        false
    });
    let outside: String = outside.collect();
    let quoted = outside.split('`').skip(1).step_by(2);
    quoted
        .map(|text| text.split(':').next().unwrap_or_default().to_owned())
        .collect()
}

#[test]
fn the_page_has_every_object_with_its_fields_and_no_other() {
    let documented: BTreeMap<String, BTreeSet<String>> = table("`type`")
        .iter()
        .map(|row| (row[0].trim_matches('`').to_owned(), names(row[2])))
        .collect();
    let written = written();
    for (name, keys) in &written {
        assert_eq!(documented.get(name), Some(keys), "{name}");
    }
    assert_eq!(documented.len(), written.len(), "{documented:?}");
    let capture: BTreeSet<String> = table("field").iter().flat_map(|row| names(row[0])).collect();
    assert_eq!(Some(&capture), written.get("capture"));
}

#[test]
fn names_are_read_from_a_cell() {
    let cell = "`a` (of `x`: one (`y`)) `b: [{c, d}]` or null, `e` or `f`";
    let expected = ["a", "b", "e", "f"].map(str::to_owned);
    assert_eq!(names(cell), BTreeSet::from(expected));
}
