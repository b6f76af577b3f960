//! The table of JSON styles: a row for each way of writing that gives other bytes. Each was taken from the runtime it
//! names, and is compared with what that wrote (`tests/golden`).

use super::style::{Digits, Empty, Highest, Integers, KeyOrder, Layout, NumberFormat, Numbers, Style, Text};

impl Style {
    /// The style of that name.
    pub fn named(name: &str) -> Option<&'static Self> {
        STYLES.iter().find(|style| style.name == name)
    }
}

const COMPACT: Layout = Layout {
    indent: "",
    behind_comma: "",
    colon: ":",
    lists_inline: false,
    empty: Empty::Closed,
    blank_lines: false,
};
const SPACED: Layout = Layout {
    behind_comma: " ",
    colon: ": ",
    ..COMPACT
};
const INDENT_2: Layout = Layout {
    indent: "  ",
    colon: ": ",
    ..COMPACT
};
const INDENT_4: Layout = Layout {
    indent: "    ",
    ..INDENT_2
};
const INDENT_1: Layout = Layout {
    indent: " ",
    ..INDENT_2
};
const INDENT_3: Layout = Layout {
    indent: "   ",
    ..INDENT_2
};
const INDENT_TAB: Layout = Layout {
    indent: "\t",
    ..INDENT_2
};

const PLAIN: Text = Text {
    ascii: false,
    astral: false,
    escaped: "",
    escaped_upper: false,
    foreign_upper: false,
    control_upper: false,
    short: "\u{8}\t\n\u{c}\r",
    slash: false,
    html: false,
    times: false,
};
const SEPARATORS: Text = Text {
    escaped: "\u{2028}\u{2029}",
    ..PLAIN
};
const HTML: Text = Text {
    escaped: "<>&\u{2028}\u{2029}",
    ..PLAIN
};
const ASCII: Text = Text {
    ascii: true,
    escaped: "\u{7f}",
    ..PLAIN
};

/// ECMA-262, Number::toString.
const JAVASCRIPT_NUMBERS: NumberFormat = NumberFormat {
    integers: Integers::Double,
    digits: Digits::Shortest,
    whole: "",
    lowest: -6,
    highest: Highest::Power(21),
    exponent: "e+",
    mantissa: "",
    exponent_digits: 1,
    minus_zero: false,
    infinite: Some("null"),
};
const PYTHON_NUMBERS: NumberFormat = NumberFormat {
    integers: Integers::Kept,
    whole: ".0",
    lowest: -4,
    highest: Highest::Power(16),
    exponent_digits: 2,
    minus_zero: true,
    infinite: Some("Infinity"),
    ..JAVASCRIPT_NUMBERS
};
const PHP_NUMBERS: NumberFormat = NumberFormat {
    integers: Integers::Signed64,
    lowest: -4,
    highest: Highest::Power(17),
    mantissa: ".0",
    minus_zero: true,
    infinite: None,
    ..JAVASCRIPT_NUMBERS
};
const RUBY_NUMBERS: NumberFormat = NumberFormat {
    mantissa: ".0",
    highest: Highest::Power(15),
    infinite: None,
    ..PYTHON_NUMBERS
};
/// Oj writes a double that is a 64-bit integer without an exponent.
const OJ_NUMBERS: NumberFormat = NumberFormat {
    highest: Highest::Power(19),
    ..RUBY_NUMBERS
};
const GO_NUMBERS: NumberFormat = NumberFormat {
    minus_zero: true,
    infinite: None,
    ..JAVASCRIPT_NUMBERS
};
const JAVA_NUMBERS: NumberFormat = NumberFormat {
    integers: Integers::Kept,
    digits: Digits::AtLeastTwo,
    whole: ".0",
    lowest: -3,
    highest: Highest::Power(7),
    exponent: "E",
    mantissa: ".0",
    minus_zero: true,
    infinite: None,
    ..JAVASCRIPT_NUMBERS
};
const RUST_NUMBERS: NumberFormat = NumberFormat {
    integers: Integers::Any64,
    whole: ".0",
    lowest: -5,
    highest: Highest::Power(16),
    minus_zero: true,
    infinite: None,
    ..JAVASCRIPT_NUMBERS
};
const JQ_NUMBERS: NumberFormat = NumberFormat {
    lowest: -4,
    highest: Highest::BeyondDigits(15),
    exponent_digits: 2,
    minus_zero: true,
    infinite: Some("1.7976931348623157e+308"),
    ..JAVASCRIPT_NUMBERS
};
const NET_NUMBERS: NumberFormat = NumberFormat {
    digits: Digits::Fifteen,
    integers: Integers::Kept,
    whole: ".0",
    lowest: -4,
    highest: Highest::Power(15),
    exponent: "E+",
    exponent_digits: 2,
    minus_zero: true,
    infinite: None,
    ..JAVASCRIPT_NUMBERS
};

