//! What happens to all values of parsed JSON before they are written again.

use std::sync::Arc;

use ecow::EcoVec;
use unicode_normalization::UnicodeNormalization as _;

use super::date;
use super::escape::{html_text, html_unescape};
use super::step::Step;
use super::{Show, Source, reorder};
use crate::json::compact::{self, Map, Text, Value};
use crate::json::{self, Style};

/// What most writers of changed values write.
pub(super) const LIKELY: &[&str] = &[
    "javascript",
    "python",
    "php",
    "php-array",
    "python-compact",
    "python-compact-unicode",
    "php-slashes-unicode",
    "php-array-slashes-unicode",
    "php-array-slashes",
    "php-slashes",
    "php-unicode",
    "go",
    "ruby",
    "rails",
    "jackson",
    "gson",
    "newtonsoft-no-dates",
    "system-text-json",
    "serde-json-ordered",
    "go-struct",
    "python-unicode",
    "javascript-indent-2",
    "as-written",
    "python-compact-sorted",
    "javascript-sorted",
];

/// One change of all values.
pub(super) struct Change {
    pub(super) name: &'static str,
    /// What came of it, as it stands before the class of writers.
    pub(super) what: &'static str,
    pub(super) story: &'static str,
    /// How the value is changed; whether it was.
    pub(super) apply: fn(&mut Value) -> bool,
}

/// A table of changes: the name, what came of it, what does so, and how.
macro_rules! changes {
    ($($name:literal, $what:literal $(, $story:literal)? => $apply:expr;)*) => {
        &[$($crate::explain::body::change::Change {
            name: $name,
            what: $what,
            story: concat!($($story)?),
            apply: $apply,
        }),*]
    };
}
pub(super) use changes;

