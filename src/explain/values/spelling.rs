//! The rows: what runtimes write for nothing, for a value, and for a moment.

use jiff::Timestamp;
use jiff::fmt::rfc2822;

/// What is written for a value that is not there, and by whom.
pub(super) const ABSENT: &[(&str, &str)] = &[
    ("undefined", "as JavaScript writes it"),
    ("null", "as JavaScript, Java and Kotlin write it"),
    ("None", "as Python writes it"),
    ("nil", "as Swift, Lua and Ruby's inspect write it"),
    ("", "as PHP, Ruby and Go write it"),
    ("<nil>", "as Go writes it"),
    ("%!s(<nil>)", "as Go's Sprintf writes it"),
    ("NaN", "as JavaScript writes it of a number that is none"),
    ("nan", "as Python writes it of a number that is none"),
    ("0", "as a number that was not set"),
    ("0.0", "as a float that was not set"),
    ("-1", "as a number that stands for none"),
    ("false", "as a truth value"),
    ("False", "as Python writes a truth value"),
    ("[object Object]", "as JavaScript writes an object"),
    ("Array", "as PHP writes an array"),
    ("[]", "as an empty list is written"),
    ("{}", "as an empty object is written"),
    ("Optional.empty", "as Java writes it"),
    ("Optional[]", "as Java writes an Optional of nothing"),
    ("System.String[]", "as .NET writes an array"),
    ("(null)", "as C and Objective-C write it"),
    ("Invalid Date", "as JavaScript writes it of a time that is none"),
];

/// Another writing of a value.
pub(super) struct Rewrite {
    /// Whether it is of numbers that are a time.
    pub(super) of_time: bool,
    pub(super) what: &'static str,
    pub(super) apply: fn(&str) -> Option<String>,
}

const fn value(what: &'static str, apply: fn(&str) -> Option<String>) -> Rewrite {
    Rewrite {
        of_time: false,
        what,
        apply,
    }
}

const fn number(what: &'static str, apply: fn(&str) -> Option<String>) -> Rewrite {
    Rewrite {
        of_time: true,
        what,
        apply,
    }
}

pub(super) const REWRITES: &[Rewrite] = &[
    number("as a float, with `.0` behind it", |text| {
        digits(text).map(|text| format!("{text}.0"))
    }),
    number("in Go's notation of a float64, with an exponent", |text| {
        exponent(text, "e+", 2)
    }),
    number("in Java's notation of a double, with an exponent", |text| {
        exponent(text, "E", 1)
    }),
    number("in PHP's and .NET's notation of a float, with an exponent", |text| {
        exponent(text, "E+", 1)
    }),
    number("in C's notation of a double, `%e`", |text| {
        let value: f64 = digits(text)?.parse().ok()?;
        let written = format!("{value:.6e}");
        let (mantissa, exponent) = written.split_once('e')?;
        Some(format!("{mantissa}e+{exponent:0>2}"))
    }),
    number("with `,` between its thousands", |text| {
        let text = digits(text)?;
        let groups: Vec<&str> = text
            .as_bytes()
            .rchunks(3)
            .rev()
            .filter_map(|group| std::str::from_utf8(group).ok())
            .collect();
        Some(groups.join(","))
    }),
    number("as a signed number of 32 bits, which it does not fit", |text| {
        let number: i64 = digits(text)?.parse().ok()?;
        let bits = u32::try_from(number.rem_euclid(1 << 32)).ok()?;
        Some(i32::from_ne_bytes(bits.to_ne_bytes()).to_string())
    }),
    value("trimmed", |text| Some(text.trim().to_owned())),
    value("with double quotes around it", |text| Some(format!("\"{text}\""))),
    value("with single quotes around it", |text| Some(format!("'{text}'"))),
    value("as Python writes bytes, in b''", |text| Some(format!("b'{text}'"))),
    value("as Python writes a list of one", |text| Some(format!("['{text}']"))),
    value("as Go and Java write a list of one, in []", |text| {
        Some(format!("[{text}]"))
    }),
    value("as JSON writes a list of one", |text| Some(format!("[\"{text}\"]"))),
    value("as Java writes an Optional", |text| Some(format!("Optional[{text}]"))),
    value("as Rust writes an Option", |text| Some(format!("Some(\"{text}\")"))),
    value("twice, joined by `, `, as a header that stands twice is", |text| {
        Some(format!("{text}, {text}"))
    }),
    value("twice, joined by `,`, as a header that stands twice is", |text| {
        Some(format!("{text},{text}"))
    }),
    value("in lower case", |text| Some(text.to_lowercase())),
    value("in upper case", |text| Some(text.to_uppercase())),
    value("with a line break behind it", |text| Some(format!("{text}\n"))),
    value("with a space before it, as a header split at `:` has one", |text| {
        Some(format!(" {text}"))
    }),
    value("without what stands before its first `_`", |text| behind(text, '_')),
    value("without what stands before its first `-`", |text| behind(text, '-')),
    value("without what stands before its first `=`", |text| behind(text, '=')),
    value("without the hyphens in it", |text| Some(text.replace('-', ""))),
    value("URL-encoded", |text| {
        String::from_utf8(crate::explain::secret::url_encode(text.as_bytes())).ok()
    }),
];

