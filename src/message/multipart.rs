//! The fields of a `multipart/form-data` body (RFC 7578). What is not changed keeps its writing.

use std::ops::Range;

/// So many parts are looked at.
const MOST_PARTS: usize = 100;
/// So much stands before a part's value, in bytes.
const LONGEST_HEAD: usize = 4096;
/// A boundary is no longer (RFC 2046, 5.1.1), in characters.
const LONGEST_BOUNDARY: usize = 70;

/// A field that is no file.
struct Field {
    name: String,
    value: Range<usize>,
}

/// Every value of `name`, in order.
pub(super) fn all(body: &[u8], boundary: &str, name: &str) -> Vec<String> {
    let fields = fields(body, boundary).into_iter();
    let own = fields.filter(|field| field.name == name);
    own.map(|field| String::from_utf8_lossy(&body[field.value]).into_owned())
        .collect()
}

/// Each field with its name, in order.
pub(super) fn pairs(body: &[u8], boundary: &str) -> Vec<(String, String)> {
    let fields = fields(body, boundary).into_iter();
    let pair = |field: Field| (field.name, String::from_utf8_lossy(&body[field.value]).into_owned());
    fields.map(pair).collect()
}

/// `body` with `value` in place of the first `name`'s; `None` where there is none.
pub(super) fn set(body: &[u8], boundary: &str, name: &str, value: &str) -> Option<Vec<u8>> {
    let field = fields(body, boundary).into_iter().find(|field| field.name == name)?;
    let (before, after) = (&body[..field.value.start], &body[field.value.end..]);
    Some([before, value.as_bytes(), after].concat())
}

/// A body of these fields; `None` where the boundary stands in one of them.
pub(crate) fn write(fields: &[(String, String)], boundary: &str) -> Option<Vec<u8>> {
    let mut out = String::new();
    for (name, value) in fields {
        if value.contains(boundary) || name.contains(['"', '\r', '\n']) {
            return None;
        }
        out.push_str(&format!(
            "--{boundary}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n"
        ));
    }
    out.push_str(&format!("--{boundary}--\r\n"));
    Some(out.into_bytes())
}

/// The boundary that a `Content-Type` names.
pub(crate) fn boundary(content_type: &str) -> Option<String> {
    let (essence, parameters) = content_type.split_once(';')?;
    if !essence.trim().eq_ignore_ascii_case("multipart/form-data") {
        return None;
    }
    let named = parameters.split(';').find_map(|parameter| {
        let (name, value) = parameter.trim().split_once('=')?;
        name.eq_ignore_ascii_case("boundary").then(|| value.trim_matches('"'))
    })?;
    is_boundary(named).then(|| named.to_owned())
}

/// The boundary that a body begins with, where nothing names it.
pub(super) fn leading(body: &[u8]) -> Option<String> {
    let line = body.strip_prefix(b"--")?;
    let end = line.iter().take(LONGEST_BOUNDARY + 1).position(|byte| *byte == b'\r')?;
    let text = str::from_utf8(&line[..end]).ok()?;
    is_boundary(text).then(|| text.to_owned())
}

/// Why a body of that `Content-Type` has no fields, in words; `None` where it has some, or is no `multipart/form-data`.
pub(super) fn problem(content_type: &str, body: &[u8]) -> Option<String> {
    let essence = content_type.split(';').next().unwrap_or_default();
    if !essence.trim().eq_ignore_ascii_case("multipart/form-data") {
        return None;
    }
    let Some(boundary) = boundary(content_type) else {
        return Some("the Content-Type is multipart/form-data and names no boundary, so no field is told apart".into());
    };
    fields(body, &boundary)
        .is_empty()
        .then(|| format!("the body has no field between the boundaries `{boundary}` that its Content-Type names"))
}

fn is_boundary(text: &str) -> bool {
    !text.is_empty() && text.len() <= LONGEST_BOUNDARY && text.bytes().all(|byte| byte.is_ascii_graphic())
}

