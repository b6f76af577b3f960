//! Bodies for people: JSON indented and coloured, what is no text as a short view in hex.

use ckwh::json;
use colored::Color;

use super::super::hex::hex;
use super::super::paint::Paint;
use super::super::visible::block;
use super::Human;
use super::capture::size_text;

/// How much of what is no text is shown, in bytes.
const SHOWN_BYTES: usize = 128;
/// Longer JSON is shown as it is, in bytes.
const LONGEST_JSON: usize = 256 * 1024;

impl Human {
    /// A body as it is shown: on a terminal for reading, elsewhere as it is but for control codes.
    pub(super) fn body(&self, bytes: &[u8]) -> String {
        if !self.terminal {
            return block(bytes);
        }
        if std::str::from_utf8(bytes).is_err() {
            return self.hex(bytes);
        }
        let is_object = bytes.trim_ascii_start().starts_with(b"{") || bytes.trim_ascii_start().starts_with(b"[");
        if is_object
            && bytes.len() <= LONGEST_JSON
            && let Ok(value) = json::parse(bytes)
            && let Ok(indented) = json::write(&value, &json::AS_WRITTEN_INDENT_2)
        {
            let mut text = coloured(&block(&indented), self.paint);
            if indented != bytes {
                text.push('\n');
                text.push_str(&self.paint.dim("(indented here; --json has the bytes)"));
            }
            return text;
        }
        block(bytes)
    }

    fn hex(&self, bytes: &[u8]) -> String {
        let mut text = String::new();
        for (offset, line) in hex(&bytes[..bytes.len().min(SHOWN_BYTES)]) {
            text.push_str(&format!("{}  {line}\n", self.paint.dim(&offset)));
        }
        if bytes.len() > SHOWN_BYTES {
            let more = size_text((bytes.len() - SHOWN_BYTES) as u64);
            text.push_str(&self.paint.dim(&format!("… and {more} more\n")));
        }
        text
    }
}

/// Indented JSON with its names and values in colours.
fn coloured(json: &str, paint: Paint) -> String {
    let mut out = String::new();
    for line in json.split_inclusive('\n') {
        let start = line.len() - line.trim_start().len();
        let (indent, rest) = line.split_at(start);
        out.push_str(indent);
        let (name, value) = match rest.starts_with('"').then(|| end_of_text(rest)).flatten() {
            Some(end) if rest[end..].starts_with(": ") => (Some(&rest[..end]), &rest[end + 2..]),
            _ => (None, rest),
        };
        if let Some(name) = name {
            out.push_str(&paint.colour(name, Color::Blue));
            out.push_str(": ");
        }
        let bare = value.trim_end_matches(['\n', ',']);
        let after = &value[bare.len()..];
        let painted = match bare.bytes().next() {
            Some(b'"') => paint.plain(bare, Color::Green),
            Some(b'-' | b'0'..=b'9' | b't' | b'f' | b'n') => paint.plain(bare, Color::Yellow),
            _ => bare.to_owned(),
        };
        out.push_str(&painted);
        out.push_str(after);
    }
    out
}

/// Where the text that begins here ends, behind its quote.
fn end_of_text(text: &str) -> Option<usize> {
    let mut is_escaped = false;
    for (at, char) in text.char_indices().skip(1) {
        match char {
            '"' if !is_escaped => return Some(at + 1),
            _ => is_escaped = char == '\\' && !is_escaped,
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_change_nothing_but_colours() {
        let json = "{\n  \"a\\\"b\": \"x: y\",\n  \"n\": [\n    -1,\n    null\n  ]\n}";
        assert_eq!(coloured(json, Paint::new(false)), json);
        let painted = coloured(json, Paint::new(true));
        assert!(painted.contains("\u{1b}["), "{painted:?}");
    }
}
