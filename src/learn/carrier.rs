//! Where a MAC may stand, and what stands around it.

use std::ops::Range;

use super::inside;
use crate::clock::Unit;
use crate::explain::is_named_so;
use crate::message::{Headers, Message, Place};
use crate::scheme::{Encoding, Grammar, Kind};

/// A header's value is not looked into beyond this, in bytes.
const LONGEST: usize = 4096;
const MOST: usize = 32;

const ENCODINGS: [Encoding; 5] = [
    Encoding::Hex,
    Encoding::HexUpper,
    Encoding::Base64,
    Encoding::Base64Url,
    Encoding::Base64UrlPadded,
];

/// A text that may be a MAC.
pub(super) struct Carrier {
    /// The header's name, or the place in words.
    pub(super) header: String,
    pub(super) place: Place,
    pub(super) tag: Vec<u8>,
    pub(super) encoding: Encoding,
    /// Another encoding that the text may be in: nothing in it tells the alphabets of base64 apart.
    pub(super) accept: Option<Encoding>,
    form: Form,
    /// The other pairs of the header, where it consists of pairs.
    pub(super) fields: Vec<(String, String)>,
    /// What stands beside it in the query or in the body.
    pub(super) beside: Vec<(Place, String)>,
}

/// How the header is put together, as a provider's table writes it.
enum Form {
    Item {
        item: String,
        list: Option<&'static str>,
    },
    /// What stands between the separators, and which of it is the signature.
    Positions {
        separator: char,
        texts: Vec<String>,
        own: usize,
    },
    /// The keys in their order, and which of them is the signature's.
    Fields {
        separator: char,
        keys: Vec<String>,
        own: String,
    },
}

/// Every text that is as long as a MAC, in one of the encodings: in the headers; and where none of these is called a
/// signature, in what is called one in the query or in the body.
pub(super) fn all(message: &Message) -> Vec<Carrier> {
    let mut all = of_headers(&message.headers);
    if !all.iter().any(|carrier| is_named_so(&carrier.header)) {
        for own in inside::all(message) {
            take(&own.place, &own.text, &own.beside, &mut all);
        }
    }
    all
}

fn of_headers(headers: &Headers) -> Vec<Carrier> {
    let mut all = Vec::new();
    for (name, value) in headers.iter() {
        if let Ok(text) = std::str::from_utf8(value) {
            take(&Place::Header(name.to_owned()), text, &[], &mut all);
        }
    }
    all
}

fn take(place: &Place, text: &str, beside: &[(Place, String)], all: &mut Vec<Carrier>) {
    if text.len() > LONGEST || !text.bytes().all(|byte| (b' '..=b'~').contains(&byte)) {
        return;
    }
    for (range, tag, encoding) in tags(text) {
        let is_either = encoding == Encoding::Base64 && text[range.clone()].ends_with('=');
        let is_either = is_either && !text[range.clone()].contains(['+', '/']);
        let (form, fields) = form(text, range);
        let carrier = Carrier {
            header: match place {
                Place::Header(name) => name.clone(),
                place => place.clone().into(),
            },
            place: place.clone(),
            tag,
            encoding,
            accept: is_either.then_some(Encoding::Base64UrlPadded),
            form,
            fields,
            beside: beside.to_vec(),
        };
        if all.len() < MOST && carrier.grammar(None).is_some() {
            all.push(carrier);
        }
    }
}

impl Carrier {
    /// How the header is put together, with the time in the pair `timestamp` of it; `None` where a table can't say so.
    pub(super) fn grammar(&self, timestamp: Option<&str>) -> Option<Grammar> {
        match &self.form {
            Form::Item { item, list } => Grammar::items(item, *list).ok(),
            Form::Positions { separator, texts, own } => {
                let slot = |(index, text): (usize, &String)| match timestamp {
                    _ if index == *own => "{sig}".to_owned(),
                    Some(key) if index.to_string() == key => "{timestamp}".to_owned(),
                    _ => text.clone(),
                };
                let slots: Vec<String> = texts.iter().enumerate().map(slot).collect();
                Grammar::positions(&slots.join(&separator.to_string())).ok()
            }
            // Pairs without a time are a list, in which other pairs are passed over.
            Form::Fields { separator, keys, own } => match timestamp.filter(|key| keys.iter().any(|own| own == key)) {
                None => Grammar::items(&format!("{own}={{sig}}"), Some(&separator.to_string())).ok(),
                Some(timestamp) => {
                    let pair = |key: &String| {
                        if key == own {
                            Some(format!("{key}={{sig}}"))
                        } else {
                            (key == timestamp).then(|| format!("{key}={{timestamp}}"))
                        }
                    };
                    let pairs: Vec<String> = keys.iter().filter_map(pair).collect();
                    Grammar::fields(&pairs.join(&separator.to_string())).ok()
                }
            },
        }
    }

