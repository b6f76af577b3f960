//! A value that is valid under a JSON Schema (draft 2020-12, and what OpenAPI 3.0 has otherwise): realistic by the names
//! of its members and their formats, and the same for the same seed.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use fastrand::Rng;
use regex_lite::Regex;

use crate::json::{Map, Number, Value};

/// References that lead to references, in a row and in all.
const MOST_HOPS: usize = 32;
/// How deep a value is.
const DEEPEST: usize = 24;
/// Deeper members are there only where they are required.
const FULL: usize = 6;
/// A longer text is not made, in characters.
const LONGEST: usize = 64 * 1024;
/// Values that are made for one document, so that a schema that branches everywhere ends.
const MOST_VALUES: usize = 50_000;

/// Why there is no value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SchemaError {
    /// A reference that leads nowhere in the document.
    #[error("`{0}` stands nowhere in the file; references to other files are not followed")]
    Reference(String),
    /// A schema that needs itself without end.
    #[error("the schema of `{0}` needs itself, so that no value ends")]
    Endless(String),
    /// No value is known that the pattern takes.
    #[error("no value of `{0}` is known that its pattern `{1}` takes; give the member an example")]
    Pattern(String, String),
    /// A schema that nothing is valid under.
    #[error("nothing is valid as `{0}`")]
    Nothing(String),
    /// Too large a value.
    #[error("a value of it would be too large")]
    TooLarge,
}

/// Makes values of the schemas of one document.
#[derive(Debug)]
pub struct Sampler<'d> {
    document: &'d Value,
    seed: u64,
    /// The references that are being followed.
    open: Vec<String>,
    made: usize,
}

impl<'d> Sampler<'d> {
    /// Of `document`, in which references are looked up.
    pub fn new(document: &'d Value, seed: u64) -> Self {
        Self {
            document,
            seed,
            open: Vec::new(),
            made: 0,
        }
    }

    /// A value that is valid under `schema`.
    ///
    /// # Errors
    /// [`SchemaError`].
    pub fn value(&mut self, schema: &Value) -> Result<Value, SchemaError> {
        self.open.clear();
        self.made = 0;
        self.at(schema, "payload", 0)
    }

    fn at(&mut self, schema: &Value, name: &str, depth: usize) -> Result<Value, SchemaError> {
        self.made += 1;
        if self.made > MOST_VALUES {
            return Err(SchemaError::TooLarge);
        }
        if depth > DEEPEST {
            return Err(SchemaError::Endless(name.to_owned()));
        }
        let before = self.open.len();
        let made = self
            .whole(schema, name)
            .and_then(|schema| self.of(&schema, name, depth));
        self.open.truncate(before);
        made
    }

    /// The schema with its references followed, its parts laid over each other, and one of each choice.
    fn whole(&mut self, schema: &Value, name: &str) -> Result<Map<String, Value>, SchemaError> {
        let (mut whole, mut choices) = (Map::new(), Vec::new());
        self.flatten(schema, name, &mut whole, &mut choices)?;
        let mut made = 0;
        while let Some(ways) = choices.pop() {
            made += 1;
            if made > MOST_HOPS {
                return Err(SchemaError::Endless(name.to_owned()));
            }
            let mut flat = Vec::new();
            for way in &ways {
                let (mut own, mut more) = (Map::new(), Vec::new());
                self.flatten(way, name, &mut own, &mut more)?;
                flat.push((own, more));
            }
            let fits = |(own, _): &&(Map<String, Value>, _)| own.get("type").is_none_or(|kind| kind != "null");
            let goes = |(own, _): &&(Map<String, Value>, _)| types(&whole, own).is_none_or(|both| !both.is_empty());
            let found = flat.iter().filter(goes).find(fits).or_else(|| flat.iter().find(goes));
            let (own, more) = found.ok_or_else(|| SchemaError::Nothing(name.to_owned()))?;
            let others = flat
                .iter()
                .filter(|(other, _)| other != own)
                .flat_map(|(other, _)| required(other));
            let others: Vec<String> = others.map(str::to_owned).collect();
            lay(&mut whole, own.clone());
            choices.extend(more.clone());
            leave_out(&mut whole, &others);
        }
        Ok(whole)
    }

