//! One JSON object per line.

use std::io;

use super::out::Out;
use super::talk::Talk;
use super::visible::is_unsafe;
use super::{ErrorItem, Item, Report};

/// The report under `--json`.
pub struct Json {
    out: Out,
    talk: Talk,
    /// Whether notes are told too.
    verbose: bool,
}

impl Json {
    pub fn new(out: Out, talk: Talk, verbose: bool) -> Self {
        Self { out, talk, verbose }
    }
}

impl Report for Json {
    fn result(&mut self, item: &Item) -> io::Result<()> {
        self.out.write(line(item)?.as_bytes())
    }

    fn gather(&mut self, on: bool) -> io::Result<()> {
        self.out.gather(on)
    }

    fn note(&mut self, text: &str) {
        if self.verbose {
            self.talk.note(text);
        }
    }

    fn warn(&mut self, text: &str) {
        self.talk.note(text);
    }

    fn hint(&mut self, text: &str, command: Option<&str>) {
        if self.verbose {
            self.talk.hint(text, command);
        }
    }

    fn show(&mut self, text: &str) {
        self.talk.show(text);
    }

    fn ask(&mut self, _: &str, _: &str) -> Option<bool> {
        None
    }

    fn error(&mut self, text: &str) {
        self.talk.error(text);
    }

    fn failure(&mut self, error: ErrorItem) {
        self.talk.error(&error.message);
        // Where the output is gone, the exit status still tells.
        let _ = self.result(&Item::Error(error));
    }

    fn wants_all(&self) -> bool {
        true
    }

    fn advance(&mut self) {}

    fn expect(&mut self, _: Option<u64>) {}
}

/// `item` as its line.
pub fn line(item: &Item) -> io::Result<String> {
    Ok(escaped(&serde_json::to_string(item)?) + "\n")
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