    /// The MAC, by its length.
    pub(super) fn kind(&self) -> Option<Kind> {
        Kind::all().find(|kind| kind.may_give(&self.tag))
    }

    /// Whether it is no HMAC by its length, and looks like a signature by a key pair.
    pub(super) fn kind_by_pair(&self) -> bool {
        self.kind()
            .is_some_and(|kind| matches!(kind, Kind::Rsa(..) | Kind::Ecdsa(..)))
    }

    /// What stands before the signature without its marks, such as `v0`: some senders sign it too.
    pub(super) fn version(&self) -> Option<&str> {
        let before = match &self.form {
            Form::Item { item, .. } => item.split('{').next().unwrap_or_default(),
            Form::Fields { own, .. } => own,
            Form::Positions { .. } => "",
        };
        let word = before.trim_end_matches(['=', ',', ':', ' ']);
        let is_word = !word.is_empty() && word.len() <= 16 && word.bytes().all(|byte| byte.is_ascii_alphanumeric());
        is_word.then_some(word)
    }
}

/// The places of texts that are MACs by their length.
fn tags(text: &str) -> Vec<(Range<usize>, Vec<u8>, Encoding)> {
    let in_word = |byte: u8| byte.is_ascii_alphanumeric() || b"+/-_".contains(&byte);
    let bytes = text.as_bytes();
    let mut found = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        let start = at;
        while at < bytes.len() && in_word(bytes[at]) {
            at += 1;
        }
        let padding = bytes[at..].iter().take(2).take_while(|byte| **byte == b'=').count();
        let decoded = |start: usize| {
            (0..=padding).rev().find_map(|padding| {
                let range = start..at + padding;
                let decode = |encoding: &Encoding| Some((encoding.decode(&text[range.clone()])?, *encoding));
                let (tag, encoding) = ENCODINGS.iter().find_map(decode)?;
                let is_mac = Kind::all().any(|kind| kind.may_give(&tag));
                is_mac.then_some((range, tag, encoding))
            })
        };
        // Ethereum's mark of hexadecimal digits, which base64 may begin with too.
        let marked = || text[start..at].starts_with("0x").then(|| decoded(start + 2));
        found.extend(decoded(start).or_else(|| marked().flatten()));
        at = at.max(start + 1);
    }
    found
}

/// Values told by their position, one of them the text `token` and another a time; with those besides by their numbers.
fn positions(value: &str, token: &str) -> Option<(Form, Vec<(String, String)>)> {
    [',', ';'].into_iter().find_map(|separator| {
        let texts: Vec<String> = value.split(separator).map(str::to_owned).collect();
        let own = texts.iter().position(|text| text == token)?;
        // Where the signature is last, others may follow.
        let texts = texts[..=own].to_vec();
        let others = texts.iter().enumerate().filter(|(index, _)| *index != own);
        let others: Vec<(String, String)> = others.map(|(index, text)| (index.to_string(), text.clone())).collect();
        let has_time = others.iter().any(|(_, text)| Unit::of(text).is_some());
        let form = Form::Positions { separator, texts, own };
        has_time.then_some((form, others))
    })
}

