//! What a body becomes as text: constants, and bytes as languages print them.

use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD};

use super::bytes::{Percent, hex_digits, hex_pair, percent_decode, without};
use super::step::{Row, SMALL, Step, longest, rows};
use super::{Show, Source, quote};
use crate::explain::cause::Kind::{BodyDoubleEncoded, BodyEmpty};
use crate::explain::lenient;
use crate::json::compact::{self, Value};
use crate::json::{self, Style};

/// The likeliest texts in a body's place.
const NOTHING: &[(&str, &str)] = &[
    ("", "as is left where a parser has read the stream before"),
    (
        "{}",
        "as a body that was not parsed, a promise, a map or a stream becomes in JSON",
    ),
    ("[object Object]", "as an object becomes as text"),
    ("undefined", "as a body that no parser has read becomes as text"),
    ("null", ""),
    ("None", ""),
];

/// The rest.
const CONSTANTS: &[(&str, &str)] = &[
    ("[]", "as PHP's `$_POST` or another empty list becomes in JSON"),
    ("\"\"", "as an empty text becomes in JSON"),
    ("[object Promise]", "as a promise that nobody awaited becomes as text"),
    (
        "[object ReadableStream]",
        "as the stream in a request's `body` becomes as text",
    ),
    ("[object ArrayBuffer]", "as an ArrayBuffer becomes as text"),
    ("[object Uint8Array]", ""),
    ("[object Blob]", "as a Blob becomes as text"),
    ("[object File]", "as a file becomes as text"),
    ("[object FormData]", "as form data becomes as text"),
    ("[object Map]", "as a map becomes as text"),
    ("[object Request]", "as the request itself becomes as text"),
    ("[object Response]", "as a response becomes as text"),
    ("[object DataView]", ""),
    ("[object SharedArrayBuffer]", ""),
    ("[object Set]", ""),
    ("[object Undefined]", ""),
    ("[object Null]", ""),
    ("[object String]", ""),
    ("[object AsyncFunction]", ""),
    ("[object Function]", ""),
    ("[object AsyncGenerator]", ""),
    ("[object Generator]", ""),
    ("Promise { <pending> }", "as Node prints a promise that nobody awaited"),
    (
        "{\"type\":\"Buffer\",\"data\":[]}",
        "as an empty Buffer becomes in JSON",
    ),
    ("<Buffer >", "as Node prints an empty Buffer"),
    ("b''", "as Python writes no bytes"),
    ("b'{}'", ""),
    ("bytearray(b'')", ""),
    ("''", ""),
    ("\"{}\"", "as JSON encodes an empty object twice"),
    ("\"null\"", ""),
    ("\"undefined\"", ""),
    ("\"[object Object]\"", "as JSON encodes an object's text"),
    ("[null]", ""),
    ("[{}]", ""),
    ("nil", "as Ruby, Go and Elixir write nothing"),
    ("<nil>", "as Go writes nothing"),
    ("NULL", ""),
    ("NaN", ""),
    ("0", ""),
    ("1", ""),
    ("false", ""),
    ("true", ""),
    ("False", ""),
    ("True", ""),
    ("Array", "as PHP's array becomes as text"),
    ("Object", ""),
    ("map[]", "as Go prints an empty map"),
    ("Array\n(\n)\n", "as PHP's `print_r` writes an empty array"),
    ("a:0:{}", "as PHP's `serialize` writes an empty array"),
    ("<QueryDict: {}>", "as Django's empty `request.POST` becomes as text"),
    (
        "ImmutableMultiDict([])",
        "as Flask's empty `request.form` becomes as text",
    ),
    ("ImmutableMultiDict({})", ""),
    ("CombinedMultiDict([])", ""),
    ("FormData([])", "as Starlette's empty form becomes as text"),
    ("MultiDict([])", ""),
    ("<MultiDictProxy()>", "as aiohttp's empty form becomes as text"),
    ("Optional.empty", "as Java's empty Optional becomes as text"),
    ("Optional[]", ""),
    ("System.Byte[]", "as .NET's bytes become as text"),
    ("System.String[]", ""),
    ("System.Object", ""),
    ("System.IO.MemoryStream", "as .NET's stream becomes as text"),
    ("System.IO.Stream", ""),
    ("System.IO.StreamReader", "as .NET's reader becomes as text"),
    (
        "Microsoft.AspNetCore.Server.Kestrel.Core.Internal.Http.HttpRequestStream",
        "as ASP.NET's `Request.Body` becomes as text",
    ),
    (
        "Microsoft.AspNetCore.WebUtilities.FileBufferingReadStream",
        "as ASP.NET's buffered `Request.Body` becomes as text",
    ),
    (
        "System.Threading.Tasks.Task`1[System.String]",
        "as .NET's task that nobody awaited becomes as text",
    ),
    (
        "System.Collections.Generic.Dictionary`2[System.String,System.Object]",
        "as .NET's dictionary becomes as text",
    ),
    (
        "System.Collections.Generic.Dictionary`2[System.String,System.String]",
        "as .NET's dictionary becomes as text",
    ),
    ("Newtonsoft.Json.Linq.JObject", ""),
    ("System.Dynamic.ExpandoObject", ""),
    ("{body}", "as a template that was not filled in has it"),
    ("${body}", "as a template that was not filled in has it"),
    ("{{body}}", "as a template that was not filled in has it"),
    ("[request body]", ""),
    ("%s", ""),
    ("payload", "as a variable's name in quotes has it"),
    ("body", "as a variable's name in quotes has it"),
    ("rawBody", "as a variable's name in quotes has it"),
    ("req.body", "as a variable's name in quotes has it"),
    ("data", "as a variable's name in quotes has it"),
    ("[Circular]", ""),
    (
        "[Object: null prototype] {}",
        "as Node prints an object without a prototype",
    ),
];

