//! What one way of writing JSON consists of.

/// One way of writing JSON.
#[derive(Debug, PartialEq)]
pub struct Style {
    /// The name used in provider tables and in explanations.
    pub name: &'static str,
    /// What writes like this, and where that was taken from.
    pub writer: &'static str,
    /// The language or library, as a class of writers is named by it.
    pub runtime: &'static str,
    pub(super) layout: Layout,
    pub(super) text: Text,
    pub(super) numbers: Numbers,
    pub(super) keys: KeyOrder,
    /// Whether members whose value is null are left out.
    pub(super) without_nulls: bool,
    /// Whether objects were read as PHP's arrays: an empty one, or one with the keys 0, 1, 2 …, is written as a list.
    pub(super) objects_as_lists: bool,
}

/// Spaces and line breaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Layout {
    /// What one level is indented by; nothing means one line.
    pub(super) indent: &'static str,
    /// What stands behind a comma where no line break does.
    pub(super) behind_comma: &'static str,
    /// What stands between a key and its value.
    pub(super) colon: &'static str,
    /// Whether lists stay on one line where objects do not.
    pub(super) lists_inline: bool,
    pub(super) empty: Empty,
    /// Whether a blank line stands between the members of the outermost object.
    pub(super) blank_lines: bool,
}

/// How an empty list or object is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Empty {
    /// `[]`
    Closed,
    /// `[ ]`
    Spaced,
    /// Over several lines.
    Broken,
}

/// What is escaped in a text, beside the quote, the backslash and the control characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Text {
    /// Whether everything beyond ASCII is.
    pub(super) ascii: bool,
    /// Whether everything beyond the first 65,536 characters is.
    pub(super) astral: bool,
    /// Other characters that are written as `\uXXXX`.
    pub(super) escaped: &'static str,
    /// Whether those of ASCII are in upper-case hex.
    pub(super) escaped_upper: bool,
    /// Whether those beyond ASCII are.
    pub(super) foreign_upper: bool,
    /// Whether control characters are in upper-case hex.
    pub(super) control_upper: bool,
    /// Control characters that have a short escape, of `\b \t \n \f \r`.
    pub(super) short: &'static str,
    /// Whether `/` is written `\/`.
    pub(super) slash: bool,
    /// Whether texts were escaped for HTML before.
    pub(super) html: bool,
    /// Whether a text that is a time loses the zeros at the end of its fraction.
    pub(super) times: bool,
}

/// How numbers are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Numbers {
    AsWritten,
    /// As written, without an exponent.
    Decimal,
    Of(NumberFormat),
}

/// How a language writes the numbers that it has read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct NumberFormat {
    pub(super) integers: Integers,
    pub(super) digits: Digits,
    /// What a double that is a whole number ends with.
    pub(super) whole: &'static str,
    /// The lowest power of ten that is written without an exponent.
    pub(super) lowest: i32,
    /// The first power of ten that is written with one.
    pub(super) highest: Highest,
    /// What stands between the digits and a positive exponent.
    pub(super) exponent: &'static str,
    /// What a mantissa of one digit ends with.
    pub(super) mantissa: &'static str,
    /// How many digits an exponent has at least.
    pub(super) exponent_digits: usize,
    /// Whether a negative zero keeps its sign.
    pub(super) minus_zero: bool,
    /// What infinity becomes.
    pub(super) infinite: Option<&'static str>,
}

/// What becomes of a number without a point or an exponent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Integers {
    /// It is kept, however long.
    Kept,
    /// It is kept where it fits 64 bits with a sign, else a double.
    Signed64,
    /// It is kept where it fits 64 bits with or without a sign, else a double.
    Any64,
    /// It is a double.
    Double,
}

/// How many digits a double is written with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Digits {
    /// The fewest that give the same double.
    Shortest,
    /// The fewest, and at least two (`Double.toString`).
    AtLeastTwo,
    /// 15 where they give the same double, else 17 (.NET Framework and Mono, `R`).
    Fifteen,
    /// At most 15, whatever double they give (C's `%.15g`).
    Rounded15,
}

/// Where exponents begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Highest {
    Power(i32),
    /// At the number of digits plus this.
    BeyondDigits(i32),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum KeyOrder {
    AsWritten,
    /// Array indices first, ascending; then the order of insertion.
    JavaScript,
    /// The same, inserted in order of their UTF-16 code units.
    JavaScriptSorted,
    /// By UTF-16 code units.
    CodeUnits,
    /// By code points.
    Sorted,
    /// Shorter ones first, then by their bytes.
    ByLength,
}

impl Style {
    /// What stands behind a comma where no line break does.
    pub(crate) fn behind_comma(&self) -> &'static str {
        self.layout.behind_comma
    }

    /// What stands between a key and its value.
    pub(crate) fn colon(&self) -> &'static str {
        self.layout.colon
    }

    /// The layout in words.
    pub(crate) fn layout(&self) -> &'static str {
        match self.layout {
            Layout { blank_lines: true, .. } => "a text template's JSON",
            Layout {
                indent: "",
                behind_comma: "",
                colon: ":",
                ..
            } => "compact JSON",
            Layout {
                indent: "",
                behind_comma: "",
                ..
            } => "JSON with spaces behind colons alone",
            Layout {
                indent: "",
                behind_comma: " ",
                colon: ":",
                ..
            } => "JSON with spaces behind commas alone",
            Layout { indent: "", .. } => "JSON with spaces behind commas and colons",
            Layout { indent: " ", .. } => "JSON indented by one space",
            Layout { indent: "   ", .. } => "JSON indented by three spaces",
            Layout { indent: "\t", .. } => "JSON indented by tabs",
            Layout { indent: "    ", .. } => "JSON indented by four spaces",
            Layout { .. } => "JSON indented by two spaces",
        }
    }
}
