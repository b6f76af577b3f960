//! The table of names that hold credentials.

/// A name that holds one of these words holds a credential. Words are separated by `-`, `_`, other marks, or a capital
/// letter.
const WORDS: [&str; 30] = [
    "auth",
    "bearer",
    "csrf",
    "invite",
    "jwt",
    "key",
    "keys",
    "oauth",
    "oauth2",
    "oidc",
    "otp",
    "pat",
    "pin",
    "pass",
    "passcode",
    "passphrase",
    "passwd",
    "password",
    "psk",
    "pw",
    "pwd",
    "saml",
    "secret",
    "session",
    "sid",
    "ticket",
    "token",
    "tokens",
    "xauth",
    "xsrf",
];
/// A name that holds one of these anywhere, its marks left out: words run together in lower case.
const PARTS: [&str; 23] = [
    "accesskey",
    "apikey",
    "appkey",
    "authentication",
    "authkey",
    "authorisation",
    "authorization",
    "authtoken",
    "cookie",
    "credential",
    "encryptionkey",
    "licensekey",
    "masterkey",
    "passwd",
    "password",
    "privatekey",
    "secret",
    "sessid",
    "sessionid",
    "sessionkey",
    "sharedkey",
    "subscriptionkey",
    "token",
];
/// A name with one of these words holds a credential whatever else it says.
const STRONG: [&str; 7] = [
    "bearer",
    "passphrase",
    "passwd",
    "password",
    "secret",
    "token",
    "tokens",
];
/// A header with one of these words says how something is signed, or what a key is for.
const NO_CREDENTIAL: [&str; 24] = [
    "algo",
    "algorithm",
    "cache",
    "digest",
    "hash",
    "hmac",
    "idempotency",
    "md5",
    "partition",
    "public",
    "routing",
    "sha1",
    "sha256",
    "sha384",
    "sha512",
    "sig",
    "signature",
    "signatures",
    "surrogate",
    "timestamp",
    "version",
    "socket",
    "websocket",
    "results",
];
/// Headers that say which key signs, or which event it is, and hold no key: of Ably, Bitbucket, Worldline and Pusher.
const NAMES_OF_KEYS: [&str; 4] = ["x-ably-key", "x-event-key", "x-gcs-keyid", "x-pusher-key"];
/// Parameters of a URL that hold a credential beside those that a header of that name would.
const PARAMETERS: [&str; 3] = ["code", "samlresponse", "assertion"];
/// A parameter with one of these words signs its URL.
const URL_SIGNATURES: [&str; 4] = ["sig", "signature", "hmac", "key"];

/// Whether a header of that name holds a credential.
pub fn is_header(name: &str) -> bool {
    if NAMES_OF_KEYS.iter().any(|own| own.eq_ignore_ascii_case(name)) {
        return false;
    }
    let words = words(name);
    is_strong(&words) || !has_any(&words, &NO_CREDENTIAL) && holds(name, &words)
}

/// Whether a parameter of that name in a URL holds a credential.
pub fn is_parameter(name: &str) -> bool {
    let words = words(name);
    let signs =
        has_any(&words, &URL_SIGNATURES) && !has_any(&words, &["idempotency", "partition", "public", "routing"]);
    signs
        || is_strong(&words)
        || PARAMETERS.iter().any(|own| own.eq_ignore_ascii_case(name))
        || !has_any(&words, &NO_CREDENTIAL) && holds(name, &words)
}

/// Whether the words alone decide. What makes requests one is told to everyone.
fn is_strong(words: &[String]) -> bool {
    has_any(words, &STRONG) && !has_any(words, &["idempotency"])
}

fn holds(name: &str, words: &[String]) -> bool {
    let together: String = name
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|c| c.to_ascii_lowercase())
        .collect();
    has_any(words, &WORDS) || PARTS.iter().any(|part| together.contains(part))
}

fn has_any(words: &[String], wanted: &[&str]) -> bool {
    words.iter().any(|word| wanted.contains(&word.as_str()))
}

/// The words of a name, in lower case.
fn words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut before = ' ';
    for c in name.chars() {
        if !c.is_ascii_alphanumeric() || c.is_ascii_uppercase() && before.is_ascii_lowercase() {
            words.push(String::new());
        }
        if let Some(word) = words.last_mut().filter(|_| c.is_ascii_alphanumeric()) {
            word.push(c.to_ascii_lowercase());
        }
        before = c;
    }
    words.retain(|word| !word.is_empty());
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One on each line; what `listen` catches is tested with the same.
    const NAMES: &str = include_str!("names.txt");

    #[test]
    fn names_of_credentials_are_known_in_any_writing() {
        for name in NAMES.lines() {
            assert!(is_header(name), "{name}");
            assert!(
                is_header(&name.to_ascii_uppercase()) || name.contains(|c: char| c.is_ascii_uppercase()),
                "{name}"
            );
            assert!(is_parameter(name), "{name}");
        }
    }

    #[test]
    fn other_names_are_not() {
        for name in [
            "Host",
            "Content-Type",
            "User-Agent",
            "X-Author",
            "Authority",
            "Idempotency-Key",
            "Sec-WebSocket-Key",
            "X-Hub-Signature-256",
            "Stripe-Signature",
            "X-Auth-Signature",
            "X-Shopify-Hmac-Sha256",
            "PAYPAL-AUTH-ALGO",
            "PAYPAL-AUTH-VERSION",
            "Github-Public-Key-Identifier",
            "Webhook-Id",
            "X-Request-Id",
            "X-Monkey",
            "Keep-Alive",
            "X-Possession",
            "Authentication-Results",
        ] {
            assert!(!is_header(name), "{name}");
        }
    }

    #[test]
    fn parameters_that_open_a_url_are_known() {
        for name in [
            "token",
            "access_token",
            "code",
            "key",
            "sig",
            "signature",
            "X-Amz-Credential",
            "X-Amz-Signature",
            "X-Goog-Signature",
            "AWSAccessKeyId",
            "hmac",
            "api_key",
            "SAMLResponse",
            "hub.verify_token",
            "auth[token]",
            "client_secret",
            "jsessionid",
            "PHPSESSID",
            "connect.sid",
        ] {
            assert!(is_parameter(name), "{name}");
        }
        for name in [
            "page",
            "country_code",
            "bodySHA256",
            "event",
            "id",
            "hub.challenge",
            "author",
            "keyword",
        ] {
            assert!(!is_parameter(name), "{name}");
        }
    }
}
