//! Links within the project, and the book's list of its pages.

use std::collections::BTreeSet;
use std::path::Path;

use super::{pages, root};

/// The text outside of fences, whose brackets are code.
fn prose(page: &str) -> String {
    let mut in_fence = false;
    let lines = page.lines().filter(|line| {
        let is_fence = line.starts_with("```");
        in_fence ^= is_fence;
        !in_fence && !is_fence
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// How a page of the book names a file of this project that is not in the book.
const REPOSITORY: &str = concat!(env!("CARGO_PKG_REPOSITORY"), "/blob/main/");

/// Where a page's links lead.
fn links(page: &str) -> Vec<String> {
    let prose = prose(page);
    let targets = prose.split("](").skip(1);
    targets
        .map(|piece| piece.split(')').next().unwrap_or_default().to_owned())
        .collect()
}

/// The anchors that GitHub and mdBook give to a page's headings.
fn anchors(page: &str) -> BTreeSet<String> {
    let prose = prose(page);
    let headings = prose.lines().filter(|line| line.starts_with('#'));
    let anchor = |heading: &str| -> String {
        let text = heading.trim_start_matches('#').trim().to_lowercase();
        let kept = text
            .chars()
            .filter(|char| char.is_alphanumeric() || " -_".contains(*char));
        kept.map(|char| if char == ' ' { '-' } else { char }).collect()
    };
    headings.map(anchor).collect()
}

#[test]
fn every_link_leads_somewhere() {
    let mut wrong = Vec::new();
    for (name, page) in pages() {
        for link in links(&page) {
            let (path, anchor) = link.split_once('#').unwrap_or((&link, ""));
            let own = root().join(&name);
            let target = match path.strip_prefix(REPOSITORY) {
                Some(path) => root().join(path),
                // The web is not asked.
                None if path.contains("://") => continue,
                None if path.is_empty() => own,
                None => own.parent().unwrap().join(path),
            };
            let has_anchor = || {
                let text = std::fs::read_to_string(&target).unwrap_or_default();
                anchor.is_empty() || anchors(&text).contains(anchor)
            };
            let is_of_book = |target: &Path| {
                target
                    .canonicalize()
                    .is_ok_and(|path| path.starts_with(root().join("docs")))
            };
            let leaves_book = name.starts_with("docs/") && !path.starts_with(REPOSITORY) && !is_of_book(&target);
            if !target.exists() || !has_anchor() || leaves_book {
                wrong.push(format!("{name}: {link}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn the_book_has_every_page_once() {
    let all = pages();
    let (_, summary) = all.iter().find(|(name, _)| name == "docs/SUMMARY.md").unwrap();
    let listed = links(summary);
    let once: BTreeSet<&String> = listed.iter().collect();
    assert_eq!(once.len(), listed.len(), "a page is listed twice");
    let is_page = |name: &&str| !name.starts_with("skills/") && *name != "SUMMARY.md";
    let pages: BTreeSet<&str> = all
        .iter()
        .filter_map(|(name, _)| name.strip_prefix("docs/"))
        .filter(is_page)
        .collect();
    let once: BTreeSet<&str> = once.into_iter().map(String::as_str).collect();
    assert_eq!(once, pages, "docs/SUMMARY.md lists the pages of docs");
}

#[test]
fn the_readme_is_read_in_five_minutes() {
    let readme = std::fs::read_to_string(Path::new(root()).join("README.md")).unwrap();
    assert!(readme.lines().count() <= 150);
    let first = super::blocks(&readme, "sh");
    assert_eq!(first[0], "cargo run -- send cost.alert\n", ".ci/run runs it");
}
