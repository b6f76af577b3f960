//! One step from one body to another, and what is said of it.

use std::borrow::Cow;
use std::sync::Arc;

use crate::explain::cause::Kind;
use crate::json::compact::{self, Value};
use crate::json::{self, STYLES, Style};

/// A body is written with at most this many times its size and this many bytes more, and no further.
const GROWTH: usize = 2;
const GROUND: usize = 4 * 1024 * 1024;
/// What may grow beyond that is tried on bodies up to this size only, in bytes.
pub(super) const SMALL: usize = 1024 * 1024;

/// What was done to a body.
#[derive(Clone)]
pub(in crate::explain) struct Step {
    pub(in crate::explain) kind: Kind,
    /// Its name in a recipe.
    pub(in crate::explain) name: Cow<'static, str>,
    /// What came of it, in words.
    pub(in crate::explain) what: Cow<'static, str>,
    /// What a handler does so, in words that stand behind a comma; several where they can't be told apart.
    pub(in crate::explain) forward: &'static str,
    /// What happened to what arrived, in words that stand behind a semicolon.
    pub(in crate::explain) reverse: &'static str,
    /// The value that was written and its writer, where it is JSON written again.
    pub(in crate::explain) written: Option<(Written, &'static Style)>,
}

/// JSON that is written again.
#[derive(Clone)]
pub(in crate::explain) enum Written {
    Value(Arc<Value>),
    /// The text of what is too large to be read as a whole.
    Text(Arc<[u8]>),
}

impl Written {
    fn again(&self, style: &Style) -> Option<Vec<u8>> {
        match self {
            Self::Value(value) => compact::rewrite(value, style, usize::MAX),
            Self::Text(text) => json::rewrite_text(text, style, usize::MAX),
        }
    }
}

/// What is said where a row says nothing of its own.
const ON_ITS_WAY: &str = "what arrived was changed on its way, or something else was signed than was sent";

impl Step {
    pub(super) fn new(kind: Kind, name: impl Into<Cow<'static, str>>, what: impl Into<Cow<'static, str>>) -> Self {
        Self {
            kind,
            name: name.into(),
            what: what.into(),
            forward: "",
            reverse: ON_ITS_WAY,
            written: None,
        }
    }

    pub(super) fn forward(mut self, story: &'static str) -> Self {
        self.forward = story;
        self
    }

    pub(super) fn reverse(mut self, story: &'static str) -> Self {
        self.reverse = story;
        self
    }

    /// `value` written in `style`; `lead` says what the value is where it is not the body's.
    pub(super) fn written(value: &Arc<Value>, style: &'static Style) -> Self {
        Self::of(Written::Value(Arc::clone(value)), style)
    }

    /// The same of a text.
    pub(super) fn written_text(text: &Arc<[u8]>, style: &'static Style) -> Self {
        Self::of(Written::Text(Arc::clone(text)), style)
    }

    fn of(written: Written, style: &'static Style) -> Self {
        Self {
            written: Some((written, style)),
            ..Self::new(Kind::BodyReserialised, format!("json:{}", style.name), "")
                .reverse("what arrived was written again on its way")
        }
    }

    /// Every style that writes what this step wrote.
    pub(in crate::explain) fn writers(&self) -> Vec<&'static Style> {
        let Some((value, style)) = &self.written else {
            return Vec::new();
        };
        let own = value.again(style);
        let same = |style: &&Style| value.again(style) == own;
        STYLES.iter().filter(same).collect()
    }

    /// What came of it, in one sentence of a handler or of a signer.
    pub(in crate::explain) fn says(&self, reverse: bool) -> String {
        let what = if self.written.is_some() {
            let class = class(&self.writers());
            match (self.what.is_empty(), reverse) {
                (true, true) => class,
                (true, false) => format!("the JSON written again after parsing: {class}"),
                (false, _) => format!("{}: {class}", self.what),
            }
        } else {
            self.what.clone().into_owned()
        };
        match (reverse, self.forward) {
            (true, _) => format!("it was signed over {what}; {}", self.reverse),
            (false, "") => format!("the handler hashed {what}"),
            (false, story) => format!("the handler hashed {what}, {story}"),
        }
    }
}

/// One row of a table: what is made of a body.
pub(super) struct Row {
    kind: Kind,
    pub(super) name: &'static str,
    pub(super) what: &'static str,
    forward: &'static str,
    reverse: &'static str,
    pub(super) apply: fn(&[u8]) -> Option<Vec<u8>>,
}

impl Row {
    pub(super) const fn forward(mut self, story: &'static str) -> Self {
        self.forward = story;
        self
    }

    pub(super) const fn reverse(mut self, story: &'static str) -> Self {
        self.reverse = story;
        self
    }

    pub(super) fn step(&self) -> Step {
        Step::new(self.kind, self.name, self.what)
            .forward(self.forward)
            .reverse(self.reverse)
    }
}

/// A row: the name of the step in a recipe, and what came of it, as it stands behind "the handler hashed".
pub(super) const fn row(
    kind: Kind,
    name: &'static str,
    what: &'static str,
    apply: fn(&[u8]) -> Option<Vec<u8>>,
) -> Row {
    Row {
        kind,
        name,
        what,
        forward: "",
        reverse: ON_ITS_WAY,
        apply,
    }
}

/// A table of rows: the kind, the name, what came of it, its stories, and how it is made.
macro_rules! rows {
    ($($kind:ident, $name:literal, $what:literal $(, $story:ident: $text:expr)* => $apply:expr;)*) => {
        &[$($crate::explain::body::step::row($kind, $name, $what, $apply)$(.$story($text))*),*]
    };
}
pub(super) use rows;

/// How long what is made of a body may be, in bytes.
pub(super) fn longest(body: &[u8]) -> usize {
    body.len().saturating_mul(GROWTH).saturating_add(GROUND)
}

/// So many writers of one class are named in a sentence.
const MOST_NAMED: usize = 9;

/// The class of writers in words: "compact JSON, as JavaScript, Go and serde_json write it".
pub(in crate::explain) fn class(styles: &[&'static Style]) -> String {
    let layout = styles.first().map_or("JSON", |style| style.layout());
    let mut runtimes: Vec<&str> = Vec::new();
    for style in styles {
        // The rows for fixtures are no runtime of anybody's.
        if !runtimes.contains(&style.runtime) && (!style.name.starts_with("as-written") || styles.len() == 1) {
            runtimes.push(style.runtime);
        }
    }
    match runtimes.as_slice() {
        [] => layout.to_owned(),
        [one] => format!("{layout}, as {one} writes it"),
        many if many.len() > MOST_NAMED => {
            let named = many[..MOST_NAMED].join(", ");
            format!("{layout}, as {named} and {} others write it", many.len() - MOST_NAMED)
        }
        [most @ .., last] => format!("{layout}, as {} and {last} write it", most.join(", ")),
    }
}
