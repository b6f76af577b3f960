//! A member of the body alone, and the body inside another.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::member::{members, most};
use super::step::{SMALL, Step};
use super::{Show, Source, change, notation};
use crate::explain::cause::Kind::{BodyDoubleEncoded, BodyReserialised};
use crate::json::compact::{Map, Value};
use crate::json::{self, Style};

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

/// So deep are bodies in texts looked for: a notification in a message of a queue in a batch.
const DEEPEST: usize = 3;

/// One member alone, as it stands and written again; a text decoded, and the members of the JSON in it.
pub(super) fn alone(source: &Source<'_>, show: &mut Show<'_>) -> bool {
    inside(source, "", DEEPEST, show)
}

/// The members of `source`, which is the text at `outer` or the body itself.
fn inside(source: &Source<'_>, outer: &str, deepest: usize, show: &mut Show<'_>) -> bool {
    let Some(value) = source.value() else { return true };
    let body = source.body();
    let most = most(body.len()).min(96);
    members(body, most).iter().enumerate().all(|(number, member)| {
        let raw = &body[member.value.clone()];
        let place = format!("{outer}{}", member.pointer);
        match raw.first() {
            Some(b'{' | b'[') => {
                let Some(inner) = value.pointer(&member.pointer) else {
                    return true;
                };
                show.one(&|| as_it_stands(&place), &|| Some(raw.to_vec()))
                    && written(number, inner, &place, source, show)
                    && notation::printed(inner, &place, source.longest(), show)
            }
            Some(b'"') => {
                let text = json::text(raw).filter(|text| !text.is_empty());
                text.is_none_or(|text| in_text(&text, &place, deepest, show))
            }
            _ => show.one(&|| as_it_stands(&place), &|| Some(raw.to_vec())),
        }
    })
}

const OUT_OF: &str =
    "the sender signed that alone, or it was put into another body on its way, as queues and event buses do";

fn as_it_stands(place: &str) -> Step {
    let what = format!("the member `{place}` of the body alone, as it stands");
    Step::new(BodyReserialised, format!("member {place}"), what).reverse(OUT_OF)
}

fn written(number: usize, value: &Value, place: &str, source: &Source<'_>, show: &mut Show<'_>) -> bool {
    let what = format!("the member `{place}` of the body alone, written again");
    let value = source.shared.get(("member", number), || Arc::new(value.clone()));
    change::written(&value, &format!("member {place}"), &what, "", source, ALONE, show)
}

