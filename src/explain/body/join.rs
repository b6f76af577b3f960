//! The outermost members' values as texts, put together with or without their keys.

use std::cell::OnceCell;

use super::step::Step;
use super::{Show, Source, form, notation, php};
use crate::explain::cause::Kind::BodyReserialised;
use crate::json::Value;

/// How a language makes a text of a value.
struct Language {
    name: &'static str,
    text: fn(&Value) -> String,
}

const LANGUAGES: &[Language] = &[
    Language {
        name: "JavaScript's `join`",
        text: |value| match value {
            Value::Null => String::new(),
            value => form::javascript_string(value),
        },
    },
    Language {
        name: "JavaScript's templates",
        text: form::javascript_string,
    },
    Language {
        name: "Python's `str`",
        text: form::python_string,
    },
    Language {
        name: "PHP's `implode`",
        text: |value| php::scalar(value).unwrap_or_else(|| "Array".to_owned()),
    },
    Language {
        name: "Ruby's `join`",
        text: ruby,
    },
];

/// What stands between two, and between a key and its value; nothing where there is no key.
const BETWEEN: &[(&str, Option<&str>)] = &[
    ("", None),
    (",", None),
    ("|", None),
    (":", None),
    ("&", Some("=")),
    ("", Some("=")),
    ("", Some("")),
    ("\n", None),
    (";", None),
    (" ", None),
    (".", None),
    ("&", None),
    (",", Some(":")),
    (",", Some("=")),
    ("|", Some("=")),
];

/// The values of a body beyond this size are put together in the likeliest ways alone, in bytes.
const LARGE: usize = 64 * 1024;
const LIKELY: usize = 5;

/// As an array's `join` has it: lists are taken apart, and a hash is inspected.
fn ruby(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Array(items) => items.iter().map(ruby).collect(),
        value => {
            let written = notation::named("inspect:ruby").and_then(|ruby| ruby.write(value, usize::MAX));
            written
                .and_then(|bytes| String::from_utf8(bytes).ok())
                .unwrap_or_default()
        }
    }
}

pub(super) fn each(source: &Source<'_>, show: &mut Show<'_>) -> bool {
    let value = source.value();
    let Some(Value::Object(members)) = value.as_deref() else {
        return true;
    };
    let large = source.body().len() > LARGE;
    let between = if large { LIKELY } else { BETWEEN.len() };
    [false, true].iter().all(|sorted| {
        let mut members: Vec<(&String, &Value)> = members.iter().collect();
        if *sorted {
            members.sort_by_key(|(key, _)| *key);
        }
        LANGUAGES.iter().all(|language| {
            let texts: OnceCell<Vec<(&String, String)>> = OnceCell::new();
            let texts = || {
                let all = members.iter();
                texts.get_or_init(|| all.map(|(key, value)| (*key, (language.text)(value))).collect())
            };
            BETWEEN[..between].iter().all(|(between, equals)| {
                let step = || {
                    let what = format!(
                        "the body's {}{} with `{}` between them, as texts by {}",
                        if equals.is_some() { "keys and values" } else { "values" },
                        if *sorted { ", sorted by key," } else { "" },
                        between.escape_debug(),
                        language.name
                    );
                    let name = format!("values:{}{equals:?}{sorted} {}", between.escape_debug(), language.name);
                    Step::new(BodyReserialised, name, what)
                };
                let joined = |(key, text): &(&String, String)| match equals {
                    Some(equals) => format!("{key}{equals}{text}"),
                    None => text.clone(),
                };
                show.one(&step, &|| {
                    Some(
                        texts()
                            .iter()
                            .map(joined)
                            .collect::<Vec<_>>()
                            .join(between)
                            .into_bytes(),
                    )
                })
            })
        })
    })
}
