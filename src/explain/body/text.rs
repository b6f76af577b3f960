//! Line breaks, white space, byte order marks, and padding.

use super::bytes::{replaced, without};
use super::step::{Row, row};
use crate::explain::cause::Kind::{BodyBom, BodyLineEndings, BodyNewline, BodyWhitespace};

/// The likeliest.
pub(super) const FIRST: &[Row] = &[
    row(
        BodyNewline,
        "strip:\\n",
        "the body without the line break at its end",
        |body| {
            let body = body.strip_suffix(b"\n")?;
            Some(body.strip_suffix(b"\r").unwrap_or(body).to_vec())
        },
    )
    .reverse("a line break was put at the end of what arrived, as an editor or `echo` does"),
    row(
        BodyLineEndings,
        "crlf-to-lf",
        "the body with LF for CRLF line breaks",
        |body| replaced(body, b"\r\n", b"\n"),
    )
    .reverse("the line breaks of what arrived became CRLF, as Windows, Git and mail have them"),
    row(
        BodyLineEndings,
        "lf-to-crlf",
        "the body with CRLF for LF line breaks",
        |body| {
            let unix = replaced(body, b"\r\n", b"\n");
            replaced(unix.as_deref().unwrap_or(body), b"\n", b"\r\n")
        },
    )
    .reverse("the line breaks of what arrived became LF"),
    row(
        BodyWhitespace,
        "trim",
        "the body without the white space around it",
        |body| Some(body.trim_ascii().to_vec()),
    )
    .reverse("white space was put around what arrived"),
    row(
        BodyBom,
        "strip:BOM",
        "the body without the byte order mark at its beginning",
        |body| body.strip_prefix(b"\xef\xbb\xbf").map(<[u8]>::to_vec),
    )
    .forward("as decoders that take it off do")
    .reverse("a byte order mark was put before what arrived"),
    row(
        BodyBom,
        "prepend:BOM",
        "the body with a byte order mark before it",
        |body| Some([b"\xef\xbb\xbf", body].concat()),
    )
    .reverse("its byte order mark was taken off on its way"),
];

