//! Forms: what each writer leaves as it is, the order and the repeats of fields, and forms made of JSON and JSON of forms.

use std::collections::HashSet;
use std::sync::Arc;

use super::alike::{grouped, print};
use super::bytes::{Percent, replaced};
use super::change::LIKELY;
use super::notation::{self, Notation};
use super::step::{Row, SMALL, Step, rows};
use super::{Show, Source, php};
use crate::explain::cause::Kind::BodyForm;
use crate::json::compact::{self, Value};
use crate::json::{self, Map, Style, Value as Json};

/// How a form's names and values are written.
struct Writer {
    name: &'static str,
    who: &'static str,
    /// What stays as it is, beside letters and digits.
    keep: &'static [u8],
    /// Whether a space is `+`.
    plus: bool,
    upper: bool,
}

const fn writer(name: &'static str, who: &'static str, keep: &'static [u8], plus: bool, upper: bool) -> Writer {
    Writer {
        name,
        who,
        keep,
        plus,
        upper,
    }
}

/// The likeliest first.
const WRITERS: &[Writer] = &[
    writer(
        "form",
        "JavaScript's URLSearchParams, Java's URLEncoder and Ruby write it",
        b"-_.*",
        true,
        true,
    ),
    writer(
        "form:querystring",
        "`encodeURIComponent` and Node's querystring write it",
        b"-_.!~*'()",
        false,
        true,
    ),
    writer(
        "form:quote_plus",
        "Python's `urlencode`, Go and Ruby's CGI write it",
        b"-_.~",
        true,
        true,
    ),
    writer(
        "form:rfc3986",
        "PHP's `rawurlencode`, qs and .NET's `EscapeDataString` write it",
        b"-_.~",
        false,
        true,
    ),
    writer(
        "form:php",
        "PHP's `http_build_query` and `urlencode` write it",
        b"-_.",
        true,
        true,
    ),
    writer("form:jquery", "jQuery and axios write it", b"-_.!~*'()", true, true),
    writer(
        "form:dotnet",
        ".NET's `WebUtility.UrlEncode` writes it",
        b"-_.!*()",
        true,
        true,
    ),
    writer(
        "form:dotnet-lower",
        ".NET's `HttpUtility.UrlEncode` writes it",
        b"-_.!*()",
        true,
        false,
    ),
    writer("form:quote", "Python's `quote` writes it", b"-_.~/", false, true),
    writer(
        "form:%20",
        "a writer that leaves `-_.*` writes it",
        b"-_.*",
        false,
        true,
    ),
    writer("form:qs-rfc1738", "qs with `RFC1738` writes it", b"-_.~()", true, true),
    writer(
        "form:lower",
        "a writer of lower-case hex writes it",
        b"-_.~",
        false,
        false,
    ),
    writer(
        "form:lower +",
        "a writer of lower-case hex writes it",
        b"-_.~",
        true,
        false,
    ),
    writer("form:axios", "axios writes it", b"-_.!~*'():$,[]", true, true),
];

impl Writer {
    fn write<'f>(&self, fields: impl Iterator<Item = &'f (String, Option<String>)>) -> Vec<u8> {
        let percent = Percent::new(self.keep, self.plus, self.upper);
        let mut out = Vec::new();
        for (index, (name, value)) in fields.enumerate() {
            if index > 0 {
                out.push(b'&');
            }
            percent.encode(name.as_bytes(), &mut out);
            if let Some(value) = value {
                out.push(b'=');
                percent.encode(value.as_bytes(), &mut out);
            }
        }
        out
    }
}

/// Names and values, decoded.
pub(super) type Fields = Vec<(String, Option<String>)>;

/// What is done to a form's fields before they are written.
struct Choice {
    name: &'static str,
    what: &'static str,
    apply: fn(Fields) -> Fields,
}

