//! A value that a signature needs beside the secret, and that no request holds: a webhook's id, an application's key.

use std::fmt;
use std::sync::{Arc, OnceLock};

use indexmap::IndexMap;
use serde::{Deserialize, Deserializer};

/// `{given:NAME}` in a content, and the `[given.NAME]` that it names. All copies have the same value, which is never
/// shown: it may be a secret too.
#[derive(Clone)]
pub struct Given {
    name: String,
    rule: Rule,
    value: Arc<OnceLock<String>>,
}

/// `[given.NAME]` as it stands in a provider's table.
#[derive(Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Rule {
    /// What it is, in words that follow "the scheme signs".
    about: String,
    /// The variables that it is kept in.
    #[serde(default)]
    env: Vec<String>,
}

impl Given {
    /// The one of that name, which no table has described yet.
    ///
    /// # Errors
    /// Where it can be no name.
    pub(crate) fn named(name: &str) -> Result<Self, String> {
        if !is_name(name) {
            return Err(format!(
                "`{name}` is no name of a given value: lower-case letters, digits and `-`"
            ));
        }
        Ok(Self {
            name: name.to_owned(),
            rule: Rule::default(),
            value: Arc::default(),
        })
    }

    /// One that the user gives by a name of their own; `variable` is where it may be kept.
    ///
    /// # Errors
    /// Where `name` can be no name.
    pub fn new(name: &str, value: &str, variable: String) -> Result<Self, String> {
        let rule = Rule {
            about: format!("what was given as {name}"),
            env: vec![variable],
        };
        let given = Self {
            rule,
            ..Self::named(name)?
        };
        given.give(value.to_owned());
        Ok(given)
    }

    /// Its name in the table.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What it is, in words.
    pub fn about(&self) -> &str {
        &self.rule.about
    }

    /// The variables that it is kept in.
    pub fn variables(&self) -> &[String] {
        &self.rule.env
    }

    /// Gives it a value, in every copy. The first one stays.
    pub fn give(&self, value: String) {
        let _ = self.value.set(value);
    }

    /// Whether it has a value.
    pub fn is_given(&self) -> bool {
        self.value.get().is_some()
    }

    /// Its value.
    ///
    /// # Errors
    /// [`NotGiven`].
    pub(crate) fn value(&self) -> Result<&str, NotGiven> {
        self.value.get().map(String::as_str).ok_or_else(|| NotGiven {
            name: self.name.clone(),
            about: self.rule.about.clone(),
            variables: self.rule.env.clone(),
        })
    }

    /// Makes it the copy of what `all` describes; `false` where that has none of its name.
    pub(crate) fn link(&mut self, all: &IndexMap<String, Self>) -> bool {
        match all.get(&self.name) {
            Some(own) => {
                self.clone_from(own);
                true
            }
            None => false,
        }
    }
}

/// A value that was not given.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("this scheme signs {about}, which no request holds: {}give --given {name}=VALUE", places(.variables))]
pub struct NotGiven {
    name: String,
    about: String,
    variables: Vec<String>,
}

fn places(names: &[String]) -> String {
    match names {
        [] => String::new(),
        names => format!("set {}, or ", names.join(" or ")),
    }
}

/// Whether `text` can be a name in tables: lower-case letters, digits and `-`, a letter first.
pub fn is_name(text: &str) -> bool {
    text.starts_with(|char: char| char.is_ascii_lowercase())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
}

/// Reads `[given]`.
pub(crate) fn table<'de, D: Deserializer<'de>>(from: D) -> Result<IndexMap<String, Given>, D::Error> {
    let rules: IndexMap<String, Rule> = IndexMap::deserialize(from)?;
    let given = |(name, rule): (String, Rule)| {
        let given = Given::named(&name).map_err(serde::de::Error::custom)?;
        Ok((name, Given { rule, ..given }))
    };
    rules.into_iter().map(given).collect()
}

impl fmt::Debug for Given {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{{given:{}}}", self.name)
    }
}

impl PartialEq for Given {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for Given {}