/// The likeliest first.
const CHANGES: &[Change] = changes! {
    "no nulls", "the JSON written again without its null members", "as serialisers that leave null out do" =>
        |value| retain(value, &|item| !item.is_null());
    "trimmed", "the JSON written again with its texts trimmed", "as Laravel's TrimStrings does" =>
        |value| each_text(value, &trimmed);
    "trimmed, null", "the JSON written again with its texts trimmed and its empty texts null",
        "as Laravel's TrimStrings and ConvertEmptyStringsToNull do" =>
        |value| {
            let one = each_text(value, &trimmed);
            each(value, &|item| {
                replace_if(item, is_blank, || Value::Null)
            }) | one
        };
    "null for empty", "the JSON written again with null for its empty texts",
        "as Laravel's ConvertEmptyStringsToNull does" =>
        |value| {
            each(value, &|item| {
                replace_if(item, is_blank, || Value::Null)
            })
        };
    "empty for null", "the JSON written again with an empty text for each null" => |value| {
        each(value, &|item| {
            replace_if(item, Value::is_null, || item_text(""))
        })
    };
    "no empty texts", "the JSON written again without its empty texts" =>
        |value| retain(value, &|item| !is_blank(item));
    "no nulls, no empty texts", "the JSON written again without its null members and its empty texts" =>
        |value| retain(value, &|item| !item.is_null() && !is_blank(item));
    "no empty", "the JSON written again without its empty members",
        "as `NON_EMPTY`, `omitempty` and `array_filter` leave them out" =>
        |value| retain(value, &|item| !is_empty(item));
    "omitempty", "the JSON written again without its members that are empty, zero or false",
        "as Go's `omitempty` and PHP's `array_filter` leave them out" =>
        |value| {
            retain(value, &|item| {
                !is_empty(item) && !is_zero(item) && *item != Value::Bool(false)
            })
        };
    "html-escape-values", "the JSON written again with its texts escaped for HTML", "as a sanitiser does" =>
        |value| each_text(value, &html_text);
    "html-escape-values <>", "the JSON written again with `<` and `>` in its texts escaped for HTML",
        "as xss filters do" =>
        |value| each_text(value, &|text| Some(text.replace('<', "&lt;").replace('>', "&gt;")));
    "html-unescape-values", "the JSON written again with the HTML escapes of its texts undone" => |value| {
        each_text(value, &|text| {
            html_unescape(text.as_bytes()).and_then(|bytes| String::from_utf8(bytes).ok())
        })
    };
    "snake_case", "the JSON written again with its keys in snake_case", "as serialisers and camelcase filters do" =>
        |value| keys(value, &snake);
    "camelCase", "the JSON written again with its keys in camelCase", "as serialisers and camelcase filters do" =>
        |value| keys(value, &camel);
    "PascalCase", "the JSON written again with its keys in PascalCase", "as .NET's serialisers do" =>
        |value| keys(value, &|key| upper_first(&camel(key)));
    "lower keys", "the JSON written again with its keys in lower case" => |value| keys(value, &|key| key.to_lowercase());
    "upper keys", "the JSON written again with its keys in upper case" => |value| keys(value, &|key| key.to_uppercase());
    "first letter lower", "the JSON written again with the first letter of its keys in lower case",
        "as .NET's camelCase policy does" =>
        |value| keys(value, &lower_first);
    "numbers as texts", "the JSON written again with its numbers as texts" => |value| {
        each(value, &|item| match item {
            Value::Number(number) => set(item_text(number.as_str()), item),
            _ => false,
        })
    };
    "texts as numbers", "the JSON written again with its numeric texts as numbers",
        "as PHP's JSON_NUMERIC_CHECK and casting parsers do" =>
        |value| {
            each(value, &|item| match item {
                Value::String(text) => match number(text) {
                    Some(number) => set(Value::Number(number), item),
                    None => false,
                },
                _ => false,
            })
        };
    "scalars as texts", "the JSON written again with its numbers and booleans as texts",
        "as what went through a form or a map of texts" =>
        |value| {
            each(value, &|item| match item {
                Value::Number(number) => set(item_text(number.as_str()), item),
                Value::Bool(own) => set(item_text(if *own { "true" } else { "false" }), item),
                _ => false,
            })
        };
    "scalars as Python's texts", "the JSON written again with its numbers, booleans and nulls as Python's texts",
        "as `str` writes them" =>
        |value| {
            each(value, &|item| match item {
                Value::Number(number) => set(item_text(number.as_str()), item),
                Value::Bool(own) => set(item_text(if *own { "True" } else { "False" }), item),
                Value::Null => set(item_text("None"), item),
                _ => false,
            })
        };
    "texts as scalars", "the JSON written again with its numeric and boolean texts as what they say" => |value| {
        each(value, &|item| match item {
            Value::String(text) if text == "true" || text == "false" => set(Value::Bool(text == "true"), item),
            Value::String(text) if text == "null" => set(Value::Null, item),
            Value::String(text) => match number(text) {
                Some(number) => set(Value::Number(number), item),
                None => false,
            },
            _ => false,
        })
    };
    "booleans as numbers", "the JSON written again with 1 and 0 for its booleans", "as databases keep them" => |value| {
        each(value, &|item| match item {
            Value::Bool(own) => set(Value::Number(if *own { "1" } else { "0" }.into()), item),
            _ => false,
        })
    };
    "integers as floats", "the JSON written again with its integers as floats",
        "as Lua, MATLAB and readers of doubles do" =>
        |value| {
            each(value, &|item| match item {
                Value::Number(own) if !own.as_str().contains(['.', 'e', 'E']) => match number(&format!("{own}.0")) {
                    Some(number) => set(Value::Number(number), item),
                    None => false,
                },
                _ => false,
            })
        };
    "floats as integers", "the JSON written again with its fractions cut off" => |value| {
        each(value, &|item| match item {
            Value::Number(own) if own.as_str().contains('.') => {
                match own.as_str().split('.').next().and_then(number) {
                    Some(number) => set(Value::Number(number), item),
                    None => false,
                }
            }
            _ => false,
        })
    };
    "big integers as texts", "the JSON written again with the integers beyond 2^53 as texts",
        "as JSON_BIGINT_AS_STRING and json-bigint's `storeAsString` do" =>
        |value| {
            each(value, &|item| match item {
                Value::Number(own) if is_big(own.as_str()) => set(item_text(own.as_str()), item),
                _ => false,
            })
        };
    "objects for lists", "the JSON written again with objects for its lists", "as PHP's JSON_FORCE_OBJECT does" =>
        |value| {
            each(value, &|item| match item {
                Value::Array(items) => {
                    let members = Map::numbered(std::mem::take(items));
                    set(Value::Object(members), item)
                }
                _ => false,
            })
        };
    "lists for empty objects", "the JSON written again with `[]` for each `{}`",
        "as readers that make lists of empty objects do" =>
        |value| {
            each(value, &|item| match item {
                Value::Object(members) if members.is_empty() => set(Value::Array(EcoVec::new()), item),
                _ => false,
            })
        };
    "objects for empty lists", "the JSON written again with `{}` for each `[]`", "as Lua's cjson does" => |value| {
        each(value, &|item| match item {
            Value::Array(items) if items.is_empty() => set(Value::Object(Map::default()), item),
            _ => false,
        })
    };
    "dates:js", "the JSON written again with its times as JavaScript's `toISOString` has them" =>
        |value| dates(value, 3);
    "dates:seconds", "the JSON written again with its times in seconds and `Z`" => |value| dates(value, 0);
    "dates:+00:00", "the JSON written again with its times in seconds and `+00:00`" => |value| dates(value, 1);
    "dates:python", "the JSON written again with its times in microseconds and `+00:00`",
        "as Python's `isoformat` has them" =>
        |value| dates(value, 7);
    "nfc", "the JSON written again with its texts composed (NFC)" =>
        |value| each_text(value, &|text| Some(text.nfc().collect()));
    "parsed texts", "the JSON written again with the JSON in its texts parsed" => |value| {
        each(value, &|item| match item {
            Value::String(text) if text.starts_with(['{', '[']) => match compact::read(text.as_bytes()) {
                Some(inner) => set(inner, item),
                None => false,
            },
            _ => false,
        })
    };
    "sorted lists", "the JSON written again with its lists of texts sorted" => |value| {
        each(value, &|item| match item {
            Value::Array(items) if items.len() > 1 && items.iter().all(Value::is_string) => {
                items.make_mut().sort_by(|one, other| one.as_str().cmp(&other.as_str()));
                true
            }
            _ => false,
        })
    };
};

