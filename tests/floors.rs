//! Imports between the rooms of `src` run downward, and in no circle.
#![expect(clippy::unwrap_used, reason = "a test that can't go on fails")]

#[path = "floors/imports.rs"]
mod imports;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// The rooms, from the ground up. Those on one floor may import each other, in one direction.
const FLOORS: [&[&str]; 12] = [
    &[
        "secret", "clock", "json", "foreign", "trust", "private", "suggest", "queue",
    ],
    &["message"],
    &["scheme"],
    &["sign", "verify"],
    &["explain"],
    &["provider"],
    &["capture"],
    &["exchange"],
    &["judge", "learn", "store", "delivery"],
    &["receiver", "replay", "send"],
    &["check"],
    &["cli"],
];

/// A file of `src`: its path there, and its text.
type Source = (PathBuf, String);

/// One room names another, in a file and a line.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Edge {
    from: String,
    to: String,
    place: String,
}

fn floor(room: &str) -> Option<usize> {
    FLOORS.iter().position(|rooms| rooms.contains(&room))
}

/// The module that a file is, from the root of its crate on. The program's own are all in the room `cli`.
fn module(path: &Path) -> Vec<String> {
    let path = path.with_extension("");
    let words = path.iter().map(|word| word.to_string_lossy().into_owned());
    words.filter(|word| word != "main" && word != "lib").collect()
}

fn is_of_program(path: &Path) -> bool {
    path == Path::new("main.rs") || path.starts_with("cli") || path == Path::new("cli.rs")
}

fn edges((path, text): &Source) -> Vec<Edge> {
    let module = module(path);
    let own = if is_of_program(path) {
        "cli"
    } else {
        module.first().map_or("", String::as_str)
    };
    // The root declares the rooms, and imports nothing.
    if own.is_empty() {
        return Vec::new();
    }
    let mut edges = Vec::new();
    for import in imports::read(text, &module) {
        let to = import.path.first().map_or("*", String::as_str);
        if to != own {
            edges.push(Edge {
                from: own.to_owned(),
                to: to.to_owned(),
                place: format!("src/{}:{}", path.display(), import.line),
            });
        }
    }
    edges
}

/// What is wrong with the imports of `sources`, a sentence each.
fn problems(sources: &[Source]) -> Vec<String> {
    let edges: Vec<Edge> = sources.iter().flat_map(edges).collect();
    let mut problems = Vec::new();
    for Edge { from, to, place } in &edges {
        let problem = match (floor(from), floor(to)) {
            (None, _) => format!("{place}: the room `{from}` has no floor"),
            (_, None) => format!("{place}: `{from}` imports `{to}`, which is no room"),
            (Some(low), Some(high)) if low < high => {
                format!(
                    "{place}: `{from}`, on floor {}, imports `{to}` above it, on floor {}",
                    low + 1,
                    high + 1
                )
            }
            _ => continue,
        };
        problems.push(problem);
    }
    problems.dedup();
    problems.extend(circles(&edges));
    problems
}

/// Each circle that begins with an edge between two rooms of the same floor: another has an edge upward.
fn circles(edges: &[Edge]) -> Vec<String> {
    let level: BTreeSet<&Edge> = edges
        .iter()
        .filter(|edge| floor(&edge.from) == floor(&edge.to))
        .collect();
    let mut next: BTreeMap<&str, BTreeMap<&str, &str>> = BTreeMap::new();
    for edge in level {
        next.entry(&edge.from)
            .or_default()
            .entry(&edge.to)
            .or_insert(&edge.place);
    }
    let mut circles = Vec::new();
    for (from, tos) in &next {
        for (to, place) in tos {
            // Of a circle, told from its first room alone.
            if let Some(back) = way(to, from, &next, &mut BTreeSet::new())
                && to >= from
                && back.iter().all(|(room, _)| room >= from)
            {
                let steps = back.iter().map(|(room, place)| format!(" -> `{room}` ({place})"));
                circles.push(format!(
                    "`{from}` -> `{to}` ({place}){}: a circle",
                    steps.collect::<String>()
                ));
            }
        }
    }
    circles
}

/// How one room reaches another: each step's room and place.
fn way<'a>(
    from: &'a str,
    to: &str,
    next: &BTreeMap<&'a str, BTreeMap<&'a str, &'a str>>,
    seen: &mut BTreeSet<&'a str>,
) -> Option<Vec<(&'a str, &'a str)>> {
    if from == to {
        return Some(Vec::new());
    }
    if !seen.insert(from) {
        return None;
    }
    next.get(from)?.iter().find_map(|(room, place)| {
        let rest = way(room, to, next, seen)?;
        Some([vec![(*room, *place)], rest].concat())
    })
}

/// Every Rust file below a folder, by its path in `src`.
fn sources(folder: &Path, root: &Path) -> Vec<Source> {
    let mut all = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            all.extend(sources(&path, root));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = fs::read_to_string(&path).unwrap();
            all.push((path.strip_prefix(root).unwrap().to_owned(), text));
        }
    }
    all.sort();
    all
}

