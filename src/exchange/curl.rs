//! curl command lines: written so that they send a request and can do nothing else; read without running anything.

pub(super) mod ansi;
mod cmd;
pub(super) mod form;
mod line;
mod options;
mod read;
pub(super) mod shell;
pub(super) mod url;

use super::{CaptureError, Exchange, Input, Take};
use crate::message::Headers;

pub(super) use read::{each, looks_like};

/// Whether the files that a command line names may be opened.
#[expect(missing_debug_implementations, reason = "a function has none")]
pub enum Files<'a> {
    /// No: such a command line is an error.
    Refused,
    /// By this function, from their names.
    Opened(&'a dyn Fn(&str) -> Result<Vec<u8>, String>),
}

/// curl command lines, for a shell or for cmd.exe.
#[derive(Debug)]
pub struct Curl;

impl Exchange for Curl {
    fn name(&self) -> &'static str {
        "curl"
    }

    fn title(&self) -> &'static str {
        "curl command lines"
    }

    fn remedy(&self) -> &'static str {
        "a browser copies the whole line with \"Copy as cURL (bash)\""
    }

    fn detect(&self, input: &mut Input<'_>) -> Result<bool, CaptureError> {
        Ok(looks_like(input.beginning()))
    }

    fn each(&self, input: &mut Input<'_>, files: &Files<'_>, take: &mut Take<'_>) -> Result<(), CaptureError> {
        let before = input.lines_before();
        each(input.text()?, before, files, take);
        Ok(())
    }
}

/// A longer argument is more than some systems take, in bytes.
const LONGEST_ARGUMENT: usize = 100 * 1024;
/// Headers that curl adds where they are not named.
const ADDED: [&str; 3] = ["User-Agent", "Accept", "Content-Type"];

/// A command line for a POSIX shell. Every value is quoted; the body is given so that no `@` in it names a file, and
/// through `printf` where it has bytes that no argument can hold.
pub fn write(method: &str, url: &str, headers: &Headers, body: &[u8]) -> String {
    let mut line = String::new();
    let as_argument = std::str::from_utf8(body)
        .ok()
        .filter(|text| !text.contains('\0') && text.len() <= LONGEST_ARGUMENT);
    if as_argument.is_none() {
        line.push_str("printf '");
        body.iter().for_each(|byte| line.push_str(&format!("\\{byte:03o}")));
        line.push_str("' | ");
    }
    let method = match method {
        // By another name curl would wait for a body.
        "HEAD" => "--head".to_owned(),
        _ => format!("--request {}", quote(method)),
    };
    line.push_str(&format!("curl --globoff --path-as-is {method} {}", quote(url)));
    for (name, value) in headers.iter() {
        line.push_str(&format!(" \\\n  {}", header_argument(name, value)));
    }
    match as_argument {
        Some("") if method == "--head" || method.contains("'GET'") => {}
        Some(text) => line.push_str(&format!(" \\\n  --data-raw {}", quote(text))),
        None => line.push_str(" \\\n  --data-binary @-"),
    }
    line
}

/// A command line that sends exactly these headers: what curl would add by itself is told not to be.
pub fn write_exactly(method: &str, url: &str, headers: &Headers, body: &[u8]) -> String {
    let mut own = headers.clone();
    own.remove("content-length");
    own.remove("transfer-encoding");
    let mut line = write(method, url, &own, body);
    for name in ADDED.iter().filter(|name| !headers.contains(name)) {
        line.push_str(&format!(" \\\n  --header '{name}:'"));
    }
    line
}

/// `--header 'Name: value'`; curl wants `Name;` for an empty value. Bytes that are not UTF-8 are written as bash, ksh
/// and zsh read them.
pub fn header_argument(name: &str, value: &[u8]) -> String {
    if value.is_empty() {
        return format!("--header {}", quote(&format!("{name};")));
    }
    match std::str::from_utf8(value) {
        Ok(value) => format!("--header {}", quote(&format!("{name}: {value}"))),
        Err(_) => {
            let mut field = String::new();
            for byte in value {
                match byte {
                    b' '..=b'~' if !matches!(byte, b'\'' | b'\\') => field.push(char::from(*byte)),
                    _ => field.push_str(&format!("\\{byte:03o}")),
                }
            }
            format!("--header $'{name}: {field}'")
        }
    }
}

/// `text` in single quotes, whatever it holds.
pub fn quote(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests;

#[cfg(test)]
mod writing {
    use super::*;

    #[test]
    fn nothing_leaves_its_quotes() {
        let headers: Headers = [("X-A", "$(id) `id` 'x'"), ("X-Empty", "")].into_iter().collect();
        let line = write(
            "POST",
            "http://x.test/?a=[1]'",
            &headers,
            b"@/etc/passwd'; rm -rf ~ #\n!x",
        );
        // Split by shlex, a POSIX word splitter of others; it makes a word of each line that goes on.
        let words: Vec<String> = shlex::split(&line.replace("\\\n", "")).unwrap();
        assert_eq!(
            words,
            [
                "curl",
                "--globoff",
                "--path-as-is",
                "--request",
                "POST",
                "http://x.test/?a=[1]'",
                "--header",
                "X-A: $(id) `id` 'x'",
                "--header",
                "X-Empty;",
                "--data-raw",
                "@/etc/passwd'; rm -rf ~ #\n!x",
            ]
        );
    }

    #[test]
    fn bytes_that_no_argument_holds_go_through_printf() {
        let line = write("POST", "http://x.test/", &Headers::default(), b"\0\xff%");
        assert!(
            line.starts_with(r"printf '\000\377\045' | curl ") && line.ends_with("--data-binary @-"),
            "{line}"
        );
    }
}
