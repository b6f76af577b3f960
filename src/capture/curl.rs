//! A curl command line that sends a request, and can do nothing else.

use crate::message::Headers;

/// A command line for a POSIX shell. Every value is quoted; the body is given so that no `@` in it names a file, and
/// through `printf` where it has bytes that no argument can hold.
pub fn write(method: &str, url: &str, headers: &Headers, body: &[u8]) -> String {
    let mut line = String::new();
    let as_argument = std::str::from_utf8(body).ok().filter(|text| !text.contains('\0'));
    if as_argument.is_none() {
        line.push_str("printf '");
        body.iter().for_each(|byte| line.push_str(&format!("\\{byte:03o}")));
        line.push_str("' | ");
    }
    line.push_str(&format!("curl --globoff --request {} {}", quote(method), quote(url)));
    for (name, value) in headers.iter() {
        line.push_str(&format!(" \\\n  {}", header_argument(name, value)));
    }
    match as_argument {
        Some(text) => line.push_str(&format!(" \\\n  --data-raw {}", quote(text))),
        None => line.push_str(" \\\n  --data-binary @-"),
    }
    line
}

/// `--header 'Name: value'`; curl wants `Name;` for an empty value.
pub fn header_argument(name: &str, value: &[u8]) -> String {
    let field = match String::from_utf8_lossy(value) {
        value if value.is_empty() => format!("{name};"),
        value => format!("{name}: {value}"),
    };
    format!("--header {}", quote(&field))
}

/// `text` in single quotes, whatever it holds.
fn quote(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
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
        let words: Vec<String> = shlex::split(&line.replace(" \\\n", "")).unwrap();
        assert_eq!(
            words,
            [
                "curl",
                "--globoff",
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
