//! One JSON object per line.

use std::io::{self, Write as _};

use super::human::Talk;
use super::visible::is_unsafe;
use super::{Item, Report};

/// The report under `--json`.
pub struct Json {
    out: io::Stdout,
    talk: Talk,
}

impl Json {
    pub fn new(talk: Talk) -> Self {
        Self {
            out: io::stdout(),
            talk,
        }
    }
}

impl Report for Json {
    fn result(&mut self, item: &Item) -> io::Result<()> {
        let mut line = escaped(&serde_json::to_string(item)?);
        line.push('\n');
        let mut out = self.out.lock();
        out.write_all(line.as_bytes())?;
        out.flush()
    }

    fn note(&mut self, text: &str) {
        self.talk.note(text);
    }

    fn error(&mut self, text: &str) {
        self.talk.error(text);
    }

    fn wants_all(&self) -> bool {
        true
    }

    fn advance(&mut self) {}

    fn expect(&mut self, _: Option<u64>) {}
}

/// JSON with an escape for every character that would do something to a terminal: such characters stand in strings
/// only, where an escape means the same.
pub fn escaped(json: &str) -> String {
    let mut line = String::with_capacity(json.len());
    for char in json.chars() {
        if is_unsafe(char) {
            let mut units = [0; 2];
            char.encode_utf16(&mut units)
                .iter()
                .for_each(|unit| line.push_str(&format!("\\u{unit:04x}")));
        } else {
            line.push(char);
        }
    }
    line
}
