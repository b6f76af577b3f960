//! Captures chosen by what their body says: a jq filter.

use std::fmt;

use jaq_core::data::JustLut;
use jaq_core::load::{Arena, File, Loader};
use jaq_core::{Compiler, Ctx, Vars, unwrap_valr};
use jaq_json::{Val, read};

/// How deep a body may be nested: a stranger's must not be too deep for the filter of a user.
const DEEPEST: usize = 1000;

/// What is no filter.
#[derive(Debug, thiserror::Error)]
#[error("`{}` is not a jq filter; write one such as '.cost.amount > 900'", .0.escape_debug())]
pub struct FilterError(String);

impl FilterError {
    /// That `text` is no filter.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }
}

/// A jq filter, in the dialect of jaq.
pub struct Filter(jaq_core::Filter<JustLut<Val>>);

impl fmt::Debug for Filter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Filter")
    }
}

impl Filter {
    /// Reads a filter.
    ///
    /// # Errors
    /// [`FilterError`].
    pub fn parse(text: &str) -> Result<Self, FilterError> {
        let wrong = || FilterError(text.to_owned());
        let definitions = jaq_core::defs().chain(jaq_std::defs()).chain(jaq_json::defs());
        let functions = jaq_core::funs().chain(jaq_std::funs()).chain(jaq_json::funs());
        let arena = Arena::default();
        let file = File { code: text, path: () };
        let modules = Loader::new(definitions).load(&arena, file).map_err(|_| wrong())?;
        let compiler = Compiler::default().with_funs(functions);
        compiler.compile(modules).map(Self).map_err(|_| wrong())
    }

    /// Whether anything that the filter gives for `body` is neither `false` nor `null`. A body that is not JSON, that is
    /// nested more than 1,000 deep, or that the filter fails on, is not meant. Nothing bounds what a filter takes: one
    /// that recurses or collects without end ends the process.
    pub fn matches(&self, body: &[u8]) -> bool {
        if depth(body) > DEEPEST {
            return false;
        }
        let Ok(input) = read::parse_single(body) else {
            return false;
        };
        let context = Ctx::<JustLut<Val>>::new(&self.0.lut, Vars::new([]));
        let mut given = self.0.id.run((context, input)).map(unwrap_valr);
        given.any(|value| value.is_ok_and(|value| !matches!(value, Val::Null | Val::Bool(false))))
    }
}

/// How deep JSON is nested, at most.
fn depth(body: &[u8]) -> usize {
    let (mut depth, mut deepest, mut in_string, mut escaped) = (0_usize, 0, false, false);
    for byte in body {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_string => escaped = true,
            b'"' => in_string = !in_string,
            b'[' | b'{' if !in_string => {
                depth += 1;
                deepest = deepest.max(depth);
            }
            b']' | b'}' if !in_string => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    deepest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bodies_are_chosen_as_jq_selects() {
        let body = br#"{"event":"cost.alert","cost":{"amount":1284.6},"tags":["a","b"]}"#;
        for (filter, expected) in [
            (".cost.amount > 900", true),
            (".cost.amount > 9000", false),
            (".none", false),
            (".tags[] == \"b\"", true),
            (".event | test(\"^cost\")", true),
            ("select(.event == \"x\")", false),
            (".event.deeper", false),
        ] {
            assert_eq!(Filter::parse(filter).unwrap().matches(body), expected, "{filter}");
        }
        assert!(!Filter::parse(".").unwrap().matches(b"not JSON"));
        for (depth, expected) in [(1000, true), (1001, false), (300_000, false)] {
            let deep = "[".repeat(depth) + &"]".repeat(depth);
            assert_eq!(
                Filter::parse(".").unwrap().matches(deep.as_bytes()),
                expected,
                "{depth}"
            );
        }
        assert_eq!(depth(br#"{"a[[\"[{": [{}, "\\"], "b": []}"#), 3);
        for wrong in ["", ".[", "none_such", "1 +"] {
            assert!(Filter::parse(wrong).is_err(), "{wrong}");
        }
    }
}