/// So many writers write the changed values of a body beyond this size, in bytes.
const LARGE: usize = 128 * 1024;
const LARGE_LIKELY: usize = 8;

/// Every change, by every likely writer.
pub(super) fn each_change(source: &Source<'_>, show: &mut Show<'_>) -> bool {
    source.dense || !source.is_json || all(source, show)
}

/// The same where two values are too large to be held at once: the body's own is let go, and read for each change.
pub(super) fn each_of_dense(source: &Source<'_>, show: &mut Show<'_>) -> bool {
    if !source.dense {
        return true;
    }
    source.meet();
    all(source, show)
}

fn all(source: &Source<'_>, show: &mut Show<'_>) -> bool {
    let large = source.body().len() > LARGE;
    let styles = if large { &LIKELY[..LARGE_LIKELY] } else { LIKELY };
    let all = CHANGES.iter().chain(reorder::CHANGES);
    all.enumerate().all(|(number, change)| {
        let changed = source.shared.get(("change", number), || {
            let mut changed = if source.dense {
                source.take_value()?
            } else {
                source.value()?
            };
            if (change.apply)(Arc::make_mut(&mut changed)) {
                let styles = distinct(&changed, styles);
                return Some((changed, styles));
            }
            source.keep_value(changed);
            None
        });
        changed.as_ref().is_none_or(|(changed, styles)| {
            written_in(changed, change.name, change.what, change.story, source, styles, show)
        })
    })
}

/// The first of each class of the styles of these names that write `value` alike.
fn distinct(value: &Value, styles: &[&str]) -> Vec<&'static Style> {
    json::distinct(value, styles.iter().filter_map(|style| Style::named(style)))
}

/// `value` by each of the styles of these names.
pub(super) fn written(
    value: &Arc<Value>,
    name: &str,
    what: &str,
    story: &'static str,
    source: &Source<'_>,
    styles: &[&str],
    show: &mut Show<'_>,
) -> bool {
    written_in(value, name, what, story, source, &distinct(value, styles), show)
}