    /// Follows references and lays parts over each other; what is to be chosen between goes to `choices`.
    fn flatten(
        &mut self,
        schema: &Value,
        name: &str,
        whole: &mut Map<String, Value>,
        choices: &mut Vec<Vec<Value>>,
    ) -> Result<(), SchemaError> {
        let mut own = match schema {
            Value::Object(members) => members.clone(),
            Value::Bool(false) => return Err(SchemaError::Nothing(name.to_owned())),
            _ => return Ok(()),
        };
        let reference = own.remove("$ref");
        let parts = own.remove("allOf");
        for key in ["oneOf", "anyOf"] {
            if let Some(Value::Array(ways)) = own.remove(key) {
                choices.push(ways);
            }
        }
        lay(whole, own);
        if let Some(reference) = reference {
            let part = self.referred(&reference, name)?;
            self.flatten(&part, name, whole, choices)?;
        }
        if let Some(Value::Array(parts)) = parts {
            for part in &parts {
                self.flatten(part, name, whole, choices)?;
            }
        }
        Ok(())
    }

    fn referred(&mut self, reference: &Value, name: &str) -> Result<Value, SchemaError> {
        let text = reference.as_str().unwrap_or_default();
        if self.open.iter().filter(|open| *open == text).count() > 1 || self.open.len() > MOST_HOPS {
            return Err(SchemaError::Endless(name.to_owned()));
        }
        let found = text
            .strip_prefix('#')
            .and_then(|pointer| self.document.pointer(pointer));
        let found = found.ok_or_else(|| SchemaError::Reference(text.to_owned()))?;
        self.open.push(text.to_owned());
        Ok(found.clone())
    }

    fn of(&mut self, schema: &Map<String, Value>, name: &str, depth: usize) -> Result<Value, SchemaError> {
        if let Some(value) = schema.get("const") {
            return Ok(value.clone());
        }
        if let Some(Value::Array(values)) = schema.get("enum") {
            let first = values.iter().find(|value| !value.is_null()).or(values.first());
            return first.cloned().ok_or_else(|| SchemaError::Nothing(name.to_owned()));
        }
        if schema
            .get("type")
            .is_some_and(|kinds| kinds.as_array().is_some_and(Vec::is_empty))
        {
            return Err(SchemaError::Nothing(name.to_owned()));
        }
        match kind(schema) {
            "object" => self.object(schema, name, depth),
            "array" => self.array(schema, name, depth),
            "boolean" => Ok(Value::Bool(false)),
            "null" => Ok(Value::Null),
            "integer" | "number" => Ok(self.number(schema, name)),
            _ => self.text(schema, name),
        }
    }

    fn object(&mut self, schema: &Map<String, Value>, name: &str, depth: usize) -> Result<Value, SchemaError> {
        let required = |member: &str| {
            let names = schema.get("required").and_then(Value::as_array);
            names.is_some_and(|names| names.iter().any(|name| name == member))
        };
        let mut made = Map::new();
        for (member, own) in schema
            .get("properties")
            .and_then(Value::as_object)
            .into_iter()
            .flatten()
        {
            if depth >= FULL && !required(member) {
                continue;
            }
            match self.at(own, member, depth + 1) {
                Ok(value) => drop(made.insert(member.clone(), value)),
                Err(error) if required(member) => return Err(error),
                Err(_) => {}
            }
        }
        let names = schema.get("required").and_then(Value::as_array).into_iter().flatten();
        let more = schema.get("additionalProperties").cloned().unwrap_or(Value::Bool(true));
        for member in names.filter_map(Value::as_str) {
            if !made.contains_key(member) {
                let value = self.at(&more, member, depth + 1)?;
                made.insert(member.to_owned(), value);
            }
        }
        let least = schema.get("minProperties").and_then(Value::as_u64).unwrap_or(0);
        for number in 1.. {
            if made.len() as u64 >= least {
                break;
            }
            let value = self.at(&more, name, depth + 1)?;
            made.insert(format!("member_{number}"), value);
        }
        Ok(Value::Object(made))
    }

    fn array(&mut self, schema: &Map<String, Value>, name: &str, depth: usize) -> Result<Value, SchemaError> {
        let least = schema.get("minItems").and_then(Value::as_u64).unwrap_or(0);
        let most = schema.get("maxItems").and_then(Value::as_u64).unwrap_or(u64::MAX);
        let mut items = Vec::new();
        for own in schema
            .get("prefixItems")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
        {
            items.push(self.at(own, name, depth + 1)?);
        }
        let wanted = least.max(u64::from(depth < FULL)).min(most);
        let own = schema.get("items").cloned().unwrap_or(Value::Bool(true));
        while (items.len() as u64) < wanted {
            let item = if own == Value::Bool(false) {
                Err(SchemaError::Nothing(name.to_owned()))
            } else {
                // Each has a number of its own, so that no two are alike.
                self.at(&own, &format!("{name}.{}", items.len()), depth + 1)
            };
            match item {
                Ok(item) => items.push(item),
                Err(_) if items.len() as u64 >= least => break,
                Err(error) => return Err(error),
            }
        }
        Ok(Value::Array(items))
    }