const CHOICES: &[Choice] = &[
    Choice {
        name: "",
        what: "",
        apply: |fields| fields,
    },
    Choice {
        name: ", without empty ones",
        what: ", without the empty ones",
        apply: |mut fields| {
            fields.retain(|(_, value)| value.as_ref().is_some_and(|value| !value.is_empty()));
            fields
        },
    },
    Choice {
        name: ", sorted",
        what: ", sorted by name",
        apply: |mut fields| {
            fields.sort_by(|(one, _), (other, _)| one.cmp(other));
            fields
        },
    },
    Choice {
        name: ", sorted by value too",
        what: ", sorted by name and value",
        apply: |mut fields| {
            fields.sort();
            fields
        },
    },
    Choice {
        name: ", last of repeated",
        what: ", the last of each name alone",
        apply: |fields| {
            let map: indexmap::IndexMap<String, Option<String>> = fields.into_iter().collect();
            map.into_iter().collect()
        },
    },
    Choice {
        name: ", first of repeated",
        what: ", the first of each name alone",
        apply: |mut fields| {
            let mut seen = HashSet::new();
            fields.retain(|(name, _)| seen.insert(name.clone()));
            fields
        },
    },
    Choice {
        name: ", without empty ones, sorted",
        what: ", without the empty ones and sorted by name",
        apply: |mut fields| {
            fields.retain(|(_, value)| value.as_ref().is_some_and(|value| !value.is_empty()));
            fields.sort_by(|(one, _), (other, _)| one.cmp(other));
            fields
        },
    },
    Choice {
        name: ", last of repeated, sorted",
        what: ", the last of each name alone and sorted by name",
        apply: |fields| {
            let map: std::collections::BTreeMap<String, Option<String>> = fields.into_iter().collect();
            map.into_iter().collect()
        },
    },
    Choice {
        name: ", without empty ones, last of repeated",
        what: ", without the empty ones and the last of each name alone",
        apply: |fields| {
            let filled = fields
                .into_iter()
                .filter(|(_, value)| value.as_ref().is_some_and(|value| !value.is_empty()));
            let map: indexmap::IndexMap<String, Option<String>> = filled.collect();
            map.into_iter().collect()
        },
    },
    Choice {
        name: ", trimmed",
        what: ", their values trimmed",
        apply: |fields| {
            let trimmed = |(name, value): (String, Option<String>)| (name, value.map(|value| value.trim().to_owned()));
            fields.into_iter().map(trimmed).collect()
        },
    },
    Choice {
        name: ", grouped",
        what: ", those of one name together",
        apply: |fields| {
            let mut groups: indexmap::IndexMap<String, Vec<Option<String>>> = indexmap::IndexMap::new();
            for (name, value) in fields {
                groups.entry(name).or_default().push(value);
            }
            let flat = |(name, values): (String, Vec<Option<String>>)| {
                values
                    .into_iter()
                    .map(move |value| (name.clone(), value))
                    .collect::<Vec<_>>()
            };
            groups.into_iter().flat_map(flat).collect()
        },
    },
    Choice {
        name: ", backwards",
        what: ", the last one first",
        apply: |fields| fields.into_iter().rev().collect(),
    },
];

/// A form's fields, decoded; nothing where `body` is none.
pub(super) fn fields(body: &[u8]) -> Option<Fields> {
    let is_form = body.len() <= SMALL
        && body.contains(&b'=')
        && !body.iter().any(u8::is_ascii_whitespace)
        && !super::layout::is_json(body);
    if !is_form {
        return super::multipart::fields(body).filter(|_| body.len() <= SMALL);
    }
    Some({
        let all = form_urlencoded::parse(body);
        all.map(|(name, value)| (name.into_owned(), Some(value.into_owned())))
            .collect()
    })
}

/// A form's fields written again.
pub(super) fn again(source: &Source<'_>, show: &mut Show<'_>) -> bool {
    let Some(fields) = source.fields() else { return true };
    CHOICES.iter().all(|choice| {
        let chosen = (choice.apply)(fields.clone());
        if !choice.name.is_empty() && chosen == *fields {
            return true;
        }
        let alike = WRITERS.iter().map(|writer| (writer, writer.write(chosen.iter())));
        grouped(alike.map(|(writer, bytes)| (writer, writer.who, print([bytes]))))
            .iter()
            .all(|(writer, whos)| {
                let step = || {
                    let who = together(whos);
                    let what = format!("the form's fields encoded again{}, as {who}", choice.what);
                    Step::new(BodyForm, format!("{}{}", writer.name, choice.name), what)
                        .reverse("what arrived was encoded again on its way")
                };
                show.one(&step, &|| Some(writer.write(chosen.iter())))
            })
            && show.one(
                &|| {
                    Step::new(
                        BodyForm,
                        format!("form-decode{}", choice.name),
                        format!("the form's fields{}, decoded", choice.what),
                    )
                },
                &|| Some(decoded(&chosen, "=", "&")),
            )
            && show.one(
                &|| {
                    Step::new(
                        BodyForm,
                        format!("form-join{}", choice.name),
                        format!("the form's names and values{}, with nothing between them", choice.what),
                    )
                },
                &|| Some(decoded(&chosen, "", "")),
            )
    })
}

fn decoded(fields: &Fields, equals: &str, and: &str) -> Vec<u8> {
    let fields = fields.iter().map(|(name, value)| {
        let value = value.as_deref().unwrap_or_default();
        format!("{name}{equals}{value}")
    });
    fields.collect::<Vec<_>>().join(and).into_bytes()
}

/// So many writers of one form are named.
const MOST_WRITERS: usize = 12;

