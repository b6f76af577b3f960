//! The names that HTML 4 has for characters: those beyond ASCII stand in `entities.txt`, each with its number in hex.
//!
//! Source: HTML 4.01, section 24, as Python 3.11's `html.entities.name2codepoint` has it.

use std::collections::HashMap;
use std::sync::LazyLock;

/// Those of ASCII, and one of HTML 5.
const ASCII: [(&str, char); 6] = [
    ("lt", '<'),
    ("gt", '>'),
    ("quot", '"'),
    ("apos", '\''),
    ("sol", '/'),
    ("amp", '&'),
];

fn table() -> impl Iterator<Item = (&'static str, char)> {
    include_str!("entities.txt").lines().filter_map(|line| {
        let (name, code) = line.split_once(' ')?;
        Some((name, char::from_u32(u32::from_str_radix(code, 16).ok()?)?))
    })
}

/// The name of a character beyond ASCII.
pub(super) fn name(char: char) -> Option<&'static str> {
    if char.is_ascii() {
        return None;
    }
    static NAMES: LazyLock<HashMap<char, &str>> = LazyLock::new(|| table().map(|(name, char)| (char, name)).collect());
    NAMES.get(&char).copied()
}

/// The character of that name.
pub(super) fn char(name: &str) -> Option<char> {
    ASCII
        .into_iter()
        .chain(table())
        .find(|(own, _)| *own == name)
        .map(|(_, char)| char)
}
