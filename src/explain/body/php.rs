//! What PHP prints of a value: `(string)`, `print_r`, `serialize`, `var_export` and `var_dump`, of arrays and of objects.

use std::fmt::Write as _;

use super::notation::members;
use crate::json::compact::Value;
use crate::json::{self, Style};

/// A scalar as `(string)` has it.
pub(super) fn scalar(value: &Value) -> Option<String> {
    Some(match value {
        Value::Null | Value::Bool(false) => String::new(),
        Value::Bool(true) => "1".to_owned(),
        Value::Number(number) => float(number.as_str())?,
        Value::String(text) => text.to_string(),
        _ => return None,
    })
}

/// A number as PHP's text has it: an upper-case exponent where its JSON has a lower-case one.
fn float(given: &str) -> Option<String> {
    Some(json::number(given, Style::named("php")?)?.replace('e', "E"))
}

/// The same where a whole double shows that it is one.
fn exact(given: &str) -> Option<String> {
    let text = float(given)?;
    let whole = given.contains(['.', 'e', 'E']) && !text.contains(['.', 'E']);
    Some(if whole { format!("{text}.0") } else { text })
}

/// One of the printers: the value, the indentation, and where it is written.
type Printer = fn(&Value, usize, &mut Printed) -> Option<()>;

struct Printed {
    out: String,
    /// Whether JSON's objects are objects, and no arrays.
    objects: bool,
    longest: usize,
}

fn printed(printer: Printer, value: &Value, objects: bool, longest: usize) -> Option<Vec<u8>> {
    let mut printed = Printed {
        out: String::new(),
        objects,
        longest,
    };
    printer(value, 0, &mut printed)?;
    Some(printed.out.into_bytes())
}

impl Printed {
    fn is_object(&self, value: &Value) -> bool {
        self.objects && value.is_object()
    }

    /// Nothing where it has become too long.
    fn fits(&self) -> Option<()> {
        (self.out.len() <= self.longest).then_some(())
    }
}

pub(super) fn print_r(value: &Value, objects: bool, longest: usize) -> Option<Vec<u8>> {
    fn print(value: &Value, indent: usize, to: &mut Printed) -> Option<()> {
        if let Some(text) = scalar(value) {
            to.out.push_str(&text);
            return Some(());
        }
        to.fits()?;
        let class = if to.is_object(value) {
            "stdClass Object"
        } else {
            "Array"
        };
        let _ = writeln!(to.out, "{class}\n{:indent$}(", "");
        for (key, item) in members(value) {
            let _ = write!(to.out, "{:indent$}    [{key}] => ", "");
            print(item, indent + 8, to)?;
            to.out.push('\n');
        }
        let _ = writeln!(to.out, "{:indent$})", "");
        Some(())
    }
    printed(print, value, objects, longest)
}

/// Whether a key is an integer, as an array's are.
fn index(key: &str) -> Option<i64> {
    key.parse::<i64>().ok().filter(|number| number.to_string() == key)
}

pub(super) fn serialize(value: &Value, objects: bool, longest: usize) -> Option<Vec<u8>> {
    fn print(value: &Value, _: usize, to: &mut Printed) -> Option<()> {
        to.fits()?;
        let _ = match value {
            Value::Null => write!(to.out, "N;"),
            Value::Bool(value) => write!(to.out, "b:{};", u8::from(*value)),
            Value::Number(number) => match number.as_str().parse::<i64>() {
                Ok(number) => write!(to.out, "i:{number};"),
                Err(_) => write!(to.out, "d:{};", float(number.as_str())?),
            },
            Value::String(text) => write!(to.out, "s:{}:\"{text}\";", text.len()),
            value => {
                let object = to.is_object(value);
                let all = members(value);
                let open = if object { "O:8:\"stdClass\"" } else { "a" };
                let _ = write!(to.out, "{open}:{}:{{", all.len());
                for (key, item) in all {
                    let _ = match index(&key).filter(|_| !object) {
                        Some(number) => write!(to.out, "i:{number};"),
                        None => write!(to.out, "s:{}:\"{key}\";", key.len()),
                    };
                    print(item, 0, to)?;
                }
                write!(to.out, "}}")
            }
        };
        Some(())
    }
    printed(print, value, objects, longest)
}

pub(super) fn var_export(value: &Value, objects: bool, longest: usize) -> Option<Vec<u8>> {
    fn text(text: &str) -> String {
        format!("'{}'", text.replace('\\', "\\\\").replace('\'', "\\'"))
    }
    fn print(value: &Value, indent: usize, to: &mut Printed) -> Option<()> {
        to.fits()?;
        match value {
            Value::Null => to.out.push_str("NULL"),
            Value::Bool(value) => to.out.push_str(if *value { "true" } else { "false" }),
            Value::Number(number) => to.out.push_str(&exact(number.as_str())?),
            Value::String(own) => to.out.push_str(&text(own)),
            value => {
                let object = to.is_object(value);
                let (open, more) = if object { ("(object) array(", 1) } else { ("array (", 0) };
                let _ = writeln!(to.out, "{open}");
                for (key, item) in members(value) {
                    let key = match index(&key).filter(|_| !object) {
                        Some(number) => number.to_string(),
                        None => text(&key),
                    };
                    let _ = write!(to.out, "{:width$}{key} => ", "", width = indent + 2 + more);
                    if item.is_object() || item.is_array() {
                        let _ = write!(to.out, "\n{:width$}", "", width = indent + 2);
                    }
                    print(item, indent + 2, to)?;
                    to.out.push_str(",\n");
                }
                let _ = write!(to.out, "{:indent$})", "");
            }
        }
        Some(())
    }
    printed(print, value, objects, longest)
}

pub(super) fn var_dump(value: &Value, longest: usize) -> Option<Vec<u8>> {
    fn print(value: &Value, indent: usize, to: &mut Printed) -> Option<()> {
        to.fits()?;
        let _ = write!(to.out, "{:indent$}", "");
        let _ = match value {
            Value::Null => writeln!(to.out, "NULL"),
            Value::Bool(value) => writeln!(to.out, "bool({value})"),
            Value::Number(number) => match number.as_str().parse::<i64>() {
                Ok(number) => writeln!(to.out, "int({number})"),
                Err(_) => writeln!(to.out, "float({})", float(number.as_str())?),
            },
            Value::String(text) => writeln!(to.out, "string({}) \"{text}\"", text.len()),
            value => {
                let all = members(value);
                let _ = writeln!(to.out, "array({}) {{", all.len());
                for (key, item) in all {
                    let _ = match index(&key) {
                        Some(number) => writeln!(to.out, "{:indent$}  [{number}]=>", ""),
                        None => writeln!(to.out, "{:indent$}  [\"{key}\"]=>", ""),
                    };
                    print(item, indent + 2, to)?;
                }
                writeln!(to.out, "{:indent$}}}", "")
            }
        };
        Some(())
    }
    printed(print, value, false, longest)
}
