//! What is lost when JSON is read and written again: the difference between two documents, told by a reader that keeps
//! the order of members, each of two members with one name, and the text of each number.

use std::collections::BTreeSet;
use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

/// Why a writer that reads what another wrote can't write what stood there before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Loss {
    /// Most readers, and the parser here, keep the last of two members with one name.
    Duplicate,
    /// Gson leaves members out whose value is null.
    Null,
    /// A writer that sorts, or that puts array indices first, leaves no trace of the order before.
    Order,
    /// `1.0` and `1` are one double, and so are `100.00` and `100`, `1e5` and `100000`.
    Notation,
    /// An integer beyond 2^53 or a long fraction is not what a double holds.
    Precision,
    /// The parser here reads `1e21` and `2E5` as `1e+21` and `2e+5`, which shows where a number's text is kept.
    Exponent,
    /// PHP reads `{}` and `{"0":…}` as an array, and writes a list.
    ObjectAsList,
    /// A library took a text for a time, and wrote that without the zeros at its end.
    Time,
}

impl Loss {
    pub const ALL: [Self; 8] = [
        Self::Duplicate,
        Self::Null,
        Self::Order,
        Self::Notation,
        Self::Precision,
        Self::Exponent,
        Self::ObjectAsList,
        Self::Time,
    ];
}

/// What `arrived` does not tell of `signed` any more.
pub fn between(signed: &[u8], arrived: &[u8]) -> BTreeSet<Loss> {
    let mut losses = BTreeSet::new();
    compare(&read(signed), &read(arrived), &mut losses);
    losses
}

enum Node {
    Object(Vec<(String, Node)>),
    List(Vec<Node>),
    Number(String),
    Text(String),
    Other(String),
}

fn read(json: &[u8]) -> Node {
    node(serde_json::from_slice(json).unwrap())
}

fn node(raw: &RawValue) -> Node {
    let text = raw.get();
    match text.as_bytes()[0] {
        b'{' => {
            let Members(members) = serde_json::from_str(text).unwrap();
            Node::Object(members.iter().map(|(name, raw)| (name.clone(), node(raw))).collect())
        }
        b'[' => {
            let items: Vec<&RawValue> = serde_json::from_str(text).unwrap();
            Node::List(items.into_iter().map(node).collect())
        }
        b'"' => Node::Text(serde_json::from_str(text).unwrap()),
        b'-' | b'0'..=b'9' => Node::Number(text.to_owned()),
        _ => Node::Other(text.to_owned()),
    }
}

/// The members of an object as they stand, two of one name included.
struct Members(Vec<(String, Box<RawValue>)>);

impl<'de> Deserialize<'de> for Members {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct All;
        impl<'de> Visitor<'de> for All {
            type Value = Members;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members, A::Error> {
                let mut all = Vec::new();
                while let Some(member) = map.next_entry()? {
                    all.push(member);
                }
                Ok(Members(all))
            }
        }
        deserializer.deserialize_map(All)
    }
}

fn compare(signed: &Node, arrived: &Node, losses: &mut BTreeSet<Loss>) {
    match (signed, arrived) {
        (Node::Object(signed), Node::Object(arrived)) => {
            let common = |own: &[(String, Node)], other: &[(String, Node)]| -> Vec<String> {
                let there = |name: &String| other.iter().any(|(other, _)| other == name);
                own.iter()
                    .map(|(name, _)| name)
                    .filter(|name| there(name))
                    .cloned()
                    .collect()
            };
            let distinct = |names: &[String]| names.iter().collect::<BTreeSet<_>>().len();
            let (before, after) = (common(signed, arrived), common(arrived, signed));
            if [(signed, &before), (arrived, &after)]
                .iter()
                .any(|(all, kept)| all.len() > kept.len())
            {
                losses.insert(Loss::Null);
            }
            if distinct(&before) < before.len() || before.len() != after.len() {
                losses.insert(Loss::Duplicate);
            } else if before != after {
                losses.insert(Loss::Order);
            }
            for (name, after) in arrived {
                if let Some((_, before)) = signed.iter().rfind(|(own, _)| own == name) {
                    compare(before, after, losses);
                }
            }
        }
        (Node::Object(signed), Node::List(arrived)) | (Node::List(arrived), Node::Object(signed)) => {
            losses.insert(Loss::ObjectAsList);
            assert_eq!(signed.len(), arrived.len());
            for ((_, before), after) in signed.iter().zip(arrived) {
                compare(before, after, losses);
            }
        }
        (Node::List(signed), Node::List(arrived)) => {
            assert_eq!(signed.len(), arrived.len());
            for (before, after) in signed.iter().zip(arrived) {
                compare(before, after, losses);
            }
        }
        (Node::Number(before), Node::Number(after)) if before != after => {
            losses.insert(if digits(before) == digits(after) {
                Loss::Notation
            } else {
                Loss::Precision
            });
        }
        (Node::Number(kept), Node::Number(_)) => {
            if kept.contains(['e', 'E']) && !(kept.contains("e+") || kept.contains("e-")) {
                losses.insert(Loss::Exponent);
            }
        }
        (Node::Text(before), Node::Text(after)) if before != after => {
            let times = [before, after].map(|text| text.starts_with("20") && text.ends_with('Z'));
            assert_eq!(times, [true, true], "{before:?} became {after:?}");
            losses.insert(Loss::Time);
        }
        (Node::Text(_), Node::Text(_)) => {}
        (Node::Other(before), Node::Other(after)) => assert_eq!(before, after),
        _ => panic!("a value became another"),
    }
}

/// A number's digits without the zeros around them: those of 1.0, 1 and 1e5 are the same.
fn digits(number: &str) -> String {
    let mantissa = number.split(['e', 'E']).next().unwrap();
    let digits: String = mantissa.chars().filter(char::is_ascii_digit).collect();
    digits.trim_matches('0').to_owned()
}
