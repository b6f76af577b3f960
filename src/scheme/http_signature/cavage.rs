//! The one header of draft-cavage-http-signatures-12, section 4; `Authorization` has it behind `Signature `, section 3.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::component::{Component, Times};
use super::{Around, HttpSignature, Parameter, Read, Stated, Unsigned, refused};
use crate::scheme::content::{ContentError, Facts};
use crate::scheme::header::GrammarError;

/// The algorithm's name that leaves it to the key.
pub(super) const ANY: &str = "hs2019";

/// The pairs of the header, names in lower case. A quoted value has no escapes.
fn pairs(text: &str) -> Option<Vec<(String, &str)>> {
    let mut pairs: Vec<(String, &str)> = Vec::new();
    let mut rest = text.trim();
    while !rest.is_empty() {
        let (name, value) = rest.split_once('=')?;
        let name = name.trim().to_ascii_lowercase();
        let (value, behind) = match value.trim_start().strip_prefix('"') {
            Some(quoted) => quoted.split_once('"')?,
            None => value.split_at(value.find(',').unwrap_or(value.len())),
        };
        if name.is_empty() || pairs.iter().any(|(own, _)| *own == name) {
            return None;
        }
        pairs.push((name, value.trim()));
        let behind = behind.trim_start();
        rest = match behind.strip_prefix(',') {
            Some(rest) => rest.trim_start(),
            None if behind.is_empty() => "",
            None => return None,
        };
    }
    Some(pairs)
}

pub(super) fn read(own: &HttpSignature, text: &str) -> Result<Read, GrammarError> {
    let no_form = || GrammarError::Form("keyId=\"…\",headers=\"…\",signature=\"…\"".into());
    let pairs = pairs(text).ok_or_else(no_form)?;
    let value = |name: &str| pairs.iter().find(|(own, _)| own == name).map(|(_, value)| *value);
    let signature = value("signature").ok_or_else(|| GrammarError::Missing("signature".into()))?;
    own.accepts_algorithm(value("algorithm"))?;
    // A fraction is allowed, and the base has what stands here; whole seconds are all that anybody writes.
    let seconds = |name: &str| match value(name) {
        None => Ok(None),
        Some(text) => match text.parse() {
            Ok(seconds) => Ok(Some(seconds)),
            Err(_) => Err(refused(format!("has a `{name}` that is no time in seconds"))),
        },
    };
    let times = Times {
        created: seconds("created")?,
        expires: seconds("expires")?,
    };
    let usual = if times.created.is_some() { "(created)" } else { "date" };
    let headers = value("headers").unwrap_or(usual);
    let covered = headers.split_ascii_whitespace().map(|name| {
        Component::of_cavage(name).map_err(|problem| refused(format!("covers `{}`: {problem}", super::shown(name))))
    });
    Ok(Read {
        covered: covered.collect::<Result<Vec<_>, _>>()?,
        times,
        key_id: value("keyid").map(str::to_owned),
        tag: STANDARD.decode(signature).map_err(|_| refused("is no base64".into()))?,
        parameters: None,
    })
}

pub(super) fn unsigned(
    own: &HttpSignature,
    stated: &[(Parameter, String, Stated)],
    facts: &Facts<'_>,
    times: Times,
) -> Result<Unsigned, ContentError> {
    let read = Read {
        covered: own.covers.clone(),
        times,
        key_id: None,
        tag: Vec::new(),
        parameters: None,
    };
    let headers: Vec<&str> = own.covers.iter().map(Component::base_name).collect();
    let headers = headers.join(" ");
    let (mut before, mut behind) = (String::new(), String::new());
    let mut is_behind = false;
    for (parameter, name, value) in stated {
        let out = if is_behind { &mut behind } else { &mut before };
        if !out.is_empty() || is_behind {
            out.push_str(&own.separator);
        }
        match (parameter, value) {
            (Parameter::Signature, _) => {
                out.push_str(&format!("{name}=\""));
                behind.push('"');
                is_behind = true;
            }
            (Parameter::Headers, _) => out.push_str(&format!("{name}=\"{headers}\"")),
            (_, Stated::Seconds(seconds)) => out.push_str(&format!("{name}={seconds}")),
            (_, Stated::Text(text)) => out.push_str(&format!("{name}=\"{}\"", text.replace('"', ""))),
        }
    }
    Ok(Unsigned {
        base: own.base(&read, facts)?,
        parts: Around::Cavage { before, behind },
    })
}
