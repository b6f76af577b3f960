//! What a signature looks like where no secret proves it: a token, or the size of one by a key pair.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value};

use super::carrier::Carrier;
use crate::message::{Headers, Message, Place};

/// Of a text from outside, in characters; of names, and of looks.
const LONGEST: usize = 40;
const MOST: usize = 8;

/// In words, each with where it stands.
pub(super) fn all(message: &Message, carriers: &[Carrier]) -> Vec<String> {
    let mut looks: Vec<String> = http_signature(&message.headers).into_iter().collect();
    for (name, value) in message.headers.iter() {
        let text = std::str::from_utf8(value).unwrap_or_default();
        let token = text.split([' ', ',', '=']).find_map(token);
        looks.extend(token.map(|token| format!("the header {name} holds {token}")));
    }
    let body = str::from_utf8(&message.body).unwrap_or_default();
    looks.extend(token(body.trim()).map(|token| format!("the body is {token}, with `from = \"body\"`")));
    let by_pair: Vec<&Carrier> = match looks.is_empty() {
        true => carriers.iter().filter(|carrier| carrier.kind_by_pair()).collect(),
        false => Vec::new(),
    };
    for carrier in by_pair {
        let what = match carrier.tag.first() {
            Some(0x30) if carrier.tag.len() < 128 => "an ECDSA signature in DER (`ecdsa-…`)".to_owned(),
            _ => format!("an RSA signature of a key of {} bits (`rsa-…`)", 8 * carrier.tag.len()),
        };
        looks.push(format!(
            "{} holds what looks like {what}: give the sender's public key with --secret-file",
            match &carrier.place {
                Place::Header(name) => format!("the header {name}"),
                place => place.to_string(),
            }
        ));
    }
    let inside = carriers
        .iter()
        .filter(|carrier| !matches!(carrier.place, Place::Header(_)));
    looks.extend(inside.filter_map(inside_look));
    looks.truncate(MOST);
    looks
}

/// A MAC in the body or the query, which may be over any of the values there.
fn inside_look(carrier: &Carrier) -> Option<String> {
    let kind = carrier.kind().filter(|_| !carrier.kind_by_pair())?;
    Some(format!(
        "{} holds what is as long as {}: where that is over some of the values there, one delivery does not show which, nor in what order. Begin with a copy of a provider, and name them in `content`",
        carrier.place, kind
    ))
}

/// An HTTP message signature, in words: of RFC 9421, or of the drafts before it.
fn http_signature(headers: &Headers) -> Option<String> {
    if let (Some(input), true) = (headers.text("signature-input"), headers.contains("signature")) {
        let covers = input.split_once('(').and_then(|(_, rest)| rest.split_once(')'));
        let covers = covers.map_or_else(String::new, |(list, _)| {
            format!(" of {}", shown(&list.replace('"', "")))
        });
        return Some(format!(
            "the headers Signature-Input and Signature hold an HTTP message signature{covers} (RFC 9421): begin with a copy of a provider, and write `kind = \"rfc9421\"`"
        ));
    }
    let mut texts = headers
        .iter()
        .filter_map(|(name, value)| Some((name, std::str::from_utf8(value).ok()?)));
    let is_one = |text: &str| text.to_ascii_lowercase().contains("keyid=\"") && text.contains("signature=\"");
    let (name, text) = texts.find(|(_, text)| is_one(text))?;
    let covers = text.split_once("headers=\"").and_then(|(_, rest)| rest.split_once('"'));
    let covers = covers.map_or_else(String::new, |(list, _)| format!(" of {}", shown(list)));
    Some(format!(
        "the header {name} holds an HTTP signature{covers} (draft-cavage-http-signatures): begin with a copy of a provider, and write `kind = \"cavage\"`"
    ))
}

/// A JWT, or a JWS without its payload, in words.
fn token(text: &str) -> Option<String> {
    let mut segments = text.split('.');
    let (header, payload, _, None) = (segments.next()?, segments.next()?, segments.next()?, segments.next()) else {
        return None;
    };
    let object = |segment: &str| -> Option<Map<String, Value>> {
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(segment).ok()?).ok()
    };
    let algorithm = shown(object(header)?.get("alg")?.as_str()?);
    if payload.is_empty() {
        return Some(format!(
            "a detached JWS by {algorithm}: begin with a copy of a provider, and write `kind = \"jws\"`"
        ));
    }
    let claims = object(payload)?;
    let names: Vec<String> = claims.keys().take(MOST).map(|name| shown(name)).collect();
    Some(format!(
        "a JWT by {algorithm} with the claims {}: begin with a copy of a provider, and write `kind = \"jwt\"`",
        names.join(", ")
    ))
}

fn shown(text: &str) -> String {
    text.escape_debug().take(LONGEST).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn http_message_signatures_are_told() {
        let of = |headers: &[(&str, &str)]| {
            let message = Message {
                headers: headers.iter().copied().collect(),
                ..Message::new("{}")
            };
            all(&message, &[])
        };
        let rfc = of(&[
            ("Signature-Input", "sig1=(\"@method\" \"date\");created=1"),
            ("Signature", "sig1=:AAAA:"),
        ]);
        assert!(rfc[0].contains("signature of @method date (RFC 9421)"), "{rfc:?}");
        let draft = of(&[("Mine", "keyId=\"a\",headers=\"host date\",signature=\"AAAA\"")]);
        assert!(
            draft[0].contains("Mine holds an HTTP signature of host date (draft-cavage"),
            "{draft:?}"
        );
        assert!(of(&[("Signature", "sig1=:AAAA:")]).is_empty());
    }

    /// The token is the example of RFC 7519, section 3.1.
    #[test]
    fn a_token_is_told_from_other_texts() {
        let token = "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
        let looks = |value: &str| {
            let message = Message {
                headers: [("X-Sig", value)].into_iter().collect(),
                ..Message::new("{}")
            };
            all(&message, &[])
        };
        let body = all(&Message::new(format!("{token}\n")), &[]);
        assert!(body[0].starts_with("the body is a JWT by HS256"), "{body:?}");
        for value in [token.to_owned(), format!("Bearer {token}")] {
            let looks = looks(&value);
            assert!(
                looks[0].contains("a JWT by HS256 with the claims iss, exp"),
                "{looks:?}"
            );
        }
        for value in ["a.b.c", "1.2.3", "e30.e30.e30", "", "v1=abc"] {
            assert!(looks(value).is_empty(), "{value}");
        }
    }
}
