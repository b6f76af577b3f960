//! Bodies cut, padded and put together of pieces.

use std::borrow::Cow;

use super::splice::{ShowSplice, Splice};
use super::step::{Row, Step, rows};
use super::{Show, Source};
use crate::explain::cause::Kind::{self, BodyCharset, BodyDoubleEncoded, BodyEmpty, BodyNewline, BodyWhitespace};

/// Every point is tried on bodies up to this size, in bytes.
pub(super) const EACH_POINT: usize = 64 * 1024;
/// Something between two pieces is tried at every point up to this size.
const EACH_SEAM: usize = 4 * 1024;

/// How much readers, buffers, columns and limits take, in bytes.
const SIZES: &[usize] = &[
    32, 50, 64, 80, 100, 128, 140, 160, 191, 200, 250, 254, 255, 256, 500, 511, 512, 1000, 1023, 1024, 1448, 1460,
    1500, 2000, 2047, 2048, 3000, 4000, 4095, 4096, 5000, 8000, 8191, 8192, 10_000, 10_240, 16_000, 16_383, 16_384,
    20_000, 30_000, 32_000, 32_767, 32_768, 50_000, 65_535, 65_536, 100_000, 102_400, 131_072, 200_000, 250_000,
    262_144, 500_000, 524_288, 1_000_000, 1_048_576,
];

/// How much one read of a stream gives, in bytes; those that are read most.
const CHUNKS: &[usize] = &[
    65_536, 16_384, 8192, 4096, 1024, 32_768, 2048, 512, 1460, 1448, 1000, 256, 128, 100, 64, 32, 16, 10, 64_000,
    1_000_000,
];

/// A body of more pieces is not read in them.
const MOST_CHUNKS: usize = 2_048;

const CUT: &str = "what arrived was read in pieces and put together of them";

/// Chunks of each likely size.
pub(super) fn chunks(source: &Source<'_>, show: &mut Show<'_>) -> bool {
    let body = source.body();
    let fits = |size: &&usize| **size < body.len() && body.len() / **size <= MOST_CHUNKS;
    CHUNKS.iter().filter(fits).all(|size| {
        (body.is_ascii() || decoded(body, *size, show))
            && joined(body, *size, show)
            && show.one(
                &|| {
                    let what = format!("the last of the body's chunks of {size} bytes alone");
                    Step::new(BodyEmpty, format!("chunks:{size} last"), what)
                        .forward("as `data = chunk` in place of `data += chunk` leaves it")
                },
                &|| body.chunks(*size).next_back().map(<[u8]>::to_vec),
            )
            && show.one(
                &|| {
                    let what = format!("the body without its first {size} bytes");
                    Step::new(BodyEmpty, format!("chunks:{size} without the first"), what)
                        .forward("as a listener that was added too late leaves it")
                },
                &|| body.get(*size..).map(<[u8]>::to_vec),
            )
            && show.one(
                &|| {
                    let what = format!("the body's chunks of {size} bytes from the last to the first");
                    Step::new(BodyDoubleEncoded, format!("chunks:{size} backwards"), what)
                        .forward("as a list that each chunk is put in front of has them")
                        .reverse(CUT)
                },
                &|| Some(body.chunks(*size).rev().collect::<Vec<_>>().concat()),
            )
            && framing(body, *size, show)
    })
}

/// Chunks that are decoded one by one.
fn decoded(body: &[u8], size: usize, show: &mut Show<'_>) -> bool {
    let of = |what: &str| format!("the body decoded in chunks of {size} bytes, {what}");
    let each = |text: &dyn Fn(&[u8]) -> String| body.chunks(size).map(text).collect::<String>().into_bytes();
    show.one(
        &|| {
            let what = of("with replacement characters where a chunk ended inside a character");
            Step::new(BodyCharset, format!("chunks:{size} lossy"), what)
                .forward("as adding each chunk to a text does")
                .reverse(CUT)
        },
        &|| Some(each(&|chunk| String::from_utf8_lossy(chunk).into_owned())),
    ) && show.one(
        &|| {
            let what = of("without the characters that a chunk ended inside of");
            Step::new(BodyCharset, format!("chunks:{size} dropped"), what).reverse(CUT)
        },
        &|| {
            Some(each(&|chunk| {
                chunk.utf8_chunks().map(|chunk| chunk.valid().to_owned()).collect()
            }))
        },
    )
}

