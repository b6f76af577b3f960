//! What a row can't be told from: other stories that give the same bytes, and so the same MAC.

use super::cause::Kind;
use super::search::Direction;

/// The steps of a body, and what else gives the same.
const BODIES: &[(&str, &str)] = &[
    ("minify", "a writer that keeps each token as it stands gives the same"),
    (
        "remove white space",
        "which leaves it open whether all of it was taken out or only that between and around the values",
    ),
    ("ascii:7-bit", "as does a reader that masks the bytes"),
    ("empty", "or the handler read another request's body, which was empty"),
    ("constant:{}", "or an object that has no members any more"),
    ("trim", "by the handler, or by what handed it the text"),
];

/// Words behind a body's sentence.
pub(super) fn of_body(step: &str) -> String {
    let row = BODIES.iter().find(|(own, _)| *own == step);
    row.map_or(String::new(), |(_, doubt)| format!("; {doubt}"))
}

/// Words behind a content's sentence.
pub(super) fn of_content(kind: Kind, direction: Direction) -> &'static str {
    match (kind, direction) {
        (Kind::ContentUrl, Direction::Reverse) => {
            "; the sender has that URL, or a proxy changed the one that it sent to"
        }
        _ => "",
    }
}
