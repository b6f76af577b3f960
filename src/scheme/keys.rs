//! Keys as they stand in files: PEM, DER, JWK, X.509 certificates, and sets of them.

pub(crate) mod jwk;
mod pem;

use base64::Engine as _;
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig, STANDARD};
use jiff::Timestamp;
use rsa::pkcs1;
use rsa::pkcs8::der::asn1::{AnyRef, BitStringRef, OctetStringRef, UintRef};
use rsa::pkcs8::der::{Decode as _, Encode as _, Error as DerError};
use rsa::pkcs8::spki::{AlgorithmIdentifierRef, SubjectPublicKeyInfoRef};
use rsa::pkcs8::{ObjectIdentifier, PrivateKeyInfoRef};
use rsa::traits::{PrivateKeyParts as _, PublicKeyParts as _};
use rsa::{BoxedUint, PrivateKey, PublicKey};
use sec1::EcPrivateKey;
use secrecy::zeroize::Zeroizing;
use x509_cert::Certificate;

use super::mac::{Curve, KeyError, public_of};

const RSA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");
const RSA_PSS: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.10");
const EC: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.2.1");
const ED25519: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.101.112");

const CURVES: [(Curve, ObjectIdentifier); 3] = [
    (Curve::P256, ObjectIdentifier::new_unwrap("1.2.840.10045.3.1.7")),
    (Curve::P384, ObjectIdentifier::new_unwrap("1.3.132.0.34")),
    (Curve::P521, ObjectIdentifier::new_unwrap("1.3.132.0.35")),
];

/// How long a line of PEM is, in characters.
const LINE: usize = 64;

/// Of RSA keys, in bits.
const SMALLEST: usize = PublicKey::MIN_SIZE;
const LARGEST: usize = PublicKey::MAX_SIZE;

const LENIENT: GeneralPurposeConfig =
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
const BASE64: GeneralPurpose = GeneralPurpose::new(&base64::alphabet::STANDARD, LENIENT);
const BASE64_URL: GeneralPurpose = GeneralPurpose::new(&base64::alphabet::URL_SAFE, LENIENT);

/// A key of a file.
pub(crate) enum Found {
    Rsa {
        public: Box<PublicKey>,
        private: Option<Box<PrivateKey>>,
    },
    Ec {
        curve: Curve,
        /// The number, as long as the curve's are.
        private: Option<Zeroizing<Vec<u8>>>,
        /// The point, as SEC 1 writes it; empty where it follows from the private half.
        public: Vec<u8>,
    },
    Ed25519 {
        seed: Option<Zeroizing<[u8; 32]>>,
        public: [u8; 32],
    },
}

/// One key of a file that may hold several.
pub(crate) struct Entry {
    /// The id by which it is chosen.
    pub(crate) id: Option<String>,
    /// The key alone, as a file that holds it.
    pub(crate) text: Zeroizing<Vec<u8>>,
}

/// Whether `text` is a key's file in PEM or JSON, and not the bytes of a key.
pub fn is_file(text: &[u8]) -> bool {
    let text = text.trim_ascii_start();
    // The bytes of a key may begin with any two.
    let is_object = |rest: &[u8]| rest.trim_ascii_start().starts_with(b"\"") && str::from_utf8(rest).is_ok();
    text.starts_with(b"-----BEGIN ") || text.strip_prefix(b"{").is_some_and(is_object)
}

/// Whether `text` is a key in any form.
pub(crate) fn is_key(text: &[u8]) -> bool {
    is_file(text) || Found::read(text).is_ok()
}

/// The keys of a file, each with its id: those of a JWKS, or of an object of ids and certificates; else the one there is.
///
/// # Errors
/// [`KeyError`] where it is JSON and neither.
pub(crate) fn entries(text: &[u8]) -> Result<Vec<Entry>, KeyError> {
    if text.trim_ascii_start().starts_with(b"{") {
        return jwk::entries(text);
    }
    let text = Zeroizing::new(text.to_vec());
    Ok(vec![Entry { id: None, text }])
}

/// What of a key's file is private: its lines in PEM, and the numbers of its keys in bytes.
pub(crate) fn private_parts(text: &[u8]) -> Vec<Vec<u8>> {
    if !is_file(text) {
        return Vec::new();
    }
    let mut parts = pem::private_lines(text);
    for entry in entries(text).unwrap_or_default() {
        parts.extend(Found::read(&entry.text).map(Found::private_numbers).unwrap_or_default());
    }
    parts
}

