//! `docs/providers.md`, a line for each provider, and a page for each in `docs/providers`: written from the folders, and
//! from what `ckwh` says of them.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use ckwh::provider::{Folder, Provider};
use serde_json::Value;

use super::folders;
use super::support::{Home, run};

const HEAD: &str = "# Providers

Every provider that `ckwh` knows without a folder of yours: its name for `--provider`, which leads to its page, how it signs, and the events that `ckwh send` has for it. `ckwh providers new mine --from NAME` makes a copy to change. Where a table's facts come from stands in its first lines: `fixtures/NAME/provider.toml`.

A test writes this page, and that of each provider, from the folders.

| name | provider | signature | events |
|---|---|---|---|
";

/// The events that are named of one provider in the list.
const MOST_NAMED: usize = 12;

/// What `providers show` says and a page has in its own words, or not at all.
const ELSEWHERE: [&str; 4] = ["events", "documentation", "checked", "table"];

/// How wide its labels are, in columns.
const LABEL: usize = 15;

/// The line of `docs/SUMMARY.md` below which the providers stand.
const LISTED_BELOW: &str = "- [Providers](providers.md)\n";

/// Text in a cell of a table.
fn cell(text: &str) -> String {
    text.replace('<', "&lt;").replace('|', "\\|")
}

/// Code in a cell of a table.
fn code(text: &str) -> String {
    format!("`{}`", text.replace('|', "\\|"))
}

/// The line of one provider in the list of all.
fn line(folder: &Folder, provider: &Provider) -> String {
    let table = &provider.table;
    let title = match &table.docs {
        Some(docs) => format!("[{}]({docs})", table.title),
        None => table.title.clone(),
    };
    let types = folder.event_types();
    let first = table.events.keys().chain(table.undocumented_events.keys());
    let mut events: Vec<String> = match types.len() {
        0..=MOST_NAMED => types.iter().map(|name| code(name)).collect(),
        _ => first.take(MOST_NAMED).map(|name| code(name)).collect(),
    };
    if types.len() > MOST_NAMED {
        events.push(format!("and {} more", types.len() - MOST_NAMED));
    }
    let about = cell(&table.about);
    let name = &folder.name;
    format!(
        "| [`{name}`](providers/{name}.md) | {title} | {about} | {} |\n",
        events.join(" ")
    )
}

/// What `ckwh` prints as JSON lines.
fn said(home: &Home, args: &[&str]) -> Vec<Value> {
    let done = run(&mut home.ckwh(args), b"");
    assert_eq!(done.status, 0, "{args:?}: {}", done.stderr);
    let lines = done.stdout.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
    lines.map(|line| serde_json::from_slice(line).unwrap()).collect()
}

/// What `ckwh providers show` says of one: labels and values, in columns.
fn facts(home: &Home, name: &str) -> Vec<(String, String)> {
    let done = run(&mut home.ckwh(&["providers", "show", name]), b"");
    assert_eq!(done.status, 0, "{name}: {}", done.stderr);
    let text = String::from_utf8(done.stdout).unwrap();
    let rows = text.lines().filter_map(|line| line.strip_prefix("  "));
    rows.map(|row| row.split_at(LABEL))
        .map(|(label, value)| (label.trim().to_owned(), value.to_owned()))
        .collect()
}

/// Every event with its meaning, by provider.
fn events(home: &Home) -> BTreeMap<String, Vec<Value>> {
    let mut events: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    for event in said(home, &["events", "--json"]) {
        let provider = event["provider"].as_str().unwrap().to_owned();
        events.entry(provider).or_default().push(event);
    }
    events
}

