//! What a delivery says of itself beside its body: times, ids, URLs.

use super::carrier::Carrier;
use crate::clock::Unit;
use crate::explain::content::{Delivery, LONGEST_READ, other_urls};
use crate::json::pointer::escaped;
use crate::json::{self, Value};
use crate::message::{Message, Place};
use crate::scheme::{Canonical, Change, Content, Each, Given, Part};

const MOST_STAMPS: usize = 6;
const MOST_IDS: usize = 8;
/// What LinkedIn signs before the body, and others may.
const ALGORITHMS: [&str; 3] = ["hmacsha256=", "sha256=", "sha1="];
/// A header that lists more of them is not looked at.
const MOST_LISTED: usize = 32;
/// A longer value is no id, in bytes.
const LONGEST_ID: usize = 256;

/// A time in the delivery.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Stamp {
    pub(super) place: Place,
    pub(super) unit: Unit,
    pub(super) text: String,
    /// Its key and header, where it stands beside a signature.
    pub(super) field: Option<String>,
    header: Option<String>,
}

/// A text that may be the message's id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Id {
    pub(super) place: Place,
    pub(super) text: String,
}

/// What the parts of a signed content may be made of, the likeliest first.
pub(super) struct Facts {
    pub(super) method: String,
    pub(super) form: bool,
    /// The body as it is; a form's fields, or JSON written again where that gives other bytes.
    pub(super) bodies: Vec<Part>,
    pub(super) stamps: Vec<Stamp>,
    pub(super) ids: Vec<Id>,
    pub(super) urls: Vec<String>,
    /// Texts before the others, such as Slack's `v0`.
    pub(super) versions: Vec<Part>,
    /// Names of an algorithm that are signed before the body.
    pub(super) algorithms: Vec<Part>,
    /// Values that stand beside a signature in the query or in the body.
    pub(super) beside: Vec<Part>,
    /// Headers that a header lists.
    pub(super) listed: Vec<Part>,
    /// The fields of a form by name, and the parameters of the query.
    pub(super) forms: Vec<Part>,
    pub(super) queries: Vec<Part>,
    /// What the user gives.
    pub(super) given: Vec<Part>,
    /// The delivery, for these.
    pub(super) delivery: Delivery,
    /// The query parameter that holds the body's digest.
    pub(super) digest: Option<String>,
    /// The time of the delivery itself, in the body.
    in_body: Option<Stamp>,
}

impl Facts {
    pub(super) fn of(message: &Message, carriers: &[Carrier], given: &[Given]) -> Self {
        let body = (message.body.len() <= LONGEST_READ)
            .then(|| json::parse(&message.body).ok())
            .flatten();
        let members: Vec<(&String, &Value)> = body.as_ref().and_then(Value::as_object).into_iter().flatten().collect();
        let mut versions: Vec<String> = carriers
            .iter()
            .filter_map(Carrier::version)
            .map(str::to_owned)
            .collect();
        versions.extend(["v0".to_owned(), "v1".to_owned()]);
        let mut seen: Vec<String> = Vec::new();
        versions.retain(|version| {
            let is_new = !seen.contains(version);
            seen.push(version.clone());
            is_new
        });
        versions.truncate(4);
        let url = message.url.as_deref();
        let mut urls: Vec<String> = url.map(str::to_owned).into_iter().collect();
        urls.extend(other_urls(message, url).into_iter().map(|(url, _)| url));
        Self {
            method: message.method.clone(),
            form: message.is_form(),
            bodies: bodies(message, body.is_some()),
            stamps: stamps(message, carriers, &members),
            ids: ids(message, carriers, &members),
            urls,
            versions: versions.into_iter().map(Part::Text).collect(),
            algorithms: ALGORITHMS.map(|name| Part::Text(name.to_owned())).to_vec(),
            beside: beside(carriers),
            listed: listed(message),
            forms: if message.is_form() {
                each_of("form", &PAIRS)
            } else {
                Vec::new()
            },
            queries: match message.query() {
                Some(query) if !query.is_empty() => each_of("query", &PAIRS[..1]),
                _ => Vec::new(),
            },
            given: given.iter().cloned().map(Part::Given).collect(),
            delivery: Delivery::of(message),
            digest: digest(message),
            in_body: in_body(&members).find(|stamp| matches!(&stamp.place, Place::Body(pointer) if is_own(pointer))),
        }
    }