/// The public half of a key's file, in the file's own writing: PEM of PEM, JSON and certificates, DER of DER, DER in
/// base64 of that; as `openssl pkey -pubout` writes it. `None` for what is no file of one key.
pub(crate) fn public_half(text: &[u8]) -> Option<Vec<u8>> {
    let is_der = text.first() == Some(&0x30);
    if !is_file(text) && !is_der && !text.starts_with(b"M") {
        return None;
    }
    let der = Found::read(text).ok()?.public_der().ok()?;
    let base64 = STANDARD.encode(&der);
    if is_der {
        return Some(der);
    }
    if !is_file(text) {
        return Some(base64.into_bytes());
    }
    let lines: Vec<&[u8]> = base64.as_bytes().chunks(LINE).collect();
    let parts: [&[u8]; 3] = [
        b"-----BEGIN PUBLIC KEY-----",
        &lines.join(&b'\n'),
        b"-----END PUBLIC KEY-----",
    ];
    Some(parts.join(&b'\n'))
}

/// The public key at `point` of `curve`, as DER.
pub(crate) fn der_of(curve: Curve, point: Vec<u8>) -> Option<Vec<u8>> {
    let key = Found::Ec {
        curve,
        private: None,
        public: point,
    };
    key.public_der().ok()
}

/// From when until when a certificate is to be used; `None` for what is no certificate.
pub(crate) fn validity(text: &[u8]) -> Option<(Timestamp, Timestamp)> {
    let block = pem::first(text)?.ok()?;
    if block.label != "CERTIFICATE" {
        return None;
    }
    let certificate = Certificate::from_der(&block.der).ok()?;
    let validity = certificate.tbs_certificate().validity();
    let at = |time: x509_cert::time::Time| {
        let seconds = i64::try_from(time.to_unix_duration().as_secs()).ok()?;
        Timestamp::from_second(seconds).ok()
    };
    Some((at(validity.not_before)?, at(validity.not_after)?))
}

impl Found {
    /// The key in `text`: PEM, DER, DER in base64, or a JWK.
    ///
    /// # Errors
    /// [`KeyError`].
    pub(crate) fn read(text: &[u8]) -> Result<Self, KeyError> {
        let trimmed = text.trim_ascii();
        if trimmed.starts_with(b"{") {
            return jwk::read(trimmed);
        }
        if let Some(block) = pem::first(trimmed) {
            let block = block?;
            return Self::labelled(&block.label, &block.der);
        }
        if text.first() == Some(&0x30) {
            return Self::unlabelled(text);
        }
        let decoded = BASE64.decode(trimmed).or_else(|_| BASE64_URL.decode(trimmed));
        match decoded {
            Ok(der) if der.first() == Some(&0x30) => Self::unlabelled(&Zeroizing::new(der)),
            _ => Err(KeyError::NoKey("neither PEM, nor a JWK, nor base64 of DER")),
        }
    }

    fn labelled(label: &str, der: &[u8]) -> Result<Self, KeyError> {
        let found = match label {
            "PUBLIC KEY" => Self::of_spki(der),
            "PRIVATE KEY" => Self::of_pkcs8(der),
            "RSA PUBLIC KEY" => Self::of_pkcs1_public(der),
            "RSA PRIVATE KEY" => Self::of_pkcs1_private(der),
            "EC PRIVATE KEY" => Self::of_sec1(der, None),
            "CERTIFICATE" => Self::of_certificate(der),
            "ENCRYPTED PRIVATE KEY" => return Err(KeyError::Encrypted),
            "OPENSSH PRIVATE KEY" => return Err(KeyError::NoKey("a key of OpenSSH: convert it to PEM")),
            _ => return Err(KeyError::NoKey("PEM of something else than a key")),
        };
        found.unwrap_or(Err(KeyError::NoKey("PEM with bytes that are no such key")))
    }

    fn unlabelled(der: &[u8]) -> Result<Self, KeyError> {
        Self::of_spki(der)
            .or_else(|| Self::of_pkcs8(der))
            .or_else(|| Self::of_pkcs1_private(der))
            .or_else(|| Self::of_sec1(der, None))
            .or_else(|| Self::of_certificate(der))
            .or_else(|| Self::of_pkcs1_public(der))
            .unwrap_or(Err(KeyError::NoKey("DER of something else than a key")))
    }