fn digits(text: &str) -> Option<&str> {
    let is_number = !text.is_empty() && text.len() <= 19 && text.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then_some(text)
}

fn behind(text: &str, mark: char) -> Option<String> {
    text.split_once(mark).map(|(_, rest)| rest.to_owned())
}

/// `1.795897751e+09`: the shortest digits, and the exponent in `width` digits.
fn exponent(text: &str, sign: &str, width: usize) -> Option<String> {
    let value: f64 = digits(text)?.parse().ok()?;
    let written = format!("{value:e}");
    let (mantissa, exponent) = written.split_once('e')?;
    // Java keeps a decimal in it; the others write none that says nothing.
    let mantissa = if mantissa.contains('.') || sign != "E" {
        mantissa.to_owned()
    } else {
        format!("{mantissa}.0")
    };
    Some(format!("{mantissa}{sign}{exponent:0>width$}"))
}

/// A spelling's name, and how it is written.
type Spelling = (&'static str, fn(Timestamp) -> String);

/// Every spelling of a moment, all in UTC.
pub(super) const SPELLINGS: &[Spelling] = &[
    ("seconds", |at| at.as_second().to_string()),
    ("milliseconds", |at| at.as_millisecond().to_string()),
    ("microseconds", |at| at.as_microsecond().to_string()),
    ("nanoseconds", |at| at.as_nanosecond().to_string()),
    ("minutes", |at| (at.as_second() / 60).to_string()),
    ("an RFC 3339 time", |at| written(at, "%Y-%m-%dT%H:%M:%SZ")),
    ("an ISO 8601 time with milliseconds, as JavaScript writes it,", |at| {
        written(at, "%Y-%m-%dT%H:%M:%S.%3fZ")
    }),
    ("an ISO 8601 time with `+00:00`, as Python and PHP write it,", |at| {
        written(at, "%Y-%m-%dT%H:%M:%S+00:00")
    }),
    ("an ISO 8601 time with `+0000`", |at| {
        written(at, "%Y-%m-%dT%H:%M:%S+0000")
    }),
    (
        "an ISO 8601 time without a zone, as Python's isoformat writes it,",
        |at| written(at, "%Y-%m-%dT%H:%M:%S"),
    ),
    ("an ISO 8601 time with microseconds", |at| {
        written(at, "%Y-%m-%dT%H:%M:%S.%6fZ")
    }),
    ("an ISO 8601 time with microseconds and `+00:00`", |at| {
        written(at, "%Y-%m-%dT%H:%M:%S.%6f+00:00")
    }),
    ("an ISO 8601 time with microseconds and without a zone", |at| {
        written(at, "%Y-%m-%dT%H:%M:%S.%6f")
    }),
    ("an ISO 8601 time with seven decimals, as .NET writes it,", |at| {
        written(at, "%Y-%m-%dT%H:%M:%S.%6f0Z")
    }),
    ("an ISO 8601 time without marks", |at| written(at, "%Y%m%dT%H%M%SZ")),
    ("digits without marks", |at| written(at, "%Y%m%d%H%M%S")),
    ("a time as Java's Instant writes it", |at| at.to_string()),
    ("a time as Python's str writes it", |at| {
        written(at, "%Y-%m-%d %H:%M:%S")
    }),
    ("a time as Python's str writes it with a zone", |at| {
        written(at, "%Y-%m-%d %H:%M:%S+00:00")
    }),
    ("a time as Ruby's to_s writes it", |at| {
        written(at, "%Y-%m-%d %H:%M:%S UTC")
    }),
    ("a time as Ruby's to_s writes it with an offset", |at| {
        written(at, "%Y-%m-%d %H:%M:%S +0000")
    }),
    ("a time as Go's String writes it", |at| {
        written(at, "%Y-%m-%d %H:%M:%S +0000 UTC")
    }),
    ("a date as HTTP writes it", |at| {
        written(at, "%a, %d %b %Y %H:%M:%S GMT")
    }),
    ("a date as mail writes it", |at| {
        written(at, "%a, %d %b %Y %H:%M:%S +0000")
    }),
    ("a date as JavaScript's toString writes it", |at| {
        written(at, "%a %b %d %Y %H:%M:%S GMT+0000 (Coordinated Universal Time)")
    }),
    ("a date as Java's toString writes it", |at| {
        written(at, "%a %b %d %H:%M:%S UTC %Y")
    }),
    ("a date as C's ctime writes it", |at| {
        written(at, "%a %b %e %H:%M:%S %Y")
    }),
    ("a date as .NET writes it", |at| written(at, "%m/%d/%Y %H:%M:%S")),
    ("a day", |at| written(at, "%Y-%m-%d")),
];

fn written(at: Timestamp, format: &str) -> String {
    at.strftime(format).to_string()
}

/// The moment that a value of a delivery is, in any form that senders write.
pub(super) fn read(text: &str) -> Option<Timestamp> {
    use crate::clock::Unit;
    if Unit::of(text).is_some() {
        return Unit::read(text, &Unit::NAMED.map(|(_, unit)| unit)).ok();
    }
    // RFC 2822 names no GMT any more, and reads it.
    rfc2822::parse(text).ok().map(|at| at.timestamp())
}