/// `JSON.stringify(value)`.
pub const JAVASCRIPT: Style = Style {
    name: "javascript",
    writer: "JSON.stringify(value), ECMA-262; Node 20.20",
    runtime: "JavaScript",
    layout: COMPACT,
    text: PLAIN,
    numbers: Numbers::Of(JAVASCRIPT_NUMBERS),
    keys: KeyOrder::JavaScript,
    without_nulls: false,
    objects_as_lists: false,
};

/// `JSON.stringify` with the keys of every object sorted.
pub(crate) const JAVASCRIPT_SORTED: Style = Style {
    name: "javascript-sorted",
    writer: "JSON.stringify with keys sorted at every level; Node 20.20",
    keys: KeyOrder::JavaScriptSorted,
    ..JAVASCRIPT
};

/// RFC 8785, the JSON Canonicalization Scheme.
pub(crate) const JCS: Style = Style {
    name: "jcs",
    writer: "the JSON Canonicalization Scheme, RFC 8785",
    runtime: "a writer of canonical JSON",
    keys: KeyOrder::CodeUnits,
    ..JAVASCRIPT
};

/// `JSON.stringify(value, null, 2)`.
pub const JAVASCRIPT_INDENT_2: Style = Style {
    name: "javascript-indent-2",
    writer: "JSON.stringify(value, null, 2), ECMA-262; Node 20.20",
    layout: INDENT_2,
    ..JAVASCRIPT
};

/// One line; keys and numbers stay as they were read.
pub const AS_WRITTEN: Style = Style {
    name: "as-written",
    writer: "one line, with numbers such as 80.0 as they stand in the fixture",
    runtime: "a writer that keeps numbers as they came",
    numbers: Numbers::AsWritten,
    keys: KeyOrder::AsWritten,
    ..JAVASCRIPT
};

/// Indented by two spaces; keys and numbers stay as they were read.
pub const AS_WRITTEN_INDENT_2: Style = Style {
    name: "as-written-indent-2",
    writer: "indented by two spaces, with numbers such as 80.0 as they stand in the fixture",
    layout: INDENT_2,
    ..AS_WRITTEN
};

