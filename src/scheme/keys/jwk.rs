//! JSON Web Keys (RFC 7517, 7518 and 8037), and sets of them.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rsa::PrivateKey;
use secrecy::zeroize::Zeroizing;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{BASE64_URL, Entry, Found, KeyError, modulus, number};
use crate::scheme::mac::{Curve, public_of};

/// More keys of a set are not looked at.
const MOST: usize = 200;

#[derive(Deserialize)]
struct Jwk {
    kty: String,
    crv: Option<String>,
    n: Option<Bytes>,
    e: Option<Bytes>,
    d: Option<Bytes>,
    p: Option<Bytes>,
    q: Option<Bytes>,
    x: Option<Bytes>,
    y: Option<Bytes>,
}

/// A member in base64url.
#[derive(Deserialize)]
#[serde(try_from = "String")]
struct Bytes(Zeroizing<Vec<u8>>);

impl TryFrom<String> for Bytes {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let text = Zeroizing::new(text);
        let bytes = BASE64_URL.decode(text.as_bytes());
        bytes.map(|bytes| Self(bytes.into())).map_err(|_| "not base64url")
    }
}

/// A key that a set holds.
const NO_JWK: KeyError = KeyError::NoKey("JSON that is no JWK");

/// The key of a JWK, or the only one of a set.
pub(super) fn read(text: &[u8]) -> Result<Found, KeyError> {
    let mut all = entries(text)?;
    match (all.pop(), all.is_empty()) {
        (Some(entry), true) if entry.text.starts_with(b"{") => one(&entry.text),
        (Some(entry), true) => Found::read(&entry.text),
        (None, _) => Err(KeyError::NoKey("a JWKS without a key")),
        (Some(_), false) => Err(KeyError::NoKey(
            "a JWKS with several keys, and nothing says which one is used",
        )),
    }
}

fn one(text: &[u8]) -> Result<Found, KeyError> {
    let key: Jwk = serde_json::from_slice(text).map_err(|_| NO_JWK)?;
    let need = |member: Option<Bytes>| member.map(|bytes| bytes.0).ok_or(NO_JWK);
    match (key.kty.as_str(), key.crv.as_deref()) {
        ("RSA", _) => match (key.d, key.p, key.q) {
            (None, ..) => Found::of_modulus(&need(key.n)?, &need(key.e)?),
            (Some(d), Some(p), Some(q)) => {
                let primes = vec![number(&p.0)?, number(&q.0)?];
                let (n, e) = (modulus(&need(key.n)?)?, number(&need(key.e)?)?);
                let pair = PrivateKey::from_components(n, e, number(&d.0)?, primes);
                pair.map(Found::of_rsa_pair).map_err(|_| KeyError::Wrong)
            }
            _ => Err(KeyError::NoKey(
                "a private RSA key in a JWK without its primes `p` and `q`",
            )),
        },
        ("EC", Some(name)) => {
            let curve = [Curve::P256, Curve::P384, Curve::P521]
                .into_iter()
                .find(|curve| curve.to_string() == name)
                .ok_or(KeyError::NoKey(
                    "an EC key of another curve than P-256, P-384 and P-521",
                ))?;
            if let Some(d) = key.d {
                return Found::of_scalar(curve, &d.0);
            }
            let public = [&[4][..], &need(key.x)?, &need(key.y)?].concat();
            let private = None;
            Ok(Found::Ec { curve, private, public })
        }
        ("OKP", Some("Ed25519")) => match key.d {
            Some(d) => Found::of_seed(&d.0),
            None => {
                let public = need(key.x)?.as_slice().try_into().map_err(|_| KeyError::Wrong)?;
                Ok(Found::Ed25519 { seed: None, public })
            }
        },
        ("oct", _) => Err(KeyError::NoKey("a shared secret in a JWK, and not a key pair")),
        _ => Err(KeyError::NoKey("a JWK of another kind than RSA, EC and Ed25519")),
    }
}

/// The keys of a set, each with its id. A file of ids and certificates is one too.
pub(super) fn entries(text: &[u8]) -> Result<Vec<Entry>, KeyError> {
    let whole: Map<String, Value> = serde_json::from_slice(text).map_err(|_| NO_JWK)?;
    let entry = |id: Option<String>, text: String| Entry {
        id,
        text: Zeroizing::new(text.into_bytes()),
    };
    let id = |key: &Value| key.get("kid").and_then(Value::as_str).map(str::to_owned);
    if let Some(Value::Array(keys)) = whole.get("keys") {
        let used = keys.iter().filter(|key| key.get("use").is_none_or(|of| of == "sig"));
        return Ok(used.take(MOST).map(|key| entry(id(key), key.to_string())).collect());
    }
    let is_pem = |value: &Value| value.as_str().is_some_and(|text| text.contains("-----BEGIN "));
    if !whole.is_empty() && whole.values().all(is_pem) {
        let keys = whole.into_iter().take(MOST);
        return Ok(keys
            .filter_map(|(id, key)| Some(entry(Some(id), key.as_str()?.to_owned())))
            .collect());
    }
    if whole.contains_key("kty") {
        let key = Value::Object(whole);
        return Ok(vec![entry(id(&key), key.to_string())]);
    }
    Err(NO_JWK)
}

/// The JWK of a pair with this private number.
pub(crate) fn of_scalar(curve: Curve, scalar: &[u8]) -> Vec<u8> {
    let text = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
    let public = public_of(curve, scalar).unwrap_or_default();
    let (x, y) = public.get(1..).unwrap_or_default().split_at(public.len() / 2);
    json!({
        "kty": "EC",
        "kid": "ckwh-throw-away",
        "crv": curve.to_string(),
        "d": text(scalar),
        "x": text(x),
        "y": text(y),
    })
    .to_string()
    .into_bytes()
}
