//! What `kind = "rfc9421"` and `kind = "cavage"` have in a table.

use super::component::Component;
use super::{HttpSignature, Parameter, Style, digest};
use crate::scheme::jws::Lasting;
use crate::scheme::mac::{Curve, Form, Hash, Kind, Padding};

type Algorithms = &'static [(&'static str, Kind)];

/// The names of the HTTP Signature Algorithms registry (RFC 9421, section 6.2).
#[rustfmt::skip]
const OF_RFC9421: Algorithms = &[
    ("ed25519", Kind::Ed25519),
    ("hmac-sha256", Kind::HmacSha256),
    ("rsa-pss-sha512", Kind::Rsa(Padding::Pss, Hash::Sha512)),
    ("rsa-v1_5-sha256", Kind::Rsa(Padding::Pkcs1, Hash::Sha256)),
    ("ecdsa-p256-sha256", Kind::Ecdsa(Curve::P256, Hash::Sha256, Form::Raw)),
    ("ecdsa-p384-sha384", Kind::Ecdsa(Curve::P384, Hash::Sha384, Form::Raw)),
];

/// Those of the drafts (draft-cavage-http-signatures-12, appendix E.2), and what `hs2019` may stand for.
#[rustfmt::skip]
const OF_CAVAGE: Algorithms = &[
    ("rsa-sha256", Kind::Rsa(Padding::Pkcs1, Hash::Sha256)),
    ("rsa-sha512", Kind::Rsa(Padding::Pkcs1, Hash::Sha512)),
    ("rsa-sha1", Kind::Rsa(Padding::Pkcs1, Hash::Sha1)),
    ("rsa-pss-sha512", Kind::Rsa(Padding::Pss, Hash::Sha512)),
    ("hmac-sha256", Kind::HmacSha256),
    ("hmac-sha512", Kind::HmacSha512),
    ("ecdsa-sha256", Kind::Ecdsa(Curve::P256, Hash::Sha256, Form::Der)),
    ("ecdsa-p384-sha384", Kind::Ecdsa(Curve::P384, Hash::Sha384, Form::Der)),
    ("ed25519", Kind::Ed25519),
];

const PARAMETERS: [(&str, Parameter); 8] = [
    ("created", Parameter::Created),
    ("expires", Parameter::Expires),
    ("nonce", Parameter::Nonce),
    ("alg", Parameter::Algorithm),
    ("keyid", Parameter::KeyId),
    ("tag", Parameter::Tag),
    ("headers", Parameter::Headers),
    ("signature", Parameter::Signature),
];

/// The fields of such a table.
#[derive(Debug, Default)]
pub(in crate::scheme) struct HttpTable {
    pub(in crate::scheme) algorithm: Option<String>,
    pub(in crate::scheme) covers: Option<Vec<String>>,
    pub(in crate::scheme) parameters: Option<Vec<String>>,
    pub(in crate::scheme) label: Option<String>,
    pub(in crate::scheme) tag: Option<String>,
    pub(in crate::scheme) keyid: Option<String>,
    pub(in crate::scheme) says: Option<String>,
    pub(in crate::scheme) lifetime: Option<Lasting>,
    pub(in crate::scheme) body_digest: Option<String>,
    pub(in crate::scheme) separator: Option<String>,
}

impl HttpTable {
    /// The style that a kind of this name is.
    pub(in crate::scheme) fn style(kind: &str) -> Option<Style> {
        match kind {
            "rfc9421" => Some(Style::Rfc9421),
            "cavage" => Some(Style::Cavage),
            _ => None,
        }
    }

    /// Whether nothing of it stands in the table, beside what a token has too.
    pub(in crate::scheme) fn is_empty(&self) -> bool {
        self.covers.is_none()
            && self.parameters.is_none()
            && self.label.is_none()
            && self.tag.is_none()
            && self.keyid.is_none()
            && self.says.is_none()
            && self.body_digest.is_none()
    }