    // `None` below: the bytes are no such structure.

    fn of_spki(der: &[u8]) -> Option<Result<Self, KeyError>> {
        let info = SubjectPublicKeyInfoRef::from_der(der).ok()?;
        let bytes = info.subject_public_key.as_bytes()?;
        match info.algorithm.oid {
            RSA | RSA_PSS => Self::of_pkcs1_public(bytes),
            EC => Some(curve(info.algorithm.parameters_oid().ok()).map(|curve| Self::Ec {
                curve,
                private: None,
                public: bytes.to_vec(),
            })),
            ED25519 => {
                let public = bytes.try_into().ok()?;
                Some(Ok(Self::Ed25519 { seed: None, public }))
            }
            _ => Some(Err(KeyError::NoKey(
                "a key of another algorithm than RSA, EC or Ed25519",
            ))),
        }
    }

    fn of_certificate(der: &[u8]) -> Option<Result<Self, KeyError>> {
        let certificate = Certificate::from_der(der).ok()?;
        let info = certificate.tbs_certificate().subject_public_key_info();
        Self::of_spki(&info.to_der().ok()?)
    }

    fn of_pkcs8(der: &[u8]) -> Option<Result<Self, KeyError>> {
        let info = PrivateKeyInfoRef::try_from(der).ok()?;
        let bytes = info.private_key.as_bytes();
        match info.algorithm.oid {
            RSA | RSA_PSS => Self::of_pkcs1_private(bytes),
            EC => match curve(info.algorithm.parameters_oid().ok()) {
                Ok(curve) => Self::of_sec1(bytes, Some(curve)),
                Err(error) => Some(Err(error)),
            },
            ED25519 => {
                let seed: &OctetStringRef = <&OctetStringRef>::from_der(bytes).ok()?;
                Some(Self::of_seed(seed.as_bytes()))
            }
            _ => Some(Err(KeyError::NoKey(
                "a key of another algorithm than RSA, EC or Ed25519",
            ))),
        }
    }

    fn of_seed(seed: &[u8]) -> Result<Self, KeyError> {
        let seed: [u8; 32] = seed.try_into().map_err(|_| KeyError::Wrong)?;
        let public = ed25519_dalek::SigningKey::from_bytes(&seed).verifying_key().to_bytes();
        let seed = Some(Zeroizing::new(seed));
        Ok(Self::Ed25519 { seed, public })
    }

    fn of_sec1(der: &[u8], known: Option<Curve>) -> Option<Result<Self, KeyError>> {
        let key = EcPrivateKey::from_der(der).ok()?;
        let named = key.parameters.and_then(|parameters| parameters.named_curve());
        let curve = match (known, curve(named)) {
            (Some(curve), _) | (None, Ok(curve)) => curve,
            (None, Err(error)) => return Some(Err(error)),
        };
        Some(Self::of_scalar(curve, key.private_key))
    }

    fn of_scalar(curve: Curve, scalar: &[u8]) -> Result<Self, KeyError> {
        let public = public_of(curve, scalar).ok_or(KeyError::Wrong)?;
        Ok(Self::Ec {
            curve,
            private: Some(Zeroizing::new(scalar.to_vec())),
            public,
        })
    }

    fn of_pkcs1_public(der: &[u8]) -> Option<Result<Self, KeyError>> {
        let key = pkcs1::RsaPublicKeyRef::from_der(der).ok()?;
        Some(Self::of_modulus(key.modulus.as_bytes(), key.public_exponent.as_bytes()))
    }

    fn of_modulus(n: &[u8], e: &[u8]) -> Result<Self, KeyError> {
        let public = PublicKey::new(modulus(n)?, number(e)?).map_err(|_| KeyError::Wrong)?;
        let public = Box::new(public);
        Ok(Self::Rsa { public, private: None })
    }

    fn of_pkcs1_private(der: &[u8]) -> Option<Result<Self, KeyError>> {
        let key = pkcs1::RsaPrivateKeyRef::from_der(der).ok()?;
        if let Err(error) = modulus(key.modulus.as_bytes()) {
            return Some(Err(error));
        }
        Some(
            PrivateKey::try_from(key)
                .map_err(|_| KeyError::Wrong)
                .map(Self::of_rsa_pair),
        )
    }