/// "A writes it" and "B and C write it" as "A, B and C write it".
fn together(whos: &[&str]) -> String {
    let mut names: Vec<&str> = Vec::new();
    for who in whos {
        let list = who
            .strip_suffix(" writes it")
            .or(who.strip_suffix(" write it"))
            .unwrap_or(who);
        for name in list.split(", ").flat_map(|name| name.split(" and ")) {
            if !names.contains(&name) && names.len() < MOST_WRITERS {
                names.push(name);
            }
        }
    }
    match names.as_slice() {
        [] => String::new(),
        [one] => format!("{one} writes it"),
        [most @ .., last] => format!("{} and {last} write it", most.join(", ")),
    }
}

/// One writing of a query.
pub(in crate::explain) struct Query {
    pub(in crate::explain) what: String,
    /// Whether names and values are joined with nothing.
    pub(in crate::explain) joined: bool,
}

/// A query in every other writing, with what each is.
pub(in crate::explain) fn queries(query: &str) -> Vec<(String, Query)> {
    let fields = form_urlencoded::parse(query.as_bytes()).into_owned();
    let fields: Fields = fields.map(|(name, value)| (name, Some(value))).collect();
    let mut all = Vec::new();
    let mut push = |bytes: Vec<u8>, what: String, joined| {
        all.extend(String::from_utf8(bytes).ok().map(|made| (made, Query { what, joined })));
    };
    for choice in CHOICES {
        let chosen = (choice.apply)(fields.clone());
        if !choice.name.is_empty() && chosen == fields && !choice.name.starts_with(", sorted") {
            continue;
        }
        for writer in WRITERS {
            push(
                writer.write(chosen.iter()),
                format!("encoded again{}, as {}", choice.what, writer.who),
                false,
            );
        }
        push(decoded(&chosen, "=", "&"), format!("decoded{}", choice.what), false);
        push(decoded(&chosen, "", ""), String::new(), true);
    }
    for row in ROWS.iter().filter(|row| row.name.starts_with("form:")) {
        if let Some(bytes) = (row.apply)(query.as_bytes()) {
            push(bytes, format!("otherwise: {}", row.what), false);
        }
    }
    all
}

/// A text in each percent-encoding, `/` kept and not, after decoding and as it stands.
pub(in crate::explain) fn reencoded(text: &str) -> Vec<String> {
    let decoded = super::bytes::percent_decode(text.as_bytes(), false);
    let decoded = decoded.and_then(|bytes| String::from_utf8(bytes).ok());
    let mut all = Vec::new();
    for text in std::iter::once(text.to_owned()).chain(decoded) {
        for keep in [
            &b"-_.~/"[..],
            b"-_.!~*'();/?:@&=+$,#",
            b"-_.!~*'()",
            b"-_.~",
            b"-_.~/:@!$&'()*+,;=%",
            b"-_.~/:@!$&'()*+,;=",
        ] {
            for upper in [true, false] {
                let mut out = Vec::new();
                Percent::new(keep, false, upper).encode(text.as_bytes(), &mut out);
                all.extend(String::from_utf8(out).ok());
            }
        }
    }
    all
}

/// A form's fields as JSON and as languages print them.
pub(super) fn as_json(source: &Source<'_>, show: &mut Show<'_>) -> bool {
    let body = source.body();
    if body.len() > SMALL / 4 {
        return true;
    }
    let fields: Vec<(String, String)> = match source.fields() {
        Some(fields) => fields
            .iter()
            .map(|(name, value)| (name.clone(), value.clone().unwrap_or_default()))
            .collect(),
        // JSON that was taken for a form is one name, or is cut at its `&` and `=`.
        None if super::layout::is_json(body) => form_urlencoded::parse(body).into_owned().collect(),
        None => return true,
    };
    let mut seen: Vec<Value> = Vec::new();
    VALUES.iter().all(|(name, what, value)| {
        let value = Value::from(value(&fields));
        if seen.contains(&value) {
            return true;
        }
        seen.push(value.clone());
        let value = Arc::new(value);
        let longest = source.longest();
        let styles = LIKELY.iter().filter_map(|style| Style::named(style));
        json::distinct(&value, styles).into_iter().all(|style| {
            let step = || {
                let mut step = Step::written(&value, style);
                step.kind = BodyForm;
                step.name = format!("form-as-json{name}:{}", style.name).into();
                step.what = (*what).into();
                step.reverse("what arrived was made a form of on its way")
            };
            show.one(&step, &|| compact::rewrite(&value, style, longest))
        }) && notation::NOTATIONS
            .iter()
            .all(|notation| printed(&value, notation, name, show, longest))
            && multi(&fields, show)
    })
}

