//! A list of named values in a signed content: the fields of a form, the parameters of a query, or the headers that a
//! header names.

use std::borrow::Cow;

use serde::ser::SerializeMap as _;
use serde::{Deserialize, Serialize, Serializer};

use super::content::{ContentError, Facts, Sink, feed};
use super::part::Part;
use crate::message::Message;

const NAME: &str = "{name}";
const VALUE: &str = "{value}";

/// `{ each = "form", as = "{name}={value}", join = "&" }` in a content.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "EachTable")]
pub struct Each {
    of: List,
    /// What stands before the name, between name and value, and behind the value; without a name, before and behind it.
    form: Form,
    join: String,
    sorted: Sorted,
    unique: bool,
    except: Vec<String>,
    text: String,
}

/// Where the values come from.
#[derive(Debug, Clone, PartialEq, Eq)]
enum List {
    Form,
    Query,
    /// The headers named in this header's value, with commas between them.
    Headers(String),
    /// These parts, as values without names.
    Parts(Vec<Part>),
}

impl List {
    fn named(name: &str) -> Result<Self, String> {
        Ok(match name {
            "form" => Self::Form,
            "query" => Self::Query,
            other => match other.strip_prefix("headers:") {
                Some(name) if http::HeaderName::from_bytes(name.as_bytes()).is_ok() => Self::Headers(name.to_owned()),
                _ => {
                    return Err(format!(
                        "`each` is form, query, headers:NAME, where NAME is the header that lists them, or a list of parts, and not `{other}`"
                    ));
                }
            },
        })
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Form {
    Pair(String, String, String),
    Value(String, String),
}

/// `sort`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Sorted {
    /// As they stand.
    #[default]
    No,
    /// By name, then by value.
    Name,
    /// By value alone.
    Value,
}

/// `each` as it stands in a table.
#[derive(Deserialize)]
#[serde(untagged)]
enum Source {
    Named(String),
    Parts(Vec<Part>),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct EachTable {
    each: Source,
    #[serde(rename = "as", default = "pair")]
    form: String,
    #[serde(default)]
    join: String,
    #[serde(default)]
    sort: Sorted,
    #[serde(default)]
    unique: bool,
    #[serde(default)]
    except: Vec<String>,
}

fn pair() -> String {
    format!("{NAME}={VALUE}")
}

impl TryFrom<EachTable> for Each {
    type Error = String;

    fn try_from(table: EachTable) -> Result<Self, String> {
        let (of, name) = match table.each {
            Source::Named(name) => (List::named(&name)?, name),
            Source::Parts(parts) if parts.iter().any(|part| matches!(part, Part::Each(_))) => {
                return Err("a list in `each` holds no table of its own".into());
            }
            Source::Parts(parts) => {
                let texts: Vec<String> = parts.iter().map(Part::to_string).collect();
                (List::Parts(parts), texts.join(" "))
            }
        };
        let wrong = || {
            format!(
                "`as` is a text with {VALUE} in it, perhaps behind {NAME}, and not `{}`",
                table.form
            )
        };
        let (before, behind) = table.form.split_once(VALUE).ok_or_else(wrong)?;
        let form = match before.split_once(NAME) {
            Some((start, between)) => Form::Pair(start.to_owned(), between.to_owned(), behind.to_owned()),
            None => Form::Value(before.to_owned(), behind.to_owned()),
        };
        if matches!((&of, &form), (List::Parts(_), Form::Pair(..))) {
            return Err("the parts that `each` lists have no names, so `as` has {value} alone".into());
        }
        let text = format!("{{{name} as {}}}", table.form);
        Ok(Self {
            of,
            form,
            join: table.join,
            sorted: table.sort,
            unique: table.unique,
            except: table.except,
            text,
        })
    }
}

/// As a table writes it.
impl Serialize for Each {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut map = to.serialize_map(None)?;
        match &self.of {
            List::Form => map.serialize_entry("each", "form")?,
            List::Query => map.serialize_entry("each", "query")?,
            List::Headers(name) => map.serialize_entry("each", &format!("headers:{name}"))?,
            List::Parts(parts) => map.serialize_entry("each", parts)?,
        }
        let form = match &self.form {
            Form::Pair(before, between, behind) => format!("{before}{NAME}{between}{VALUE}{behind}"),
            Form::Value(before, behind) => format!("{before}{VALUE}{behind}"),
        };
        map.serialize_entry("as", &form)?;
        map.serialize_entry("join", &self.join)?;
        if self.sorted != Sorted::No {
            map.serialize_entry("sort", &self.sorted)?;
        }
        if self.unique {
            map.serialize_entry("unique", &true)?;
        }
        if !self.except.is_empty() {
            map.serialize_entry("except", &self.except)?;
        }
        map.end()
    }
}

impl Each {
    /// The list `of`, each value as `form` and `join` between them; in order, or sorted by name. `None` where a table can't say
    /// so.
    pub(crate) fn of(of: &str, form: &str, join: &str, is_sorted: bool) -> Option<Self> {
        let table = EachTable {
            each: Source::Named(of.to_owned()),
            form: form.to_owned(),
            join: join.to_owned(),
            sort: if is_sorted { Sorted::Name } else { Sorted::No },
            unique: false,
            except: Vec::new(),
        };
        Self::try_from(table).ok()
    }