/// Chunks with something between them.
fn joined(body: &[u8], size: usize, show: &mut Show<'_>) -> bool {
    const BETWEEN: [(&str, &str, &str); 5] = [
        (",", "a comma", "as a list of chunks becomes as text"),
        ("\n", "a line break", ""),
        ("\r\n", "a Windows line break", ""),
        (" ", "a space", ""),
        ("\0", "a NUL", ""),
    ];
    BETWEEN.iter().all(|(between, name, story)| {
        let step = || {
            let what = format!("the body's chunks of {size} bytes with {name} between them");
            let name = format!("chunks:{size} join:{}", between.escape_debug());
            Step::new(seam(between), name, what).forward(story).reverse(CUT)
        };
        show.one(&step, &|| {
            Some(body.chunks(size).collect::<Vec<_>>().join(between.as_bytes()))
        }) && (body.is_ascii()
            || show.one(&step, &|| {
                let texts: Vec<_> = body.chunks(size).map(String::from_utf8_lossy).collect();
                Some(texts.join(between).into_bytes())
            }))
    })
}

/// The kind of what stands between pieces.
fn seam(between: &str) -> Kind {
    match between.trim_matches(['\r', '\n']) {
        "" => BodyNewline,
        _ => BodyWhitespace,
    }
}

/// The chunks of HTTP's `Transfer-Encoding: chunked`, of one size and as one.
pub(super) fn framed(source: &Source<'_>, show: &mut Show<'_>) -> bool {
    framing(source.body(), source.body().len().max(1), show)
}

fn framing(body: &[u8], size: usize, show: &mut Show<'_>) -> bool {
    let whole = size == body.len();
    ["", "0\r\n\r\n", "0\r\n"].iter().all(|end| {
        [false, true].iter().all(|upper| {
            let step = || {
                let of = if whole {
                    "one chunk".to_owned()
                } else {
                    format!("chunks of {size} bytes")
                };
                let case = if *upper { " upper" } else { "" };
                let name = format!("framing:{size}{case} {}", end.escape_debug());
                let what = format!("the body as {of} with HTTP's chunk sizes left in");
                Step::new(BodyDoubleEncoded, name, what)
                    .forward("as reading the socket by hand leaves it")
                    .reverse("the chunk sizes were taken out of what arrived after it was signed")
            };
            show.one(&step, &|| {
                let mut out = Vec::with_capacity(body.len() + 32);
                for chunk in body.chunks(size) {
                    let length = match upper {
                        true => format!("{:X}\r\n", chunk.len()),
                        false => format!("{:x}\r\n", chunk.len()),
                    };
                    out.extend_from_slice(length.as_bytes());
                    out.extend_from_slice(chunk);
                    out.extend_from_slice(b"\r\n");
                }
                out.extend_from_slice(end.as_bytes());
                Some(out)
            })
        })
    })
}

/// Buffers longer than their content.
pub(super) fn padded(source: &Source<'_>, show: &mut Show<'_>) -> bool {
    let body = source.body();
    let fits = |size: &&usize| **size > body.len() && **size <= (body.len() * 64).max(65_536);
    let powers = [2usize, 4, 8, 16].map(|block| body.len().next_multiple_of(block));
    let powers = powers.iter().filter(|size| **size > body.len());
    SIZES.iter().filter(fits).chain(powers).all(|size| {
        [(0u8, "NUL bytes"), (b' ', "spaces")].iter().all(|(pad, name)| {
            let step = || {
                Step::new(
                    BodyWhitespace,
                    format!("pad:{size} {pad}"),
                    format!("the body with {name} behind it up to {size} bytes"),
                )
                .forward("as a buffer that is not cut to what was read has it")
                .reverse("what was behind the body was cut off on its way")
            };
            show.one(&step, &|| {
                let mut out = body.to_vec();
                out.resize(*size, *pad);
                Some(out)
            })
        })
    })
}

