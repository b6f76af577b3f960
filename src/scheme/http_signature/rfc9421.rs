//! `Signature-Input` and `Signature` (RFC 9421, section 4).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sfv::{BareItem, Dictionary, FieldType as _, InnerList, Key, List, ListEntry, Parser};

use super::component::{Component, Times, joined};
use super::{Around, HttpSignature, INPUT, MOST_LABELS, Parameter, Read, Stated, Unsigned, refused};
use crate::message::Message;
use crate::scheme::content::{ContentError, Facts};
use crate::scheme::header::GrammarError;

/// The label that is written where the table names none.
const LABEL: &str = "sig1";
/// Between the input of a signature and the signature in base64: a header's value has no line break.
const BETWEEN: char = '\n';

/// Each signature of `message` that the table looks at, as a text: its input, and the signature.
pub(super) fn texts(own: &HttpSignature, message: &Message, signatures: &[u8]) -> Vec<Result<String, GrammarError>> {
    match found(own, message, signatures) {
        Ok(texts) => texts.into_iter().map(Ok).collect(),
        Err(error) => vec![Err(error)],
    }
}

fn found(own: &HttpSignature, message: &Message, signatures: &[u8]) -> Result<Vec<String>, GrammarError> {
    let wrong = |what: String| GrammarError::Token(what);
    let signatures = Parser::new(signatures).parse::<Dictionary>();
    let signatures = signatures.map_err(|_| wrong("is no dictionary of signatures (RFC 9421)".into()))?;
    let inputs = joined(message, INPUT);
    let inputs = inputs.ok_or_else(|| wrong(format!("says nothing without the header {INPUT}, which is not there")))?;
    let inputs = Parser::new(&inputs).parse::<Dictionary>();
    let inputs = inputs.map_err(|_| wrong(format!("says nothing without {INPUT}, which can't be read")))?;
    let mut texts = Vec::new();
    let is_label = |label: &Key| own.label.as_deref().is_none_or(|own| own == label.as_str());
    for (label, entry) in signatures.iter().filter(|(label, _)| is_label(label)) {
        let Some(ListEntry::InnerList(input)) = inputs.get(label) else {
            return Err(wrong(format!(
                "has the signature `{label}`, and {INPUT} has no list of that label"
            )));
        };
        let tag = input
            .params
            .get("tag")
            .and_then(BareItem::as_string)
            .map(|tag| tag.as_str());
        if own.tag.is_some() && own.tag.as_deref() != tag {
            continue;
        }
        let ListEntry::Item(item) = entry else {
            return Err(wrong(format!("has the signature `{label}`, which is no byte sequence")));
        };
        let bytes = item.bare_item.as_byte_sequence();
        let bytes = bytes.ok_or_else(|| wrong(format!("has the signature `{label}`, which is no byte sequence")))?;
        let input =
            written(input).ok_or_else(|| wrong(format!("has the signature `{label}`, whose input is empty")))?;
        texts.push(format!("{input}{BETWEEN}{}", STANDARD.encode(bytes)));
    }
    match (texts.len(), &own.label, &own.tag) {
        (0, Some(label), _) => Err(wrong(format!("has no signature with the label `{label}`"))),
        (0, None, Some(tag)) => Err(wrong(format!("has no signature with the tag `{tag}`"))),
        (0, None, None) => Err(wrong("has no signature".into())),
        (more, ..) if more > MOST_LABELS => Err(wrong(format!("has more than {MOST_LABELS} signatures"))),
        _ => Ok(texts),
    }
}

fn written(input: &InnerList) -> Option<String> {
    List::from([ListEntry::InnerList(input.clone())]).serialize()
}

pub(super) fn read(own: &HttpSignature, text: &str) -> Result<Read, GrammarError> {
    let wrong = |what: &str| refused(what.to_owned());
    let (input, signature) = text.split_once(BETWEEN).ok_or_else(|| wrong("has no input"))?;
    let parsed = Parser::new(input).parse::<List>().ok();
    let Some([ListEntry::InnerList(list)]) = parsed.as_deref() else {
        return Err(wrong("has no input"));
    };
    let covered = list.items.iter().map(|item| {
        let name = item.serialize();
        Component::of_item(item).map_err(|problem| refused(format!("covers `{}`: {problem}", super::shown(&name))))
    });
    let covered = covered.collect::<Result<Vec<_>, _>>()?;
    let text = |name: &str| {
        list.params
            .get(name)
            .and_then(BareItem::as_string)
            .map(|text| text.as_str())
    };
    let seconds = |name: &str| match list.params.get(name) {
        None => Ok(None),
        Some(value) => match value.as_integer() {
            Some(seconds) => Ok(Some(i64::from(seconds))),
            None => Err(refused(format!("has a `{name}` that is no time in seconds"))),
        },
    };
    own.accepts_algorithm(text("alg"))?;
    Ok(Read {
        covered,
        times: Times {
            created: seconds("created")?,
            expires: seconds("expires")?,
        },
        key_id: text("keyid").map(str::to_owned),
        tag: STANDARD.decode(signature).map_err(|_| wrong("is no base64"))?,
        parameters: Some(input.to_owned()),
    })
}

pub(super) fn unsigned(
    own: &HttpSignature,
    stated: &[(Parameter, String, Stated)],
    facts: &Facts<'_>,
    times: Times,
) -> Result<Unsigned, ContentError> {
    let mut input = InnerList::new(own.covers.iter().filter_map(Component::item).collect());
    for (_, name, value) in stated {
        let value: Option<BareItem> = match value {
            Stated::Seconds(seconds) => sfv::Integer::try_from(*seconds).ok().map(BareItem::Integer),
            Stated::Text(text) => sfv::String::from_string(text.clone()).ok().map(BareItem::String),
        };
        let no_text = || ContentError::Form(format!("`{name}` as ASCII text"));
        let key = Key::from_string(name.clone()).map_err(|_| no_text())?;
        input.params.insert(key, value.ok_or_else(no_text)?);
    }
    let input = written(&input).unwrap_or_default();
    let read = Read {
        covered: own.covers.clone(),
        times,
        key_id: None,
        tag: Vec::new(),
        parameters: Some(input.clone()),
    };
    let label = own.label.clone().unwrap_or_else(|| LABEL.to_owned());
    Ok(Unsigned {
        base: own.base(&read, facts)?,
        parts: Around::Rfc9421 { label, input },
    })
}