    /// The time of the delivery itself, where a header that is signed with others holds it, or the signed body alone.
    pub(super) fn own_time(&self, content: &Content) -> Option<&Stamp> {
        let lists = content.parts().iter().filter_map(|part| match part {
            Part::Each(each) => each.list_header(),
            _ => None,
        });
        let in_list = |list: &str| {
            self.stamps
                .iter()
                .find(|stamp| matches!(&stamp.place, Place::Header(name) if self.delivery.lists(list, name)))
        };
        let in_body = || self.in_body.as_ref().filter(|_| content.signs(&Part::Body));
        lists.into_iter().find_map(in_list).or_else(in_body)
    }
}

/// How the pairs of a form or a query are put together, and what stands between them.
const PAIRS: [(&str, &str); 3] = [("{name}={value}", "&"), ("{name}{value}", ""), ("{value}", "")];
/// And headers that a header lists.
const LISTED: [&str; 4] = ["{name}:{value}", "{name}={value}", "{name}: {value}", "{value}"];
const BETWEEN_LISTED: [&str; 5] = [";", "\n", ",", "&", ""];

/// The pairs of `of` by name.
fn each_of(of: &str, forms: &[(&str, &str)]) -> Vec<Part> {
    let each = forms.iter().filter_map(|(form, join)| Each::of(of, form, join, true));
    each.map(Part::Each).collect()
}

/// The headers that a header lists, where all of its names are those of headers.
fn listed(message: &Message) -> Vec<Part> {
    let is_list = |value: &[u8]| {
        let names: Vec<&str> = str::from_utf8(value).unwrap_or_default().split(',').collect();
        (2..=MOST_LISTED).contains(&names.len()) && names.iter().all(|name| message.headers.contains(name.trim()))
    };
    let lists = message.headers.iter().filter(|(_, value)| is_list(value)).take(2);
    let forms = |(list, _): (&str, &[u8])| {
        let list = format!("headers:{list}");
        let each = |form| BETWEEN_LISTED.iter().map(move |join| (form, join));
        let all = LISTED.iter().flat_map(each);
        all.filter_map(|(form, join)| Each::of(&list, form, join, false).map(Part::Each))
            .collect::<Vec<Part>>()
    };
    lists.flat_map(forms).collect()
}

fn beside(carriers: &[Carrier]) -> Vec<Part> {
    let mut all = Vec::new();
    for (place, text) in carriers.iter().flat_map(|carrier| &carrier.beside) {
        let part = Part::Value(place.clone());
        if text.len() <= LONGEST_ID && Unit::of(text).is_none() && all.len() < MOST_IDS && !all.contains(&part) {
            all.push(part);
        }
    }
    all
}

fn bodies(message: &Message, is_json: bool) -> Vec<Part> {
    let mut bodies = vec![Part::Body];
    if message.is_form() {
        bodies.push(Part::FormSorted);
    }
    if is_json {
        let again = [Canonical::Sorted, Canonical::Jcs].map(|canonical| {
            let change = Change::Json(canonical);
            let part = Part::Changed(Box::new(Part::Body), change);
            (part, change.apply(&message.body))
        });
        let mut seen = vec![Some(message.body.to_vec())];
        for (part, bytes) in again {
            if bytes.is_some() && !seen.contains(&bytes) {
                bodies.push(part);
                seen.push(bytes);
            }
        }
    }
    bodies
}

impl Stamp {
    fn new(place: Place, text: &str) -> Option<Self> {
        Some(Self {
            place,
            unit: Unit::of(text)?,
            text: text.to_owned(),
            field: None,
            header: None,
        })
    }

    /// Whether it can be the time of a signature in `header`.
    pub(super) fn is_in(&self, header: &str) -> bool {
        self.header.as_deref().is_none_or(|own| own == header)
    }
}

fn stamps(message: &Message, carriers: &[Carrier], members: &[(&String, &Value)]) -> Vec<Stamp> {
    let mut all: Vec<Stamp> = Vec::new();
    for carrier in carriers {
        for (key, text) in &carrier.fields {
            if let Some(stamp) = Stamp::new(Place::Signature, text) {
                all.push(Stamp {
                    field: Some(key.clone()),
                    header: Some(carrier.header.clone()),
                    ..stamp
                });
            }
        }
    }
    let beside = carriers.iter().flat_map(|carrier| &carrier.beside);
    all.extend(beside.filter_map(|(place, text)| Stamp::new(place.clone(), text)));
    let headers = message.headers.iter().filter_map(|(name, value)| {
        let text = std::str::from_utf8(value).ok()?;
        Stamp::new(Place::Header(name.to_owned()), text)
    });
    let mut headers: Vec<Stamp> = headers.collect();
    headers.sort_by_key(|stamp| match &stamp.place {
        Place::Header(name) => !name.to_ascii_lowercase().contains("time"),
        _ => true,
    });
    all.extend(headers);
    all.extend(in_body(members));
    let mut seen: Vec<(Place, Option<String>)> = Vec::new();
    all.retain(|stamp| {
        let own = (stamp.place.clone(), stamp.field.clone());
        let is_new = !seen.contains(&own);
        seen.push(own);
        is_new
    });
    all.truncate(MOST_STAMPS);
    all
}