/// What a body that was cut short may have ended with: the brackets that are missing.
pub(super) const ROWS: &[Row] = rows! {
    BodyEmpty, "close brackets", "the body with the brackets behind it that it lacks",
        reverse: "the end of what arrived was cut off on its way, as a length counted in characters does" =>
        closed;
    BodyDoubleEncoded, "dechunk", "the body without HTTP's chunk sizes in it",
        reverse: "HTTP's chunk sizes were left in what arrived" =>
        dechunked;
    BodyDoubleEncoded, "prepend:undefined", "`undefined` and the body behind it",
        forward: "as adding chunks to a variable that was not set does" =>
        |body| Some([b"undefined", body].concat());
    BodyDoubleEncoded, "prepend:null", "`null` and the body behind it" => |body| Some([b"null", body].concat());
    BodyDoubleEncoded, "prepend:[object Object]", "`[object Object]` and the body behind it" =>
        |body| Some([b"[object Object]", body].concat());
    BodyDoubleEncoded, "append:undefined", "the body and `undefined` behind it" =>
        |body| Some([body, b"undefined"].concat());
    BodyDoubleEncoded, "append:null", "the body and `null` behind it" => |body| Some([body, b"null"].concat());
    BodyDoubleEncoded, "append:[object Object]", "the body and `[object Object]` behind it" =>
        |body| Some([body, b"[object Object]"].concat());
    BodyDoubleEncoded, "append:{}", "the body and `{}` behind it" => |body| Some([body, b"{}"].concat());
    BodyDoubleEncoded, "append:,", "the body with a comma behind it" => |body| Some([body, b","].concat());
    BodyDoubleEncoded, "append:;", "the body with a semicolon behind it" => |body| Some([body, b";"].concat());
};

fn closed(body: &[u8]) -> Option<Vec<u8>> {
    if !super::layout::is_json(body) {
        return None;
    }
    let mut open = Vec::new();
    let mut at = 0;
    while at < body.len() {
        match body[at] {
            b'"' => {
                let end = super::layout::text_end(body, at);
                if end == body.len() && (end - at == 1 || body[end - 1] != b'"') {
                    open.push(b'"');
                }
                at = end;
                continue;
            }
            b'{' => open.push(b'}'),
            b'[' => open.push(b']'),
            b'}' | b']' => drop(open.pop()),
            _ => {}
        }
        at += 1;
    }
    open.reverse();
    (!open.is_empty() && open.len() < 128).then(|| [body, &open].concat())
}

fn dechunked(body: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(body.len());
    let mut rest = body;
    while !rest.is_empty() {
        let end = rest.windows(2).take(12).position(|two| two == b"\r\n")?;
        let size = usize::from_str_radix(std::str::from_utf8(&rest[..end]).ok()?, 16).ok()?;
        rest = &rest[end + 2..];
        if size == 0 {
            break;
        }
        out.extend_from_slice(rest.get(..size)?);
        rest = rest[size..].strip_prefix(b"\r\n")?;
    }
    (!out.is_empty()).then_some(out)
}