    fn number(&self, schema: &Map<String, Value>, name: &str) -> Value {
        if let Some(example) = example(schema, Value::is_number) {
            return example.clone();
        }
        let bound = |key: &str| schema.get(key).and_then(Value::as_f64);
        let is_whole = kind(schema) == "integer";
        let step = bound("multipleOf").filter(|step| *step > 0.0).unwrap_or(1.0);
        let above = |exclusive: f64| exclusive + if is_whole { 1.0 } else { step.min(0.5) };
        let least = bound("minimum").or(bound("exclusiveMinimum").map(above));
        let most = bound("maximum").or(bound("exclusiveMaximum").map(|bound| bound - 1.0));
        let usual = self.rng(name).u32(1..1000);
        let usual = f64::from(usual).max(least.unwrap_or(0.0)).min(most.unwrap_or(f64::MAX));
        let whole = (usual / step).ceil() * step;
        let made = if most.is_some_and(|most| whole > most) {
            (usual / step).floor() * step
        } else {
            whole
        };
        #[expect(
            clippy::cast_possible_truncation,
            reason = "it is whole, and within a million or what was asked for"
        )]
        let number = if made.fract() == 0.0 && made.abs() < 1e15 {
            Some(Number::from(made as i64))
        } else {
            Number::from_f64(made)
        };
        number.map_or(Value::Null, Value::Number)
    }

    fn text(&self, schema: &Map<String, Value>, name: &str) -> Result<Value, SchemaError> {
        let length = |key: &str| {
            schema
                .get(key)
                .and_then(Value::as_u64)
                .and_then(|length| usize::try_from(length).ok())
        };
        let (least, most) = (
            length("minLength").unwrap_or(0),
            length("maxLength").unwrap_or(usize::MAX),
        );
        if least > LONGEST {
            return Err(SchemaError::TooLarge);
        }
        let fits = |text: &str| (least..=most).contains(&text.chars().count());
        let pattern = schema.get("pattern").and_then(Value::as_str);
        let usual = self.usual(schema.get("format").and_then(Value::as_str), name);
        let Some(pattern) = pattern else {
            let given = example(schema, Value::is_string).and_then(Value::as_str);
            let text = given.filter(|text| fits(text)).map_or(usual, str::to_owned);
            let padded = text
                .chars()
                .chain(std::iter::repeat_n('x', least.saturating_sub(text.chars().count())));
            return Ok(padded.take(most).collect::<String>().into());
        };
        let regex = Regex::new(pattern).ok();
        let hex = |length: usize| self.hex(name, length);
        let lengths = [least, 6, 7, 8, 10, 12, 16, 20, 24, 32, 36, 40, 64];
        let guesses = lengths.iter().flat_map(|length| {
            let digits: String = hex(*length)
                .chars()
                .map(|char| char.to_digit(16).unwrap_or(0) % 10)
                .map(|digit| digit.to_string())
                .collect();
            [
                hex(*length),
                hex(*length).to_uppercase(),
                digits,
                "a".repeat(*length),
                format!("#{}", hex(*length)),
            ]
        });
        let given = example(schema, Value::is_string)
            .and_then(Value::as_str)
            .map(str::to_owned);
        let mut all = given.into_iter().chain([usual]).chain(guesses);
        let found = all.find(|text| fits(text) && regex.as_ref().is_some_and(|regex| regex.is_match(text)));
        let none = || SchemaError::Pattern(name.to_owned(), pattern.to_owned());
        found.map(Value::String).ok_or_else(none)
    }

    /// A text as members of that format and name usually hold.
    fn usual(&self, format: Option<&str>, name: &str) -> String {
        let number = self.rng(name).u32(1..1_000_000);
        let plain = name.split('.').next().unwrap_or_default();
        let by_name = || {
            NAMES
                .iter()
                .find(|(end, _)| plain.to_ascii_lowercase().ends_with(end))
                .map(|(_, format)| *format)
        };
        match format.or_else(by_name).unwrap_or_default() {
            "date-time" => format!("2026-03-{:02}T{:02}:30:00Z", number % 28 + 1, number % 24),
            "date" => format!("2026-03-{:02}", number % 28 + 1),
            "time" => format!("{:02}:30:00Z", number % 24),
            "duration" => "PT30S".to_owned(),
            "uuid" => {
                let hex = self.hex(name, 32);
                format!(
                    "{}-{}-4{}-8{}-{}",
                    &hex[..8],
                    &hex[8..12],
                    &hex[13..16],
                    &hex[17..20],
                    &hex[20..]
                )
            }
            "email" | "idn-email" => "new.user@example.com".to_owned(),
            "hostname" | "idn-hostname" => "hooks.example.com".to_owned(),
            "ipv4" => "192.0.2.1".to_owned(),
            "ipv6" => "2001:db8::1".to_owned(),
            "uri" | "url" | "iri" => format!("https://example.com/{plain}/{number}"),
            "uri-reference" | "iri-reference" => format!("/{plain}/{number}"),
            "uri-template" => format!("https://example.com/{plain}{{/id}}"),
            "byte" => "ZXhhbXBsZQ==".to_owned(),
            "json-pointer" => "/example".to_owned(),
            "regex" => "^example$".to_owned(),
            "sha" => self.hex(name, 40),
            "id" => self.hex(name, 24),
            "person" => "A New User".to_owned(),
            "login" => "new-user".to_owned(),
            "currency" => "USD".to_owned(),
            "country" => "US".to_owned(),
            "language" => "en".to_owned(),
            "phone" => "+15550100".to_owned(),
            "number" => number.to_string(),
            "" if plain.is_empty() => "example".to_owned(),
            _ => format!("an example of {}", plain.replace(['_', '-'], " ")),
        }
    }

    fn hex(&self, name: &str, length: usize) -> String {
        let mut rng = self.rng(name);
        (0..length)
            .filter_map(|_| char::from_digit(rng.u32(0..16), 16))
            .collect()
    }

    /// The chance of a member of that name.
    fn rng(&self, name: &str) -> Rng {
        let mut hasher = DefaultHasher::new();
        (self.seed, name).hash(&mut hasher);
        Rng::with_seed(hasher.finish())
    }
}