fn printed(value: &Value, notation: &Notation, name: &str, show: &mut Show<'_>, longest: usize) -> bool {
    let step = || {
        let name = format!("form-as-{}{name}", notation.name);
        Step::new(
            BodyForm,
            name,
            notation.what.replace("the parsed body", "the form's fields"),
        )
    };
    show.one(&step, &|| notation.write(value, longest))
}

/// What the form classes of Python become as text.
fn multi(fields: &[(String, String)], show: &mut Show<'_>) -> bool {
    let quoted = |text: &str| {
        let mut out = String::new();
        notation::python_text(text, &mut out);
        out
    };
    let pairs = || {
        let pair = |(name, value): &(String, String)| format!("({}, {})", quoted(name), quoted(value));
        fields.iter().map(pair).collect::<Vec<_>>().join(", ")
    };
    [
        ("ImmutableMultiDict", "Flask's `request.form`"),
        ("FormData", "Starlette's form"),
    ]
    .iter()
    .all(|(class, who)| {
        let step = || {
            Step::new(
                BodyForm,
                format!("form-as-text:{class}"),
                format!("{who} as Python prints it"),
            )
        };
        show.one(&step, &|| Some(format!("{class}([{}])", pairs()).into_bytes()))
    }) && show.one(
        &|| {
            Step::new(
                BodyForm,
                "form-as-text:QueryDict",
                "Django's `request.POST` as Python prints it",
            )
        },
        &|| {
            let dict = notation::NOTATIONS.first()?.write(&lists(fields).into(), usize::MAX)?;
            Some([b"<QueryDict: ", &dict[..], b">"].concat())
        },
    )
}

type Of = fn(&[(String, String)]) -> Json;

/// What parsers make of a form's fields.
const VALUES: &[(&str, &str, Of)] = &[
    ("", "the form's fields as JSON", |fields| {
        let text = |(name, value): &(String, String)| (name.clone(), Json::String(value.clone()));
        Json::Object(fields.iter().map(text).collect())
    }),
    ("[]", "the form's fields as JSON, repeated ones as a list", |fields| {
        let mut all = Map::new();
        for (name, value) in fields {
            let value = Json::String(value.clone());
            match all.get_mut(name) {
                None => drop(all.insert(name.clone(), value)),
                Some(Json::Array(items)) => items.push(value),
                Some(first) => *first = Json::Array(vec![first.take(), value]),
            }
        }
        Json::Object(all)
    }),
    (" lists", "the form's fields as JSON, each as a list", lists),
    (
        " nested",
        "the form's fields as JSON, with brackets in their names as levels",
        |fields| {
            let mut all = Json::Object(Map::new());
            for (name, value) in fields {
                let (first, rest) = name.split_once('[').unwrap_or((name, ""));
                let rest = rest.split('[').map(|step| step.trim_end_matches(']'));
                let steps: Vec<&str> = std::iter::once(first)
                    .chain(rest.take(if name.contains('[') { 8 } else { 0 }))
                    .collect();
                nest(&mut all, &steps, Json::String(value.clone()));
            }
            listed(&mut all);
            all
        },
    ),
    (" null", "the form's fields as JSON, empty ones as null", |fields| {
        let value = |value: &String| {
            if value.is_empty() {
                Json::Null
            } else {
                Json::String(value.clone())
            }
        };
        Json::Object(fields.iter().map(|(name, text)| (name.clone(), value(text))).collect())
    }),
    (
        " without empty",
        "the form's fields as JSON, without the empty ones",
        |fields| {
            let kept = fields.iter().filter(|(_, value)| !value.is_empty());
            Json::Object(
                kept.map(|(name, value)| (name.clone(), Json::String(value.clone())))
                    .collect(),
            )
        },
    ),
    (" pairs", "the form's fields as a list of pairs in JSON", |fields| {
        let pair = |(name, value): &(String, String)| {
            Json::Array(vec![Json::String(name.clone()), Json::String(value.clone())])
        };
        Json::Array(fields.iter().map(pair).collect())
    }),
];

fn lists(fields: &[(String, String)]) -> Json {
    let mut all = Map::new();
    for (name, value) in fields {
        let items = all.entry(name.clone()).or_insert_with(|| Json::Array(Vec::new()));
        if let Json::Array(items) = items {
            items.push(Json::String(value.clone()));
        }
    }
    Json::Object(all)
}

fn nest(into: &mut Json, steps: &[&str], value: Json) {
    let Some((first, rest)) = steps.split_first() else {
        *into = value;
        return;
    };
    if !into.is_object() {
        *into = Json::Object(Map::new());
    }
    if let Json::Object(members) = into {
        let key = match *first {
            "" => members.len().to_string(),
            key => key.to_owned(),
        };
        nest(members.entry(key).or_insert(Json::Null), rest, value);
    }
}