fn src() -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    sources(&root, &root)
}

#[test]
fn imports_run_downward_and_in_no_circle() {
    let problems = problems(&src());
    assert!(problems.is_empty(), "\n{}", problems.join("\n"));
}

/// What other rooms must not name: the database of a store, and its modules.
const BEHIND_THE_SEAM: [&str; 3] = ["rusqlite", "sqlite", "tokio_postgres"];
/// What must not stand in the seam itself.
const OF_A_BACKEND: [&str; 5] = ["rusqlite", "tokio_postgres", "Path", "PathBuf", "File"];

/// The words of a text that are names, without its comments.
fn names(text: &str) -> impl Iterator<Item = &str> {
    let code = text.lines().map(|line| line.split("//").next().unwrap_or(line));
    code.flat_map(|line| line.split(|char: char| !char.is_alphanumeric() && char != '_'))
}

/// Where a source names one of `forbidden`.
fn named<'a>((path, text): &'a Source, forbidden: &'a [&str]) -> impl Iterator<Item = String> + 'a {
    let found = names(text).filter(|name| forbidden.contains(name));
    found.map(|name| format!("src/{} names `{name}`", path.display()))
}

#[test]
fn the_store_is_used_over_its_seam_alone() {
    let sources = src();
    let others = sources.iter().filter(|(path, _)| !path.starts_with("store"));
    let found: Vec<String> = others
        .flat_map(|source| match source.0 == Path::new("store.rs") {
            true => named(source, &["rusqlite", "tokio_postgres"]).collect::<Vec<_>>(),
            false => named(source, &BEHIND_THE_SEAM).collect(),
        })
        .collect();
    assert!(found.is_empty(), "\n{}", found.join("\n"));
    let (path, text) = sources.iter().find(|(path, _)| path == Path::new("store.rs")).unwrap();
    let seam = (
        path.clone(),
        text.split("#[cfg(test)]").next().unwrap().replace("Location::File", ""),
    );
    let found: Vec<String> = named(&seam, &OF_A_BACKEND).collect();
    assert!(found.is_empty(), "\n{}", found.join("\n"));
    let planted = (
        PathBuf::from("cli/a.rs"),
        "fn a(b: &rusqlite::Connection) {} // sqlite".to_owned(),
    );
    assert_eq!(
        named(&planted, &BEHIND_THE_SEAM).collect::<Vec<_>>(),
        ["src/cli/a.rs names `rusqlite`"]
    );
}

#[test]
fn every_room_has_a_floor_and_the_documentation_has_every_floor() {
    let sources = src();
    let rooms: BTreeSet<String> = sources
        .iter()
        .filter_map(|(path, _)| module(path).into_iter().next())
        .collect();
    let floors: BTreeSet<String> = FLOORS
        .iter()
        .flat_map(|rooms| rooms.iter())
        .map(|room| (*room).to_owned())
        .collect();
    assert_eq!(rooms, floors);
    for file in ["ARCHITECTURE.md", "src/lib.rs"] {
        let text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(file)).unwrap();
        let mut drawn = drawn(&text);
        for (index, rooms) in FLOORS.iter().enumerate() {
            let rooms: BTreeSet<&str> = rooms.iter().copied().collect();
            assert_eq!(drawn.remove(&(index + 1)), Some(rooms), "floor {} in {file}", index + 1);
        }
        assert!(drawn.is_empty(), "{file} has more floors: {drawn:?}");
    }
}

/// The rooms of each floor in a document's table `| floor | … |`: a row without a number is of the floor above it.
fn drawn(text: &str) -> BTreeMap<usize, BTreeSet<&str>> {
    let lines = text.lines().map(|line| line.trim_start_matches("//! "));
    let rows = lines.skip_while(|line| !line.starts_with("| floor |")).skip(2);
    let mut floor = 0;
    let mut floors: BTreeMap<usize, BTreeSet<&str>> = BTreeMap::new();
    for row in rows.take_while(|line| line.starts_with('|')) {
        let mut cells = row.split('|').map(str::trim).skip(1);
        floor = cells.next().unwrap().parse().unwrap_or(floor);
        let rooms = cells.next().unwrap().split('`').skip(1).step_by(2);
        floors.entry(floor).or_default().extend(rooms);
    }
    floors
}

/// The problems of one planted file.
fn planted(path: &str, text: &str) -> Vec<String> {
    problems(&[(path.into(), text.to_owned())])
}

