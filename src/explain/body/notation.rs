//! What maps, lists and texts become where a language prints them, which is no JSON.

use std::fmt::Write as _;

use super::step::Step;
use super::{Show, Source};
use crate::explain::cause::Kind::BodyReserialised;
use crate::json::{self, Style, Value};

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
    JAVA,
    Notation {
        name: "string:java gson",
        what: "the parsed body as Java prints a map that Gson read",
        numbers: "gson-object",
        ..JAVA
    },
    GO,
];

/// The body's value in every notation.
pub(super) fn each(source: &Source<'_>, show: &mut Show<'_>) -> bool {
    let Some(value) = source.value() else { return true };
    printed(value, "", source.longest(), show) && php(value, source.longest(), show)
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

fn php(value: &Value, longest: usize, show: &mut Show<'_>) -> bool {
    let print_r = || {
        Step::new(
            BodyReserialised,
            "print_r:php",
            "the parsed body as PHP's `print_r` prints it",
        )
    };
    let serialize = || {
        Step::new(
            BodyReserialised,
            "serialize:php",
            "the parsed body as PHP's `serialize` writes it",
        )
    };
    show.one(&print_r, &|| {
        let mut out = String::new();
        print(value, 0, longest, &mut out).map(|()| out.into_bytes())
    }) && show.one(&serialize, &|| {
        let mut out = String::new();
        serialized(value, longest, &mut out).map(|()| out.into_bytes())
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
                    (self.text)(key, out);
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
fn is_unprintable(char: char) -> bool {
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
            char => write!(out, "{char}"),
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
            char => write!(out, "{char}"),
        };
    }
    out.push('"');
}

/// A scalar as PHP's `(string)` has it.
pub(super) fn php_scalar(value: &Value) -> Option<String> {
    Some(match value {
        Value::Null | Value::Bool(false) => String::new(),
        Value::Bool(true) => "1".to_owned(),
        Value::Number(number) => php_float(&json::number(number.as_str(), Style::named("php")?)?),
        Value::String(text) => text.clone(),
        _ => return None,
    })
}

/// PHP's text has an upper-case exponent where its JSON has a lower-case one.
fn php_float(text: &str) -> String {
    text.replace('e', "E")
}

/// The members of an object or a list, by their keys.
pub(super) fn members(value: &Value) -> Vec<(String, &Value)> {
    match value {
        Value::Object(members) => members.iter().map(|(key, item)| (key.clone(), item)).collect(),
        Value::Array(items) => {
            let items = items.iter().enumerate();
            items.map(|(index, item)| (index.to_string(), item)).collect()
        }
        _ => Vec::new(),
    }
}

fn print(value: &Value, indent: usize, longest: usize, out: &mut String) -> Option<()> {
    if let Some(text) = php_scalar(value) {
        out.push_str(&text);
        return Some(());
    }
    if out.len() > longest {
        return None;
    }
    let _ = writeln!(out, "Array\n{:indent$}(", "");
    for (key, item) in members(value) {
        let _ = write!(out, "{:indent$}    [{key}] => ", "");
        print(item, indent + 8, longest, out)?;
        out.push('\n');
    }
    let _ = writeln!(out, "{:indent$})", "");
    Some(())
}

fn serialized(value: &Value, longest: usize, out: &mut String) -> Option<()> {
    if out.len() > longest {
        return None;
    }
    let key = |text: &str| match text.parse::<i64>() {
        Ok(number) if number.to_string() == text => format!("i:{number};"),
        _ => format!("s:{}:\"{text}\";", text.len()),
    };
    let _ = match value {
        Value::Null => write!(out, "N;"),
        Value::Bool(value) => write!(out, "b:{};", u8::from(*value)),
        Value::Number(number) => match number.as_str().parse::<i64>() {
            Ok(number) => write!(out, "i:{number};"),
            Err(_) => write!(
                out,
                "d:{};",
                php_float(&json::number(number.as_str(), Style::named("php")?)?)
            ),
        },
        Value::String(text) => write!(out, "s:{}:\"{text}\";", text.len()),
        value => {
            let all = members(value);
            let _ = write!(out, "a:{}:{{", all.len());
            for (name, item) in all {
                out.push_str(&key(&name));
                serialized(item, longest, out)?;
            }
            write!(out, "}}")
        }
    };
    Some(())
}