/// Objects whose keys are 0, 1, 2 … as lists.
fn listed(value: &mut Json) {
    if let Json::Object(members) = value {
        members.values_mut().for_each(listed);
        if !members.is_empty() && members.keys().enumerate().all(|(index, key)| *key == index.to_string()) {
            *value = Json::Array(std::mem::take(members).into_iter().map(|(_, item)| item).collect());
        }
    }
}

/// How a writer of forms makes fields of JSON.
struct Flat {
    name: &'static str,
    who: &'static str,
    writers: &'static [&'static str],
    fields: fn(&Value) -> Option<Fields>,
}

const FLATS: &[Flat] = &[
    Flat {
        name: "php",
        who: "PHP's `http_build_query` writes it",
        writers: &["form:php", "form:rfc3986"],
        fields: |value| {
            let mut out = Vec::new();
            nested(value, "", &brackets, &php_text, &mut out);
            Some(out)
        },
    },
    Flat {
        name: "qs",
        who: "qs writes it",
        writers: &["form:rfc3986", "form:quote_plus"],
        fields: |value| {
            let mut out = Vec::new();
            nested(value, "", &brackets, &|value| javascript_text(value, ""), &mut out);
            Some(out)
        },
    },
    Flat {
        name: "jquery",
        who: "jQuery's `param` and axios write it",
        writers: &["form:jquery", "form:querystring", "form:axios"],
        fields: |value| {
            let mut out = Vec::new();
            let key =
                |prefix: &str, key: &str, item: &Value, list: bool| match list && !item.is_object() && !item.is_array()
                {
                    true => format!("{prefix}[]"),
                    false => brackets(prefix, key, item, list),
                };
            nested(value, "", &key, &|value| javascript_text(value, ""), &mut out);
            Some(out)
        },
    },
    Flat {
        name: "rails",
        who: "Rails's `to_query` writes it",
        writers: &["form:quote_plus", "form:php"],
        fields: |value| Some(rails(value, "")),
    },
    Flat {
        name: "rack",
        who: "Rack writes it",
        writers: &["form", "form:quote_plus"],
        fields: |value| {
            let mut out = Vec::new();
            nested(
                value,
                "",
                &empty_brackets,
                &|value| javascript_text(value, ""),
                &mut out,
            );
            Some(out)
        },
    },
    Flat {
        name: "querystring",
        who: "Node's querystring writes it",
        writers: &["form:querystring"],
        fields: |value| {
            let text = |value: &Value| javascript_text(value, "").unwrap_or_default();
            repeated(value, &text, false)
        },
    },
    Flat {
        name: "ruby",
        who: "Ruby's `encode_www_form` writes it",
        writers: &["form"],
        fields: ruby_fields,
    },
    Flat {
        name: "urlsearchparams",
        who: "JavaScript's URLSearchParams writes it",
        writers: &["form"],
        fields: |value| flat(value, &|value| Some(javascript_string(value))),
    },
    Flat {
        name: "python",
        who: "Python's `urlencode` writes it",
        writers: &["form:quote_plus", "form:quote"],
        fields: |value| flat(value, &|value| Some(python_string(value))),
    },
    Flat {
        name: "python-doseq",
        who: "Python's `urlencode` with `doseq` writes it",
        writers: &["form:quote_plus"],
        fields: |value| repeated(value, &python_string, true),
    },
    Flat {
        name: "requests",
        who: "Python's requests writes it",
        writers: &["form:quote_plus"],
        fields: |value| {
            let fields = repeated(value, &python_string, true)?;
            let Value::Object(members) = value else { return None };
            let nulls = members.iter().filter(|(_, item)| item.is_null());
            let nulls: HashSet<&str> = nulls.map(|(key, _)| &**key).collect();
            let kept = fields.into_iter().filter(|(name, _)| !nulls.contains(&**name));
            Some(kept.collect())
        },
    },
];