pub(super) const ROWS: &[Row] = &[
    row(
        BodyLineEndings,
        "remove line breaks",
        "the body without its line breaks",
        |body| without(body, |byte| byte == b'\n' || byte == b'\r'),
    )
    .forward("as joining the lines that a reader gave with nothing between them does"),
    row(
        BodyNewline,
        "strip:\\n*",
        "the body without any line break at its end",
        |body| {
            let end = body.iter().rposition(|byte| !b"\r\n".contains(byte))? + 1;
            Some(body[..end].to_vec())
        },
    )
    .forward("as a shell's `$(…)` takes them off")
    .reverse("line breaks were put at the end of what arrived"),
    row(
        BodyWhitespace,
        "trim-end",
        "the body without the white space at its end",
        |body| Some(body.trim_ascii_end().to_vec()),
    )
    .reverse("white space was put behind what arrived"),
    row(
        BodyWhitespace,
        "trim-start",
        "the body without the white space at its beginning",
        |body| Some(body.trim_ascii_start().to_vec()),
    )
    .reverse("white space was put before what arrived"),
    row(
        BodyWhitespace,
        "trim:Unicode",
        "the body without the white space around it, a byte order mark and no-break spaces included",
        |body| {
            let mark = |char: char| char.is_whitespace() || char == '\u{feff}';
            Some(std::str::from_utf8(body).ok()?.trim_matches(mark).as_bytes().to_vec())
        },
    )
    .forward("as JavaScript's `trim` takes them off"),
    row(
        BodyWhitespace,
        "trim:NUL",
        "the body without the white space and the NUL bytes around it",
        |body| {
            let drops = |byte: &u8| !b" \t\n\r\0\x0b".contains(byte);
            let (first, last) = (body.iter().position(drops)?, body.iter().rposition(drops)?);
            Some(body[first..=last].to_vec())
        },
    )
    .forward("as PHP's `trim` takes them off"),
    row(
        BodyWhitespace,
        "trim lines, join",
        "the body's lines, each without the white space around it, with nothing between them",
        |body| lines(body, b"", <[u8]>::trim_ascii),
    ),
    row(
        BodyWhitespace,
        "trim lines",
        "the body's lines, each without the white space around it",
        |body| lines(body, b"\n", <[u8]>::trim_ascii),
    ),
    row(
        BodyWhitespace,
        "trim lines' ends",
        "the body's lines without the white space at their ends",
        |body| lines(body, b"\n", <[u8]>::trim_ascii_end),
    )
    .forward("as editors and formatters take it off")
    .reverse("white space was put at the ends of lines"),
    row(
        BodyWhitespace,
        "trim lines' beginnings",
        "the body's lines without their indentation",
        |body| lines(body, b"\n", <[u8]>::trim_ascii_start),
    ),
    row(
        BodyLineEndings,
        "join lines: ",
        "the body's lines with a space between them",
        |body| lines(body, b" ", |line| line),
    ),
    row(
        BodyLineEndings,
        "join lines:,",
        "the body's lines with a comma between them",
        |body| lines(body, b",", |line| line),
    )
    .forward("as JavaScript writes a list of lines as text"),
    row(
        BodyLineEndings,
        "join lines:\\n",
        "the body's lines with LF between them, and none at the end",
        |body| lines(body, b"\n", |line| line),
    )
    .forward("as joining the lines that a reader gave does"),
    row(
        BodyLineEndings,
        "join lines:\\r\\n",
        "the body's lines with CRLF between them, and none at the end",
        |body| lines(body, b"\r\n", |line| line),
    ),
    row(
        BodyLineEndings,
        "lines:\\n",
        "the body's lines with LF behind each, the last one too",
        |body| lines(body, b"\n", |line| line).map(|lines| [&lines, &b"\n"[..]].concat()),
    )
    .forward("as writing each line with a line break does"),
    row(
        BodyLineEndings,
        "lines:\\r\\n",
        "the body's lines with CRLF behind each, the last one too",
        |body| lines(body, b"\r\n", |line| line).map(|lines| [&lines, &b"\r\n"[..]].concat()),
    ),
    row(
        BodyLineEndings,
        "lf-to-cr",
        "the body with CR for its line breaks",
        |body| {
            let unix = replaced(body, b"\r\n", b"\n");
            replaced(unix.as_deref().unwrap_or(body), b"\n", b"\r")
        },
    ),
    row(
        BodyLineEndings,
        "lf-to-crlf:twice",
        "the body with CRLF for each LF, that of a CRLF included",
        |body| replaced(body, b"\n", b"\r\n"),
    )
    .forward("as a file opened in text mode on Windows does"),
    row(BodyLineEndings, "cr-to-lf", "the body with LF for CR", |body| {
        replaced(body, b"\r", b"\n")
    }),
    row(
        BodyLineEndings,
        "remove:\\r",
        "the body without its carriage returns",
        |body| without(body, |byte| byte == b'\r'),
    ),
    row(
        BodyLineEndings,
        "remove:\\n",
        "the body without its line feeds",
        |body| without(body, |byte| byte == b'\n'),
    ),
    row(
        BodyWhitespace,
        "collapse white space",
        "the body with one space for each run of white space",
        collapsed,
    )
    .forward("as `replace(/\\s+/g, ' ')` does"),
    row(BodyWhitespace, "remove:\\t", "the body without its tabs", |body| {
        without(body, |byte| byte == b'\t')
    }),
    row(
        BodyWhitespace,
        "spaces for tabs:2",
        "the body with two spaces for each tab",
        |body| replaced(body, b"\t", b"  "),
    ),
    row(
        BodyWhitespace,
        "spaces for tabs:4",
        "the body with four spaces for each tab",
        |body| replaced(body, b"\t", b"    "),
    ),
    row(
        BodyWhitespace,
        "space for no-break space",
        "the body with a space for each no-break space",
        |body| replaced(body, b"\xc2\xa0", b" "),
    ),
    row(
        BodyWhitespace,
        "append:\\0",
        "the body with a NUL byte behind it",
        |body| Some([body, b"\0"].concat()),
    )
    .forward("as a text in C ends"),
    row(
        BodyWhitespace,
        "strip:\\0",
        "the body without the NUL bytes behind it",
        |body| {
            let end = body.iter().rposition(|byte| *byte != 0)? + 1;
            Some(body[..end].to_vec())
        },
    )
    .reverse("NUL bytes were left behind what arrived, as a buffer that is not cut to its content has them"),
    row(
        BodyWhitespace,
        "remove control characters",
        "the body without its control characters",
        |body| without(body, |byte| byte.is_ascii_control()),
    )
    .forward("as a sanitiser takes them out"),
    row(BodyWhitespace, "append: ", "the body with a space behind it", |body| {
        Some([body, b" "].concat())
    }),
    row(
        BodyNewline,
        "prepend:\\n",
        "the body with a line break before it",
        |body| Some([b"\n", body].concat()),
    ),
    row(
        BodyNewline,
        "prepend:\\r\\n",
        "the body with a Windows line break before it",
        |body| Some([b"\r\n", body].concat()),
    )
    .forward("as splitting a request by hand leaves it"),
    row(
        BodyNewline,
        "append:\\n\\n",
        "the body with two line breaks behind it",
        |body| Some([body, b"\n\n"].concat()),
    ),
    row(
        BodyNewline,
        "append:\\r\\n\\r\\n",
        "the body with two Windows line breaks behind it",
        |body| Some([body, b"\r\n\r\n"].concat()),
    ),
    row(
        BodyNewline,
        "append:\\r",
        "the body with a carriage return behind it",
        |body| Some([body, b"\r"].concat()),
    ),
    row(
        BodyBom,
        "remove:BOM",
        "the body without any byte order mark in it",
        |body| replaced(body, b"\xef\xbb\xbf", b""),
    ),
];

/// What gives the same bytes as a likelier change of values in a short body.
pub(super) const LAST: &[Row] = &[
    row(
        BodyWhitespace,
        "remove white space",
        "the body with all its white space taken out, that inside texts too",
        |body| without(body, |byte| byte.is_ascii_whitespace() || byte == 0x0b),
    )
    .forward("as `replace(/\\s/g, '')` does"),
    row(
        BodyWhitespace,
        "remove spaces",
        "the body without any of its spaces",
        |body| without(body, |byte| byte == b' '),
    ),
];

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