/// `value` by each of these styles.
fn written_in(
    value: &Arc<Value>,
    name: &str,
    what: &str,
    story: &'static str,
    source: &Source<'_>,
    styles: &[&'static Style],
    show: &mut Show<'_>,
) -> bool {
    let longest = source.longest();
    styles.iter().all(|style| {
        let step = || {
            let mut step = Step::written(value, style).forward(story);
            step.name = format!("{name}, json:{}", style.name).into();
            step.what = what.to_owned().into();
            step.reverse("what arrived was read, changed and written again on its way")
        };
        show.one(&step, &|| compact::rewrite(value, style, longest))
    })
}

fn set(new: Value, item: &mut Value) -> bool {
    *item = new;
    true
}

fn item_text(text: &str) -> Value {
    Value::String(text.into())
}

fn replace_if(item: &mut Value, is: fn(&Value) -> bool, new: fn() -> Value) -> bool {
    is(item) && set(new(), item)
}

/// Changes every value, the outer ones last; says whether any was.
fn each(value: &mut Value, change: &dyn Fn(&mut Value) -> bool) -> bool {
    let inner = match value {
        Value::Array(items) => items
            .make_mut()
            .iter_mut()
            .fold(false, |any, item| each(item, change) | any),
        Value::Object(members) => members.values_mut().fold(false, |any, item| each(item, change) | any),
        _ => false,
    };
    change(value) | inner
}

fn each_text(value: &mut Value, change: &dyn Fn(&str) -> Option<String>) -> bool {
    each(value, &|item| match item {
        Value::String(text) => match change(text) {
            Some(new) if new != **text => {
                *text = new.into();
                true
            }
            _ => false,
        },
        _ => false,
    })
}

/// Keeps the members that `keeps` says, at every level.
fn retain(value: &mut Value, keeps: &dyn Fn(&Value) -> bool) -> bool {
    each(value, &|item| match item {
        Value::Object(members) => {
            let before = members.len();
            members.retain(keeps);
            members.len() < before
        }
        _ => false,
    })
}

fn keys(value: &mut Value, change: &dyn Fn(&str) -> String) -> bool {
    each(value, &|item| match item {
        Value::Object(members) => {
            let any = members.keys().any(|key| change(key) != **key);
            if any {
                let renamed = std::mem::take(members).into_iter();
                *members = renamed.map(|(key, item)| (change(&key).into(), item)).collect();
            }
            any
        }
        _ => false,
    })
}

fn dates(value: &mut Value, spelling: usize) -> bool {
    each(value, &|item| match item {
        Value::String(text) => match date::zoned(text).get(spelling) {
            Some(new) if *new != **text => set(item_text(new), item),
            _ => false,
        },
        _ => false,
    })
}

fn trimmed(text: &str) -> Option<String> {
    Some(text.trim().to_owned())
}

fn is_blank(value: &Value) -> bool {
    matches!(value, Value::String(text) if text.is_empty())
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(members) => members.is_empty(),
        _ => false,
    }
}

fn is_zero(value: &Value) -> bool {
    matches!(value, Value::Number(number) if number.as_str().parse() == Ok(0.0))
}

fn is_big(text: &str) -> bool {
    !text.contains(['.', 'e', 'E'])
        && text
            .parse::<i64>()
            .map_or(true, |number| number.unsigned_abs() > 1 << 53)
}

/// The number that a text is, without the zeros before it.
fn number(text: &str) -> Option<Text> {
    let (sign, digits) = text.strip_prefix('-').map_or(("", text), |rest| ("-", rest));
    if text.len() >= 40 || !digits.starts_with(|first: char| first.is_ascii_digit()) {
        return None;
    }
    let bare = digits.trim_start_matches('0');
    let zero = if bare.starts_with(|first: char| first.is_ascii_digit()) {
        ""
    } else {
        "0"
    };
    match compact::read(format!("{sign}{zero}{bare}").as_bytes()) {
        Some(Value::Number(number)) => Some(number),
        _ => None,
    }
}

pub(super) fn snake(key: &str) -> String {
    let mut out = String::with_capacity(key.len() + 4);
    let mut before = '_';
    for char in key.chars() {
        if char.is_uppercase() && !before.is_uppercase() && before != '_' {
            out.push('_');
        }
        match char {
            '-' | ' ' => out.push('_'),
            char => out.extend(char.to_lowercase()),
        }
        before = char;
    }
    out
}

pub(super) fn camel(key: &str) -> String {
    let mut out = String::with_capacity(key.len());
    let mut up = false;
    for char in key.chars() {
        match char {
            '_' | '-' | ' ' if !out.is_empty() => up = true,
            char if up => {
                out.extend(char.to_uppercase());
                up = false;
            }
            char => out.push(char),
        }
    }
    out
}

pub(super) fn upper_first(key: &str) -> String {
    let mut chars = key.chars();
    chars
        .next()
        .map(|first| first.to_uppercase().chain(chars).collect())
        .unwrap_or_default()
}

pub(super) fn lower_first(key: &str) -> String {
    let mut chars = key.chars();
    chars
        .next()
        .map(|first| first.to_lowercase().chain(chars).collect())
        .unwrap_or_default()
}