/// JSON's members as a form.
pub(super) fn of_json(source: &Source<'_>, show: &mut Show<'_>) -> bool {
    let Some(value) = source.value().filter(|_| source.body().len() <= SMALL / 4) else {
        return true;
    };
    let mut sorted = Value::clone(&value);
    if let Value::Object(members) = &mut sorted {
        members.sort_keys();
    }
    [(&*value, ""), (&sorted, " sorted by key")]
        .iter()
        .all(|(value, order)| {
            let written = |flat: &'static Flat, writer: Option<&'static Writer>| {
                let fields = (flat.fields)(value).filter(|fields| !fields.is_empty())?;
                Some(match writer {
                    Some(writer) => writer.write(fields.iter()),
                    None => decoded(&fields, "=", "&"),
                })
            };
            let ways = FLATS.iter().flat_map(|flat| {
                let writers = WRITERS.iter().filter(|writer| flat.writers.contains(&writer.name));
                writers.map(Some).chain([None]).map(move |writer| (flat, writer))
            });
            let made =
                ways.filter_map(|(flat, writer)| Some(((flat, writer), flat.who, print([written(flat, writer)?]))));
            grouped(made).iter().all(|((flat, writer), whos)| {
                let step = || {
                    let who = together(whos);
                    let (name, how) = writer.map_or(("decoded", ", decoded"), |writer| (writer.name, ""));
                    let name = format!("json-as-form:{} {name}{order}", flat.name);
                    Step::new(
                        BodyForm,
                        name,
                        format!("the JSON's members{order} as a form{how}, as {who}"),
                    )
                    .reverse("what arrived was made JSON of on its way")
                };
                show.one(&step, &|| written(flat, *writer))
            })
        })
}

type KeyOf<'k> = &'k dyn Fn(&str, &str, &Value, bool) -> String;
type TextOf<'t> = &'t dyn Fn(&Value) -> Option<String>;

fn brackets(prefix: &str, key: &str, _: &Value, _: bool) -> String {
    match prefix {
        "" => key.to_owned(),
        prefix => format!("{prefix}[{key}]"),
    }
}

fn empty_brackets(prefix: &str, key: &str, item: &Value, list: bool) -> String {
    match list {
        true => format!("{prefix}[]"),
        false => brackets(prefix, key, item, list),
    }
}

fn nested(value: &Value, prefix: &str, key: KeyOf<'_>, text: TextOf<'_>, out: &mut Fields) {
    for (name, item) in notation::members(value) {
        let name = key(prefix, &name, item, value.is_array());
        match item {
            Value::Object(_) | Value::Array(_) => nested(item, &name, key, text, out),
            item => out.extend(text(item).map(|text| (name, Some(text)))),
        }
    }
}

fn flat(value: &Value, text: TextOf<'_>) -> Option<Fields> {
    let Value::Object(members) = value else { return None };
    members
        .iter()
        .map(|(name, item)| Some((name.to_string(), Some(text(item)?))))
        .collect()
}

/// A field a member, and one for each item of a list; for each key of an object too where `keys` says so.
fn repeated(value: &Value, text: &dyn Fn(&Value) -> String, keys: bool) -> Option<Fields> {
    let Value::Object(members) = value else { return None };
    let mut out = Vec::new();
    for (name, value) in members {
        match value {
            Value::Array(items) => out.extend(items.iter().map(|value| (name.to_string(), Some(text(value))))),
            Value::Object(inner) if keys => {
                out.extend(inner.keys().map(|key| (name.to_string(), Some(key.to_string()))))
            }
            value => out.push((name.to_string(), Some(text(value)))),
        }
    }
    Some(out)
}

/// A field a member; one without a value for null, and an empty one for an empty list.
fn ruby_fields(value: &Value) -> Option<Fields> {
    let Value::Object(members) = value else { return None };
    let mut out = Fields::new();
    let text = |value: &Value| match value {
        Value::String(text) => Some(text.to_string()),
        value => String::from_utf8(notation::named("inspect:ruby")?.write(value, usize::MAX)?).ok(),
    };
    for (name, value) in members {
        match value {
            Value::Null => out.push((name.to_string(), None)),
            Value::Array(items) if items.is_empty() => out.push((String::new(), None)),
            Value::Array(items) => out.extend(items.iter().map(|item| (name.to_string(), text(item)))),
            value => out.push((name.to_string(), text(value))),
        }
    }
    Some(out)
}

/// As ActiveSupport's `to_query` does: sorted as it is written, but not inside a list; without empty lists and objects
/// in an object.
fn rails(value: &Value, name: &str) -> Vec<(String, Option<String>)> {
    let is_empty = |value: &Value| match value {
        Value::Object(members) => members.is_empty(),
        Value::Array(items) => items.is_empty(),
        _ => false,
    };
    match value {
        Value::Object(members) => {
            let inner = members.iter().filter(|(_, item)| !is_empty(item));
            let mut groups: Vec<Fields> = inner
                .map(|(key, item)| rails(item, &brackets(name, key, item, false)))
                .collect();
            if !name.contains("[]") {
                let writer = WRITERS.iter().find(|writer| writer.name == "form:quote_plus");
                groups.sort_by_cached_key(|group| writer.map(|writer| writer.write(group.iter())));
            }
            groups.concat()
        }
        Value::Array(items) => items
            .iter()
            .flat_map(|item| rails(item, &format!("{name}[]")))
            .collect(),
        value => javascript_text(value, "")
            .map(|text| (name.to_owned(), Some(text)))
            .into_iter()
            .collect(),
    }
}

