//! Values as JavaScript writes them: what JSON has, and what people write besides. Nothing is run.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Number, Value};

/// How deep values stand in values, at most.
const DEEPEST: usize = 64;
/// Under this name stand the fields of `new URLSearchParams(…)`.
pub const PARAMETERS: &str = "\u{1}parameters";

/// Under this name stand bytes, in base64.
pub const BYTES: &str = "\u{1}bytes";

fn bytes(base64: String) -> Literal {
    let mut object = Map::new();
    object.insert(BYTES.into(), base64.into());
    Literal::Value(Value::Object(object))
}

/// A value, or what is known by its name alone.
pub enum Literal {
    Value(Value),
    /// `undefined`, which stands for nothing.
    Nothing,
}

/// Reads values one behind the other.
pub struct Reader<'t> {
    text: &'t [u8],
    at: usize,
    depth: usize,
    unknown: Vec<String>,
}

impl<'t> Reader<'t> {
    pub fn new(text: &'t [u8]) -> Self {
        Self {
            text,
            at: 0,
            depth: 0,
            unknown: Vec::new(),
        }
    }

    /// What follows.
    pub fn rest(&self) -> &'t [u8] {
        &self.text[self.at.min(self.text.len())..]
    }

    /// The variables that stand in templates.
    pub fn unknown(&self) -> Vec<String> {
        self.unknown.clone()
    }

    fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    /// Passes white space and comments.
    fn skip(&mut self) {
        loop {
            let rest = self.rest();
            let blank = rest.iter().take_while(|byte| byte.is_ascii_whitespace()).count();
            self.at += blank;
            let rest = self.rest();
            let end: Option<&[u8]> = match rest {
                [b'/', b'/', ..] => Some(b"\n"),
                [b'/', b'*', ..] => Some(b"*/"),
                _ => None,
            };
            let Some(end) = end else { return };
            let found = memchr::memmem::find(rest, end);
            self.at += found.map_or(rest.len(), |at| at + end.len());
        }
    }

    /// Whether this byte follows.
    pub fn is(&mut self, byte: u8) -> bool {
        self.skip();
        self.peek() == Some(byte)
    }

    /// Takes this byte, where it follows.
    pub fn take(&mut self, byte: u8) -> bool {
        let is = self.is(byte);
        self.at += usize::from(is);
        is
    }

    /// The next value.
    ///
    /// # Errors
    /// What is wrong with it, in words.
    pub fn value(&mut self) -> Result<Literal, String> {
        self.skip();
        if self.depth == DEEPEST {
            return Err(format!("its values stand more than {DEEPEST} deep in each other"));
        }
        self.depth += 1;
        let value = self.bounded();
        self.depth -= 1;
        value
    }

    fn bounded(&mut self) -> Result<Literal, String> {
        let value = match self.peek().ok_or("it ends too early")? {
            b'{' => self.object()?,
            b'[' => self.list()?,
            b'"' | b'\'' | b'`' => Value::String(self.string()?),
            b'-' | b'0'..=b'9' => self.number()?,
            _ => return self.named(),
        };
        Ok(Literal::Value(value))
    }

    fn word(&mut self) -> String {
        let is_part = |byte: &&u8| byte.is_ascii_alphanumeric() || matches!(**byte, b'_' | b'$' | b'.');
        let length = self.rest().iter().take_while(is_part).count();
        let word = String::from_utf8_lossy(&self.rest()[..length]).into_owned();
        self.at += length;
        word
    }

    fn named(&mut self) -> Result<Literal, String> {
        let word = self.word();
        Ok(Literal::Value(match word.as_str() {
            "true" => Value::Bool(true),
            "false" => Value::Bool(false),
            "null" => Value::Null,
            "undefined" => return Ok(Literal::Nothing),
            "JSON.stringify" => Value::String(self.stringified()?),
            "new" => return self.constructed(),
            "Uint8Array.from" => return self.base64_bytes(),
            _ => {
                let shown = if word.is_empty() {
                    self.rest().first().map(|byte| char::from(*byte).to_string())
                } else {
                    Some(word)
                };
                return Err(format!(
                    "`{}` is no plain value, and nothing is run here",
                    shown.unwrap_or_default().escape_debug()
                ));
            }
        }))
    }

    /// `JSON.stringify(value)`, and with `null, 2` behind it.
    fn stringified(&mut self) -> Result<String, String> {
        if !self.take(b'(') {
            return Err("JSON.stringify has no value".into());
        }
        let Literal::Value(value) = self.value()? else {
            return Err("JSON.stringify has no value".into());
        };
        let mut indent = None;
        if self.take(b',') && !self.is(b')') {
            self.value()?;
            if self.take(b',')
                && let Literal::Value(by) = self.value()?
            {
                indent = by.as_u64();
            }
        }
        if !self.take(b')') {
            return Err("the `)` of JSON.stringify is missing".into());
        }
        let style = match indent {
            None | Some(0) => &crate::json::JAVASCRIPT,
            Some(2) => &crate::json::JAVASCRIPT_INDENT_2,
            Some(by) => return Err(format!("JSON.stringify with an indent of {by} is not supported")),
        };
        let written = crate::json::write(&value, style).map_err(|error| error.to_string())?;
        Ok(String::from_utf8_lossy(&written).into_owned())
    }

    /// `Uint8Array.from(atob("…"), (c) => c.charCodeAt(0))`.
    fn base64_bytes(&mut self) -> Result<Literal, String> {
        const UNKNOWN: &str = "Uint8Array.from of anything but atob(…) is not known";
        if !self.take(b'(') || self.word() != "atob" || !self.take(b'(') {
            return Err(UNKNOWN.into());
        }
        let Literal::Value(Value::String(base64)) = self.value()? else {
            return Err(UNKNOWN.into());
        };
        if !self.take(b')') || !self.take(b',') {
            return Err(UNKNOWN.into());
        }
        self.skip();
        let rest = self.rest();
        let behind = rest.strip_prefix(b"(c) => c.charCodeAt(0))").ok_or(UNKNOWN)?;
        self.at += rest.len() - behind.len();
        Ok(bytes(base64))
    }

    /// `new TextEncoder().encode("…")`, from behind `new TextEncoder`.
    fn encoded(&mut self) -> Result<Literal, String> {
        const UNKNOWN: &str = "new TextEncoder() without its encode(…) is not known";
        if !self.take(b'(') || !self.take(b')') || self.word() != ".encode" || !self.take(b'(') {
            return Err(UNKNOWN.into());
        }
        let Literal::Value(Value::String(text)) = self.value()? else {
            return Err(UNKNOWN.into());
        };
        if !self.take(b')') {
            return Err(UNKNOWN.into());
        }
        Ok(bytes(STANDARD.encode(text)))
    }

    /// `new Headers({…})`, `new URLSearchParams({…})`.
    fn constructed(&mut self) -> Result<Literal, String> {
        self.skip();
        let word = self.word();
        if word == "TextEncoder" {
            return self.encoded();
        }
        if !self.take(b'(') {
            return Err(format!("`new {}` is not known", word.escape_debug()));
        }
        let Literal::Value(value) = self.value()? else {
            return Err(format!("`new {}` has no value", word.escape_debug()));
        };
        if !self.take(b')') {
            return Err(format!("the `)` of `new {}` is missing", word.escape_debug()));
        }
        match word.as_str() {
            "Headers" | "URL" => Ok(Literal::Value(value)),
            "URLSearchParams" if value.is_object() => {
                let mut fields = Map::new();
                fields.insert(PARAMETERS.into(), value);
                Ok(Literal::Value(Value::Object(fields)))
            }
            "URLSearchParams" => Ok(Literal::Value(value)),
            _ => Err(format!(
                "`new {}` is not known, and nothing is run here",
                word.escape_debug()
            )),
        }
    }

    fn object(&mut self) -> Result<Value, String> {
        self.at += 1;
        let mut object = Map::new();
        while !self.take(b'}') {
            self.skip();
            let name = match self.peek() {
                Some(b'"' | b'\'' | b'`') => self.string()?,
                Some(_) => self.word(),
                None => return Err("its closing `}` is missing".into()),
            };
            if name.is_empty() || !self.take(b':') {
                return Err(format!("behind `{}` comes no value", name.escape_debug()));
            }
            if let Literal::Value(value) = self.value()? {
                object.insert(name, value);
            }
            if !self.take(b',') && !self.is(b'}') {
                return Err("its closing `}` is missing".into());
            }
        }
        Ok(Value::Object(object))
    }

    fn list(&mut self) -> Result<Value, String> {
        self.at += 1;
        let mut list = Vec::new();
        while !self.take(b']') {
            if let Literal::Value(value) = self.value()? {
                list.push(value);
            }
            if !self.take(b',') && !self.is(b']') {
                return Err("its closing `]` is missing".into());
            }
        }
        Ok(Value::Array(list))
    }

    fn number(&mut self) -> Result<Value, String> {
        let is_part = |byte: &&u8| byte.is_ascii_alphanumeric() || matches!(**byte, b'-' | b'+' | b'.');
        let length = self.rest().iter().take_while(is_part).count();
        let text = String::from_utf8_lossy(&self.rest()[..length]).into_owned();
        self.at += length;
        let number: Number =
            serde_json::from_str(&text).map_err(|_| format!("`{}` is no number", text.escape_debug()))?;
        Ok(Value::Number(number))
    }

    fn string(&mut self) -> Result<String, String> {
        let quote = self.peek().unwrap_or_default();
        self.at += 1;
        let mut units: Vec<u16> = Vec::new();
        let push = |units: &mut Vec<u16>, text: &str| units.extend(text.encode_utf16());
        loop {
            let rest = self.rest();
            let plain = rest
                .iter()
                .take_while(|byte| !matches!(**byte, b'\\' | b'$' | b'\n') && **byte != quote)
                .count();
            push(&mut units, &String::from_utf8_lossy(&rest[..plain]));
            self.at += plain;
            match self.peek().ok_or("a quote is not closed")? {
                b'\\' => self.escape(&mut units)?,
                b'$' => {
                    let rest = self.rest();
                    let length = match (quote, rest.get(1)) {
                        (b'`', Some(b'{')) => rest.iter().position(|byte| *byte == b'}').map(|at| at + 1),
                        _ => None,
                    };
                    let text = String::from_utf8_lossy(&rest[..length.unwrap_or(1)]).into_owned();
                    push(&mut units, &text);
                    self.at += text.len();
                    if length.is_some() {
                        self.unknown.push(text);
                    }
                }
                b'\n' if quote != b'`' => return Err("a quote is not closed".into()),
                b'\n' => {
                    units.push(10);
                    self.at += 1;
                }
                _ => {
                    self.at += 1;
                    return String::from_utf16(&units).map_err(|_| "a text holds half of a character".into());
                }
            }
        }
    }

    fn escape(&mut self, units: &mut Vec<u16>) -> Result<(), String> {
        let rest = &self.rest()[1..];
        let kind = *rest.first().ok_or("a quote is not closed")?;
        let hex = |text: Option<&[u8]>| {
            let text = text.and_then(|text| std::str::from_utf8(text).ok()).unwrap_or("?");
            u32::from_str_radix(text, 16).map_err(|_| "an escape has no digits".to_owned())
        };
        let mut length = 2;
        match kind {
            b'n' => units.push(10),
            b't' => units.push(9),
            b'r' => units.push(13),
            b'b' => units.push(8),
            b'f' => units.push(12),
            b'v' => units.push(11),
            b'0' => units.push(0),
            b'x' => {
                units.push(hex(rest.get(1..3))? as u16);
                length = 4;
            }
            b'u' if rest.get(1) == Some(&b'{') => {
                let end = rest
                    .iter()
                    .position(|byte| *byte == b'}')
                    .ok_or("an escape is not closed")?;
                let char = char::from_u32(hex(rest.get(2..end))?).ok_or("an escape is no character")?;
                units.extend_from_slice(char.encode_utf16(&mut [0; 2]));
                length = end + 2;
            }
            b'u' => {
                units.push(hex(rest.get(1..5))? as u16);
                length = 6;
            }
            b'\n' => {}
            _ => {
                let text = std::str::from_utf8(rest).or_else(|error| std::str::from_utf8(&rest[..error.valid_up_to()]));
                let char = text
                    .ok()
                    .and_then(|text| text.chars().next())
                    .unwrap_or(char::REPLACEMENT_CHARACTER);
                units.extend_from_slice(char.encode_utf16(&mut [0; 2]));
                length = 1 + char.len_utf8();
            }
        }
        self.at += length;
        Ok(())
    }
}
