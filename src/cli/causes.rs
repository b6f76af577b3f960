//! `ckwh causes`: what a cause is, and what to do about it.

use anyhow::anyhow;
use ckwh::suggest::did_you_mean;

use super::app::App;
use super::exit::{Failure, Status};
use super::report::{Item, folded};

/// The page of the docs, of which the table of remedies writes the part for each cause.
const PAGE: &str = include_str!("../../docs/causes.md");

/// The longest line, in columns.
const WIDTH: usize = 80;

pub fn run(app: &mut App, name: Option<&str>) -> Result<Status, Failure> {
    let text = match name {
        None => sections().map(|(name, text)| listed(name, text)).collect(),
        Some(name) => one(name)?,
    };
    app.result(Item::Text { text })?;
    Ok(Status::Yes)
}

/// Each cause with what the page says of it.
pub fn sections() -> impl Iterator<Item = (&'static str, &'static str)> {
    PAGE.split("\n### ").skip(1).filter_map(|part| part.split_once("\n\n"))
}

/// A line of the list.
fn listed(name: &str, text: &str) -> String {
    let about = text.lines().next().unwrap_or_default();
    format!("{name:<25} {about}\n")
}

fn one(name: &str) -> Result<String, Failure> {
    // As `verify` writes it.
    let name = name.trim_matches(['[', ']']);
    let Some((_, text)) = sections().find(|(own, _)| *own == name) else {
        let near = did_you_mean(name, sections().map(|(own, _)| own));
        let problem = anyhow!(
            "there is no cause `{}`.{near} `ckwh causes` lists them",
            name.escape_debug()
        );
        return Err(Failure::of("unknown-cause", problem).near(&near));
    };
    let lines = text.trim_end().lines().flat_map(|line| folded(line, Some(WIDTH)));
    Ok(lines.fold(format!("{name}\n\n"), |page, line| page + &line + "\n"))
}
