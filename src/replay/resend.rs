//! From a captured request to the message that goes out again: edited, with a new id, signed anew.

use std::io::{Read, Write as _};

use jiff::Timestamp;

use crate::exchange::credentials::{self, Credentials};
use crate::json::{self, JsonError};
use crate::message::{HeaderError, Message, Place, is_token};
use crate::provider::Provider;
use crate::provider::fixture;
use crate::provider::fixture::{Edit, EditError, FixtureError};
use crate::scheme::{Part, Scheme, Signature};
use crate::sign::{self, Keys, SignError};

/// The longest body that is edited, in bytes.
const LONGEST: u64 = 64 * 1024 * 1024;

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
    /// A body whose compression can't be undone.
    #[error("its body is compressed ({0}), in a way that can't be undone here, so it can't be edited")]
    Compressed(String),
    /// A form that has a field several times.
    #[error("its form has the field `{}` several times, so it can't be edited", .0.escape_debug())]
    SeveralFields(String),
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

/// Takes credentials away, but for what the provider's scheme signs with; gives how many there were. A secret that is shown
/// is one of them.
pub fn drop_credentials(message: &mut Message, credentials: &Credentials, scheme: Option<&Scheme>) -> usize {
    let own =
        |name: &str| scheme.is_some_and(|scheme| scheme_headers(scheme).any(|own| own.eq_ignore_ascii_case(name)));
    let mut found = credentials.take_from(&mut message.headers, own);
    let shown = scheme.into_iter().flat_map(Scheme::shown);
    for place in shown.filter(|place| place.read(message).is_some()).collect::<Vec<_>>() {
        place.remove(message);
        found += 1;
    }
    found
}

fn scheme_headers(scheme: &Scheme) -> impl Iterator<Item = &str> {
    let signed = scheme.signatures.iter().filter(|signature| !signature.kind.is_shown());
    signed.flat_map(Signature::headers)
}

/// Changes the body and writes it as the provider does.
///
/// # Errors
/// [`ResendError`]; the message is then as it was.
pub fn edit(message: &mut Message, provider: &Provider, edits: &[Edit]) -> Result<(), ResendError> {
    if edits.is_empty() {
        return Ok(());
    }
    let encoding = Encoding::of(message)?;
    let plain = encoding.undo(&message.body)?;
    let edited = if message.is_form() {
        edit_form(&plain, provider, edits)?
    } else {
        let mut payload = json::parse(&plain).map_err(ResendError::NotJson)?;
        for edit in edits {
            edit.apply(&mut payload)?;
        }
        fixture::body(provider, &payload, None)?
    };
    message.body = encoding.redo(edited)?.into();
    Ok(())
}

/// Changes a form: what its field `payload` holds where that is JSON, as GitHub and Slack send it; else its fields.
fn edit_form(form: &[u8], provider: &Provider, edits: &[Edit]) -> Result<Vec<u8>, ResendError> {
    let mut fields: Vec<(String, String)> = form_urlencoded::parse(form).into_owned().collect();
    let holder = fields.iter_mut().find(|(name, _)| name == fixture::PAYLOAD);
    if let Some((_, text)) = holder
        && let Ok(mut payload) = json::parse(text.as_bytes())
    {
        for edit in edits {
            edit.apply(&mut payload)?;
        }
        let written = json::write(&payload, provider.table.request.json_style()).map_err(FixtureError::from)?;
        *text = String::from_utf8_lossy(&written).into_owned();
        let mut form = form_urlencoded::Serializer::new(String::new());
        return Ok(form.extend_pairs(&fields).finish().into_bytes());
    }
    let mut payload = json::Map::new();
    for (name, text) in fields {
        if payload.insert(name.clone(), text.into()).is_some() {
            return Err(ResendError::SeveralFields(name));
        }
    }
    let mut payload = json::Value::Object(payload);
    for edit in edits {
        edit.apply(&mut payload)?;
    }
    fixture::form(&payload).ok_or_else(|| FixtureError::NotAForm(provider.table.title.clone()).into())
}

/// How a body is compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Encoding {
    Plain,
    Gzip,
    Deflate,
}

impl Encoding {
    fn of(message: &Message) -> Result<Self, ResendError> {
        let named = message
            .headers
            .text("content-encoding")
            .unwrap_or_default()
            .trim()
            .to_ascii_lowercase();
        Ok(match named.as_str() {
            "" | "identity" => Self::Plain,
            // What a proxy has unpacked already is edited as it stands.
            "gzip" | "x-gzip" if message.body.starts_with(b"\x1f\x8b") => Self::Gzip,
            "deflate" if !message.body.starts_with(b"{") => Self::Deflate,
            _ if json::parse(&message.body).is_ok() => Self::Plain,
            _ => return Err(ResendError::Compressed(named)),
        })
    }

    fn undo(self, body: &[u8]) -> Result<Vec<u8>, ResendError> {
        let mut plain = Vec::new();
        let (name, from): (_, Box<dyn Read + '_>) = match self {
            Self::Plain => return Ok(body.to_vec()),
            Self::Gzip => ("gzip", Box::new(flate2::read::MultiGzDecoder::new(body))),
            Self::Deflate => ("deflate", Box::new(flate2::read::ZlibDecoder::new(body))),
        };
        let read = from.take(LONGEST + 1).read_to_end(&mut plain);
        if read.is_err() || plain.len() as u64 > LONGEST {
            return Err(ResendError::Compressed(name.into()));
        }
        Ok(plain)
    }

    fn redo(self, body: Vec<u8>) -> Result<Vec<u8>, ResendError> {
        let level = flate2::Compression::default();
        let (name, written) = match self {
            Self::Plain => return Ok(body),
            Self::Gzip => {
                let mut out = flate2::write::GzEncoder::new(Vec::new(), level);
                ("gzip", out.write_all(&body).and_then(|()| out.finish()))
            }
            Self::Deflate => {
                let mut out = flate2::write::ZlibEncoder::new(Vec::new(), level);
                ("deflate", out.write_all(&body).and_then(|()| out.finish()))
            }
        };
        written.map_err(|_| ResendError::Compressed(name.into()))
    }
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
        Place::Body(pointer) => splice(message, pointer, &new)?,
        Place::Signature | Place::Constant(_) => return Ok(false),
        place if place.write(message, &new) => {}
        place => return Err(ResendError::NoField(place.to_string())),
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
        .filter(|place| !place.is_in_body() || scheme.signs(&Part::Id));
    message.id = place.and_then(|place| place.read(message));
    if !sign::restamp(scheme, message, at)
        && let Some(place) = scheme.timestamp.as_ref().map(|rule| &rule.from)
        && place.is_in_body()
    {
        return Err(ResendError::NoField(place.name().to_owned()));
    }
    let mut signed = sign::sign_with(scheme, keys, message)?;
    signed.headers = signed
        .headers
        .iter()
        .map(|(name, value)| {
            let is_own = |own: &&Signature| own.place().header() == Some(name);
            let own = scheme.signatures.iter().find(is_own);
            let came = own.and_then(|own| own.headers().find(|name| message.headers.contains(name)));
            (came.unwrap_or(name), value)
        })
        .collect();
    signed.put_on(message);
    Ok(())
}

fn splice(message: &mut Message, pointer: &str, text: &str) -> Result<(), ResendError> {
    let body =
        json::splice::replace(&message.body, pointer, text).ok_or_else(|| ResendError::NoField(pointer.to_owned()))?;
    message.body = body.into();
    Ok(())
}
