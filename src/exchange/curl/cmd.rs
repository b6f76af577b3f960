//! Commands as Windows splits them: cmd.exe takes its carets away, and the program splits what is left as Microsoft's C
//! runtime does. Chromium's and Firefox's "Copy as cURL (cmd)" are written for both.

use super::shell::{Command, Word};

/// Whether a text is written for cmd.exe rather than for a shell.
pub fn looks_like(text: &[u8]) -> bool {
    let has = |part: &[u8]| text.windows(part.len()).any(|window| window == part);
    if has(b"^\"") || has(b"^\n") || has(b"^\r\n") {
        return true;
    }
    // Firefox doubles quotes; a shell would put two words in quotes together.
    let doubled = text
        .windows(4)
        .any(|window| &window[1..3] == b"\"\"" && !window[0].is_ascii_whitespace() && !window[3].is_ascii_whitespace());
    doubled && !text.contains(&b'\'')
}

/// The commands in `text`, whose first line has the number `line`.
pub fn split(text: &[u8], line: usize) -> Vec<Command> {
    // Older Chromium put carets inside of quotes that cmd.exe does not take away, and meant that it does.
    let everywhere = text.windows(4).any(|window| window == b"^\\^\"");
    let mut commands = Vec::new();
    for (line, text) in lines(text, line, everywhere) {
        let words = arguments(&text);
        if !words.is_empty() {
            commands.push(Command {
                line,
                words,
                ..Command::default()
            });
        }
    }
    commands
}

/// The lines that cmd.exe runs, without its carets.
fn lines(text: &[u8], first: usize, everywhere: bool) -> Vec<(usize, Vec<u8>)> {
    let mut lines = Vec::new();
    let (mut line, mut begun) = (Vec::new(), first);
    let (mut number, mut quoted, mut at) = (first, false, 0);
    let line_end = |at: usize| match text.get(at..).unwrap_or_default() {
        [b'\r', b'\n', ..] => Some(2),
        [b'\n', ..] => Some(1),
        _ => None,
    };
    while at < text.len() {
        if text[at] == b'^' && (everywhere || !quoted) {
            at += 1;
            if let Some(length) = line_end(at) {
                at += length;
                number += 1;
                // The first line end is taken away, and the character behind it is taken as it is.
                if let Some(length) = line_end(at) {
                    line.push(b'\n');
                    at += length;
                    number += 1;
                }
            } else if let Some(byte) = text.get(at) {
                line.push(*byte);
                at += 1;
            }
        } else if let Some(length) = line_end(at) {
            at += length;
            number += 1;
            lines.push((begun, std::mem::take(&mut line)));
            (begun, quoted) = (number, false);
        } else if text[at] == b'&' && !quoted {
            at += 1;
            lines.push((begun, std::mem::take(&mut line)));
            begun = number;
        } else {
            quoted ^= text[at] == b'"';
            line.push(text[at]);
            at += 1;
        }
    }
    lines.push((begun, line));
    lines
}

/// The arguments of a line, as Microsoft's C runtime splits it.
fn arguments(line: &[u8]) -> Vec<Word> {
    let mut words = Vec::new();
    let (mut word, mut quoted, mut at) = (None::<Vec<u8>>, false, 0);
    while at < line.len() {
        match line[at] {
            b' ' | b'\t' | b'\r' if !quoted => {
                words.extend(word.take());
                at += 1;
            }
            b'\\' => {
                let count = line[at..].iter().take_while(|byte| **byte == b'\\').count();
                at += count;
                let own = word.get_or_insert_default();
                if line.get(at) == Some(&b'"') {
                    own.extend(std::iter::repeat_n(b'\\', count / 2));
                    if count % 2 == 1 {
                        own.push(b'"');
                        at += 1;
                    }
                } else {
                    own.extend(std::iter::repeat_n(b'\\', count));
                }
            }
            b'"' if quoted && line.get(at + 1) == Some(&b'"') => {
                word.get_or_insert_default().push(b'"');
                at += 2;
            }
            b'"' => {
                word.get_or_insert_default();
                quoted = !quoted;
                at += 1;
            }
            byte => {
                word.get_or_insert_default().push(byte);
                at += 1;
            }
        }
    }
    words.extend(word);
    let plain = |bytes| Word {
        bytes,
        ..Word::default()
    };
    words.into_iter().map(plain).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<String> {
        assert!(looks_like(text.as_bytes()), "{text}");
        let commands = split(text.as_bytes(), 1);
        assert_eq!(commands.len(), 1, "{text}");
        let words = commands.into_iter().flat_map(|command| command.words);
        words.map(|word| String::from_utf8(word.bytes).unwrap()).collect()
    }

    #[test]
    fn carets_are_taken_away_before_quotes_are_read() {
        for (text, expected) in [
            // Chromium since 2023, as its front_end/panels/network/NetworkLogView.ts writes it.
            (
                "curl ^\"http://h/?a=1^&b=2^\" ^\r\n  --data-raw ^\"^{^\\^\"a^\\^\":^\\^\"x y^\\^\"^}^\"",
                vec!["curl", "http://h/?a=1&b=2", "--data-raw", r#"{"a":"x y"}"#],
            ),
            (
                "curl ^\"http://h^\" --data-raw ^\"a^\n\nb^%^41^\"",
                vec!["curl", "http://h", "--data-raw", "a\nb%41"],
            ),
            // Chromium before.
            (
                "curl \"http://h\" --data-binary \"^{^\\^\"a b^\\^\":^[^]^}\"",
                vec!["curl", "http://h", "--data-binary", r#"{"a b":[]}"#],
            ),
            // Firefox.
            (
                "curl \"http://h/\" --data-raw \"{\"\"a\"\":\"\"b c\"\"}\"",
                vec!["curl", "http://h/", "--data-raw", r#"{"a":"b c"}"#],
            ),
            (
                "curl \"http://h\" --data-raw \"a\"^\r\n\r\n\"b\"",
                vec!["curl", "http://h", "--data-raw", "a\nb"],
            ),
            // By hand.
            ("curl -d \"x^y\" ^\n http://h", vec!["curl", "-d", "x^y", "http://h"]),
            ("curl ^\"C:\\\\dir\\\\^\" x", vec!["curl", "C:\\\\dir\\", "x"]),
        ] {
            assert_eq!(words(text), expected, "{text}");
        }
        assert!(!looks_like(b"curl 'http://h' -d '{\"a\":\"\"}'"));
        assert!(!looks_like(b"curl \"http://h\" -d \"{\\\"a\\\":\\\"\\\"}\""));
    }
}