/// What members usually hold whose names end so: the first that fits counts.
const NAMES: &[(&str, &str)] = &[
    ("_at", "date-time"),
    ("_on", "date"),
    ("date", "date-time"),
    ("timestamp", "date-time"),
    ("email", "email"),
    ("uuid", "uuid"),
    ("url", "uri"),
    ("uri", "uri"),
    ("href", "uri"),
    ("sha", "sha"),
    ("hash", "sha"),
    ("commit", "sha"),
    ("node_id", "id"),
    ("_id", "id"),
    ("id", "id"),
    ("login", "login"),
    ("username", "login"),
    ("slug", "login"),
    ("full_name", "person"),
    ("first_name", "person"),
    ("display_name", "person"),
    ("currency", "currency"),
    ("country", "country"),
    ("locale", "language"),
    ("language", "language"),
    ("phone", "phone"),
    ("ip", "ipv4"),
    ("host", "hostname"),
    ("hostname", "hostname"),
    ("amount", "number"),
    ("total", "number"),
];

/// Lays a part over a schema: lists of what is required are joined, members are put together, and what both say of one
/// member must hold together.
fn lay(whole: &mut Map<String, Value>, part: Map<String, Value>) {
    if let Some(both) = types(whole, &part) {
        whole.insert("type".into(), both.into());
    }
    for (key, value) in part {
        match (whole.get_mut(&key), value) {
            (Some(Value::Array(own)), Value::Array(more)) if key == "required" => own.extend(more),
            (Some(Value::Object(own)), Value::Object(more)) if key == "properties" => {
                for (member, schema) in more {
                    match own.remove(&member) {
                        Some(before) => own.insert(member, serde_json::json!({ "allOf": [before, schema] })),
                        None => own.insert(member, schema),
                    };
                }
            }
            (Some(own), more) if key == "items" => *own = serde_json::json!({ "allOf": [own.clone(), more] }),
            (Some(Value::Array(own)), Value::Array(more)) if key == "enum" => own.retain(|value| more.contains(value)),
            (None, value) => drop(whole.insert(key, value)),
            (Some(_), _) => {}
        }
    }
}

/// What an object must have.
fn required(schema: &Map<String, Value>) -> impl Iterator<Item = &str> {
    let names = schema.get("required").and_then(Value::as_array);
    names.into_iter().flatten().filter_map(Value::as_str)
}

/// Takes away what only the ways that were not chosen must have: with it, the value might be valid as one of those too.
fn leave_out(whole: &mut Map<String, Value>, others: &[String]) {
    let own: Vec<String> = required(whole).map(str::to_owned).collect();
    if let Some(Value::Object(members)) = whole.get_mut("properties") {
        members.retain(|member, _| own.contains(member) || !others.contains(member));
    }
}