/// The times among the body's members.
fn in_body<'a>(members: &'a [(&'a String, &'a Value)]) -> impl Iterator<Item = Stamp> + use<'a> {
    members.iter().filter_map(|(name, value)| {
        let place = Place::Body(pointer(name));
        match value {
            Value::String(text) => Stamp::new(place, text),
            Value::Number(number) => Stamp::new(place, number.as_str()),
            _ => None,
        }
    })
}

/// Whether a member is called the time of the delivery, and not of what it reports.
fn is_own(pointer: &str) -> bool {
    let name: String = pointer.chars().filter(char::is_ascii_alphanumeric).collect();
    let name = name.to_ascii_lowercase();
    let of = ["webhook", "deliver", "sent", "send", "signed", "request"];
    let time = ["time", "at", "date"];
    of.iter().any(|word| name.starts_with(word)) && time.iter().any(|word| name.contains(word))
}

fn ids(message: &Message, carriers: &[Carrier], members: &[(&String, &Value)]) -> Vec<Id> {
    let is_carrier = |name: &str| carriers.iter().any(|carrier| carrier.header.eq_ignore_ascii_case(name));
    let mut all: Vec<Id> = Vec::new();
    for (name, value) in message.headers.iter() {
        let text = std::str::from_utf8(value)
            .ok()
            .filter(|text| !text.is_empty() && text.len() <= LONGEST_ID);
        if let Some(text) = text
            && !is_carrier(name)
            && !is_of_http(name)
            && Unit::of(text).is_none()
        {
            all.push(Id {
                place: Place::Header(name.to_owned()),
                text: text.to_owned(),
            });
        }
    }
    let rank = |name: &str| {
        let name = name.to_ascii_lowercase();
        let words = ["id", "delivery", "nonce"];
        !name.split(['-', '_']).any(|word| words.contains(&word))
    };
    all.sort_by_key(|id| match &id.place {
        Place::Header(name) => rank(name),
        _ => true,
    });
    all.truncate(MOST_IDS);
    for (name, value) in members {
        if let Value::String(text) = value
            && name.to_ascii_lowercase().ends_with("id")
            && text.len() <= LONGEST_ID
            && all.len() < 2 * MOST_IDS
        {
            all.push(Id {
                place: Place::Body(pointer(name)),
                text: text.clone(),
            });
        }
    }
    all
}

/// Whether a header of that name speaks of the body, the connection or the client, and never of the message.
fn is_of_http(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    [
        "host",
        "user-agent",
        "connection",
        "via",
        "date",
        "authorization",
        "cookie",
    ]
    .contains(&name.as_str())
        || ["content-", "accept", "x-forwarded-", "transfer-"]
            .iter()
            .any(|start| name.starts_with(start))
}

/// The query parameter of the URL that holds the body's SHA-256, as Twilio has it.
fn digest(message: &Message) -> Option<String> {
    use sha2::{Digest as _, Sha256};
    let url = message.url.as_deref()?;
    let (_, query) = url.split_once('?')?;
    let digest = hex::encode(Sha256::digest(&message.body));
    let mut pairs = form_urlencoded::parse(query.as_bytes());
    pairs
        .find(|(_, value)| *value == digest)
        .map(|(name, _)| name.into_owned())
}

/// The JSON pointer of a member of the outermost object.
fn pointer(name: &str) -> String {
    format!("/{}", escaped(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_in_the_body_is_the_deliverys_only_where_it_is_called_so() {
        for (body, expected) in [
            (
                r#"{"createdAt":"2021-02-25T15:02:10Z","webhookTimestamp":1614265330123}"#,
                Some("/webhookTimestamp"),
            ),
            (r#"{"sent_at":"2021-02-25T15:02:10Z"}"#, Some("/sent_at")),
            (
                r#"{"timestamp":"2021-02-25T15:02:10Z","sentence":"2021-02-25T15:02:10Z"}"#,
                None,
            ),
        ] {
            let facts = Facts::of(&Message::new(body), &[], &[]);
            let content = Content::of(vec![Part::Body]);
            let found = facts.own_time(&content).map(|stamp| stamp.place.clone());
            assert_eq!(found, expected.map(|pointer| Place::Body(pointer.to_owned())), "{body}");
        }
    }
}