    fn of_rsa_pair(private: PrivateKey) -> Self {
        Self::Rsa {
            public: Box::new(private.to_public_key()),
            private: Some(Box::new(private)),
        }
    }

    /// Its public half as `SubjectPublicKeyInfo` (RFC 5280, 4.1.2.7).
    fn public_der(&self) -> Result<Vec<u8>, DerError> {
        let write = |oid, parameters, bytes: &[u8]| {
            let algorithm = AlgorithmIdentifierRef { oid, parameters };
            let subject_public_key = BitStringRef::from_bytes(bytes)?;
            SubjectPublicKeyInfoRef {
                algorithm,
                subject_public_key,
            }
            .to_der()
        };
        match self {
            Self::Rsa { public, .. } => {
                let (modulus, exponent) = (public.n().to_be_bytes(), public.e().to_be_bytes());
                let key = pkcs1::RsaPublicKeyRef {
                    modulus: UintRef::new(&modulus)?,
                    public_exponent: UintRef::new(&exponent)?,
                };
                write(RSA, Some(AnyRef::NULL), &key.to_der()?)
            }
            Self::Ec { curve, private, public } => {
                let found = CURVES.iter().find(|(known, _)| known == curve);
                let oid = found.map(|(_, oid)| oid);
                let point = match private {
                    Some(scalar) => public_of(*curve, scalar).unwrap_or_default(),
                    None => public.clone(),
                };
                write(EC, oid.map(AnyRef::from), &point)
            }
            Self::Ed25519 { public, .. } => write(ED25519, None, public),
        }
    }

    fn private_numbers(self) -> Vec<Vec<u8>> {
        match self {
            Self::Rsa {
                private: Some(private), ..
            } => {
                let primes = private.primes().iter().map(|prime| prime.to_be_bytes_trimmed_vartime());
                let numbers = primes.chain([private.d().to_be_bytes_trimmed_vartime()]);
                numbers.map(|bytes| bytes.to_vec()).collect()
            }
            Self::Ec {
                private: Some(scalar), ..
            } => vec![scalar.to_vec()],
            Self::Ed25519 { seed: Some(seed), .. } => vec![seed.to_vec()],
            _ => Vec::new(),
        }
    }

    /// The error where another key is needed.
    pub(crate) fn instead_of(self, needed: &str) -> KeyError {
        let is = match self {
            Self::Rsa { public, .. } => format!("an RSA key of {} bits", public.n().bit_width()),
            Self::Ec { curve, .. } => format!("an EC key of the curve {curve}"),
            Self::Ed25519 { .. } => "an Ed25519 key".into(),
        };
        let needed = needed.to_owned();
        KeyError::Other { is, needed }
    }
}

/// A number of an RSA key.
fn number(bytes: &[u8]) -> Result<BoxedUint, KeyError> {
    let first = bytes.iter().position(|byte| *byte != 0).unwrap_or(bytes.len());
    let bytes = &bytes[first..];
    let bits = u32::try_from(8 * bytes.len()).map_err(|_| KeyError::Wrong)?;
    BoxedUint::from_be_slice(bytes, bits).map_err(|_| KeyError::Wrong)
}

/// A modulus of a size that is used: of a smaller one anybody finds the private half, and a larger one takes too long.
fn modulus(bytes: &[u8]) -> Result<BoxedUint, KeyError> {
    let first = bytes.iter().position(|byte| *byte != 0).unwrap_or(bytes.len());
    let leading = bytes.get(first).map_or(0, |byte| byte.leading_zeros() as usize);
    let bits = 8 * (bytes.len() - first) - leading;
    if (SMALLEST..=LARGEST).contains(&bits) {
        number(bytes)
    } else {
        Err(KeyError::Size(bits))
    }
}

/// The curve that a key names.
fn curve(named: Option<ObjectIdentifier>) -> Result<Curve, KeyError> {
    let found = CURVES.iter().find(|(_, id)| Some(*id) == named);
    let known = found.map(|(curve, _)| *curve);
    known.ok_or(KeyError::NoKey(
        "an EC key of another curve than P-256, P-384 and P-521",
    ))
}
