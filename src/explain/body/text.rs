//! Line breaks, white space, byte order marks, and padding.

use super::bytes::{replaced, without};
use super::step::{Row, rows};
use crate::explain::cause::Kind::{
    BodyBom, BodyHtmlEscaped, BodyLineEndings, BodyNewline, BodyReserialised, BodyWhitespace,
};

/// The likeliest.
pub(super) const FIRST: &[Row] = rows! {
    BodyNewline, "strip:\\n", "the body without the line break at its end",
        reverse: "a line break was put at the end of what arrived, as an editor or `echo` does" =>
        |body| {
            let body = body.strip_suffix(b"\n")?;
            Some(body.strip_suffix(b"\r").unwrap_or(body).to_vec())
        };
    BodyLineEndings, "crlf-to-lf", "the body with LF for CRLF line breaks",
        reverse: "the line breaks of what arrived became CRLF, as Windows, Git and mail have them" =>
        |body| replaced(body, b"\r\n", b"\n");
    BodyLineEndings, "lf-to-crlf", "the body with CRLF for LF line breaks",
        reverse: "the line breaks of what arrived became LF" =>
        |body| {
            let unix = replaced(body, b"\r\n", b"\n");
            replaced(unix.as_deref().unwrap_or(body), b"\n", b"\r\n")
        };
    BodyWhitespace, "trim", "the body without the white space around it",
        reverse: "white space was put around what arrived" =>
        |body| Some(body.trim_ascii().to_vec());
    BodyBom, "strip:BOM", "the body without the byte order mark at its beginning",
        forward: "as decoders that take it off do", reverse: "a byte order mark was put before what arrived" =>
        |body| body.strip_prefix(b"\xef\xbb\xbf").map(<[u8]>::to_vec);
    BodyBom, "prepend:BOM", "the body with a byte order mark before it",
        reverse: "its byte order mark was taken off on its way" =>
        |body| Some([b"\xef\xbb\xbf", body].concat());
};