    /// `parts`, sorted by what they are, with nothing between them.
    pub(crate) fn sorted(parts: Vec<Part>) -> Option<Self> {
        let table = EachTable {
            each: Source::Parts(parts),
            form: VALUE.to_owned(),
            join: String::new(),
            sort: Sorted::Value,
            unique: false,
            except: Vec::new(),
        };
        Self::try_from(table).ok()
    }

    /// Its name, for messages.
    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// The parts that it lists.
    pub(super) fn parts(&self) -> &[Part] {
        match &self.of {
            List::Parts(parts) => parts,
            _ => &[],
        }
    }

    /// The same, to be changed.
    pub(super) fn parts_mut(&mut self) -> &mut [Part] {
        match &mut self.of {
            List::Parts(parts) => parts,
            _ => &mut [],
        }
    }

    pub(super) fn reads_body(&self) -> bool {
        self.of == List::Form
            || self
                .parts()
                .iter()
                .any(|part| *part == Part::Body || part.reads_into_body())
    }

    /// Whether it covers every field of a form.
    pub(super) fn covers_form(&self) -> bool {
        self.of == List::Form && matches!(self.form, Form::Pair(..))
    }

    /// The header that lists the headers.
    pub(crate) fn list_header(&self) -> Option<&str> {
        match &self.of {
            List::Headers(name) => Some(name),
            _ => None,
        }
    }

    /// The same list of named headers as it may be put together otherwise, each with what it is, in words; none of another
    /// list.
    pub(crate) fn otherwise(&self) -> Vec<(String, Self)> {
        let List::Headers(list) = &self.of else {
            return Vec::new();
        };
        let mut all: Vec<(String, Self)> = Vec::new();
        let mut push = |what: String, change: &dyn Fn(&mut Self)| {
            let mut other = self.clone();
            change(&mut other);
            other.text = format!("{} {what}", self.text);
            all.push((what, other));
        };
        push("sorted by name".into(), &|other| other.sorted = Sorted::Name);
        push(format!("without `{list}` itself"), &|other| {
            other.except.extend([list.clone(), list.to_ascii_lowercase()]);
        });
        for join in ["\n", ";", ",", "&", ""].iter().filter(|join| **join != self.join) {
            push(format!("with `{}` between them", join.escape_debug()), &|other| {
                other.join = (*join).to_owned();
            });
        }
        if let Form::Pair(before, between, behind) = &self.form {
            for own in [":", ": ", "="].iter().filter(|own| *own != between) {
                push(format!("with `{own}` behind each name"), &|other| {
                    other.form = Form::Pair(before.clone(), (*own).to_owned(), behind.clone());
                });
            }
            push("without their names".into(), &|other| {
                other.form = Form::Value(String::new(), String::new());
            });
        }
        all
    }