/// A text, what its base64 holds, and the JSON in either.
fn in_text(text: &str, place: &str, deepest: usize, show: &mut Show<'_>) -> bool {
    let bytes = STANDARD.decode(text).ok().filter(|bytes| bytes.len() > 1);
    let of = |name: &'static str, what: &'static str| {
        move || {
            let what = format!("the text of `{place}` in the body{what}");
            Step::new(BodyDoubleEncoded, format!("{name} {place}"), what).reverse(OUT_OF)
        }
    };
    show.one(&of("text", ""), &|| Some(text.as_bytes().to_vec()))
        && show.one(&of("base64", ", decoded from base64"), &|| bytes.clone())
        && [Some(text.as_bytes()), bytes.as_deref()]
            .into_iter()
            .flatten()
            .all(|bytes| {
                let source = Source::new(bytes);
                let Some(value) = source.value().filter(|_| deepest > 0) else {
                    return true;
                };
                let what = format!("the JSON in the text of `{place}`, written again");
                change::written(&value, &format!("text {place}"), &what, "", &source, ALONE, show)
                    && inside(&source, &format!("{place}→"), deepest - 1, show)
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
            json::text_writer(style)(inner, &mut out);
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
        && event(body, text, show)
}

/// A function's event with the body in it, and whether that is in base64; what else an event holds, nobody knows.
fn event(body: &[u8], text: Option<&str>, show: &mut Show<'_>) -> bool {
    let encoded = STANDARD.encode(body);
    let bodies = [(text, false), (Some(encoded.as_str()), true)];
    bodies
        .into_iter()
        .filter_map(|(text, base64)| Some((text?, base64)))
        .all(|(text, base64)| {
            ["javascript", "python"]
                .into_iter()
                .filter_map(Style::named)
                .all(|style| {
                    [true, false].iter().all(|first| {
                        let step = || {
                            let how = if base64 { "in base64" } else { "as a text" };
                            let who = style.runtime;
                            let what = format!(
                                "a function's event of `body`, {how}, and `isBase64Encoded` alone, in {who}'s JSON"
                            );
                            let name = format!("event {how}:{} {first}", style.name);
                            Step::new(BodyDoubleEncoded, name, what)
                                .forward("as happens where the whole `event` is hashed, and not its `body`")
                                .reverse(TAKEN_OUT)
                        };
                        show.one(&step, &|| {
                            let mut quoted = Vec::new();
                            json::text_writer(style)(text, &mut quoted);
                            let quoted = String::from_utf8(quoted).ok()?;
                            let body = format!("\"body\"{}{quoted}", style.colon());
                            let flag = format!("\"isBase64Encoded\"{}{base64}", style.colon());
                            let [one, other] = if *first { [body, flag] } else { [flag, body] };
                            Some(format!("{{{one},{}{other}}}", style.behind_comma()).into_bytes())
                        })
                    })
                })
        })
}

/// The body's value in an object under `key`, or in a list, written again.
fn again(source: &Source<'_>, key: Option<&str>, show: &mut Show<'_>) -> bool {
    let Some(value) = source.value().filter(|_| source.body().len() <= SMALL / 4) else {
        return true;
    };
    let value = Value::clone(&value);
    let (outer, name, what) = match key {
        Some(key) => (
            Value::Object(Map::from_iter([(key.into(), value)])),
            format!("wrap {key}"),
            format!("the JSON written again inside an object, in `{key}`"),
        ),
        None => (
            Value::Array([value].into()),
            "wrap []".to_owned(),
            "the JSON written again as the one item of a list".to_owned(),
        ),
    };
    change::written(&Arc::new(outer), &name, &what, "", source, OUTER, show)
}

/// What Rails's `params` hold beside the body's own members: all of them once more under the controller's name, and the
/// controller and its action (ActionController::ParamsWrapper).
const CONTROLLERS: [(&str, &str); 6] = [
    ("webhooks", "webhook"),
    ("webhook", "webhook"),
    ("events", "event"),
    ("hooks", "hook"),
    ("callbacks", "callback"),
    ("notifications", "notification"),
];
const ACTIONS: [&str; 6] = ["create", "receive", "index", "handle", "webhook", "process"];
const RAILS: &[&str] = &["ruby", "rails"];

/// The JSON as Rails's `params` become text.
pub(super) fn of_rails(source: &Source<'_>, show: &mut Show<'_>) -> bool {
    let value = source.value().filter(|_| source.body().len() <= SMALL / 4);
    let Some(Value::Object(members)) = value.as_deref() else {
        return true;
    };
    let wrapped = |key: &str, route: Option<(&str, &str)>| {
        let route = route.map(|(controller, action)| [("controller", controller), ("action", action)]);
        let route = route
            .into_iter()
            .flatten()
            .map(|(key, name)| (key.into(), Value::String(name.into())));
        let again = (key.into(), Value::Object(members.clone()));
        Value::Object(members.clone().into_iter().chain(route).chain([again]).collect())
    };
    let mut shown = |value: Value, name: &str, what: &str| {
        written_as_params(&value, name, what, source, show)
            && change::written(&Arc::new(value), name, what, "", source, RAILS, show)
    };
    shown(Value::Object(members.clone()), "params", "Rails's parameters")
        && CONTROLLERS.iter().all(|(controller, key)| {
            let what =
                format!("the JSON written again with its members once more in `{key}`, as Rails's `params` have them");
            shown(wrapped(key, None), &format!("params {key}"), &what)
                && ACTIONS.iter().all(|action| {
                    let what = format!("{what} with `controller` and `action`");
                    let name = format!("params {controller}#{action}");
                    shown(wrapped(key, Some((controller, action))), &name, &what)
                })
        })
}

/// As `params.inspect` and a text with `params` in it have them.
fn written_as_params(value: &Value, name: &str, what: &str, source: &Source<'_>, show: &mut Show<'_>) -> bool {
    ["#<ActionController::Parameters ", "<ActionController::Parameters "]
        .iter()
        .all(|before| {
            let step = || {
                let what = format!("{what} as Ruby prints them, `{before}…`");
                Step::new(BodyReserialised, format!("{name} {before}"), what)
            };
            show.one(&step, &|| {
                let inner = notation::named("inspect:ruby")?.write(value, source.longest())?;
                Some([before.as_bytes(), &inner, b" permitted: false>"].concat())
            })
        })
}