pub(super) const ROWS: &[Row] = rows! {
    BodyLineEndings, "remove line breaks", "the body without its line breaks",
        forward: "as joining the lines that a reader gave with nothing between them does" =>
        |body| without(body, |byte| byte == b'\n' || byte == b'\r');
    BodyNewline, "strip:\\n*", "the body without any line break at its end",
        forward: "as a shell's `$(…)` takes them off", reverse: "line breaks were put at the end of what arrived" =>
        |body| {
            let end = body.iter().rposition(|byte| !b"\r\n".contains(byte))? + 1;
            Some(body[..end].to_vec())
        };
    BodyWhitespace, "trim-end", "the body without the white space at its end",
        reverse: "white space was put behind what arrived" =>
        |body| Some(body.trim_ascii_end().to_vec());
    BodyWhitespace, "trim-start", "the body without the white space at its beginning",
        reverse: "white space was put before what arrived" =>
        |body| Some(body.trim_ascii_start().to_vec());
    BodyWhitespace, "trim:Unicode", "the body without the white space around it, a byte order mark and no-break spaces included",
        forward: "as JavaScript's `trim` takes them off" =>
        |body| {
            let mark = |char: char| char.is_whitespace() || char == '\u{feff}';
            Some(std::str::from_utf8(body).ok()?.trim_matches(mark).as_bytes().to_vec())
        };
    BodyWhitespace, "trim:NUL", "the body without the white space and the NUL bytes around it",
        forward: "as PHP's `trim` takes them off" =>
        |body| {
            let drops = |byte: &u8| !b" \t\n\r\0\x0b".contains(byte);
            let (first, last) = (body.iter().position(drops)?, body.iter().rposition(drops)?);
            Some(body[first..=last].to_vec())
        };
    BodyWhitespace, "trim lines, join", "the body's lines, each without the white space around it, with nothing between them" =>
        |body| lines(body, b"", <[u8]>::trim_ascii);
    BodyWhitespace, "trim lines", "the body's lines, each without the white space around it" =>
        |body| lines(body, b"\n", <[u8]>::trim_ascii);
    BodyWhitespace, "trim lines' ends", "the body's lines without the white space at their ends",
        forward: "as editors and formatters take it off", reverse: "white space was put at the ends of lines" =>
        |body| lines(body, b"\n", <[u8]>::trim_ascii_end);
    BodyWhitespace, "trim lines' beginnings", "the body's lines without their indentation" =>
        |body| lines(body, b"\n", <[u8]>::trim_ascii_start);
    BodyLineEndings, "join lines: ", "the body's lines with a space between them" =>
        |body| lines(body, b" ", |line| line);
    BodyLineEndings, "join lines:,", "the body's lines with a comma between them",
        forward: "as JavaScript writes a list of lines as text" =>
        |body| lines(body, b",", |line| line);
    BodyLineEndings, "join lines:\\n", "the body's lines with LF between them, and none at the end",
        forward: "as joining the lines that a reader gave does" =>
        |body| lines(body, b"\n", |line| line);
    BodyLineEndings, "join lines:\\r\\n", "the body's lines with CRLF between them, and none at the end" =>
        |body| lines(body, b"\r\n", |line| line);
    BodyLineEndings, "lines:\\n", "the body's lines with LF behind each, the last one too",
        forward: "as writing each line with a line break does" =>
        |body| lines(body, b"\n", |line| line).map(|lines| [&lines, &b"\n"[..]].concat());
    BodyLineEndings, "lines:\\r\\n", "the body's lines with CRLF behind each, the last one too" =>
        |body| lines(body, b"\r\n", |line| line).map(|lines| [&lines, &b"\r\n"[..]].concat());
    BodyLineEndings, "lf-to-cr", "the body with CR for its line breaks" => |body| {
        let unix = replaced(body, b"\r\n", b"\n");
        replaced(unix.as_deref().unwrap_or(body), b"\n", b"\r")
    };
    BodyLineEndings, "lf-to-crlf:twice", "the body with CRLF for each LF, that of a CRLF included",
        forward: "as a file opened in text mode on Windows does" =>
        |body| replaced(body, b"\n", b"\r\n");
    BodyLineEndings, "cr-to-lf", "the body with LF for CR" => |body| replaced(body, b"\r", b"\n");
    BodyLineEndings, "remove:\\r", "the body without its carriage returns" => |body| without(body, |byte| byte == b'\r');
    BodyLineEndings, "remove:\\n", "the body without its line feeds" => |body| without(body, |byte| byte == b'\n');
    BodyWhitespace, "collapse white space", "the body with one space for each run of white space",
        forward: "as `replace(/\\s+/g, ' ')` does" =>
        collapsed;
    BodyWhitespace, "remove:\\t", "the body without its tabs" => |body| without(body, |byte| byte == b'\t');
    BodyWhitespace, "spaces for tabs:2", "the body with two spaces for each tab" => |body| replaced(body, b"\t", b"  ");
    BodyWhitespace, "spaces for tabs:4", "the body with four spaces for each tab" =>
        |body| replaced(body, b"\t", b"    ");
    BodyWhitespace, "space for no-break space", "the body with a space for each no-break space" =>
        |body| replaced(body, b"\xc2\xa0", b" ");
    BodyWhitespace, "append:\\0", "the body with a NUL byte behind it", forward: "as a text in C ends" =>
        |body| Some([body, b"\0"].concat());
    BodyWhitespace, "strip:\\0", "the body without the NUL bytes behind it",
        reverse: "NUL bytes were left behind what arrived, as a buffer that is not cut to its content has them" =>
        |body| {
            let end = body.iter().rposition(|byte| *byte != 0)? + 1;
            Some(body[..end].to_vec())
        };
    BodyWhitespace, "remove control characters", "the body without its control characters",
        forward: "as a sanitiser takes them out" =>
        |body| without(body, |byte| byte.is_ascii_control());
    BodyWhitespace, "append: ", "the body with a space behind it" => |body| Some([body, b" "].concat());
    BodyNewline, "prepend:\\n", "the body with a line break before it" => |body| Some([b"\n", body].concat());
    BodyNewline, "prepend:\\r\\n", "the body with a Windows line break before it",
        forward: "as splitting a request by hand leaves it" =>
        |body| Some([b"\r\n", body].concat());
    BodyNewline, "append:\\n\\n", "the body with two line breaks behind it" => |body| Some([body, b"\n\n"].concat());
    BodyNewline, "append:\\r\\n\\r\\n", "the body with two Windows line breaks behind it" =>
        |body| Some([body, b"\r\n\r\n"].concat());
    BodyNewline, "append:\\r", "the body with a carriage return behind it" => |body| Some([body, b"\r"].concat());
    BodyWhitespace, "squish", "the body with one space for each run of white space, and none around it",
        forward: "as Rails's `squish` does" =>
        |body| Some(collapsed(body)?.trim_ascii().to_vec());
    BodyReserialised, "without its ends", "the body without its first and its last character",
        forward: "as `slice(1, -1)` does" =>
        |body| {
            let inner = std::str::from_utf8(body).ok()?;
            let inner = inner.strip_prefix(|_| true)?.strip_suffix(|_| true)?;
            (!inner.is_empty()).then(|| inner.as_bytes().to_vec())
        };
    BodyReserialised, "lower case", "the body in lower case" =>
        |body| Some(std::str::from_utf8(body).ok()?.to_lowercase().into_bytes());
    BodyReserialised, "upper case", "the body in upper case" =>
        |body| Some(std::str::from_utf8(body).ok()?.to_uppercase().into_bytes());
    BodyReserialised, "lower case:ASCII", "the body with its ASCII letters in lower case",
        forward: "as PHP's `strtolower` does since 8.0" =>
        |body| Some(body.to_ascii_lowercase());
    BodyHtmlEscaped, "br for lines", "the body with `<br />` before each line break",
        forward: "as PHP's `nl2br` does" =>
        |body| replaced(body, b"\n", b"<br />\n");
    BodyBom, "remove:BOM", "the body without any byte order mark in it" => |body| replaced(body, b"\xef\xbb\xbf", b"");
};

