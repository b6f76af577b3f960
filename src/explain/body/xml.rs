//! XML written again: its declaration, its empty elements, and the white space between elements; and a body that a
//! mediator put into an element.

use super::step::{SMALL, Step};
use super::{Show, Source};
use crate::explain::cause::Kind::{BodyDoubleEncoded, BodyReserialised};

/// A beginning, and who writes it.
struct Head {
    text: &'static str,
    who: &'static str,
}

const fn head(text: &'static str, who: &'static str) -> Head {
    Head { text, who }
}

/// Python's and Java's as Python 3.11 and Java 17 wrote them (`tests/explain/reports.py` has them do it again). The
/// others were not run: libxml2's, lxml's, REXML's and .NET's are as they are known to begin.
const HEADS: &[Head] = &[
    head("", "ElementTree's `tostring`"),
    head("<?xml version=\"1.0\" ?>", "Python's minidom"),
    head("<?xml version=\"1.0\"?>\n", "libxml2, PHP's `asXML` and Nokogiri"),
    head("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n", "libxml2 and PHP's DOM"),
    head(
        "<?xml version='1.0' encoding='utf-8'?>\n",
        "ElementTree with an encoding",
    ),
    head("<?xml version='1.0' encoding='UTF-8'?>\n", "lxml and REXML"),
    head("<?xml version=\"1.0\" encoding=\"utf-8\"?>", ".NET's XmlWriter"),
    head("<?xml version=\"1.0\" encoding=\"utf-8\"?>\r\n", ".NET's XmlDocument"),
    head(
        "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"no\"?>",
        "Java's Transformer",
    ),
    head(
        "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n",
        "Java's JAXB",
    ),
    head("<?xml version=\"1.0\" encoding=\"UTF-8\"?>", "Node's xml2js"),
];

type Change = fn(&str) -> Option<String>;

/// What becomes of the elements.
const ELEMENTS: &[(&str, Change)] = &[
    ("", |text| Some(text.to_owned())),
    (", empty elements as `<a/>`", |text| Some(tight(&folded(text, "/>")))),
    (", empty elements as `<a />`", |text| {
        Some(folded(&tight(text), " />").replace("/>", " />").replace("  />", " />"))
    }),
    (", empty elements with an end tag", unfolded),
    (", without the white space between its elements", |text| {
        Some(unspaced(text))
    }),
];

/// An element around a body, before and behind.
const AROUND: &[(&str, &str, &str)] = &[
    (
        "<text>",
        "</text>",
        "a `<text>` element, as mediators wrap what is no XML",
    ),
    (
        "<text xmlns=\"http://ws.apache.org/commons/ns/payload\">",
        "</text>",
        "a `<text>` element, as Axis2 and Synapse wrap what is no XML",
    ),
    ("<string>", "</string>", "a `<string>` element"),
    (
        "<string xmlns=\"http://schemas.microsoft.com/2003/10/Serialization/\">",
        "</string>",
        "a `<string>` element, as .NET's DataContractSerializer writes a text",
    ),
];

pub(super) fn each(source: &Source<'_>, show: &mut Show<'_>) -> bool {
    let text = std::str::from_utf8(source.body()).ok();
    let Some(text) = text.filter(|text| text.len() <= SMALL) else {
        return true;
    };
    around(text, show) && (!text.trim_start().starts_with('<') || again(text, show))
}

fn around(text: &str, show: &mut Show<'_>) -> bool {
    AROUND.iter().all(|(before, behind, what)| {
        let step = || {
            Step::new(BodyDoubleEncoded, format!("in:{before}"), format!("the body in {what}"))
                .reverse("what was signed was taken out of an element on its way")
        };
        show.one(&step, &|| Some(format!("{before}{text}{behind}").into_bytes()))
    }) && AROUND.iter().all(|(before, behind, what)| {
        let inner = text
            .trim()
            .strip_prefix(before)
            .and_then(|text| text.strip_suffix(behind));
        let step = || {
            Step::new(
                BodyDoubleEncoded,
                format!("out of:{before}"),
                format!("the body without {what} around it"),
            )
            .reverse("what was signed was put into an element on its way")
        };
        inner.is_none_or(|inner| show.one(&step, &|| Some(inner.as_bytes().to_vec())))
    })
}

fn again(text: &str, show: &mut Show<'_>) -> bool {
    let own = text.trim();
    let rest = match own.strip_prefix("<?xml").and_then(|rest| rest.split_once("?>")) {
        Some((_, rest)) => rest.trim_start(),
        None => own,
    };
    let own_head = &own[..own.len() - rest.len()];
    let heads = std::iter::once((own_head, None)).chain(HEADS.iter().map(|head| (head.text, Some(head.who))));
    heads.into_iter().all(|(head, who)| {
        ELEMENTS.iter().all(|(elements, change)| {
            ["", "\n"].iter().all(|end| {
                let step = || {
                    let head = match (who, head) {
                        (None, _) => String::new(),
                        (Some(who), "") => format!(", without a declaration ({who})"),
                        (Some(who), head) => format!(", behind `{}` ({who})", head.trim_end()),
                    };
                    let end = if end.is_empty() {
                        ""
                    } else {
                        ", a line break at its end"
                    };
                    Step::new(
                        BodyReserialised,
                        format!("xml{elements}{end}{head}"),
                        format!("the XML written again{elements}{end}{head}"),
                    )
                    .reverse("what arrived was written again on its way")
                };
                show.one(&step, &|| Some(format!("{head}{}{end}", change(rest)?).into_bytes()))
            })
        })
    })
}

/// `<a></a>` as `<a` and `end`.
fn folded(text: &str, end: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("></") {
        let name = rest[..at]
            .rfind('<')
            .map(|from| &rest[from + 1..at])
            .unwrap_or_default();
        let name = name.split(char::is_whitespace).next().unwrap_or_default();
        let behind = rest[at + 3..]
            .strip_prefix(name)
            .and_then(|behind| behind.strip_prefix('>'));
        match behind.filter(|_| !name.is_empty() && !name.starts_with(['/', '?', '!'])) {
            Some(behind) => {
                out.push_str(&rest[..at]);
                out.push_str(end);
                rest = behind;
            }
            None => {
                out.push_str(&rest[..at + 3]);
                rest = &rest[at + 3..];
            }
        }
    }
    out + rest
}

/// `<a />` as `<a/>`.
fn tight(text: &str) -> String {
    text.replace(" />", "/>")
}

/// `<a/>` as `<a></a>`.
fn unfolded(text: &str) -> Option<String> {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("/>") {
        let from = rest[..at].rfind('<')?;
        let name = rest[from + 1..at].split(char::is_whitespace).next().unwrap_or_default();
        out.push_str(rest[..at].trim_end());
        out.push_str("></");
        out.push_str(name);
        out.push('>');
        rest = &rest[at + 2..];
    }
    Some(out + rest)
}

fn unspaced(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut pieces = text.split('>').peekable();
    while let Some(piece) = pieces.next() {
        let inner = piece.trim_start();
        out.push_str(if inner.starts_with('<') { inner } else { piece });
        if pieces.peek().is_some() {
            out.push('>');
        }
    }
    out
}
