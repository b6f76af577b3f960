//! The table of JSON styles: a row for each way of writing that gives other bytes.

/// One way of writing JSON.
#[derive(Debug, PartialEq, Eq)]
pub struct Style {
    /// The name used in provider tables.
    pub name: &'static str,
    /// What writes like this, and where that was taken from.
    pub writer: &'static str,
    /// What one level is indented by; nothing means one line without spaces.
    pub(super) indent: &'static str,
    /// Whether a blank line stands between the members of the outermost object.
    pub(super) blank_lines: bool,
    pub(super) text: Text,
    pub(super) numbers: Numbers,
    pub(super) keys: KeyOrder,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Text {
    Plain,
    HtmlEscaped,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Numbers {
    AsWritten,
    JavaScript,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum KeyOrder {
    AsWritten,
    /// Array indices first, ascending; then the order of insertion.
    JavaScript,
}

/// `JSON.stringify(value)`.
pub const JAVASCRIPT: Style = Style {
    name: "javascript",
    writer: "JSON.stringify(value), ECMA-262; checked with Node 20.20",
    indent: "",
    blank_lines: false,
    text: Text::Plain,
    numbers: Numbers::JavaScript,
    keys: KeyOrder::JavaScript,
};

/// `JSON.stringify(value, null, 2)`.
pub const JAVASCRIPT_INDENT_2: Style = Style {
    name: "javascript-indent-2",
    writer: "JSON.stringify(value, null, 2), ECMA-262; checked with Node 20.20",
    indent: "  ",
    ..JAVASCRIPT
};

/// One line; keys and numbers stay as they were read.
pub const AS_WRITTEN: Style = Style {
    name: "as-written",
    writer: "one line, with numbers such as 80.0 as they stand in the fixture",
    numbers: Numbers::AsWritten,
    keys: KeyOrder::AsWritten,
    ..JAVASCRIPT
};

/// Indented by two spaces; keys and numbers stay as they were read.
pub const AS_WRITTEN_INDENT_2: Style = Style {
    name: "as-written-indent-2",
    writer: "indented by two spaces, with numbers such as 80.0 as they stand in the fixture",
    indent: "  ",
    ..AS_WRITTEN
};

/// Every style, by name.
pub static STYLES: &[Style] = &[
    JAVASCRIPT,
    JAVASCRIPT_INDENT_2,
    AS_WRITTEN,
    AS_WRITTEN_INDENT_2,
    Style {
        name: "template",
        writer: "a text template: four spaces, blank lines, texts escaped for HTML (Cost Katana's earlier backend)",
        indent: "    ",
        blank_lines: true,
        text: Text::HtmlEscaped,
        ..JAVASCRIPT
    },
];

impl Style {
    /// The style of that name.
    pub fn named(name: &str) -> Option<&'static Self> {
        STYLES.iter().find(|style| style.name == name)
    }
}