fn php_text(value: &Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::Bool(false) => Some("0".to_owned()),
        value => php::scalar(value),
    }
}

/// A scalar as JavaScript's `String` has it; `null` for null, and nothing for what is no scalar.
fn javascript_text(value: &Value, null: &str) -> Option<String> {
    Some(match value {
        Value::Null => null.to_owned(),
        Value::Bool(value) => value.to_string(),
        Value::Number(number) => json::number(number.as_str(), &json::JAVASCRIPT)?,
        Value::String(text) => text.to_string(),
        _ => return None,
    })
}

/// Any value as JavaScript's `String` has it.
pub(super) fn javascript_string(value: &Value) -> String {
    match value {
        Value::Object(_) => "[object Object]".to_owned(),
        Value::Array(items) => {
            let text = |item: &Value| {
                if item.is_null() {
                    String::new()
                } else {
                    javascript_string(item)
                }
            };
            items.iter().map(text).collect::<Vec<_>>().join(",")
        }
        value => javascript_text(value, "null").unwrap_or_default(),
    }
}

/// Any value as Python's `str` has it.
pub(super) fn python_string(value: &Value) -> String {
    match value {
        Value::String(text) => text.to_string(),
        value => {
            let written = notation::NOTATIONS
                .first()
                .and_then(|python| python.write(value, usize::MAX));
            written
                .and_then(|bytes| String::from_utf8(bytes).ok())
                .unwrap_or_default()
        }
    }
}

/// What is done to a form as it stands.
pub(super) const ROWS: &[Row] = rows! {
    BodyForm, "append:=", "the body with `=` behind it, as a form parser makes of JSON",
        reverse: "what arrived was taken for a form on its way" =>
        |body| Some([body, b"="].concat());
    BodyForm, "strip:=", "the body without the `=` at its end, as a form parser makes of JSON",
        reverse: "what arrived was taken for a form on its way" =>
        |body| body.strip_suffix(b"=").map(<[u8]>::to_vec);
    BodyForm, "form:%20 for +", "the form with `%20` for each `+`" =>
        |body| form(body, |body| replaced(body, b"+", b"%20"));
    BodyForm, "form:+ for %20", "the form with `+` for each `%20`" =>
        |body| form(body, |body| replaced(body, b"%20", b"+"));
    BodyForm, "form:~ for %7E", "the form with `~` for each `%7E`" =>
        |body| form(body, |body| replaced(body, b"%7E", b"~"));
    BodyForm, "form:* for %2A", "the form with `*` for each `%2A`" =>
        |body| form(body, |body| replaced(body, b"%2A", b"*"));
    BodyForm, "form:hex lower", "the form with its `%XX` in lower case" => |body| hex_case(body, false);
    BodyForm, "form:hex upper", "the form with its `%XX` in upper case" => |body| hex_case(body, true);
    BodyForm, "form:fields sorted", "the form with its fields sorted as they stand" =>
        |body| raw(body, |fields| fields.sort_unstable());
    BodyForm, "form:fields sorted by name", "the form with its fields sorted by name as they stand" => |body| {
        raw(body, |fields| {
            fields.sort_by_key(|field| field.split(|byte| *byte == b'=').next().map(<[u8]>::to_vec))
        })
    };
    BodyForm, "form:without empty fields", "the form without its empty fields, the rest as it stands" => |body| {
        raw(body, |fields| {
            fields.retain(|field| {
                field
                    .iter()
                    .position(|byte| *byte == b'=')
                    .is_some_and(|at| at + 1 < field.len())
            })
        })
    };
    BodyForm, "form:without =", "the form without the `=` of its empty fields" => |body| {
        let fields: Vec<&[u8]> =
            form(body, |body| Some(body.to_vec())).map(|_| body.split(|byte| *byte == b'&').collect())?;
        let bare: Vec<&[u8]> = fields
            .into_iter()
            .map(|field| field.strip_suffix(b"=").unwrap_or(field))
            .collect();
        Some(bare.join(&b'&'))
    };
    BodyForm, "form:;", "the form with `;` between its fields" => |body| form(body, |body| replaced(body, b"&", b";"));
    BodyForm, "form:&amp;", "the form with `&amp;` between its fields" =>
        |body| form(body, |body| replaced(body, b"&", b"&amp;"));
    BodyForm, "form:\\n", "the form with a line break between its fields" =>
        |body| form(body, |body| replaced(body, b"&", b"\n"));
    BodyForm, "form:?", "the form with a `?` before it" => |body| form(body, |body| Some([b"?", body].concat()));
    BodyForm, "form:append &", "the form with a `&` behind it" => |body| form(body, |body| Some([body, b"&"].concat()));
    BodyForm, "form:strip &", "the form without the `&` at its end" =>
        |body| form(body, |body| body.strip_suffix(b"&").map(<[u8]>::to_vec));
    BodyForm, "form:brackets", "the form with `[` and `]` for `%5B` and `%5D`" =>
        |body| form(body, |body| replaced(&replaced(body, b"%5B", b"[")?, b"%5D", b"]"));
    BodyForm, "form:indices removed", "the form with `[]` for each index in its names" => |body| {
        form(body, |body| {
            let mut out = body.to_vec();
            for digit in b'0'..=b'9' {
                let from = [b"%5B".as_slice(), &[digit], b"%5D"].concat();
                out = replaced(&out, &from, b"%5B%5D").unwrap_or(out);
            }
            Some(out)
        })
    };
};

