//! A member of the body alone, and the body inside another.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::member::{members, most};
use super::step::{SMALL, Step};
use super::{Show, Source, change, notation};
use crate::explain::cause::Kind::{BodyDoubleEncoded, BodyReserialised};
use crate::json::{self, Map, Style, Value};

/// What writes one member alone.
const ALONE: &[&str] = &[
    "javascript",
    "python",
    "php",
    "php-array",
    "python-compact",
    "python-compact-unicode",
    "php-array-slashes-unicode",
    "php-slashes-unicode",
    "go",
    "ruby",
    "rails",
    "jackson",
    "gson",
    "newtonsoft-no-dates",
    "system-text-json",
    "javascript-indent-2",
    "python-compact-sorted",
    "javascript-sorted",
];

/// One member alone, as it stands and written again; a text decoded.
pub(super) fn alone(source: &Source<'_>, show: &mut Show<'_>) -> bool {
    let Some(value) = source.value() else { return true };
    let body = source.body();
    let most = most(body.len()).min(96);
    members(body, most).iter().all(|member| {
        let pointer = &member.pointer;
        let raw = &body[member.value.clone()];
        let step = |kind, name: &str, what: String| {
            let step = Step::new(kind, format!("{name} {pointer}"), what);
            step.reverse("what was signed was put into another body on its way, as queues and event buses do")
        };
        match raw.first() {
            Some(b'{' | b'[') => {
                let own = || {
                    step(
                        BodyReserialised,
                        "member",
                        format!("the member `{pointer}` of the body alone, as it stands"),
                    )
                };
                let Some(inner) = value.pointer(pointer) else {
                    return true;
                };
                show.one(&own, &|| Some(raw.to_vec())) && {
                    let what = format!("the member `{pointer}` of the body alone, written again");
                    change::written(
                        &Arc::new(inner.clone()),
                        &format!("member {pointer}"),
                        &what,
                        "",
                        source,
                        ALONE,
                        show,
                    ) && notation::printed(inner, pointer, source.longest(), show)
                }
            }
            Some(b'"') => {
                let Some(text) = json::text(raw).filter(|text| !text.is_empty()) else {
                    return true;
                };
                let own = || {
                    step(
                        BodyDoubleEncoded,
                        "text",
                        format!("the text of `{pointer}` in the body"),
                    )
                };
                let decoded = || {
                    step(
                        BodyDoubleEncoded,
                        "base64",
                        format!("the text of `{pointer}` in the body, decoded from base64"),
                    )
                };
                show.one(&own, &|| Some(text.clone().into_bytes()))
                    && show.one(&decoded, &|| {
                        STANDARD.decode(&text).ok().filter(|bytes| bytes.len() > 1)
                    })
                    && inner_json(&text, pointer, source, show)
            }
            _ => {
                let own = || {
                    step(
                        BodyReserialised,
                        "member",
                        format!("the value of `{pointer}` in the body alone"),
                    )
                };
                show.one(&own, &|| Some(raw.to_vec()))
            }
        }
    }) && values(value, show)
}

/// The JSON inside a text, written again.
fn inner_json(text: &str, pointer: &str, source: &Source<'_>, show: &mut Show<'_>) -> bool {
    if !text.starts_with(['{', '[']) {
        return true;
    }
    let Ok(inner) = json::parse(text.as_bytes()) else {
        return true;
    };
    let what = format!("the JSON in the text of `{pointer}`, written again");
    change::written(
        &Arc::new(inner),
        &format!("text {pointer}"),
        &what,
        "",
        source,
        ALONE,
        show,
    )
}

/// The values of the outermost members, put together.
fn values(value: &Value, show: &mut Show<'_>) -> bool {
    let Value::Object(members) = value else { return true };
    let scalar = |value: &Value| match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(value) => Some(value.to_string()),
        Value::Null => Some(String::new()),
        _ => None,
    };
    let texts: Option<Vec<(&String, String)>> =
        members.iter().map(|(key, value)| Some((key, scalar(value)?))).collect();
    let Some(mut texts) = texts else { return true };
    [false, true].iter().all(|sorted| {
        if *sorted {
            texts.sort();
        }
        [
            ("", ""),
            (",", ""),
            ("|", ""),
            (":", ""),
            ("&", "="),
            ("", "="),
            ("\n", ""),
            (";", ""),
        ]
        .iter()
        .all(|(between, equals)| {
            let step = || {
                let what = format!(
                    "the body's {}{} with `{}` between them",
                    if equals.is_empty() { "values" } else { "keys and values" },
                    if *sorted { ", sorted by key," } else { "" },
                    between.escape_debug()
                );
                Step::new(
                    BodyReserialised,
                    format!("values:{}{equals}{sorted}", between.escape_debug()),
                    what,
                )
            };
            let joined = texts.iter().map(|(key, text)| match *equals {
                "" => text.clone(),
                equals => format!("{key}{equals}{text}"),
            });
            let joined = joined.collect::<Vec<_>>().join(between);
            show.one(&step, &|| Some(joined.clone().into_bytes()))
        })
    })
}

/// What holds a body in another.
const KEYS: [&str; 12] = [
    "body", "data", "payload", "event", "message", "detail", "Message", "json", "rawBody", "request", "text", "content",
];
/// What writes the other.
const OUTER: &[&str] = &[
    "javascript",
    "python",
    "php",
    "php-array",
    "go",
    "python-compact-unicode",
];
const TAKEN_OUT: &str = "what arrived was taken out of another body on its way";

/// The body inside another.
pub(super) fn wrapped(source: &Source<'_>, show: &mut Show<'_>) -> bool {
    let body = source.body();
    if body.len() > SMALL {
        return true;
    }
    let text = std::str::from_utf8(body).ok();
    KEYS.iter().all(|key| {
        let step = |what: &str, style: &str| {
            let what_it_is = format!("an object with the body as {what} in `{key}`");
            Step::new(BodyDoubleEncoded, format!("wrap {what}:{key} {style}"), what_it_is).reverse(TAKEN_OUT)
        };
        let quoted = |inner: &str, name: &str, colon: &str| {
            let style = Style::named(name)?;
            let mut out = format!("{{\"{key}\"{colon}").into_bytes();
            json::write_text(inner, style, &mut out);
            out.push(b'}');
            Some(out)
        };
        let layouts = [("javascript", ":"), ("python", ": "), ("php", ":"), ("go", ":")];
        layouts.iter().all(|(style, colon)| {
            show.one(&|| step("its JSON", style), &|| {
                Some(format!("{{\"{key}\"{colon}{}}}", text?).into_bytes())
            }) && show.one(&|| step("a text", style), &|| quoted(text?, style, colon))
                && show.one(&|| step("base64", style), &|| {
                    quoted(&STANDARD.encode(body), style, colon)
                })
        }) && again(source, Some(key), show)
    }) && again(source, None, show)
}

/// The body's value in an object under `key`, or in a list, written again.
fn again(source: &Source<'_>, key: Option<&str>, show: &mut Show<'_>) -> bool {
    let Some(value) = source.value().filter(|_| source.body().len() <= SMALL / 4) else {
        return true;
    };
    let value = Value::clone(value);
    let (outer, name, what) = match key {
        Some(key) => (
            Value::Object(Map::from_iter([(key.to_owned(), value)])),
            format!("wrap {key}"),
            format!("the JSON written again inside an object, in `{key}`"),
        ),
        None => (
            Value::Array(vec![value]),
            "wrap []".to_owned(),
            "the JSON written again as the one item of a list".to_owned(),
        ),
    };
    change::written(&Arc::new(outer), &name, &what, "", source, OUTER, show)
}
