//! From a captured request to the message that goes out again: edited, with a new id, signed anew.

use jiff::Timestamp;

use crate::exchange::credentials::{self, Credentials};
use crate::json::{self, JsonError};
use crate::message::{HeaderError, Message, Place, is_token};
use crate::provider::Provider;
use crate::provider::fixture;
use crate::provider::fixture::{Edit, EditError, FixtureError};
use crate::scheme::{Part, Scheme};
use crate::sign::{self, Keys, SignError};

/// Why a captured request can't go out as it was asked for.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ResendError {
    /// It can't be signed.
    #[error(transparent)]
    Sign(#[from] SignError),
    /// A body that is to be edited is not JSON.
    #[error("its body is {0}, so it can't be edited")]
    NotJson(#[source] JsonError),
    /// An edit that does not fit.
    #[error(transparent)]
    Edit(#[from] EditError),
    /// An edited body that can't be written as the provider writes it.
    #[error(transparent)]
    Write(#[from] FixtureError),
    /// A field of the body that is to be new is not there.
    #[error("its body has no text or number at {0}, which is to be new")]
    NoField(String),
    /// A method that HTTP does not have.
    #[error("its method `{}` is none that a request can have", .0.escape_debug())]
    Method(String),
    /// A header that can't go out over HTTP/1.1.
    #[error(transparent)]
    Header(#[from] HeaderError),
}

/// Makes what was received ready to go out again: what concerned its connection is left out (`Host`, hop-by-hop and
/// length headers are for the client to make), and so are credentials that were masked when it was exported.
///
/// # Errors
/// [`ResendError::Method`], [`ResendError::Header`].
pub fn strip(message: &mut Message) -> Result<(), ResendError> {
    if !is_token(&message.method) {
        return Err(ResendError::Method(message.method.clone()));
    }
    let headers = &mut message.headers;
    headers.remove_hops();
    headers.retain(|name, value| !name.eq_ignore_ascii_case("host") && !credentials::holds_mask(value));
    Ok(headers.check()?)
}

/// Takes credentials away, but for what the provider's scheme itself puts there; gives how many there were.
pub fn drop_credentials(message: &mut Message, credentials: &Credentials, scheme: Option<&Scheme>) -> usize {
    let own =
        |name: &str| scheme.is_some_and(|scheme| scheme_headers(scheme).any(|own| own.eq_ignore_ascii_case(name)));
    credentials.take_from(&mut message.headers, own)
}

fn scheme_headers(scheme: &Scheme) -> impl Iterator<Item = &str> {
    scheme
        .signatures
        .iter()
        .flat_map(|signature| signature.headers.iter().map(String::as_str))
}

/// Changes the body and writes it as the provider does.
///
/// # Errors
/// [`ResendError`]; the message is then as it was.
pub fn edit(message: &mut Message, provider: &Provider, edits: &[Edit]) -> Result<(), ResendError> {
    if edits.is_empty() {
        return Ok(());
    }
    let mut payload = json::parse(&message.body).map_err(ResendError::NotJson)?;
    for edit in edits {
        edit.apply(&mut payload)?;
    }
    message.body = fixture::body(provider, &payload, None)?.into();
    Ok(())
}

/// Gives the message a new id, in its place and in every header that repeats the old one. `false` where the provider
/// has no ids.
///
/// # Errors
/// [`ResendError::NoField`].
pub fn renew_id(message: &mut Message, provider: &Provider) -> Result<bool, ResendError> {
    let Some(place) = &provider.table.event.id else {
        return Ok(false);
    };
    let old = place.read(message);
    let new = fixture::new_id(provider);
    match place {
        Place::Header(name) => message.headers.set(name, new.as_str()),
        Place::Body(pointer) => splice(message, pointer, &new)?,
        Place::Signature | Place::Constant(_) => return Ok(false),
    }
    if let Some(old) = old {
        message.headers = message
            .headers
            .iter()
            .map(|(name, value)| (name, if value == old.as_bytes() { new.as_bytes() } else { value }))
            .collect();
    }
    Ok(true)
}

/// Signs the message at `at` with its provider's keys: the same id, a new timestamp, the same body but for a time that
/// the scheme signs inside it. The signature keeps the header's name that it came under.
///
/// # Errors
/// [`ResendError`].
pub fn resign(message: &mut Message, provider: &Provider, keys: &Keys, at: Timestamp) -> Result<(), ResendError> {
    let scheme = &provider.scheme;
    // An id in the body is looked for only where it is signed beside the body.
    let place = scheme
        .id
        .as_ref()
        .filter(|place| matches!(place, Place::Header(_)) || scheme.signs(&Part::Id));
    message.id = place.and_then(|place| place.read(message));
    if !sign::restamp(scheme, message, at)
        && let Some(Place::Body(pointer)) = scheme.timestamp.as_ref().map(|rule| &rule.from)
    {
        return Err(ResendError::NoField(pointer.clone()));
    }
    let signed = sign::sign_with(scheme, keys, message)?;
    for (name, value) in signed.headers.iter() {
        let own = scheme.signatures.iter().find(|signature| signature.headers[0] == name);
        let name = own
            .and_then(|signature| signature.headers.iter().find(|name| message.headers.contains(name)))
            .map_or(name, String::as_str);
        message.headers.set(name, value);
    }
    Ok(())
}

fn splice(message: &mut Message, pointer: &str, text: &str) -> Result<(), ResendError> {
    let body =
        json::splice::replace(&message.body, pointer, text).ok_or_else(|| ResendError::NoField(pointer.to_owned()))?;
    message.body = body.into();
    Ok(())
}