/// The page of one provider.
fn page(home: &Home, provider: &Provider, events: &[Value]) -> String {
    let (name, table) = (&provider.name, &provider.table);
    let first = shlex::try_quote(events[0]["event_type"].as_str().unwrap()).unwrap();
    let mut page = format!("# {}\n\n`{name}`: {}.\n\n", table.title, cell(&table.about));
    if let Some(docs) = &table.docs {
        write!(page, "[Its documentation]({docs})").unwrap();
        match table.checked {
            Some(day) => write!(page, ", looked at on {day}.\n\n").unwrap(),
            None => page.push_str(".\n\n"),
        }
    }
    write!(page, "```sh\nckwh send {first} --provider {name}\n```\n\n").unwrap();
    write!(
        page,
        "shows a delivery. `ckwh send {first} --provider {name} --to 3000` delivers it to your handler, `ckwh check --provider \
         {name} --to 3000` tries the handler, and `ckwh listen --provider {name} --forward 3000` catches, verifies and \
         passes on what arrives. With which secret or key: [Secrets and keys](../secrets.md).\n\n"
    )
    .unwrap();
    page.push_str("## How it signs and delivers\n\n| | |\n|---|---|\n");
    let is_alone = Provider::load_all(&provider.folder).unwrap().len() == 1;
    for (label, value) in facts(home, name) {
        let is_only_dialect = is_alone && label.starts_with("dialect");
        if !ELSEWHERE.contains(&label.as_str()) && !is_only_dialect {
            let label = label.replace(" *", ", shown here");
            writeln!(page, "| {label} | {} |", cell(&value)).unwrap();
        }
    }
    page.push_str("\n## Events\n\n| event | |\n|---|---|\n");
    for event in events {
        let mut meaning = cell(event["description"].as_str().unwrap_or_default());
        if event["documented"] == false {
            meaning.push_str(" (its payload is not documented, and is ours)");
        }
        writeln!(
            page,
            "| {} | {} |",
            code(event["event_type"].as_str().unwrap()),
            meaning.trim()
        )
        .unwrap();
    }
    write!(page, "\nA test writes this page from `fixtures/{name}`.\n").unwrap();
    page
}

/// `docs/SUMMARY.md` with the providers below their list.
fn summary(kept: &str, providers: &[Provider]) -> String {
    let (above, below) = kept.split_once(LISTED_BELOW).unwrap();
    let rest = below.lines().skip_while(|line| line.starts_with("  - "));
    let rest: String = rest.map(|line| format!("{line}\n")).collect();
    let pages: String = providers
        .iter()
        .map(|own| format!("  - [{}](providers/{}.md)\n", own.table.title, own.name))
        .collect();
    format!("{above}{LISTED_BELOW}{pages}{rest}")
}

/// Every page that is written, by its path, with its text.
fn pages(docs: &Path) -> BTreeMap<PathBuf, String> {
    let home = Home::new();
    let events = events(&home);
    let mut list = HEAD.to_owned();
    let mut pages = BTreeMap::new();
    let mut providers = Vec::new();
    for folder in folders() {
        let provider = Provider::load(&folder, None).unwrap();
        list.push_str(&line(&folder, &provider));
        let path = docs.join(format!("providers/{}.md", folder.name));
        pages.insert(path, page(&home, &provider, &events[&provider.name]));
        providers.push(provider);
    }
    let kept = fs::read_to_string(docs.join("SUMMARY.md")).unwrap();
    pages.insert(docs.join("SUMMARY.md"), summary(&kept, &providers));
    pages.insert(docs.join("providers.md"), list);
    pages
}

/// Set `CKWH_REFRESH` to write the pages anew.
#[test]
fn the_page_of_providers_is_fresh() {
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs");
    let pages = pages(&docs);
    let folder = docs.join("providers");
    if std::env::var_os("CKWH_REFRESH").is_some() {
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir(&folder).unwrap();
        pages.iter().for_each(|(path, page)| fs::write(path, page).unwrap());
    }
    let stale: Vec<_> = pages
        .iter()
        .filter(|(path, page)| fs::read_to_string(path).unwrap_or_default() != **page)
        .map(|(path, _)| path.display())
        .collect();
    assert!(
        stale.is_empty(),
        "not what the folders say: run CKWH_REFRESH=1 cargo test --test providers the_page_of_providers: {stale:?}"
    );
    let count = fs::read_dir(folder).unwrap().count();
    assert_eq!(count, pages.len() - 2, "docs/providers has a page that no provider has");
}