    /// The kind of the signature, and what it is.
    pub(in crate::scheme) fn read(self, style: Style) -> Result<(Kind, HttpSignature), String> {
        let (name, algorithms) = match style {
            Style::Rfc9421 => ("rfc9421", OF_RFC9421),
            Style::Cavage => ("cavage", OF_CAVAGE),
        };
        let known = || algorithms.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", ");
        let algorithm = self.algorithm.as_deref().ok_or_else(|| {
            format!(
                "`kind = \"{name}\"` needs `algorithm`, the only one that is accepted: {}",
                known()
            )
        })?;
        let found = algorithms.iter().find(|(own, _)| *own == algorithm);
        let (algorithm, kind) =
            *found.ok_or_else(|| format!("unknown algorithm `{algorithm}`, expected one of {}", known()))?;
        let covers = self
            .covers
            .ok_or_else(|| format!("`kind = \"{name}\"` needs `covers`, the components that are signed"))?;
        let covers = covers.iter().map(|text| Component::of_table(text, style));
        let covers = covers.collect::<Result<Vec<_>, _>>()?;
        if style == Style::Cavage && covers.is_empty() {
            return Err("`covers` names no header: a signature of nothing says nothing".into());
        }
        if style == Style::Cavage && (self.label.is_some() || self.tag.is_some()) {
            return Err("`label` and `tag` are of `kind = \"rfc9421\"`".into());
        }
        if style == Style::Rfc9421 && self.separator.is_some() {
            return Err("`list` is of `kind = \"cavage\"`, whose pairs it separates".into());
        }
        let digest = self.body_digest.unwrap_or_else(|| match style {
            Style::Rfc9421 => digest::NAMES[0].to_owned(),
            Style::Cavage => digest::NAMES[0].to_ascii_uppercase(),
        });
        if !digest::NAMES.iter().any(|own| own.eq_ignore_ascii_case(&digest)) {
            return Err(format!(
                "`body_digest` is {}, and not `{digest}`",
                digest::NAMES.join(" or ")
            ));
        }
        let parameters = parameters(style, self.parameters, &covers)?;
        Ok((
            kind,
            HttpSignature {
                style,
                algorithm,
                covers,
                parameters,
                label: self.label.map(label).transpose()?,
                tag: self.tag,
                key_id: self.keyid,
                says: self.says,
                lifetime: self.lifetime.map(|Lasting(lifetime)| lifetime),
                digest,
                separator: self.separator.unwrap_or_else(|| ",".to_owned()),
            },
        ))
    }
}

fn label(label: String) -> Result<String, String> {
    match sfv::KeyRef::from_str(&label) {
        Ok(_) => Ok(label),
        Err(_) => Err(format!(
            "`label` is lower-case letters, digits, `_`, `-`, `.` and `*`, and not `{label}`"
        )),
    }
}

/// The parameters that are written, in order.
fn parameters(
    style: Style,
    given: Option<Vec<String>>,
    covers: &[Component],
) -> Result<Vec<(Parameter, String)>, String> {
    let is_covered = |name: &str| covers.iter().any(|own| own.to_string() == name);
    let usual = || -> Vec<String> {
        let mut usual = match style {
            Style::Rfc9421 => vec!["created", "keyid"],
            Style::Cavage => vec!["keyId", "algorithm"],
        };
        if style == Style::Cavage {
            usual.extend(is_covered("(created)").then_some("created"));
            usual.extend(is_covered("(expires)").then_some("expires"));
            usual.extend(["headers", "signature"]);
        }
        usual.into_iter().map(str::to_owned).collect()
    };
    let given = given.unwrap_or_else(usual);
    let mut all: Vec<(Parameter, String)> = Vec::new();
    for name in given {
        let lower = name.to_ascii_lowercase();
        let lower = if style == Style::Cavage && lower == "algorithm" {
            "alg"
        } else {
            &lower
        };
        let is_cavage = |parameter: Parameter| matches!(parameter, Parameter::Headers | Parameter::Signature);
        let is_rfc9421 = |parameter: Parameter| matches!(parameter, Parameter::Nonce | Parameter::Tag);
        let is_of_style = |parameter: Parameter| match style {
            Style::Rfc9421 => !is_cavage(parameter) && lower == name,
            Style::Cavage => !is_rfc9421(parameter),
        };
        let found = PARAMETERS
            .iter()
            .find(|(own, parameter)| *own == lower && is_of_style(*parameter));
        let Some((_, parameter)) = found else {
            let known = match style {
                Style::Rfc9421 => "created, expires, nonce, alg, keyid and tag",
                Style::Cavage => "keyId, algorithm, created, expires, headers and signature",
            };
            return Err(format!("`parameters` has `{name}`, and these are known: {known}"));
        };
        if all.iter().any(|(own, _)| own == parameter) {
            return Err(format!("`parameters` has `{name}` twice"));
        }
        all.push((*parameter, name));
    }
    let has = |parameter| all.iter().any(|(own, _)| *own == parameter);
    if style == Style::Cavage && !(has(Parameter::Headers) && has(Parameter::Signature)) {
        return Err("`parameters` needs headers and signature".into());
    }
    for (name, parameter) in [("(created)", Parameter::Created), ("(expires)", Parameter::Expires)] {
        if is_covered(name) && !has(parameter) {
            return Err(format!("`covers` has `{name}`, and `parameters` does not"));
        }
    }
    Ok(all)
}