    pub(super) fn feed(&self, facts: &Facts<'_>, body: &[u8], sink: &mut dyn Sink) -> Result<(), ContentError> {
        if let List::Parts(parts) = &self.of {
            return self.feed_parts(parts, facts, body, sink);
        }
        let Some(message) = facts.message else { return Ok(()) };
        let query = facts.query();
        let mut all: Vec<(Cow<'_, str>, Cow<'_, str>)> = match &self.of {
            List::Parts(_) => Vec::new(),
            List::Form => {
                let fields = message.form_fields(body).into_iter();
                fields.map(|(name, value)| (name.into(), value.into())).collect()
            }
            List::Query => form_urlencoded::parse(query.unwrap_or_default().as_bytes()).collect(),
            List::Headers(list) => named(message, list),
        };
        all.retain(|(name, _)| !self.except.iter().any(|left_out| left_out == name));
        match self.sorted {
            Sorted::No => {}
            Sorted::Name => all.sort(),
            Sorted::Value => all.sort_by(|(_, one), (_, other)| one.cmp(other)),
        }
        if self.unique {
            all.dedup();
        }
        for (index, (name, value)) in all.iter().enumerate() {
            if index > 0 {
                sink.take(self.join.as_bytes());
            }
            let parts = match &self.form {
                Form::Pair(before, between, behind) => [before, &**name, between, &**value, behind],
                Form::Value(before, behind) => [before, &**value, behind, "", ""],
            };
            parts.iter().for_each(|part| sink.take(part.as_bytes()));
        }
        Ok(())
    }

    /// The values of `parts`; where the secret is one, the sink knows where it stands among them.
    fn feed_parts(
        &self,
        parts: &[Part],
        facts: &Facts<'_>,
        body: &[u8],
        sink: &mut dyn Sink,
    ) -> Result<(), ContentError> {
        let mut values: Vec<Option<Vec<u8>>> = Vec::with_capacity(parts.len());
        for part in parts {
            if *part == Part::Secret {
                values.push(None);
                continue;
            }
            let mut value = Vec::new();
            feed(std::slice::from_ref(part), facts, body, &mut |more: &[u8]| {
                value.extend_from_slice(more)
            })?;
            values.push(Some(value));
        }
        sink.take_values(&Values {
            values,
            is_sorted: self.sorted != Sorted::No,
            join: &self.join,
            around: match &self.form {
                Form::Value(before, behind) | Form::Pair(before, _, behind) => [before, behind],
            },
        });
        Ok(())
    }
}

/// Values that are put together in an order that the secret, one of them, has a part in.
#[derive(Debug)]
pub struct Values<'a> {
    /// Nothing for the secret.
    values: Vec<Option<Vec<u8>>>,
    is_sorted: bool,
    join: &'a str,
    /// What stands before and behind each value.
    around: [&'a str; 2],
}

impl Values<'_> {
    /// Gives `take` what is signed where `secret` is the secret.
    pub(crate) fn feed(&self, secret: &[u8], take: &mut dyn FnMut(&[u8])) {
        let mut all: Vec<&[u8]> = self
            .values
            .iter()
            .map(|value| value.as_deref().unwrap_or(secret))
            .collect();
        if self.is_sorted {
            all.sort_unstable();
        }
        for (index, value) in all.into_iter().enumerate() {
            if index > 0 {
                take(self.join.as_bytes());
            }
            take(self.around[0].as_bytes());
            take(value);
            take(self.around[1].as_bytes());
        }
    }
}

/// The headers that the header `list` names, in that order, each with its name as it is written there.
fn named<'m>(message: &'m Message, list: &str) -> Vec<(Cow<'m, str>, Cow<'m, str>)> {
    let names = message.headers.text(list).unwrap_or_default().split(',').map(str::trim);
    let found = names.filter_map(|name| {
        let value = message.headers.text(name)?;
        Some((Cow::Borrowed(name), Cow::Borrowed(value.trim())))
    });
    found.collect()
}