fn fields(body: &[u8], boundary: &str) -> Vec<Field> {
    let mut fields = Vec::new();
    let first = format!("--{boundary}");
    let between = format!("\r\n--{boundary}");
    let Some(mut at) = find(body, first.as_bytes(), 0).map(|at| at + first.len()) else {
        return fields;
    };
    for _ in 0..MOST_PARTS {
        // Two dashes end it.
        if !body[at..].starts_with(b"\r\n") {
            break;
        }
        let begin = at + 2;
        let Some(end) = find(body, between.as_bytes(), at) else {
            break;
        };
        let head = body.get(begin..end.max(begin)).unwrap_or_default();
        let window = &head[..head.len().min(LONGEST_HEAD)];
        if let Some(blank) = find(window, b"\r\n\r\n", 0)
            && let Some(name) = name_in(&head[..blank])
        {
            fields.push(Field {
                name,
                value: begin + blank + 4..end,
            });
        }
        at = end + between.len();
    }
    fields
}

/// The field's name in the lines before its value; none for a file.
fn name_in(head: &[u8]) -> Option<String> {
    let head = str::from_utf8(head).ok()?;
    let line = head.split("\r\n").find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.trim().eq_ignore_ascii_case("content-disposition").then_some(value)
    })?;
    let mut name = None;
    for parameter in line.split(';').map(str::trim) {
        match parameter.split_once('=') {
            Some((own, _)) if own.eq_ignore_ascii_case("filename") => return None,
            Some((own, value)) if own.eq_ignore_ascii_case("name") => name = Some(value.trim_matches('"').to_owned()),
            _ => {}
        }
    }
    name
}

fn find(text: &[u8], needle: &[u8], from: usize) -> Option<usize> {
    memchr::memmem::find(text.get(from..)?, needle).map(|at| from + at)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As curl 7.88 writes `-F json='{"a":1}' -F f=@x -F b=2`, but for the boundary.
    const CURL: &str = "--B\r\nContent-Disposition: form-data; name=\"json\"\r\n\r\n{\"a\":1}\r\n--B\r\nContent-Disposition: form-data; name=\"f\"; filename=\"x\"\r\nContent-Type: application/octet-stream\r\n\r\nxx\n\r\n--B\r\nContent-Disposition: form-data; name=\"b\"\r\n\r\n2\r\n--B--\r\n";

    #[test]
    fn fields_are_read_changed_and_written() {
        let body = CURL.as_bytes();
        assert_eq!(all(body, "B", "json"), [r#"{"a":1}"#]);
        assert_eq!(
            (all(body, "B", "b"), all(body, "B", "f")),
            (vec!["2".to_owned()], Vec::new())
        );
        let changed = set(body, "B", "b", "three").unwrap();
        assert_eq!(
            String::from_utf8(changed).unwrap(),
            CURL.replace("\r\n2\r\n", "\r\nthree\r\n")
        );
        assert_eq!(set(body, "B", "c", "1"), None);
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let fields = [pair("json", "{}"), pair("b", "2")];
        let written = write(&fields, "B").unwrap();
        assert_eq!(pairs(&written, "B"), fields);
        assert_eq!(write(&[pair("a", "x--Bx")], "B"), None);
        assert_eq!(leading(body).as_deref(), Some("B"));
        assert_eq!(
            boundary("multipart/form-data; charset=utf-8; boundary=\"B\"").as_deref(),
            Some("B")
        );
    }

    #[test]
    fn rubbish_has_no_fields() {
        for body in [
            "",
            "--",
            "--B",
            "--B\r\n",
            "--B--",
            "--B\r\n\r\n--B--",
            "--B\r\nname\r\n\r\n1\r\n--B--",
            "x",
        ] {
            assert!(fields(body.as_bytes(), "B").is_empty(), "{body:?}");
        }
        let many = "--B\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n\r\n".repeat(1000);
        assert!(fields(many.as_bytes(), "B").len() <= MOST_PARTS);
        for kind in [
            "multipart/form-data",
            "multipart/form-data; boundary=",
            "text/plain; boundary=B",
        ] {
            assert_eq!(boundary(kind), None, "{kind}");
        }
        assert_eq!(leading(b"--a b\r\n"), None);
        assert_eq!(leading("--".repeat(100).as_bytes()), None);
    }
}