/// The types that both allow, where both say any.
fn types(one: &Map<String, Value>, other: &Map<String, Value>) -> Option<Vec<String>> {
    let said = |schema: &Map<String, Value>| match schema.get("type")? {
        Value::String(one) => Some(vec![one.clone()]),
        Value::Array(several) => Some(several.iter().filter_map(Value::as_str).map(str::to_owned).collect()),
        _ => None,
    };
    let (one, other) = (said(one)?, said(other)?);
    let narrower = |kind: &String| match kind.as_str() {
        kind if other.iter().any(|other| other == kind) => Some(kind.to_owned()),
        "integer" if other.iter().any(|other| other == "number") => Some("integer".to_owned()),
        "number" if other.iter().any(|other| other == "integer") => Some("integer".to_owned()),
        _ => None,
    };
    Some(one.iter().filter_map(narrower).collect())
}

/// The type of a value, where it is said or shown.
fn kind(schema: &Map<String, Value>) -> &str {
    let said = match schema.get("type") {
        Some(Value::String(one)) => Some(one.as_str()),
        Some(Value::Array(several)) => {
            let mut names = several.iter().filter_map(Value::as_str);
            names.clone().find(|name| *name != "null").or_else(|| names.next())
        }
        _ => None,
    };
    said.unwrap_or_else(|| match schema {
        schema if schema.contains_key("properties") || schema.contains_key("required") => "object",
        schema if schema.contains_key("items") || schema.contains_key("prefixItems") => "array",
        schema if schema.contains_key("minimum") || schema.contains_key("maximum") => "number",
        _ => "string",
    })
}

/// What the schema itself shows, where it is of the right type.
fn example(schema: &Map<String, Value>, is_right: fn(&Value) -> bool) -> Option<&Value> {
    let first = schema
        .get("examples")
        .and_then(Value::as_array)
        .and_then(|all| all.first());
    [schema.get("example"), first, schema.get("default")]
        .into_iter()
        .flatten()
        .find(|value| is_right(value))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn made(schema: &Value) -> Result<Value, SchemaError> {
        Sampler::new(schema, 0).value(schema)
    }

    #[test]
    fn a_seed_gives_the_same_again_and_another_gives_another() {
        let schema = json!({ "properties": { "id": { "type": "string" }, "count": { "type": "integer" } } });
        let with = |seed| Sampler::new(&schema, seed).value(&schema).unwrap();
        assert_eq!(with(1), with(1));
        assert_ne!(with(1), with(2));
    }

    #[test]
    fn what_can_t_be_is_said_by_name() {
        for (schema, said) in [
            (json!({ "$ref": "other.json#/a" }), "other.json#/a"),
            (
                json!({ "required": ["a"], "properties": { "a": { "$ref": "#" } } }),
                "`a`",
            ),
            (json!({ "required": ["a"], "properties": { "a": false } }), "`a`"),
            (
                json!({ "required": ["a"], "properties": { "a": { "type": "string", "pattern": "^(x|y){3}!$" } } }),
                "(x|y)",
            ),
            (
                json!({ "allOf": [{ "type": "string" }, { "type": "object" }] }),
                "nothing",
            ),
            (json!({ "type": "string", "minLength": 1_000_000_000 }), "too large"),
            (
                json!({ "type": "array", "minItems": 1_000_000_000, "items": {} }),
                "too large",
            ),
        ] {
            let error = made(&schema).unwrap_err().to_string();
            assert!(error.contains(said), "{schema}: {error}");
        }
    }

    #[test]
    fn what_need_not_be_there_is_left_out_where_it_can_t_be() {
        let tree = json!({ "properties": { "child": { "$ref": "#" }, "bad": false, "name": { "type": "string" } } });
        let value = made(&tree).unwrap();
        assert!(
            value["child"]["name"].is_string() && value.get("bad").is_none(),
            "{value}"
        );
    }

    #[test]
    fn a_schema_that_branches_everywhere_ends() {
        let mut parts = Map::new();
        for number in 0..60 {
            let next = json!({ "$ref": format!("#/parts/{}", number + 1) });
            parts.insert(
                number.to_string(),
                json!({ "allOf": [next, next], "oneOf": [next, next] }),
            );
        }
        parts.insert("60".into(), json!({ "type": "string" }));
        let schema = json!({ "parts": parts, "$ref": "#/parts/0" });
        assert!(made(&schema).is_err());
        let wide = json!({ "$defs": { "a": { "type": "array", "minItems": 50, "items": { "$ref": "#/$defs/b" } }, "b": { "type": "array", "minItems": 50, "items": { "$ref": "#/$defs/c" } }, "c": { "type": "array", "minItems": 50, "items": {} } }, "$ref": "#/$defs/a" });
        assert_eq!(made(&wide), Err(SchemaError::TooLarge));
    }
}
