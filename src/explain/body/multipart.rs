//! The fields of a body of `multipart/form-data` (RFC 7578).

use memchr::memmem;

use super::form::Fields;

/// So many parts are read.
const MOST: usize = 256;

/// Names and contents of the parts; nothing where `body` is none of that kind.
pub(super) fn fields(body: &[u8]) -> Option<Fields> {
    let line = body.split(|byte| *byte == b'\n').next()?;
    let boundary = line
        .strip_suffix(b"\r")
        .filter(|line| line.starts_with(b"--") && line.len() < 80)?;
    let mut fields = Fields::new();
    let mut rest = body.strip_prefix(boundary)?;
    let ending = [b"\r\n", boundary].concat();
    while !rest.starts_with(b"--") {
        let part = rest.strip_prefix(b"\r\n")?;
        let head = memmem::find(part, b"\r\n\r\n")?;
        let content = &part[head + 4..];
        let end = memmem::find(content, &ending)?;
        let name = name(std::str::from_utf8(&part[..head]).ok()?)?;
        if fields.len() == MOST {
            return None;
        }
        fields.push((name, Some(String::from_utf8_lossy(&content[..end]).into_owned())));
        rest = &content[end + ending.len()..];
    }
    (!fields.is_empty()).then_some(fields)
}

/// The name in a part's `Content-Disposition`.
fn name(head: &str) -> Option<String> {
    let is_it = |line: &&str| line.to_ascii_lowercase().starts_with("content-disposition:");
    let line = head.split("\r\n").find(is_it)?;
    let parameter = line
        .split(';')
        .map(str::trim)
        .find_map(|part| part.strip_prefix("name="))?;
    Some(parameter.trim_matches('"').to_owned())
}
