//! Text from outside, made safe to show: nothing in it moves a cursor, hides a character or turns a line around.

use std::fmt::Write as _;

/// Whether `char` would do something to a terminal or to the order of a line, rather than be seen: C0, C1, DEL, the
/// bidirectional marks, the line and paragraph separators, the byte order mark.
pub fn is_unsafe(char: char) -> bool {
    char.is_control()
        || matches!(char, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{61c}' | '\u{feff}')
}

/// `text` on one line, with an escape for everything that can't be seen.
pub fn line(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for char in text.chars() {
        push(&mut out, char);
    }
    out
}

/// `bytes` as text over several lines, with an escape for everything that can't be seen and for what is not UTF-8.
pub fn block(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        let mut chars = chunk.valid().chars().peekable();
        while let Some(char) = chars.next() {
            match char {
                '\r' if chars.peek() == Some(&'\n') => {}
                '\n' | '\t' => out.push(char),
                _ => push(&mut out, char),
            }
        }
        for byte in chunk.invalid() {
            let _ = write!(out, "\\x{byte:02x}");
        }
    }
    out
}

fn push(out: &mut String, char: char) {
    match char {
        '\n' => out.push_str("\\n"),
        '\r' => out.push_str("\\r"),
        '\t' => out.push_str("\\t"),
        _ if is_unsafe(char) => {
            let _ = write!(out, "\\u{{{:x}}}", u32::from(char));
        }
        _ => out.push(char),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_reaches_the_terminal_as_a_command() {
        assert_eq!(
            line("a\x1b[2Jb\u{9b}\u{202e}c\n\u{2028}é日"),
            "a\\u{1b}[2Jb\\u{9b}\\u{202e}c\\n\\u{2028}é日"
        );
        assert_eq!(block(b"a\r\nb\rc\t\xff\0"), "a\nb\\rc\t\\xff\\u{0}");
    }
}