const PYTHON: Style = Style {
    name: "python",
    writer: "json.dumps(value); Python 3.11, simplejson 4.3",
    runtime: "Python",
    layout: SPACED,
    text: ASCII,
    numbers: Numbers::Of(PYTHON_NUMBERS),
    keys: KeyOrder::AsWritten,
    ..JAVASCRIPT
};
const PHP: Style = Style {
    name: "php",
    writer: "json_encode(json_decode($body)); PHP 8.2",
    runtime: "PHP",
    text: Text {
        escaped: "",
        slash: true,
        ..ASCII
    },
    numbers: Numbers::Of(PHP_NUMBERS),
    keys: KeyOrder::AsWritten,
    ..JAVASCRIPT
};
const PHP_UNESCAPED: Text = Text {
    slash: false,
    ..SEPARATORS
};
const PHP_SLASHES: Text = Text {
    slash: false,
    ..PHP.text
};
const PHP_UNICODE: Text = Text {
    slash: true,
    ..SEPARATORS
};
const PHP_HEX: Text = Text {
    escaped: "<>&'\"",
    escaped_upper: true,
    ..PHP.text
};
const RUBY: Style = Style {
    name: "ruby",
    writer: "JSON.generate(value); Ruby 3.1, json 2.6",
    runtime: "Ruby",
    numbers: Numbers::Of(RUBY_NUMBERS),
    keys: KeyOrder::AsWritten,
    ..JAVASCRIPT
};
const GO: Style = Style {
    name: "go",
    writer: "json.Marshal of a map[string]any; Go 1.19",
    runtime: "Go",
    text: Text {
        short: "\t\n\r",
        ..HTML
    },
    numbers: Numbers::Of(GO_NUMBERS),
    keys: KeyOrder::Sorted,
    ..JAVASCRIPT
};
const JACKSON: Style = Style {
    name: "jackson",
    writer: "ObjectMapper.writeValueAsString(readTree(body)); Jackson 2.14 on Java 17",
    runtime: "Jackson",
    text: Text {
        control_upper: true,
        ..PLAIN
    },
    numbers: Numbers::Of(JAVA_NUMBERS),
    keys: KeyOrder::AsWritten,
    ..JAVASCRIPT
};
const GSON: Style = Style {
    name: "gson",
    writer: "new Gson().toJson(JsonParser.parseString(body)); Gson 2.10",
    runtime: "Gson",
    text: Text {
        escaped: "<>&='\u{2028}\u{2029}",
        ..PLAIN
    },
    without_nulls: true,
    ..AS_WRITTEN
};
const NEWTONSOFT: Style = Style {
    name: "newtonsoft-no-dates",
    writer: "JToken.ToString(Formatting.None) with DateParseHandling.None; Newtonsoft.Json 6.0 on Mono 6.8",
    runtime: "Newtonsoft.Json",
    text: Text {
        escaped: "\u{85}\u{2028}\u{2029}",
        ..PLAIN
    },
    numbers: Numbers::Of(NET_NUMBERS),
    keys: KeyOrder::AsWritten,
    ..JAVASCRIPT
};
const SYSTEM_TEXT_JSON: Style = Style {
    name: "system-text-json",
    writer: "JsonSerializer.Serialize(value) of a JsonElement; System.Text.Json on .NET Core 3.1",
    runtime: "System.Text.Json",
    text: Text {
        ascii: true,
        escaped: "\"&'+<>`\u{7f}",
        escaped_upper: true,
        foreign_upper: true,
        control_upper: true,
        ..PLAIN
    },
    ..AS_WRITTEN
};
/// JavaScriptEncoder.UnsafeRelaxedJsonEscaping: controls, spaces and separators beyond ASCII.
const RELAXED: Text = Text {
    ascii: false,
    astral: true,
    escaped: "\u{7f}\u{80}\u{81}\u{82}\u{83}\u{84}\u{85}\u{86}\u{87}\u{88}\u{89}\u{8a}\u{8b}\u{8c}\u{8d}\u{8e}\u{8f}\
              \u{90}\u{91}\u{92}\u{93}\u{94}\u{95}\u{96}\u{97}\u{98}\u{99}\u{9a}\u{9b}\u{9c}\u{9d}\u{9e}\u{9f}\u{a0}\
              \u{1680}\u{2000}\u{2001}\u{2002}\u{2003}\u{2004}\u{2005}\u{2006}\u{2007}\u{2008}\u{2009}\u{200a}\
              \u{2028}\u{2029}\u{202f}\u{205f}\u{3000}",
    ..SYSTEM_TEXT_JSON.text
};
const SERDE_JSON: Style = Style {
    name: "serde-json",
    writer: "serde_json::to_vec(&value) without preserve_order; serde_json 1",
    runtime: "serde_json",
    numbers: Numbers::Of(RUST_NUMBERS),
    keys: KeyOrder::Sorted,
    ..JAVASCRIPT
};
const JQ: Style = Style {
    name: "jq",
    writer: "jq -c .; jq 1.6",
    runtime: "jq",
    text: Text {
        escaped: "\u{7f}",
        ..PLAIN
    },
    numbers: Numbers::Of(JQ_NUMBERS),
    keys: KeyOrder::AsWritten,
    ..JAVASCRIPT
};

/// json-bigint escapes what JSON2 did: characters without a glyph.
const JSON2: Text = Text {
    escaped: "\u{7f}\u{80}\u{81}\u{82}\u{83}\u{84}\u{85}\u{86}\u{87}\u{88}\u{89}\u{8a}\u{8b}\u{8c}\u{8d}\u{8e}\
    \u{8f}\u{90}\u{91}\u{92}\u{93}\u{94}\u{95}\u{96}\u{97}\u{98}\u{99}\u{9a}\u{9b}\u{9c}\u{9d}\u{9e}\
    \u{9f}\u{ad}\u{600}\u{601}\u{602}\u{603}\u{604}\u{70f}\u{17b4}\u{17b5}\u{200c}\u{200d}\u{200e}\
    \u{200f}\u{2028}\u{2029}\u{202a}\u{202b}\u{202c}\u{202d}\u{202e}\u{202f}\u{2060}\u{2061}\u{2062}\
    \u{2063}\u{2064}\u{2065}\u{2066}\u{2067}\u{2068}\u{2069}\u{206a}\u{206b}\u{206c}\u{206d}\u{206e}\
    \u{206f}\u{feff}\u{fff0}\u{fff1}\u{fff2}\u{fff3}\u{fff4}\u{fff5}\u{fff6}\u{fff7}\u{fff8}\u{fff9}\
    \u{fffa}\u{fffb}\u{fffc}\u{fffd}\u{fffe}\u{ffff}",
    ..PLAIN
};
/// PostgreSQL's `jsonb` as text.
const JSONB: Style = Style {
    name: "jsonb",
    writer: "body::jsonb::text; PostgreSQL 15",
    runtime: "PostgreSQL's jsonb",
    layout: SPACED,
    numbers: Numbers::Decimal,
    keys: KeyOrder::ByLength,
    ..AS_WRITTEN
};