/// What opens one document in another.
pub(super) const OPENING: &[Row] = rows! {
    BodyForm, "form-field:payload", "the value of `payload` in the form that the body is",
        reverse: "what arrived was put into a form on its way" =>
        |body| field(body, "payload");
    BodyForm, "form-field:data", "the value of `data` in the form that the body is",
        reverse: "what arrived was put into a form on its way" => |body| field(body, "data");
    BodyForm, "form-value", "the value in the form that the body is",
        reverse: "what arrived was put into a form on its way" =>
        |body| {
            let fields = fields(body)?;
            let mut filled = fields
                .into_iter()
                .filter_map(|(_, value)| value)
                .filter(|value| !value.is_empty());
            let value = filled.next()?;
            filled.next().is_none().then(|| value.into_bytes())
        };
    BodyForm, "form-name", "the name in the form that the body is",
        reverse: "what arrived was taken for a form on its way" =>
        |body| {
            let mut fields = fields(body)?.into_iter();
            let (name, _) = fields.next().filter(|(_, value)| value.as_deref() == Some(""))?;
            fields.next().is_none().then(|| name.into_bytes())
        };
};

fn field(body: &[u8], name: &str) -> Option<Vec<u8>> {
    let fields = fields(body)?;
    let mut named = fields.into_iter().filter(|(own, _)| own == name);
    named.next()?.1.map(String::into_bytes)
}

/// The body as one field of a form.
pub(super) fn field_of(source: &Source<'_>, show: &mut Show<'_>) -> bool {
    const NAMES: [&str; 8] = [
        "payload", "data", "body", "json", "event", "message", "request", "webhook",
    ];
    let body = source.body();
    let Some(text) = std::str::from_utf8(body).ok().filter(|_| body.len() <= SMALL) else {
        return true;
    };
    NAMES.iter().all(|name| {
        let field = ((*name).to_owned(), Some(text.to_owned()));
        WRITERS.iter().take(8).all(|writer| {
            let step = || {
                let what = format!("the body as the field `{name}` of a form, as {}", writer.who);
                Step::new(BodyForm, format!("form-field:{name} {}", writer.name), what)
                    .reverse("the value of a form's field arrived, and the form was signed")
            };
            show.one(&step, &|| Some(writer.write(std::iter::once(&field))))
        }) && show.one(
            &|| {
                Step::new(
                    BodyForm,
                    format!("prepend:{name}="),
                    format!("the body behind `{name}=`"),
                )
            },
            &|| Some([name.as_bytes(), b"=", body].concat()),
        )
    }) && WRITERS.iter().take(6).all(|writer| {
        let field = (text.to_owned(), Some(String::new()));
        let step = || {
            let what = format!("the body as the name of a form's empty field, as {}", writer.who);
            Step::new(BodyForm, format!("form-name {}", writer.name), what)
        };
        show.one(&step, &|| Some(writer.write(std::iter::once(&field))))
    })
}

fn form(body: &[u8], change: impl Fn(&[u8]) -> Option<Vec<u8>>) -> Option<Vec<u8>> {
    (body.contains(&b'=') && !super::layout::is_json(body)).then(|| change(body))?
}

fn raw(body: &[u8], change: impl Fn(&mut Vec<&[u8]>)) -> Option<Vec<u8>> {
    form(body, |body| {
        let mut fields: Vec<&[u8]> = body.split(|byte| *byte == b'&').collect();
        change(&mut fields);
        Some(fields.join(&b'&'))
    })
}

fn hex_case(body: &[u8], upper: bool) -> Option<Vec<u8>> {
    let mut out = body.contains(&b'%').then(|| body.to_vec())?;
    for at in 0..out.len().saturating_sub(2) {
        if out[at] == b'%' {
            let digits = &mut out[at + 1..at + 3];
            match upper {
                true => digits.make_ascii_uppercase(),
                false => digits.make_ascii_lowercase(),
            }
        }
    }
    Some(out)
}