#[test]
fn an_import_upward_is_found_in_whatever_form() {
    for (path, text, line, to) in [
        ("sign.rs", "use crate::store::Store;", 1, "store"),
        ("sign/tamper.rs", "use crate::{clock, store};", 1, "store"),
        (
            "sign.rs",
            "use crate::{\n    clock,\n    json::{self, splice::{a, b}},\n    store::{self, row::{A, B}},\n};",
            4,
            "store",
        ),
        (
            "sign.rs",
            "pub use crate::{message::{Headers, Message}, store as kept};",
            1,
            "store",
        ),
        ("sign.rs", "fn a() {\n    let b = crate::store::open();\n}", 2, "store"),
        (
            "sign.rs",
            "fn a() {\n    println!(\"{}\", crate::store::open());\n}",
            2,
            "store",
        ),
        (
            "sign.rs",
            "fn a(b: &crate::store::Store) -> Vec<crate::clock::Unit> {}",
            1,
            "store",
        ),
        ("sign.rs", "use super::store;", 1, "store"),
        ("sign.rs", "use super::{clock, store::Store};", 1, "store"),
        ("sign/tamper.rs", "use super::super::store::Store;", 1, "store"),
        (
            "sign.rs",
            "mod tests {\n    use super::super::store::Store;\n}",
            2,
            "store",
        ),
        (
            "sign.rs",
            "mod tests {\n    mod inner {\n        use super::super::super::store::*;\n    }\n}",
            3,
            "store",
        ),
        (
            "sign.rs",
            "#[derive(Debug)]\npub struct A(pub(crate) crate::store::Store);",
            2,
            "store",
        ),
        ("receiver/serve.rs", "use ckwh::cli::args;", 1, "cli"),
    ] {
        let found = planted(path, text);
        assert_eq!(found.len(), 1, "{text}: {found:?}");
        let place = format!("src/{path}:{line}: ");
        assert!(found[0].starts_with(&place), "{text}: {found:?}");
        let from = path.split(['/', '.']).next().unwrap();
        for room in [from, to] {
            assert!(found[0].contains(&format!("`{room}`")), "{text}: {found:?}");
        }
    }
}

#[test]
fn what_is_no_import_upward_is_let_be() {
    for (path, text) in [
        (
            "sign.rs",
            "// use crate::store::Store;\n/* crate::store /* crate::store */ */",
        ),
        (
            "sign.rs",
            "/// See [`crate::store::Store`].\nfn a() { \"crate::store::b\"; r#\"crate::store::\"c\"\"#; b\"crate::store\"; }",
        ),
        (
            "sign.rs",
            "fn a<'crate_>(b: char) { b == '{' || b == '\"'; } // crate::store",
        ),
        (
            "sign.rs",
            "pub(crate) fn a() {}\npub(in crate::sign) fn b(self: &Self) { self.store(); }",
        ),
        (
            "sign.rs",
            "mod tests {\n    use super::*;\n    use super::store::own;\n}",
        ),
        (
            "sign/tamper.rs",
            "use super::store;\nuse self::store::a;\nuse std::{fmt, store};",
        ),
        (
            "sign.rs",
            "use other::crate_::store;\nuse crate::{json::{self, Value}, clock};",
        ),
        ("store/row.rs", "use crate::{sign, message::Message};"),
        (
            "cli/send.rs",
            "use ckwh::{store, replay};\nuse crate::cli::args;\nuse super::args;",
        ),
        (
            "main.rs",
            "mod cli;\nfn main() { cli::run(); crate::cli::run(); ckwh::store::open(); }",
        ),
        ("lib.rs", "pub mod store;\npub use store::Store;"),
    ] {
        assert_eq!(planted(path, text), Vec::<String>::new(), "{text}");
    }
}

#[test]
fn a_room_without_a_floor_is_found() {
    for (path, text) in [
        ("attic.rs", "use crate::store::Store;"),
        ("cli/send.rs", "use ckwh::attic::Box;"),
        ("sign.rs", "use crate::*;"),
    ] {
        assert_eq!(planted(path, text).len(), 1, "{text}");
    }
}

#[test]
fn a_circle_on_one_floor_is_found_and_named_with_its_places() {
    let file = |path: &str, text: &str| (PathBuf::from(path), text.to_owned());
    let one_way = [
        file("sign.rs", "use crate::verify;"),
        file("verify.rs", "use crate::clock;"),
    ];
    assert_eq!(problems(&one_way), Vec::<String>::new());
    let two = [
        file("sign.rs", "\nuse crate::verify::a;"),
        file("verify.rs", "use crate::sign::b;"),
    ];
    assert_eq!(
        problems(&two),
        ["`sign` -> `verify` (src/sign.rs:2) -> `sign` (src/verify.rs:1): a circle"]
    );
    let three = [
        file("clock.rs", "use crate::json::a;"),
        file("json/write.rs", "fn a() { crate::secret::b() }"),
        file("secret.rs", "use crate::{clock::C, foreign};"),
        file("foreign.rs", "use crate::private;"),
    ];
    assert_eq!(
        problems(&three),
        ["`clock` -> `json` (src/clock.rs:1) -> `secret` (src/json/write.rs:1) -> `clock` (src/secret.rs:1): a circle"]
    );
}