/// The body cut short: at every point of a short one, else at likely lengths.
pub(super) fn ends(body: &[u8], show: &mut ShowSplice<'_>) -> bool {
    let text = std::str::from_utf8(body).ok().filter(|_| !body.is_ascii());
    let counted = text.map(|text| [text.chars().count(), text.encode_utf16().count()]);
    let every = 1..body.len().min(EACH_POINT + 1);
    let rest = SIZES
        .iter()
        .copied()
        .chain(counted.into_iter().flatten())
        .filter(|size| *size > EACH_POINT);
    let mut rest: Vec<usize> = rest.filter(|size| *size < body.len()).collect();
    rest.sort_unstable();
    every.chain(rest).all(|end| {
        let step = || {
            let (what, story) = if counted.is_some_and(|counts| counts.contains(&end)) {
                ("as a length that is counted in characters cuts it", "")
            } else if SIZES.contains(&end) {
                ("as a buffer, a column or a limit of that size cuts it", "")
            } else {
                ("as a buffer, a column or a wrong length cuts it", "")
            };
            Step {
                reverse: "something was put behind what arrived",
                ..Step::new(
                    BodyEmpty,
                    format!("first {end} bytes"),
                    format!("the first {end} bytes of the body"),
                )
            }
            .forward(if story.is_empty() { what } else { story })
        };
        let splice = Splice {
            at: end,
            until: body.len(),
            insert: Cow::Borrowed(b""),
        };
        show(&splice, &step)
    })
}

/// A character that was split between two chunks, wherever the seam was.
pub(super) fn split_characters(body: &[u8], show: &mut ShowSplice<'_>) -> bool {
    let Ok(text) = std::str::from_utf8(body) else {
        return true;
    };
    if body.is_ascii() {
        return true;
    }
    let foreign = text.char_indices().filter(|(_, char)| !char.is_ascii());
    let in_reach = |(at, _): &(usize, char)| body.len() <= EACH_POINT || near_seam(*at);
    foreign.filter(in_reach).all(|(at, char)| {
        let until = at + char.len_utf8();
        let halves = (at + 1..until).map(|seam| {
            let halves = [
                String::from_utf8_lossy(&body[at..seam]),
                String::from_utf8_lossy(&body[seam..until]),
            ];
            halves.concat()
        });
        let mut written: Vec<String> = halves.collect();
        written.dedup();
        written.push(String::new());
        written.iter().all(|insert| {
            let step = || {
                let what = format!(
                    "the body with {} for the character at byte {at}",
                    if insert.is_empty() {
                        "nothing"
                    } else {
                        "replacement characters"
                    }
                );
                Step::new(BodyCharset, format!("split at {at}"), what)
                    .forward("as decoding two chunks one by one does where one ends inside a character")
                    .reverse("a character of what arrived was split between two chunks")
            };
            show(
                &Splice {
                    at,
                    until,
                    insert: Cow::Borrowed(insert.as_bytes()),
                },
                &step,
            )
        })
    })
}

/// Whether a likely read ends within the character at `at`.
fn near_seam(at: usize) -> bool {
    CHUNKS.iter().any(|size| *size >= 1000 && (at % size) > size - 4)
}

/// Two pieces with something between them, wherever the seam was.
pub(super) fn seams(body: &[u8], show: &mut ShowSplice<'_>) -> bool {
    if body.len() > EACH_SEAM {
        return true;
    }
    (1..body.len()).all(|at| {
        [",", "\n", "\r\n", " "].iter().all(|between| {
            let step = || {
                let what = format!("the body with `{}` put into it at byte {at}", between.escape_debug());
                Step {
                    kind: seam(between),
                    ..Step::new(BodyNewline, format!("insert at {at}"), what)
                }
                .forward("as two chunks that are joined by it are")
                .reverse("the same was taken out of what arrived")
            };
            show(
                &Splice {
                    at,
                    until: at,
                    insert: Cow::Borrowed(between.as_bytes()),
                },
                &step,
            )
        })
    })
}

/// Any one byte or run of white space of a short body that came in on its way.
pub(super) fn one_lost(body: &[u8], show: &mut ShowSplice<'_>) -> bool {
    if body.len() > EACH_SEAM {
        return true;
    }
    (0..body.len()).all(|at| {
        let byte = body[at];
        let step = || {
            let shown = byte.escape_ascii();
            Step::new(
                BodyWhitespace,
                format!("remove at {at}"),
                format!("the body without the `{shown}` at byte {at}"),
            )
            .reverse("it was put into what arrived on its way")
        };
        !byte.is_ascii_whitespace()
            || show(
                &Splice {
                    at,
                    until: at + 1,
                    insert: Cow::Borrowed(b""),
                },
                &step,
            )
    })
}