const UJSON: Text = Text { escaped: "", ..ASCII };
const UJSON_NUMBERS: NumberFormat = NumberFormat {
    exponent_digits: 1,
    ..PYTHON_NUMBERS
};

macro_rules! rows {
    ($base:ident: $($name:literal, $writer:literal $(, $field:ident: $value:expr)*;)*) => {
        [$(Style { name: $name, writer: $writer, $($field: $value,)* ..$base }),*]
    };
}

const JAVASCRIPT_ROWS: [Style; 6] = rows! {JAVASCRIPT:
    "json-bigint", "JSONbig.stringify(JSONbig.parse(body)); json-bigint 1.0 on Node 20.20", runtime: "json-bigint", text: JSON2, numbers: Numbers::Of(NumberFormat { integers: Integers::Kept, ..JAVASCRIPT_NUMBERS });
    "javascript-indent-4", "JSON.stringify(value, null, 4), ECMA-262; Node 20.20", layout: INDENT_4;
    "javascript-indent-tab", "JSON.stringify(value, null, '\\t'), ECMA-262; Node 20.20", layout: INDENT_TAB;
    "javascript-sorted", "JSON.stringify with keys sorted at every level; Node 20.20", keys: KeyOrder::JavaScriptSorted;
    "javascript-indent-1", "JSON.stringify(value, null, 1); Node 20.20", layout: INDENT_1;
    "javascript-indent-3", "JSON.stringify(value, null, 3); Node 20.20", layout: INDENT_3;
};
const PYTHON_LIBRARY_ROWS: [Style; 7] = rows! {PYTHON:
    "orjson", "orjson.dumps(orjson.loads(body)); orjson 3", runtime: "orjson", layout: COMPACT, text: PLAIN, numbers: Numbers::Of(RUST_NUMBERS);
    "orjson-indent-2", "orjson.dumps(value, option=OPT_INDENT_2); orjson 3", runtime: "orjson", layout: INDENT_2, text: PLAIN, numbers: Numbers::Of(RUST_NUMBERS);
    "pydantic", "TypeAdapter(Any).dump_json(value); pydantic 2", runtime: "pydantic", layout: COMPACT, text: PLAIN, numbers: Numbers::Of(NumberFormat { integers: Integers::Kept, ..RUST_NUMBERS });
    "ujson", "ujson.dumps(ujson.loads(body)); ujson 5", runtime: "ujson", layout: COMPACT, text: Text { slash: true, ..UJSON }, numbers: Numbers::Of(UJSON_NUMBERS);
    "ujson-slashes", "ujson.dumps(value, escape_forward_slashes=False); ujson 5", runtime: "ujson", layout: COMPACT, text: UJSON, numbers: Numbers::Of(UJSON_NUMBERS);
    "ujson-unicode", "ujson.dumps(value, ensure_ascii=False); ujson 5", runtime: "ujson", layout: COMPACT, text: Text { slash: true, ..PLAIN }, numbers: Numbers::Of(UJSON_NUMBERS);
    "rapidjson", "rapidjson.dumps(rapidjson.loads(body)); python-rapidjson 1", runtime: "python-rapidjson", layout: COMPACT, text: Text { foreign_upper: true, control_upper: true, escaped: "", ..ASCII };
};
const PYTHON_ROWS: [Style; 18] = rows! {PYTHON:
    "python-compact", "json.dumps(value, separators=(',', ':')); Python 3.11", layout: COMPACT;
    "python-unicode", "json.dumps(value, ensure_ascii=False); Python 3.11", text: PLAIN;
    "python-compact-unicode", "json.dumps(value, ensure_ascii=False, separators=(',', ':')), as FastAPI and Starlette answer; Python 3.11", layout: COMPACT, text: PLAIN;
    "python-sorted", "json.dumps(value, sort_keys=True); Python 3.11", keys: KeyOrder::Sorted;
    "python-compact-sorted", "json.dumps(value, sort_keys=True, separators=(',', ':')), as Flask's jsonify; Python 3.11", layout: COMPACT, keys: KeyOrder::Sorted;
    "python-unicode-sorted", "json.dumps(value, ensure_ascii=False, sort_keys=True); Python 3.11", text: PLAIN, keys: KeyOrder::Sorted;
    "python-compact-unicode-sorted", "json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(',', ':')); Python 3.11", layout: COMPACT, text: PLAIN, keys: KeyOrder::Sorted;
    "python-indent-2", "json.dumps(value, indent=2); Python 3.11", layout: INDENT_2;
    "python-indent-4", "json.dumps(value, indent=4); Python 3.11", layout: INDENT_4;
    "python-indent-2-unicode", "json.dumps(value, indent=2, ensure_ascii=False); Python 3.11", layout: INDENT_2, text: PLAIN;
    "python-indent-4-unicode", "json.dumps(value, indent=4, ensure_ascii=False); Python 3.11", layout: INDENT_4, text: PLAIN;
    "python-indent-2-sorted", "json.dumps(value, indent=2, sort_keys=True); Python 3.11", layout: INDENT_2, keys: KeyOrder::Sorted;
    "python-indent-4-sorted", "json.dumps(value, indent=4, sort_keys=True); Python 3.11", layout: INDENT_4, keys: KeyOrder::Sorted;
    "python-indent-2-unicode-sorted", "json.dumps(value, indent=2, ensure_ascii=False, sort_keys=True); Python 3.11", layout: INDENT_2, text: PLAIN, keys: KeyOrder::Sorted;
    "python-indent-4-unicode-sorted", "json.dumps(value, indent=4, ensure_ascii=False, sort_keys=True); Python 3.11", layout: INDENT_4, text: PLAIN, keys: KeyOrder::Sorted;
    "python-indent-1", "json.dumps(value, indent=1); Python 3.11", layout: INDENT_1;
    "python-comma-space", "json.dumps(value, separators=(', ', ':')); Python 3.11", layout: Layout { colon: ":", ..SPACED };
    "python-colon-space", "json.dumps(value, separators=(',', ': ')); Python 3.11", layout: Layout { behind_comma: "", ..SPACED };
};
const PHP_ROWS: [Style; 15] = rows! {PHP:
    "php-slashes", "json_encode with JSON_UNESCAPED_SLASHES; PHP 8.2", text: PHP_SLASHES;
    "php-unicode", "json_encode with JSON_UNESCAPED_UNICODE; PHP 8.2", text: PHP_UNICODE;
    "php-slashes-unicode", "json_encode with JSON_UNESCAPED_SLASHES | JSON_UNESCAPED_UNICODE; PHP 8.2", text: PHP_UNESCAPED;
    "php-array", "json_encode(json_decode($body, true)); PHP 8.2", objects_as_lists: true;
    "php-array-slashes", "json_encode(json_decode($body, true), JSON_UNESCAPED_SLASHES); PHP 8.2", text: PHP_SLASHES, objects_as_lists: true;
    "php-array-unicode", "json_encode(json_decode($body, true), JSON_UNESCAPED_UNICODE); PHP 8.2", text: PHP_UNICODE, objects_as_lists: true;
    "php-array-slashes-unicode", "json_encode(json_decode($body, true), JSON_UNESCAPED_SLASHES | JSON_UNESCAPED_UNICODE); PHP 8.2", text: PHP_UNESCAPED, objects_as_lists: true;
    "php-pretty", "json_encode with JSON_PRETTY_PRINT; PHP 8.2", layout: INDENT_4;
    "php-pretty-slashes", "json_encode with JSON_PRETTY_PRINT | JSON_UNESCAPED_SLASHES; PHP 8.2", layout: INDENT_4, text: PHP_SLASHES;
    "php-pretty-slashes-unicode", "json_encode with JSON_PRETTY_PRINT, slashes and Unicode unescaped; PHP 8.2", layout: INDENT_4, text: PHP_UNESCAPED;
    "php-array-pretty", "json_encode(json_decode($body, true), JSON_PRETTY_PRINT); PHP 8.2", layout: INDENT_4, objects_as_lists: true;
    "php-array-pretty-slashes", "json_encode(json_decode($body, true), JSON_PRETTY_PRINT | JSON_UNESCAPED_SLASHES); PHP 8.2", layout: INDENT_4, text: PHP_SLASHES, objects_as_lists: true;
    "php-array-pretty-slashes-unicode", "json_encode(json_decode($body, true)) pretty, slashes and Unicode unescaped; PHP 8.2", layout: INDENT_4, text: PHP_UNESCAPED, objects_as_lists: true;
    "php-hex", "json_encode with JSON_HEX_TAG, APOS, AMP and QUOT, as Symfony's JsonResponse; PHP 8.2", text: PHP_HEX;
    "php-array-hex", "json_encode(json_decode($body, true)) with JSON_HEX_TAG, APOS, AMP and QUOT; PHP 8.2", text: PHP_HEX, objects_as_lists: true;
};
const PHP_UNESCAPED_HEX: Text = Text {
    ascii: false,
    slash: false,
    ..PHP_HEX
};
const PHP_FRACTION: NumberFormat = NumberFormat {
    whole: ".0",
    ..PHP_NUMBERS
};
const PHP_FLAG_ROWS: [Style; 20] = rows! {PHP:
    "php-hex-tag", "json_encode with JSON_HEX_TAG; PHP 8.2", text: Text { escaped: "<>", ..PHP_HEX };
    "php-array-hex-tag", "json_encode(json_decode($body, true)) with JSON_HEX_TAG; PHP 8.2", text: Text { escaped: "<>", ..PHP_HEX }, objects_as_lists: true;
    "php-hex-amp", "json_encode with JSON_HEX_AMP; PHP 8.2", text: Text { escaped: "&", ..PHP_HEX };
    "php-array-hex-amp", "json_encode(json_decode($body, true)) with JSON_HEX_AMP; PHP 8.2", text: Text { escaped: "&", ..PHP_HEX }, objects_as_lists: true;
    "php-hex-apos", "json_encode with JSON_HEX_APOS; PHP 8.2", text: Text { escaped: "'", ..PHP_HEX };
    "php-array-hex-apos", "json_encode(json_decode($body, true)) with JSON_HEX_APOS; PHP 8.2", text: Text { escaped: "'", ..PHP_HEX }, objects_as_lists: true;
    "php-hex-quot", "json_encode with JSON_HEX_QUOT; PHP 8.2", text: Text { escaped: "\"", ..PHP_HEX };
    "php-array-hex-quot", "json_encode(json_decode($body, true)) with JSON_HEX_QUOT; PHP 8.2", text: Text { escaped: "\"", ..PHP_HEX }, objects_as_lists: true;
    "php-hex-tag-amp", "json_encode with JSON_HEX_TAG | JSON_HEX_AMP; PHP 8.2", text: Text { escaped: "<>&", ..PHP_HEX };
    "php-array-hex-tag-amp", "json_encode(json_decode($body, true)) with JSON_HEX_TAG | JSON_HEX_AMP; PHP 8.2", text: Text { escaped: "<>&", ..PHP_HEX }, objects_as_lists: true;
    "php-pretty-unicode", "json_encode with JSON_PRETTY_PRINT | JSON_UNESCAPED_UNICODE; PHP 8.2", layout: INDENT_4, text: PHP_UNICODE;
    "php-fraction", "json_encode with JSON_PRESERVE_ZERO_FRACTION; PHP 8.2", numbers: Numbers::Of(PHP_FRACTION);
    "php-fraction-slashes-unicode", "json_encode with JSON_PRESERVE_ZERO_FRACTION, slashes and Unicode unescaped; PHP 8.2", numbers: Numbers::Of(PHP_FRACTION), text: PHP_UNESCAPED;
    "php-hex-tag-amp-slashes-unicode", "json_encode with JSON_HEX_TAG | JSON_HEX_AMP, slashes and Unicode unescaped; PHP 8.2", text: Text { escaped: "<>&\u{2028}\u{2029}", ..PHP_UNESCAPED_HEX };
    "php-line-terminators", "json_encode with JSON_UNESCAPED_UNICODE | JSON_UNESCAPED_LINE_TERMINATORS; PHP 8.2", text: Text { slash: true, ..PLAIN };
    "php-array-pretty-unicode", "json_encode(json_decode($body, true)) with JSON_PRETTY_PRINT | JSON_UNESCAPED_UNICODE; PHP 8.2", layout: INDENT_4, text: PHP_UNICODE, objects_as_lists: true;
    "php-array-fraction", "json_encode(json_decode($body, true)) with JSON_PRESERVE_ZERO_FRACTION; PHP 8.2", numbers: Numbers::Of(PHP_FRACTION), objects_as_lists: true;
    "php-array-fraction-slashes-unicode", "json_encode(json_decode($body, true)) with JSON_PRESERVE_ZERO_FRACTION, slashes and Unicode unescaped; PHP 8.2", numbers: Numbers::Of(PHP_FRACTION), text: PHP_UNESCAPED, objects_as_lists: true;
    "php-array-hex-tag-amp-slashes-unicode", "json_encode(json_decode($body, true)) with JSON_HEX_TAG | JSON_HEX_AMP, slashes and Unicode unescaped; PHP 8.2", text: Text { escaped: "<>&\u{2028}\u{2029}", ..PHP_UNESCAPED_HEX }, objects_as_lists: true;
    "php-array-line-terminators", "json_encode(json_decode($body, true)) with JSON_UNESCAPED_UNICODE | JSON_UNESCAPED_LINE_TERMINATORS; PHP 8.2", text: Text { slash: true, ..PLAIN }, objects_as_lists: true;
};
const OJ_ROWS: [Style; 4] = rows! {RUBY:
    "oj", "Oj.dump(Oj.load(body), mode: :compat), as Oj.mimic_JSON has JSON.generate write; Oj 3.14", runtime: "Oj", numbers: Numbers::Of(OJ_NUMBERS);
    "oj-rails", "Oj.dump(value, mode: :rails), as Oj.optimize_rails has to_json write; Oj 3.14", runtime: "Oj for Rails", text: HTML, numbers: Numbers::Of(OJ_NUMBERS);
    "oj-strict", "Oj.dump(value, mode: :strict), or :null, :object and :custom; Oj 3.14", runtime: "Oj", numbers: Numbers::Of(NumberFormat { digits: Digits::Rounded15, mantissa: "", ..OJ_NUMBERS });
    "oj-ascii", "Oj.dump(value, mode: :compat, escape_mode: :ascii); Oj 3.14", runtime: "Oj", text: ASCII, numbers: Numbers::Of(OJ_NUMBERS);
};
const RUBY_ROWS: [Style; 2] = rows! {RUBY:
    "ruby-pretty", "JSON.pretty_generate(value); Ruby 3.1, json 2.6", layout: Layout { empty: Empty::Broken, ..INDENT_2 };
    "rails", "to_json with ActiveSupport 6.1 on Ruby 3.1", runtime: "Rails", text: HTML;
};
const GO_ROWS: [Style; 5] = rows! {GO:
    "go-no-html", "json.Encoder with SetEscapeHTML(false); Go 1.19", text: Text { short: "\t\n\r", ..SEPARATORS };
    "go-indent-2", "json.MarshalIndent(value, \"\", \"  \"); Go 1.19", layout: INDENT_2;
    "go-indent-tab", "json.MarshalIndent(value, \"\", \"\\t\"); Go 1.19", layout: INDENT_TAB;
    "go-use-number", "json.Marshal of what a Decoder with UseNumber read; Go 1.19", numbers: Numbers::AsWritten;
    "go-struct", "json.Marshal of structs that name the members in the order of the body; Go 1.19", keys: KeyOrder::AsWritten;
};
const JAVA_ROWS: [Style; 1] = rows! {JACKSON:
    "jackson-pretty", "writerWithDefaultPrettyPrinter(); Jackson 2.14 on Java 17", layout: Layout { colon: " : ", lists_inline: true, empty: Empty::Spaced, behind_comma: " ", ..INDENT_2 };
};
const GSON_ROWS: [Style; 3] = rows! {GSON:
    "gson-no-html", "GsonBuilder().disableHtmlEscaping(); Gson 2.10", text: SEPARATORS;
    "gson-pretty", "GsonBuilder().setPrettyPrinting(); Gson 2.10", layout: INDENT_2;
    "gson-object", "new Gson().toJson(fromJson(body, Object.class)); Gson 2.10 on Java 17", numbers: Numbers::Of(NumberFormat { integers: Integers::Double, ..JAVA_NUMBERS });
};
const NEWTONSOFT_ROWS: [Style; 2] = rows! {NEWTONSOFT:
    "newtonsoft", "JToken.Parse(body).ToString(Formatting.None); Newtonsoft.Json 6.0 on Mono 6.8", text: Text { times: true, ..NEWTONSOFT.text };
    "newtonsoft-no-dates-indented", "JToken.ToString(Formatting.Indented) with DateParseHandling.None; Newtonsoft.Json 6.0 on Mono 6.8", layout: INDENT_2;
};
const SYSTEM_TEXT_JSON_ROWS: [Style; 3] = rows! {SYSTEM_TEXT_JSON:
    "system-text-json-indented", "JsonSerializer.Serialize with WriteIndented; System.Text.Json on .NET Core 3.1", layout: INDENT_2;
    "system-text-json-relaxed", "JsonSerializer.Serialize with UnsafeRelaxedJsonEscaping; System.Text.Json on .NET Core 3.1", text: RELAXED;
    "system-text-json-relaxed-indented", "JsonSerializer.Serialize with UnsafeRelaxedJsonEscaping and WriteIndented; System.Text.Json on .NET Core 3.1", text: RELAXED, layout: INDENT_2;
};
const RUST_ROWS: [Style; 2] = rows! {SERDE_JSON:
    "serde-json-pretty", "serde_json::to_vec_pretty(&value) without preserve_order; serde_json 1", layout: INDENT_2;
    "serde-json-ordered", "serde_json::to_vec(&value) with preserve_order; serde_json 1", keys: KeyOrder::AsWritten;
};
const JQ_ROWS: [Style; 3] = rows! {JQ:
    "jq-indent-2", "jq .; jq 1.6", layout: INDENT_2;
    "jq-sorted", "jq -cS .; jq 1.6", keys: KeyOrder::Sorted;
    "jq-ascii", "jq -ca .; jq 1.6", text: ASCII;
};

