//! The outermost members' values as texts, put together with or without their keys.

use std::cell::OnceCell;

use super::alike::{grouped, print};
use super::step::Step;
use super::{Show, Source, form, notation, php};
use crate::explain::cause::Kind::BodyReserialised;
use crate::json::Style;
use crate::json::compact::{self, Map, Text, Value};

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
        Value::String(text) => text.to_string(),
        Value::Array(items) => items.iter().map(ruby).collect(),
        value => {
            let written = notation::named("inspect:ruby").and_then(|ruby| ruby.write(value, usize::MAX));
            written
                .and_then(|bytes| String::from_utf8(bytes).ok())
                .unwrap_or_default()
        }
    }
}

/// Languages that make the same texts of these members, by the first of them, and the names of all.
fn languages(members: &[(&Text, &Value)]) -> Vec<(&'static Language, String)> {
    let texts = |language: &Language| print(members.iter().map(|(_, value)| (language.text)(value)));
    let all = LANGUAGES
        .iter()
        .map(|language| (language, language.name, texts(language)));
    let named = |(language, names): (&'static Language, Vec<&str>)| {
        let who = match names.as_slice() {
            [most @ .., last] if !most.is_empty() => format!("{} or {last}", most.join(", ")),
            names => names.concat(),
        };
        (language, who)
    };
    grouped(all).into_iter().map(named).collect()
}

pub(super) fn each(source: &Source<'_>, show: &mut Show<'_>) -> bool {
    let value = source.value();
    match value.as_deref() {
        Some(Value::Object(members)) => of_members(members, source, show),
        Some(Value::Array(items)) => of_items(items, source, show),
        _ => true,
    }
}

fn of_members(members: &Map, source: &Source<'_>, show: &mut Show<'_>) -> bool {
    let large = source.body().len() > LARGE;
    let between = if large { LIKELY } else { BETWEEN.len() };
    [false, true].iter().all(|sorted| {
        let mut members: Vec<(&Text, &Value)> = members.iter().collect();
        if *sorted {
            members.sort_by_key(|(key, _)| *key);
        }
        languages(&members).iter().all(|(language, who)| {
            let texts: OnceCell<Vec<(&Text, String)>> = OnceCell::new();
            let texts = || {
                let all = members.iter();
                texts.get_or_init(|| all.map(|(key, value)| (*key, (language.text)(value))).collect())
            };
            BETWEEN[..between].iter().all(|(between, equals)| {
                let step = || {
                    let what = format!(
                        "the body's {}{} with {} between them, as texts by {who}",
                        if equals.is_some() { "keys and values" } else { "values" },
                        if *sorted { ", sorted by key," } else { "" },
                        name(between),
                    );
                    let name = format!("values:{}{equals:?}{sorted} {}", between.escape_debug(), language.name);
                    Step::new(BodyReserialised, name, what)
                };
                let joined = |(key, text): &(&Text, String)| match equals {
                    Some(equals) => format!("{key}{equals}{text}"),
                    None => text.clone(),
                };
                show.one(&step, &|| {
                    let all: Vec<String> = texts().iter().map(joined).collect();
                    Some(all.join(between).into_bytes())
                })
            })
        })
    })
}

/// What stands between two, in words.
fn name(between: &str) -> String {
    match between {
        "" => "nothing".to_owned(),
        "\n" => "a line break".to_owned(),
        " " => "a space".to_owned(),
        between => format!("`{between}`"),
    }
}

/// The items of a list, each written again by itself: a batch whose events are hashed one behind the other.
fn of_items(items: &[Value], source: &Source<'_>, show: &mut Show<'_>) -> bool {
    const WRITERS: [&str; 5] = ["javascript", "python", "php", "go", "ruby"];
    if items.len() < 2 || source.body().len() > LARGE {
        return true;
    }
    let styles = WRITERS.iter().filter_map(|name| Style::named(name));
    styles.into_iter().all(|style| {
        ["", ",", "\n", " "].iter().all(|between| {
            let step = || {
                let what = format!(
                    "the items of the body's list with {} between them, each written again as {} does",
                    name(between),
                    style.runtime
                );
                Step::new(BodyReserialised, format!("items:{} {between:?}", style.name), what)
            };
            show.one(&step, &|| {
                let all = items.iter().map(|item| compact::rewrite(item, style, source.longest()));
                Some(all.collect::<Option<Vec<_>>>()?.join(between.as_bytes()))
            })
        })
    })
}