/// What stands around the text at `range`.
fn form(value: &str, range: Range<usize>) -> (Form, Vec<(String, String)>) {
    let token = &value[range.clone()];
    for (separator, list) in [(',', ","), (';', ";"), ('&', "&")] {
        let pairs: Option<Vec<(&str, &str)>> = value.split(separator).map(|pair| pair.trim().split_once('=')).collect();
        let Some(pairs) = pairs.filter(|pairs| pairs.len() > 1 && pairs.iter().all(|(key, _)| is_key(key))) else {
            continue;
        };
        let Some((own, _)) = pairs.iter().find(|(_, text)| *text == token) else {
            continue;
        };
        if pairs.iter().all(|(key, _)| key == own) {
            let item = format!("{own}={{sig}}");
            let list = Some(list);
            return (Form::Item { item, list }, Vec::new());
        }
        let mut keys: Vec<String> = Vec::new();
        for (key, _) in &pairs {
            if !keys.iter().any(|other| other == key) {
                keys.push((*key).to_owned());
            }
        }
        let own = (*own).to_owned();
        let fields = pairs.iter().filter(|(key, _)| *key != own);
        let fields = fields
            .map(|(key, text)| ((*key).to_owned(), (*text).to_owned()))
            .collect();
        return (Form::Fields { separator, keys, own }, fields);
    }
    for list in [" ", ","] {
        let items: Vec<&str> = value.split(list).map(str::trim).collect();
        let mut with_tag = items.iter().filter(|item| item.contains(token));
        if items.len() > 1
            && items.iter().all(|item| !tags(item).is_empty())
            && let Some(item) = with_tag.next()
        {
            let item = item.replacen(token, "{sig}", 1);
            return (Form::Item { item, list: Some(list) }, Vec::new());
        }
    }
    if let Some(found) = positions(value, token) {
        return found;
    }
    let item = format!("{}{{sig}}{}", &value[..range.start], &value[range.end..]);
    // Standard Webhooks: a version, a comma, and one space to the next where several keys are in use.
    let version = item.split_once(',').map_or("", |(version, _)| version);
    let is_version = version.strip_prefix('v').is_some_and(is_number) && item.matches(' ').count() == 0;
    let list = is_version.then_some(" ");
    (Form::Item { item, list }, Vec::new())
}

fn is_key(key: &str) -> bool {
    !key.is_empty()
        && key
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use sha2::{Digest as _, Sha256};

    use super::*;

    #[test]
    fn a_header_is_read_in_every_form_that_a_table_can_write() {
        let (hex, base64) = ("ab".repeat(32), "q".repeat(42) + "A=");
        for (value, timestamp, form) in [
            (hex.clone(), None, "{sig}"),
            (format!("sha256={hex}"), None, "sha256={sig}"),
            (format!("sha256={base64}"), None, "sha256={sig}"),
            (format!("HMAC key-1:{base64}"), None, "HMAC key-1:{sig}"),
            (format!("signature=\"{hex}\""), None, "signature=\"{sig}\""),
            (format!("t=12,v1={hex},v0={hex}"), Some("t"), "t={timestamp},v1={sig}"),
            (format!("h1={base64};ts=12"), Some("ts"), "h1={sig};ts={timestamp}"),
            (format!("v1={hex},v1={hex}"), None, "v1={sig}"),
        ] {
            let headers: Headers = [("X-Sig", value.clone())].into_iter().collect();
            let found = of_headers(&headers);
            assert!(!found.is_empty(), "{value}");
            let grammar = found[0].grammar(timestamp).unwrap();
            assert_eq!(grammar.to_string(), form, "{value}");
            assert!(grammar.parse(value.as_bytes()).is_ok(), "{value}");
        }
    }

    #[test]
    fn a_mac_is_found_whatever_its_bytes() {
        // In base64 those of 2005 and 2792 begin with `0x`.
        for seed in 0..3_000_u32 {
            let tag = Sha256::digest(seed.to_be_bytes()).to_vec();
            for (encoding, item) in ENCODINGS
                .iter()
                .flat_map(|encoding| [(encoding, ""), (encoding, "v1=")])
            {
                let value = format!("{item}{}", encoding.encode(&tag));
                let headers: Headers = [("X-Sig", value.clone())].into_iter().collect();
                let found = of_headers(&headers);
                assert!(found.iter().any(|carrier| carrier.tag == tag), "{value}");
            }
        }
    }

    #[test]
    fn several_signatures_are_a_list() {
        let base64 = "q".repeat(42) + "A=";
        for value in [
            format!("v1,{base64}"),
            format!("v1,{base64} v1,{base64}"),
            format!("v1a,{}== v1,{base64}", "A".repeat(86)),
        ] {
            let headers: Headers = [("webhook-signature", value.clone())].into_iter().collect();
            let is_list = |carrier: &Carrier| carrier.grammar(None).is_some_and(|grammar| grammar.is_list());
            assert!(of_headers(&headers).iter().any(is_list), "{value}");
        }
    }

    #[test]
    fn what_no_table_can_write_and_what_is_no_mac_is_passed_over() {
        let hex = "ab".repeat(32);
        for value in [
            String::new(),
            "abcd".into(),
            format!("{{sig}}{hex}"),
            format!("{{timestamp}}{hex}"),
            format!("{hex}\u{1b}"),
            format!("{hex}é"),
            hex.repeat(200),
            "=".repeat(4096),
        ] {
            let headers: Headers = [("X-Sig", value.clone())].into_iter().collect();
            assert!(of_headers(&headers).is_empty(), "{value:?}");
        }
    }
}