/// What gives the same bytes as a likelier change of values in a short body.
pub(super) const LAST: &[Row] = rows! {
    BodyWhitespace, "remove white space", "the body with all its white space taken out, that inside texts too",
        forward: "as `replace(/\\s/g, '')` does" =>
        |body| without(body, |byte| byte.is_ascii_whitespace() || byte == 0x0b);
    BodyWhitespace, "remove spaces", "the body without any of its spaces" => |body| without(body, |byte| byte == b' ');
};

/// The lines of a text that has several, each as `shape` has it, with `between` between them.
fn lines(body: &[u8], between: &[u8], shape: fn(&[u8]) -> &[u8]) -> Option<Vec<u8>> {
    if !body.contains(&b'\n') {
        return None;
    }
    let body = body.strip_suffix(b"\n").unwrap_or(body);
    let mut out = Vec::with_capacity(body.len());
    for (index, line) in body.split(|byte| *byte == b'\n').enumerate() {
        if index > 0 {
            out.extend_from_slice(between);
        }
        out.extend_from_slice(shape(line.strip_suffix(b"\r").unwrap_or(line)));
    }
    Some(out)
}

fn collapsed(body: &[u8]) -> Option<Vec<u8>> {
    let mut out: Vec<u8> = Vec::with_capacity(body.len());
    for byte in body {
        if !byte.is_ascii_whitespace() {
            out.push(*byte);
        } else if out.last() != Some(&b' ') {
            out.push(b' ');
        }
    }
    Some(out)
}
