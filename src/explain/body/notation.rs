//! What maps, lists and texts become where a language prints them, which is no JSON.

use std::fmt::Write as _;

use super::bytes::replaced;
use super::step::Step;
use super::{Show, Source, inspect, php, quote, reorder};
use crate::explain::cause::Kind::BodyReserialised;
use crate::json::compact::{Text, Value};
use crate::json::{self, Style};

/// How a language prints a value.
pub(super) struct Notation {
    pub(super) name: &'static str,
    pub(super) what: &'static str,
    story: &'static str,
    /// Before, between and behind a map's members.
    map: [&'static str; 3],
    /// What stands between a key and its value.
    arrow: &'static str,
    /// Before, between and behind a list's items.
    list: [&'static str; 3],
    text: fn(&str, &mut String),
    key: fn(&str, &mut String),
    null: &'static str,
    booleans: [&'static str; 2],
    /// The style whose numbers these are.
    numbers: &'static str,
    sorted: bool,
}

const PYTHON: Notation = Notation {
    name: "repr:python",
    what: "the parsed body as Python prints a dict",
    story: "as `str(data)` does where `json.dumps` or the raw body was meant",
    map: ["{", ", ", "}"],
    arrow: ": ",
    list: ["[", ", ", "]"],
    text: python_text,
    key: python_text,
    null: "None",
    booleans: ["False", "True"],
    numbers: "python",
    sorted: false,
};
const RUBY: Notation = Notation {
    name: "inspect:ruby",
    what: "the parsed body as Ruby before 3.4 prints a hash",
    story: "as `to_s` and `inspect` do",
    arrow: "=>",
    text: ruby_text,
    key: ruby_text,
    null: "nil",
    booleans: ["false", "true"],
    numbers: "ruby",
    ..PYTHON
};
const JAVA: Notation = Notation {
    name: "string:java",
    what: "the parsed body as Java prints a map",
    story: "as `toString` does",
    arrow: "=",
    text: plain_text,
    key: plain_text,
    null: "null",
    booleans: ["false", "true"],
    numbers: "jackson",
    ..PYTHON
};
const GO: Notation = Notation {
    name: "print:go",
    what: "the parsed body as Go prints a map",
    story: "as `fmt.Sprint` and `%v` do",
    map: ["map[", " ", "]"],
    arrow: ":",
    list: ["[", " ", "]"],
    text: plain_text,
    key: plain_text,
    null: "<nil>",
    booleans: ["false", "true"],
    numbers: "go",
    sorted: true,
};

pub(super) const NOTATIONS: &[Notation] = &[
    PYTHON,
    RUBY,
    Notation {
        name: "inspect:ruby 3.4",
        what: "the parsed body as Ruby prints a hash since 3.4",
        arrow: " => ",
        ..RUBY
    },
    Notation {
        name: "inspect:ruby symbols",
        what: "the parsed body with symbols for its keys as Ruby before 3.4 prints a hash",
        key: ruby_symbol,
        ..RUBY
    },
    Notation {
        name: "inspect:ruby 3.4 symbols",
        what: "the parsed body with symbols for its keys as Ruby prints a hash since 3.4",
        key: ruby_label,
        arrow: " ",
        ..RUBY
    },
    JAVA,
    Notation {
        name: "string:java gson",
        what: "the parsed body as Java prints a map that Gson read",
        numbers: "gson-object",
        ..JAVA
    },
    GO,
];

/// The notation of that name.
pub(super) fn named(name: &str) -> Option<&'static Notation> {
    NOTATIONS.iter().find(|notation| notation.name == name)
}

/// The body's value in every notation.
pub(super) fn each(source: &Source<'_>, show: &mut Show<'_>) -> bool {
    let Some(value) = source.value() else { return true };
    let longest = source.longest();
    printed(&value, "", longest, show) && texts(&value, longest, show)
}

/// What is no plain notation: its name, what it is, what does so, and how it is written.
type Writing = (
    &'static str,
    &'static str,
    &'static str,
    fn(&Value, usize) -> Option<Vec<u8>>,
);

const WRITINGS: &[Writing] = &[
    (
        "inspect:node",
        "the parsed body as Node prints an object",
        "as `util.inspect` and `console.log` do",
        |value, longest| Some(inspect::print(value, 2, longest)?.into_bytes()),
    ),
    (
        "inspect:node whole",
        "the parsed body as Node prints an object with every level",
        "as `util.inspect` with `depth: null` does",
        |value, longest| Some(inspect::print(value, usize::MAX, longest)?.into_bytes()),
    ),
    (
        "repr:python, quotes",
        "the parsed body as Python prints a dict, with double quotes for single ones",
        "as `str(data).replace(\"'\", '\"')` does",
        |value, longest| replaced(&PYTHON.write(value, longest)?, b"'", b"\""),
    ),
    (
        "repr:python, JSON",
        "the parsed body as Python prints a dict, with the quotes and the words of JSON",
        "as a chain of `replace` does",
        |value, longest| {
            let text = replaced(&PYTHON.write(value, longest)?, b"'", b"\"")?;
            let words: [(&[u8], &[u8]); 3] = [(b"None", b"null"), (b"True", b"true"), (b"False", b"false")];
            Some(
                words
                    .iter()
                    .fold(text, |text, (from, to)| replaced(&text, from, to).unwrap_or(text)),
            )
        },
    ),
    (
        "repr:python items",
        "the parsed body's members as Python prints a list of pairs",
        "as `str(list(data.items()))` does",
        |value, longest| Some([b"[", &pairs(value, longest)?[..], b"]"].concat()),
    ),
    (
        "repr:python dict_items",
        "the parsed body's members as Python prints them",
        "as `str(data.items())` does",
        |value, longest| Some([b"dict_items([", &pairs(value, longest)?[..], b"])"].concat()),
    ),
    (
        "repr:python OrderedDict",
        "the parsed body as Python prints an OrderedDict",
        "before 3.12",
        |value, longest| Some([b"OrderedDict([", &pairs(value, longest)?[..], b"])"].concat()),
    ),
    (
        "inspect:ruby pairs",
        "the parsed body's members as Ruby prints a list of pairs",
        "as `to_a.to_s` does",
        |value, longest| {
            let Value::Object(members) = value else { return None };
            let pair = |(key, item): (&Text, &Value)| Value::Array([Value::String(key.clone()), item.clone()].into());
            RUBY.write(&Value::Array(members.iter().map(pair).collect()), longest)
        },
    ),
    (
        "inspect:ruby symbols at the top",
        "the parsed body with symbols for its outermost keys as Ruby before 3.4 prints a hash",
        "as `symbolize_keys.to_s` does",
        |value, longest| {
            let Value::Object(members) = value else { return None };
            let mut all = Vec::new();
            for (key, item) in members {
                let mut name = String::new();
                ruby_symbol(key, &mut name);
                all.push([name.as_bytes(), b"=>", &RUBY.write(item, longest)?].concat());
            }
            Some([b"{", &all.join(&b", "[..])[..], b"}"].concat())
        },
    ),
    (
        "string:java HashMap",
        "the parsed body as Java prints a HashMap",
        "as `toString` does",
        |value, longest| JAVA.write(&reorder::hashed(value), longest),
    ),
    (
        "print:go #",
        "the parsed body as Go prints a map in its own syntax",
        "as `%#v` does",
        |value, longest| {
            let mut out = String::new();
            go_syntax(value, longest, &mut out).map(|()| out.into_bytes())
        },
    ),
    (
        "print_r:php",
        "the parsed body as PHP's `print_r` prints it",
        "",
        |value, longest| php::print_r(value, false, longest),
    ),
    (
        "print_r:php objects",
        "the parsed body as PHP's `print_r` prints objects",
        "",
        |value, longest| php::print_r(value, true, longest),
    ),
    (
        "serialize:php",
        "the parsed body as PHP's `serialize` writes it",
        "",
        |value, longest| php::serialize(value, false, longest),
    ),
    (
        "serialize:php objects",
        "the parsed body as PHP's `serialize` writes objects",
        "",
        |value, longest| php::serialize(value, true, longest),
    ),
    (
        "var_export:php",
        "the parsed body as PHP's `var_export` writes it",
        "",
        |value, longest| php::var_export(value, false, longest),
    ),
    (
        "var_export:php objects",
        "the parsed body as PHP's `var_export` writes objects",
        "",
        |value, longest| php::var_export(value, true, longest),
    ),
    (
        "var_dump:php",
        "the parsed body as PHP's `var_dump` prints it",
        "",
        php::var_dump,
    ),
];

fn texts(value: &Value, longest: usize, show: &mut Show<'_>) -> bool {
    WRITINGS.iter().all(|(name, what, story, write)| {
        let step = || Step::new(BodyReserialised, *name, *what).forward(story);
        show.one(&step, &|| write(value, longest))
    })
}

/// The members as Python prints tuples of key and value.
fn pairs(value: &Value, longest: usize) -> Option<Vec<u8>> {
    let Value::Object(members) = value else { return None };
    let mut out: Vec<u8> = Vec::new();
    for (key, item) in members {
        if !out.is_empty() {
            out.extend_from_slice(b", ");
        }
        let mut name = String::new();
        python_text(key, &mut name);
        out.extend_from_slice(format!("({name}, ").as_bytes());
        out.extend_from_slice(&PYTHON.write(item, longest)?);
        out.push(b')');
    }
    Some(out)
}

/// A value as Go's `%#v` has it.
fn go_syntax(value: &Value, longest: usize, out: &mut String) -> Option<()> {
    if out.len() > longest {
        return None;
    }
    match value {
        Value::Null => out.push_str("interface {}(nil)"),
        Value::Bool(value) => out.push_str(&value.to_string()),
        Value::Number(number) => out.push_str(&go_number(number.as_str())?),
        Value::String(text) => out.push_str(&quote::go(text, false)),
        Value::Array(items) => {
            out.push_str("[]interface {}{");
            for (index, item) in items.iter().enumerate() {
                out.push_str(if index > 0 { ", " } else { "" });
                go_syntax(item, longest, out)?;
            }
            out.push('}');
        }
        Value::Object(members) => {
            let mut members: Vec<_> = members.iter().collect();
            members.sort_by_key(|(key, _)| *key);
            out.push_str("map[string]interface {}{");
            for (index, (key, item)) in members.into_iter().enumerate() {
                out.push_str(if index > 0 { ", " } else { "" });
                out.push_str(&quote::go(key, false));
                out.push(':');
                go_syntax(item, longest, out)?;
            }
            out.push('}');
        }
    }
    Some(())
}

/// Whether a symbol of Ruby with this name needs no quotes.
fn is_word(text: &str) -> bool {
    let word = |char: char| char.is_alphanumeric() || char == '_';
    text.chars().all(word) && !text.starts_with(|first: char| first.is_numeric()) && !text.is_empty()
}

fn ruby_symbol(text: &str, out: &mut String) {
    out.push(':');
    if is_word(text) {
        out.push_str(text);
    } else {
        ruby_text(text, out);
    }
}

fn ruby_label(text: &str, out: &mut String) {
    if is_word(text) {
        out.push_str(text);
    } else {
        ruby_text(text, out);
    }
    out.push(':');
}

/// `value` in every notation; it is the member at `pointer`, or the whole body.
pub(super) fn printed(value: &Value, pointer: &str, longest: usize, show: &mut Show<'_>) -> bool {
    NOTATIONS.iter().all(|notation| {
        let step = || {
            let (name, what) = match pointer {
                "" => (notation.name.to_owned(), notation.what.to_owned()),
                pointer => {
                    let member = format!("the member `{pointer}` of the parsed body");
                    (
                        format!("{} {pointer}", notation.name),
                        notation.what.replace("the parsed body", &member),
                    )
                }
            };
            Step::new(BodyReserialised, name, what).forward(notation.story)
        };
        show.one(&step, &|| notation.write(value, longest))
    })
}

impl Notation {
    pub(super) fn write(&self, value: &Value, longest: usize) -> Option<Vec<u8>> {
        let mut out = String::new();
        let numbers = Style::named(self.numbers)?;
        self.value(value, numbers, longest, &mut out)?;
        Some(out.into_bytes())
    }

    fn value(&self, value: &Value, numbers: &Style, longest: usize, out: &mut String) -> Option<()> {
        if out.len() > longest {
            return None;
        }
        match value {
            Value::Null => out.push_str(self.null),
            Value::Bool(value) => out.push_str(self.booleans[usize::from(*value)]),
            Value::Number(number) if self.sorted => out.push_str(&go_number(number.as_str())?),
            Value::Number(number) => out.push_str(&json::number(number.as_str(), numbers)?),
            Value::String(text) => (self.text)(text, out),
            Value::Array(items) => {
                out.push_str(self.list[0]);
                for (index, item) in items.iter().enumerate() {
                    out.push_str(if index > 0 { self.list[1] } else { "" });
                    self.value(item, numbers, longest, out)?;
                }
                out.push_str(self.list[2]);
            }
            Value::Object(members) => {
                let mut members: Vec<_> = members.iter().collect();
                if self.sorted {
                    members.sort_by_key(|(key, _)| *key);
                }
                out.push_str(self.map[0]);
                for (index, (key, item)) in members.into_iter().enumerate() {
                    out.push_str(if index > 0 { self.map[1] } else { "" });
                    (self.key)(key, out);
                    out.push_str(self.arrow);
                    self.value(item, numbers, longest, out)?;
                }
                out.push_str(self.map[2]);
            }
        }
        Some(())
    }
}

/// A float64 as Go's `%v` has it: an exponent below 1e-4 and from 1e21 on, with two digits at least.
fn go_number(given: &str) -> Option<String> {
    let value: f64 = given.parse().ok()?;
    let shortest = format!("{value:e}");
    let (mantissa, power) = shortest.split_once('e')?;
    let power: i32 = power.parse().ok()?;
    if (-4..21).contains(&power) || value == 0.0 {
        return Some(format!("{value}"));
    }
    let sign = if power < 0 { '-' } else { '+' };
    Some(format!("{mantissa}e{sign}{:02}", power.unsigned_abs()))
}

fn plain_text(text: &str, out: &mut String) {
    out.push_str(text);
}

/// Whether Python's `str.isprintable` and Ruby's inspect have no glyph for it; what is beyond is rare in bodies.
pub(super) fn is_unprintable(char: char) -> bool {
    char.is_control()
        || char != ' ' && char.is_whitespace()
        || matches!(char, '\u{ad}' | '\u{600}'..='\u{605}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}')
        || matches!(char, '\u{2060}'..='\u{206f}' | '\u{e000}'..='\u{f8ff}' | '\u{feff}' | '\u{fff0}'..='\u{fffb}')
}

/// As Python's `repr` writes a text.
pub(super) fn python_text(text: &str, out: &mut String) {
    let quote = if text.contains('\'') && !text.contains('"') {
        '"'
    } else {
        '\''
    };
    out.push(quote);
    for char in text.chars() {
        let _ = match char {
            '\\' => write!(out, "\\\\"),
            '\n' => write!(out, "\\n"),
            '\r' => write!(out, "\\r"),
            '\t' => write!(out, "\\t"),
            char if char == quote => write!(out, "\\{char}"),
            char if is_unprintable(char) => match u32::from(char) {
                code @ ..0x100 => write!(out, "\\x{code:02x}"),
                code @ ..0x10000 => write!(out, "\\u{code:04x}"),
                code => write!(out, "\\U{code:08x}"),
            },
            char => {
                out.push(char);
                Ok(())
            }
        };
    }
    out.push(quote);
}

/// As Ruby's `inspect` writes a text.
pub(super) fn ruby_text(text: &str, out: &mut String) {
    out.push('"');
    let mut chars = text.chars().peekable();
    while let Some(char) = chars.next() {
        let _ = match char {
            '"' | '\\' => write!(out, "\\{char}"),
            '#' if matches!(chars.peek(), Some('{' | '$' | '@')) => write!(out, "\\#"),
            '\n' => write!(out, "\\n"),
            '\r' => write!(out, "\\r"),
            '\t' => write!(out, "\\t"),
            '\u{7}' => write!(out, "\\a"),
            '\u{8}' => write!(out, "\\b"),
            '\u{b}' => write!(out, "\\v"),
            '\u{c}' => write!(out, "\\f"),
            '\u{1b}' => write!(out, "\\e"),
            '\u{7f}' => write!(out, "\\x7F"),
            char if is_unprintable(char) => match u32::from(char) {
                code @ ..0x10000 => write!(out, "\\u{code:04X}"),
                code => write!(out, "\\u{{{code:X}}}"),
            },
            char => {
                out.push(char);
                Ok(())
            }
        };
    }
    out.push('"');
}

/// The members of an object or a list, by their keys.
pub(super) fn members(value: &Value) -> Vec<(Text, &Value)> {
    match value {
        Value::Object(members) => members.iter().map(|(key, item)| (key.clone(), item)).collect(),
        Value::Array(items) => {
            let items = items.iter().enumerate();
            items.map(|(index, item)| (index.to_string().into(), item)).collect()
        }
        _ => Vec::new(),
    }
}