/// Every style, the likeliest first.
pub static STYLES: &[Style] = {
    let [js_big, js4, js_tab, js_sorted, js1, js3] = JAVASCRIPT_ROWS;
    let [orjson, orjson_2, pydantic, ujson1, ujson2, ujson3, rapidjson] = PYTHON_LIBRARY_ROWS;
    let [
        flag1,
        flag2,
        flag3,
        flag4,
        flag5,
        flag6,
        flag7,
        flag8,
        flag9,
        flag10,
        flag11,
        flag12,
        flag13,
        flag14,
        flag15,
        flag16,
        flag17,
        flag18,
        flag19,
        flag20,
    ] = PHP_FLAG_ROWS;
    let [
        py1,
        py2,
        py3,
        py4,
        py5,
        py6,
        py7,
        py8,
        py9,
        py10,
        py11,
        py12,
        py13,
        py14,
        py15,
        py16,
        py17,
        py18,
    ] = PYTHON_ROWS;
    let [
        php1,
        php2,
        php3,
        php4,
        php5,
        php6,
        php7,
        php8,
        php9,
        php10,
        php11,
        php12,
        php13,
        php14,
        php15,
    ] = PHP_ROWS;
    let [ruby_pretty, rails] = RUBY_ROWS;
    let [oj1, oj2, oj3, oj4] = OJ_ROWS;
    let [go1, go2, go3, go4, go5] = GO_ROWS;
    let [jackson_pretty] = JAVA_ROWS;
    let [gson1, gson2, gson3] = GSON_ROWS;
    let [net1, net2] = NEWTONSOFT_ROWS;
    let [stj1, stj2, stj3] = SYSTEM_TEXT_JSON_ROWS;
    let [rust1, rust2] = RUST_ROWS;
    let [jq1, jq2, jq3] = JQ_ROWS;
    &[
        JAVASCRIPT,
        PYTHON,
        py1,
        py3,
        py5,
        PHP,
        php4,
        php3,
        php7,
        php1,
        php5,
        GO,
        go4,
        go5,
        RUBY,
        rails,
        JACKSON,
        GSON,
        net1,
        NEWTONSOFT,
        SYSTEM_TEXT_JSON,
        SERDE_JSON,
        rust2,
        JAVASCRIPT_INDENT_2,
        py4,
        py2,
        py6,
        py7,
        js4,
        js_tab,
        js_sorted,
        AS_WRITTEN,
        AS_WRITTEN_INDENT_2,
        py8,
        py9,
        py10,
        py11,
        py12,
        py13,
        py14,
        py15,
        php2,
        php6,
        php8,
        php9,
        php10,
        php11,
        php12,
        php13,
        php14,
        php15,
        go1,
        go2,
        go3,
        ruby_pretty,
        jackson_pretty,
        gson1,
        gson2,
        gson3,
        net2,
        stj1,
        stj2,
        stj3,
        rust1,
        orjson,
        pydantic,
        ujson1,
        rapidjson,
        js_big,
        oj1,
        oj2,
        oj3,
        oj4,
        orjson_2,
        ujson2,
        ujson3,
        JSONB,
        flag1,
        flag2,
        flag3,
        flag4,
        flag5,
        flag6,
        flag7,
        flag8,
        flag9,
        flag10,
        flag11,
        flag12,
        flag13,
        flag14,
        flag15,
        flag16,
        flag17,
        flag18,
        flag19,
        flag20,
        js1,
        js3,
        py16,
        py17,
        py18,
        JQ,
        jq1,
        jq2,
        jq3,
        Style {
            name: "template",
            writer: "a text template: four spaces, blank lines, texts escaped for HTML (Cost Katana's earlier backend)",
            runtime: "a text template",
            layout: Layout {
                blank_lines: true,
                ..INDENT_4
            },
            text: Text { html: true, ..PLAIN },
            ..JAVASCRIPT
        },
    ]
};
