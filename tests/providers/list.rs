//! `docs/providers.md`: a line for each provider, written from the folders.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use ckwh::provider::Provider;

use super::folders;

const HEAD: &str = "# Providers

Every provider that `ckwh` knows without a folder of yours: its name for `--provider`, how it signs, and the events that `ckwh send` has for it. `ckwh providers show NAME` says more, `ckwh events --provider NAME` lists the events with their meanings, and `ckwh providers new mine --from NAME` makes a copy to change. Where a table's facts come from, and when they were looked at, stands in its first lines: `fixtures/NAME/provider.toml`.

A test writes this page from the folders.

| name | provider | signature | events |
|---|---|---|---|
";

/// The events that are named of one provider.
const MOST_NAMED: usize = 12;

/// Set `CKWH_REFRESH` to write the page anew.
#[test]
fn the_page_of_providers_is_fresh() {
    let mut page = HEAD.to_owned();
    for folder in folders() {
        let provider = Provider::load(&folder, None).unwrap();
        let table = &provider.table;
        let title = match &table.docs {
            Some(docs) => format!("[{}]({docs})", table.title),
            None => table.title.clone(),
        };
        let types = folder.event_types();
        let first = table
            .events
            .keys()
            .chain(table.undocumented_events.keys())
            .take(MOST_NAMED);
        let mut events: Vec<String> = match types.len() {
            0..=MOST_NAMED => types.iter().map(|name| format!("`{name}`")).collect(),
            _ => first.map(|name| format!("`{name}`")).collect(),
        };
        if types.len() > MOST_NAMED {
            events.push(format!("and {} more", types.len() - MOST_NAMED));
        }
        let about = table.about.replace('<', "&lt;").replace('|', "\\|");
        writeln!(page, "| `{}` | {title} | {about} | {} |", folder.name, events.join(" ")).unwrap();
    }
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/providers.md");
    if std::env::var_os("CKWH_REFRESH").is_some() {
        fs::write(&path, &page).unwrap();
    }
    let kept = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        kept == page,
        "docs/providers.md is not what the folders say: run CKWH_REFRESH=1 cargo test --test providers the_page_of_providers"
    );
}