/// The likeliest texts in the body's place.
pub(super) fn nothing(source: &Source<'_>, show: &mut Show<'_>) -> bool {
    constants(NOTHING, source, show)
}

/// The rest of them.
pub(super) fn texts(source: &Source<'_>, show: &mut Show<'_>) -> bool {
    constants(CONSTANTS, source, show)
}

fn constants(table: &'static [(&str, &str)], _: &Source<'_>, show: &mut Show<'_>) -> bool {
    table.iter().all(|(text, story)| {
        let step = || match *text {
            "" => Step::new(BodyEmpty, "empty", "an empty body"),
            text => Step::new(
                BodyEmpty,
                format!("constant:{}", text.escape_debug()),
                format!("`{}` in the body's place", text.escape_debug()),
            ),
        };
        let step = || {
            step()
                .forward(story)
                .reverse("the signer had no body there, or another was put in its place on its way")
        };
        show.one(&step, &|| Some(text.as_bytes().to_vec()))
    })
}

/// The body's bytes as numbers: what is before, between and behind them, and whether those beyond 127 are negative.
struct Numbers {
    name: &'static str,
    story: &'static str,
    open: &'static str,
    between: &'static str,
    close: &'static str,
    signed: bool,
}

const fn numbers(
    name: &'static str,
    story: &'static str,
    [open, between, close]: [&'static str; 3],
    signed: bool,
) -> Numbers {
    Numbers {
        name,
        story,
        open,
        between,
        close,
        signed,
    }
}

const NUMBERS: &[Numbers] = &[
    numbers(
        "buffer:json",
        "as a Buffer becomes in JSON",
        ["{\"type\":\"Buffer\",\"data\":[", ",", "]}"],
        false,
    ),
    numbers("numbers:,", "as a Uint8Array becomes as text", ["", ",", ""], false),
    numbers(
        "numbers:[,]",
        "as a list of bytes becomes in JavaScript's JSON",
        ["[", ",", "]"],
        false,
    ),
    numbers(
        "numbers:[, ]",
        "as a list of bytes becomes as text or JSON in Python and Ruby",
        ["[", ", ", "]"],
        false,
    ),
    numbers(
        "numbers:[, ] signed",
        "as Java's `Arrays.toString` writes bytes",
        ["[", ", ", "]"],
        true,
    ),
    numbers(
        "numbers:[,] signed",
        "as Java's JSON libraries write an array of bytes",
        ["[", ",", "]"],
        true,
    ),
    numbers("numbers:[ ]", "as Go prints bytes", ["[", " ", "]"], false),
    numbers("numbers:, ", "", ["", ", ", ""], false),
    numbers("numbers: ", "", ["", " ", ""], false),
    numbers("numbers:{, }", "", ["{", ", ", "}"], false),
    numbers(
        "numbers:(, )",
        "as a tuple of bytes becomes as text in Python",
        ["(", ", ", ")"],
        false,
    ),
    numbers(
        "buffer:json spaced",
        "",
        ["{\"type\": \"Buffer\", \"data\": [", ", ", "]}"],
        false,
    ),
];

/// The body's bytes in hex: what is before each, between two, and around them all.
struct Hex {
    name: &'static str,
    story: &'static str,
    open: &'static str,
    before: &'static str,
    between: &'static str,
    close: &'static str,
    upper: bool,
}

const fn hex(
    name: &'static str,
    story: &'static str,
    [open, before, between, close]: [&'static str; 4],
    upper: bool,
) -> Hex {
    Hex {
        name,
        story,
        open,
        before,
        between,
        close,
        upper,
    }
}

const HEX: &[Hex] = &[
    hex("to-hex", "", ["", "", "", ""], false),
    hex("to-hex-upper", "", ["", "", "", ""], true),
    hex("hex: ", "", ["", "", " ", ""], false),
    hex("hex: upper", "", ["", "", " ", ""], true),
    hex(
        "hex:-",
        "as .NET's `BitConverter.ToString` writes bytes",
        ["", "", "-", ""],
        true,
    ),
    hex("hex:- lower", "", ["", "", "-", ""], false),
    hex("hex::", "", ["", "", ":", ""], false),
    hex("hex:: upper", "", ["", "", ":", ""], true),
    hex("hex:0x", "", ["0x", "", "", ""], false),
    hex("hex:\\x", "as PostgreSQL writes bytes", ["\\x", "", "", ""], false),
    hex("hex:\\x each", "", ["", "\\x", "", ""], false),
    hex("hex:0x each", "", ["", "0x", ", ", ""], false),
    hex(
        "buffer:inspect whole",
        "as Node prints a Buffer, if it showed the whole",
        ["<Buffer ", "", " ", ">"],
        false,
    ),
];

/// The body's bytes as numbers and in hex.
pub(super) fn bytes(source: &Source<'_>, show: &mut Show<'_>) -> bool {
    let body = source.body();
    let small = body.len() <= 2 * SMALL;
    let few = body.len() <= SMALL / 8;
    let step = |name, what: &'static str, story| {
        move || {
            Step::new(BodyDoubleEncoded, name, what)
                .forward(story)
                .reverse("what arrived was read back from that on its way")
        }
    };
    show.one(
        &step(
            "buffer:inspect",
            "the Buffer as Node prints it",
            "which shows 50 bytes at most",
        ),
        &|| Some(inspected(body)),
    ) && NUMBERS.iter().all(|row| {
        let what = "the body's bytes as a list of numbers";
        let what = if row.name.starts_with("buffer") {
            "the body's Buffer as JSON"
        } else {
            what
        };
        show.one(&step(row.name, what, row.story), &|| small.then(|| listed(body, row)))
    }) && HEX.iter().all(|row| {
        show.one(&step(row.name, "the body's bytes in hex", row.story), &|| {
            small.then(|| hexed(body, row))
        })
    }) && show.one(
        &step("hex:go", "the body's bytes in Go's own syntax", "as `%#v` prints them"),
        &|| {
            let all = body.iter().map(|byte| format!("{byte:#x}"));
            few.then(|| format!("[]byte{{{}}}", all.collect::<Vec<_>>().join(", ")).into_bytes())
        },
    ) && show.one(
        &step(
            "numbers:keys",
            "the body's bytes by their places",
            "as a Uint8Array becomes in JSON",
        ),
        &|| (body.len() <= SMALL / 4).then(|| keyed(body)),
    )
}

fn listed(body: &[u8], row: &Numbers) -> Vec<u8> {
    let mut out = Vec::with_capacity(body.len() * (3 + row.between.len()) + 32);
    out.extend_from_slice(row.open.as_bytes());
    for (index, byte) in body.iter().enumerate() {
        if index > 0 {
            out.extend_from_slice(row.between.as_bytes());
        }
        if row.signed && *byte > 127 {
            out.push(b'-');
        }
        decimal(
            if row.signed {
                byte.cast_signed().unsigned_abs()
            } else {
                *byte
            },
            &mut out,
        );
    }
    out.extend_from_slice(row.close.as_bytes());
    out
}

fn decimal(byte: u8, out: &mut Vec<u8>) {
    if byte > 99 {
        out.push(b'0' + byte / 100);
    }
    if byte > 9 {
        out.push(b'0' + byte / 10 % 10);
    }
    out.push(b'0' + byte % 10);
}

fn hexed(body: &[u8], row: &Hex) -> Vec<u8> {
    let digits = hex_digits(row.upper);
    let mut out = Vec::with_capacity(body.len() * (2 + row.before.len() + row.between.len()) + 16);
    out.extend_from_slice(row.open.as_bytes());
    for (index, byte) in body.iter().enumerate() {
        if index > 0 {
            out.extend_from_slice(row.between.as_bytes());
        }
        out.extend_from_slice(row.before.as_bytes());
        out.extend([digits[usize::from(byte >> 4)], digits[usize::from(byte & 15)]]);
    }
    out.extend_from_slice(row.close.as_bytes());
    out
}

fn keyed(body: &[u8]) -> Vec<u8> {
    let digits = body.len().max(1).to_string().len();
    let mut out = Vec::with_capacity(body.len() * (digits + 7) + 2);
    out.push(b'{');
    for (index, byte) in body.iter().enumerate() {
        let _ = std::io::Write::write_fmt(
            &mut out,
            format_args!("{}\"{index}\":", if index > 0 { "," } else { "" }),
        );
        decimal(*byte, &mut out);
    }
    out.push(b'}');
    out
}

/// As `util.inspect` shows a Buffer: 50 bytes at most (`buffer.INSPECT_MAX_BYTES`).
fn inspected(body: &[u8]) -> Vec<u8> {
    let shown = &body[..body.len().min(50)];
    let mut out = String::from("<Buffer");
    for byte in shown {
        let _ = write!(out, " {byte:02x}");
    }
    match body.len() - shown.len() {
        0 => {}
        1 => out.push_str(" ... 1 more byte"),
        more => {
            let _ = write!(out, " ... {more} more bytes");
        }
    }
    if body.is_empty() {
        out.push(' ');
    }
    out.push('>');
    out.into_bytes()
}

/// What is encoded once more, or once less. Those that undo an encoding come first.
pub(super) const OPENING: &[Row] = rows! {
    BodyDoubleEncoded, "decode-json-string", "the text inside the JSON string that the body is",
        reverse: "what arrived was encoded as JSON twice" =>
        |body| json::text(body.trim_ascii().starts_with(b"\"").then_some(body.trim_ascii())?).map(String::into_bytes);
    BodyDoubleEncoded, "decode-base64", "the body decoded from base64",
        forward: "as a gateway hands it over", reverse: "what arrived was put into base64 on its way, as some gateways do" =>
        |body| {
            let text = without(body, |byte| byte.is_ascii_whitespace());
            let text = text.as_deref().unwrap_or(body);
            let engines = [STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD];
            engines
                .iter()
                .find_map(|engine| engine.decode(text).ok())
                .filter(|out| !out.is_empty())
        };
    BodyDoubleEncoded, "decode-hex", "the body decoded from hex",
        reverse: "what arrived was put into hex on its way" =>
        |body| {
            let text = body.trim_ascii();
            let text = text.strip_prefix(b"0x").or(text.strip_prefix(b"\\x")).unwrap_or(text);
            text.chunks(2)
                .map(hex_pair)
                .collect::<Option<Vec<u8>>>()
                .filter(|out| !out.is_empty())
        };
    BodyDoubleEncoded, "percent-decode", "the body with its `%XX` decoded once",
        forward: "as `decodeURIComponent` and its like do", reverse: "what arrived was percent-encoded on its way" =>
        |body| percent_decode(body, false);
    BodyDoubleEncoded, "percent-decode:+", "the body with its `%XX` decoded once, and `+` as a space",
        forward: "as decoders of forms do", reverse: "what arrived was encoded as a form's value on its way" =>
        |body| percent_decode(body, true);
    BodyDoubleEncoded, "unwrap:numbers", "the bytes that the list of numbers in the body is",
        reverse: "what arrived was written as a list of numbers on its way" =>
        numbers_read;
    BodyDoubleEncoded, "unquote", "the body without the quotes around it",
        reverse: "quotes were put around what arrived" =>
        |body| match body.trim_ascii() {
            [open @ (b'"' | b'\'' | b'`'), inner @ .., close] if open == close => Some(inner.to_vec()),
            _ => None,
        };
    BodyDoubleEncoded, "bytes:python undone", "the bytes that the body writes as Python does, `b'…'`",
        reverse: "what arrived was written as Python writes bytes" =>
        python_bytes_read;
};

/// What decoders of base64 make of a body that is none.
pub(super) const LENIENT: &[Row] = rows! {
    BodyDoubleEncoded, "decode-base64:node", "the body, which is no base64, decoded from it",
        forward: "as Node does, which passes over what is none and ends at `=`" =>
        |body| lenient::node(no_base64(body)?);
    BodyDoubleEncoded, "decode-base64:python", "the body, which is no base64, decoded from it",
        forward: "as Python, PHP and Java's MIME decoder do, which pass over what is none" =>
        |body| lenient::passing(no_base64(body)?);
};

/// A body with more in it than base64 has.
fn no_base64(body: &[u8]) -> Option<&[u8]> {
    let is_own = |byte: &u8| lenient::is_letter(*byte) || byte.is_ascii_whitespace() || b"-_=".contains(byte);
    (!body.iter().all(is_own)).then_some(body)
}

pub(super) const ENCODING: &[Row] = rows! {
    BodyDoubleEncoded, "json-string", "the body as one JSON string, which is JSON encoded twice" =>
        |body| written_string(body, "javascript");
    BodyDoubleEncoded, "json-string:python", "the body as one JSON string by Python, which is JSON encoded twice" =>
        |body| written_string(body, "python");
    BodyDoubleEncoded, "json-string:php", "the body as one JSON string by PHP, which is JSON encoded twice" =>
        |body| written_string(body, "php");
    BodyDoubleEncoded, "json-string:go", "the body as one JSON string by Go, which is JSON encoded twice" =>
        |body| written_string(body, "go");
    BodyDoubleEncoded, "json-string:php-slashes-unicode", "the body as one JSON string by PHP with slashes unescaped, which is JSON encoded twice" =>
        |body| written_string(body, "php-slashes-unicode");
    BodyDoubleEncoded, "json-string:system-text-json", "the body as one JSON string by System.Text.Json, which is JSON encoded twice" =>
        |body| written_string(body, "system-text-json");
    BodyDoubleEncoded, "json-string:gson", "the body as one JSON string by Gson, which is JSON encoded twice" =>
        |body| written_string(body, "gson");
    BodyDoubleEncoded, "json-string twice", "the body as one JSON string in another, which is JSON encoded three times" =>
        |body| written_string(&written_string(body, "javascript")?, "javascript");
    BodyDoubleEncoded, "json-string:inner", "the body with the escapes of a JSON string and without its quotes" =>
        |body| inner(written_string(body, "javascript")?);
    BodyDoubleEncoded, "json-string:python inner", "the body with the escapes of a JSON string by Python and without its quotes" =>
        |body| inner(written_string(body, "python")?);
    BodyDoubleEncoded, "json-string:php inner", "the body with the escapes of a JSON string by PHP and without its quotes" =>
        |body| inner(written_string(body, "php")?);
    BodyDoubleEncoded, "to-base64", "the body as base64",
        forward: "as a gateway hands it over (Lambda's `isBase64Encoded`)" =>
        |body| Some(STANDARD.encode(body).into_bytes());
    BodyDoubleEncoded, "to-base64:no padding", "the body as base64 without `=`" =>
        |body| Some(STANDARD_NO_PAD.encode(body).into_bytes());
    BodyDoubleEncoded, "to-base64url", "the body as base64url" => |body| Some(URL_SAFE.encode(body).into_bytes());
    BodyDoubleEncoded, "to-base64url:no padding", "the body as base64url without `=`" =>
        |body| Some(URL_SAFE_NO_PAD.encode(body).into_bytes());
    BodyDoubleEncoded, "to-base64:json", "the body's base64 as a JSON string",
        forward: "as Go's `json.Marshal` and Jackson write bytes" =>
        |body| Some(format!("\"{}\"", STANDARD.encode(body)).into_bytes());
    BodyDoubleEncoded, "to-base64:76 LF", "the body as base64 with a line break behind each 76 characters",
        forward: "as Python's `encodebytes` and the shell's `base64` write it" =>
        |body| Some(wrapped(body, 76, "\n"));
    BodyDoubleEncoded, "to-base64:60 LF", "the body as base64 with a line break behind each 60 characters",
        forward: "as Ruby's `Base64.encode64` writes it" =>
        |body| Some(wrapped(body, 60, "\n"));
    BodyDoubleEncoded, "to-base64:76 CRLF", "the body as base64 with a Windows line break behind each 76 characters",
        forward: "as MIME, Java's MIME encoder and PHP's `chunk_split` write it" =>
        |body| Some(wrapped(body, 76, "\r\n"));
    BodyDoubleEncoded, "to-base64:76 CRLF between", "the body as base64 with a Windows line break between each 76 characters",
        forward: "as Java's MIME encoder writes it" =>
        |body| wrapped(body, 76, "\r\n").strip_suffix(b"\r\n").map(<[u8]>::to_vec);
    BodyDoubleEncoded, "to-base64:76 LF between", "the body as base64 with a line break between each 76 characters" =>
        |body| wrapped(body, 76, "\n").strip_suffix(b"\n").map(<[u8]>::to_vec);
    BodyDoubleEncoded, "json-string:rails", "the body as one JSON string by Rails, which is JSON encoded twice" =>
        |body| written_string(body, "rails");
    BodyDoubleEncoded, "to-base64:64 LF", "the body as base64 with a line break behind each 64 characters",
        forward: "as OpenSSL writes it" =>
        |body| Some(wrapped(body, 64, "\n"));
    BodyDoubleEncoded, "bytes:python", "the body's bytes as Python writes them, `b'…'`",
        forward: "as `str(body)` and f-strings do where `body.decode()` was meant" =>
        |body| Some(python_bytes(body));
    BodyDoubleEncoded, "bytes:python inner", "the body's bytes as Python writes them, without the `b'` and the `'`" =>
        |body| {
            let text = python_bytes(body);
            Some(text[2..text.len() - 1].to_vec())
        };
    BodyDoubleEncoded, "bytes:bytearray", "the body's bytes as Python writes a bytearray" =>
        |body| Some([b"bytearray(", &python_bytes(body)[..], b")"].concat());
    BodyDoubleEncoded, "text:python", "the body's text as Python writes one, in quotes", forward: "as `repr` does" =>
        |body| {
            let mut out = String::new();
            super::notation::python_text(std::str::from_utf8(body).ok()?, &mut out);
            Some(out.into_bytes())
        };
    BodyDoubleEncoded, "text:ruby", "the body's text as Ruby's `inspect` writes one" => |body| {
        let mut out = String::new();
        super::notation::ruby_text(std::str::from_utf8(body).ok()?, &mut out);
        Some(out.into_bytes())
    };
    BodyDoubleEncoded, "text:go", "the body's text as Go's `%q` writes one" =>
        |body| Some(quote::go(std::str::from_utf8(body).ok()?, false).into_bytes());
    BodyDoubleEncoded, "text:go ASCII", "the body's text as Go's `%+q` writes one" =>
        |body| Some(quote::go(std::str::from_utf8(body).ok()?, true).into_bytes());
    BodyDoubleEncoded, "text:ruby dump", "the body's text as Ruby's `dump` writes one" => |body| {
        let mut out = String::new();
        super::notation::ruby_text(std::str::from_utf8(body).ok()?, &mut out);
        Some(quote::ruby_dump(&out).into_bytes())
    };
    BodyDoubleEncoded, "text:node", "the body's text as Node's `util.inspect` writes one" =>
        |body| Some(super::inspect::print(&Value::String(std::str::from_utf8(body).ok()?.into()), 0, usize::MAX)?.into_bytes());
    BodyDoubleEncoded, "text:unicode_escape", "the body's text with the escapes of Python's `unicode_escape`" =>
        |body| Some(quote::unicode_escape(std::str::from_utf8(body).ok()?).into_bytes());
    BodyDoubleEncoded, "text:unicode_escape read", "the body as Python's `unicode_escape` decodes it",
        forward: "as Latin-1 with its backslash escapes read" =>
        |body| Some(quote::unicode_unescape(body)?.into_bytes());
    BodyDoubleEncoded, "percent-encode:escape", "the body encoded as JavaScript's `escape` does" => |body| {
        let mut out = String::with_capacity(body.len() * 2);
        for unit in std::str::from_utf8(body).ok()?.encode_utf16() {
            let _ = match u8::try_from(unit) {
                Ok(byte) if byte.is_ascii_alphanumeric() || b"@*_+-./".contains(&byte) => {
                    out.push(char::from(byte));
                    Ok(())
                }
                Ok(byte) => write!(out, "%{byte:02X}"),
                Err(_) => write!(out, "%u{unit:04X}"),
            };
        }
        Some(out.into_bytes())
    };
    BodyDoubleEncoded, "quoted:'", "the body in single quotes" => |body| Some([b"'", body, b"'"].concat());
    BodyDoubleEncoded, "quoted:\"", "the body in double quotes" => |body| Some([b"\"", body, b"\""].concat());
    BodyDoubleEncoded, "quoted:`", "the body in backquotes" => |body| Some([b"`", body, b"`"].concat());
    BodyDoubleEncoded, "quoted:[]", "the body in brackets", forward: "as a list of this one body becomes in JSON" =>
        |body| Some([b"[", body, b"]"].concat());
    BodyDoubleEncoded, "quoted:()", "the body in parentheses" => |body| Some([b"(", body, b")"].concat());
    BodyDoubleEncoded, "quoted:Optional[]", "the body as Java writes an Optional" =>
        |body| Some([b"Optional[", body, b"]"].concat());
    BodyDoubleEncoded, "percent-encode", "the body percent-encoded as `encodeURIComponent` does" =>
        |body| percent(body, b"-_.!~*'()");
    BodyDoubleEncoded, "percent-encode:URI", "the body percent-encoded as `encodeURI` does" =>
        |body| percent(body, b"-_.!~*'();/?:@&=+$,#");
    BodyDoubleEncoded, "percent-encode:RFC 3986", "the body percent-encoded as RFC 3986 has it" =>
        |body| percent(body, b"-_.~");
    BodyDoubleEncoded, "percent-encode:/", "the body percent-encoded as Python's `quote` does" =>
        |body| percent(body, b"-_.~/");
    BodyDoubleEncoded, "percent-encode:+", "the body encoded as a form's value" => |body| {
        let out = percent(body, b"-_.* ")?;
        Some(
            out.into_iter()
                .map(|byte| if byte == b' ' { b'+' } else { byte })
                .collect(),
        )
    };
    BodyDoubleEncoded, "percent-encode:+~", "the body encoded as Python's `quote_plus` does" => |body| {
        let out = percent(body, b"-_.~ ")?;
        Some(
            out.into_iter()
                .map(|byte| if byte == b' ' { b'+' } else { byte })
                .collect(),
        )
    };
    BodyDoubleEncoded, "space-for-plus", "the body with a space for each `+`",
        forward: "as decoding a form once too often leaves it" =>
        |body| super::bytes::replaced(body, b"+", b" ");
    BodyDoubleEncoded, "plus-for-space", "the body with `+` for each space" =>
        |body| super::bytes::replaced(body, b" ", b"+");
    BodyDoubleEncoded, "twice", "the body twice", forward: "as two readers that add to one buffer leave it" =>
        |body| Some([body, body].concat());
};

fn percent(body: &[u8], keep: &[u8]) -> Option<Vec<u8>> {
    if body.len() > 2 * SMALL {
        return None;
    }
    let mut out = Vec::with_capacity(body.len() * 2);
    Percent::new(keep, false, true).encode(body, &mut out);
    Some(out)
}

/// The bytes that a list of numbers is, in whatever brackets.
fn numbers_read(body: &[u8]) -> Option<Vec<u8>> {
    let text = std::str::from_utf8(body).ok()?.trim();
    let text = text
        .strip_prefix("{\"type\":\"Buffer\",\"data\":")
        .and_then(|rest| rest.strip_suffix('}'))
        .unwrap_or(text);
    let text = text.trim_matches(['[', ']', '{', '}', '(', ')']);
    let items = text.split([',', ' ']).filter(|item| !item.is_empty());
    let all: Option<Vec<u8>> = items
        .map(|item| {
            item.parse::<i16>()
                .ok()
                .and_then(|number| u8::try_from(number.rem_euclid(256)).ok())
        })
        .collect();
    all.filter(|all| all.len() > 1)
}

fn written_string(body: &[u8], style: &str) -> Option<Vec<u8>> {
    let text = std::str::from_utf8(body).ok()?;
    compact::rewrite(&Value::String(text.into()), Style::named(style)?, longest(body))
}

fn inner(quoted: Vec<u8>) -> Option<Vec<u8>> {
    Some(quoted.strip_prefix(b"\"")?.strip_suffix(b"\"")?.to_vec())
}

fn wrapped(body: &[u8], width: usize, line: &str) -> Vec<u8> {
    let text = STANDARD.encode(body);
    let mut out = Vec::with_capacity(text.len() + text.len() / width * line.len() + 2);
    for chunk in text.as_bytes().chunks(width) {
        out.extend_from_slice(chunk);
        out.extend_from_slice(line.as_bytes());
    }
    out
}

/// What `repr(bytes)` wrote.
fn python_bytes_read(body: &[u8]) -> Option<Vec<u8>> {
    let inner = match body.trim_ascii().strip_prefix(b"b")? {
        [open @ (b'\'' | b'"'), inner @ .., close] if open == close => inner,
        _ => return None,
    };
    let mut out = Vec::with_capacity(inner.len());
    let mut rest = inner;
    while let [first, behind @ ..] = rest {
        let (byte, length) = match (first, behind.first()) {
            (b'\\', Some(b'x')) => (hex_pair(&behind[1..])?, 4),
            (b'\\', Some(b'n')) => (b'\n', 2),
            (b'\\', Some(b'r')) => (b'\r', 2),
            (b'\\', Some(b't')) => (b'\t', 2),
            (b'\\', Some(escaped)) => (*escaped, 2),
            (byte, _) => (*byte, 1),
        };
        out.push(byte);
        rest = &rest[length..];
    }
    Some(out)
}

/// As `repr(bytes)` has it: single quotes, but double ones where there is a single quote and no double one.
pub(super) fn python_bytes(body: &[u8]) -> Vec<u8> {
    let quote = if body.contains(&b'\'') && !body.contains(&b'"') {
        b'"'
    } else {
        b'\''
    };
    let mut out = vec![b'b', quote];
    for byte in body {
        match byte {
            b'\t' => out.extend_from_slice(b"\\t"),
            b'\n' => out.extend_from_slice(b"\\n"),
            b'\r' => out.extend_from_slice(b"\\r"),
            b'\\' => out.extend_from_slice(b"\\\\"),
            byte if *byte == quote => out.extend_from_slice(&[b'\\', quote]),
            b' '..=b'~' => out.push(*byte),
            byte => out.extend_from_slice(format!("\\x{byte:02x}").as_bytes()),
        }
    }
    out.push(quote);
    out
}
