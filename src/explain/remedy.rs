//! The tables of remedies: what to do about a cause. A step's own comes before its kind's, and each speaks for its
//! direction: forward the handler did it, in reverse what arrived was changed on its way.

mod framework;

use super::cause::Kind;
use super::search::Direction;
pub use framework::Framework;

/// The remedy of one step of a kind; an empty text where the kind's will do.
struct Step {
    kind: Kind,
    /// The step begins so.
    step: &'static str,
    forward: &'static str,
    reverse: &'static str,
}

const fn step(kind: Kind, step: &'static str, forward: &'static str, reverse: &'static str) -> Step {
    Step {
        kind,
        step,
        forward,
        reverse,
    }
}

const STEPS: &[Step] = &[
    step(
        Kind::SignaturePrefix,
        "shown",
        "",
        "Have the sender show the secret in the form that this provider has, with the word before it or without",
    ),
    step(
        Kind::SecretHashed,
        "shown",
        "",
        "Have the sender show the secret itself, or compare its hash with the hash of yours",
    ),
    step(
        Kind::SecretBase64,
        "shown",
        "",
        "Give both sides the secret in the same form: encoded, or not",
    ),
    step(
        Kind::SignatureUnsigned,
        "shown",
        "",
        "Refuse it, or set the secret at the sender: a proxy may have taken the header off",
    ),
    step(
        Kind::SecretPrefix,
        "strip:v1,",
        "Drop `v1,` from the secret: the key begins at `whsec_`",
        "Drop `v1,` from the secret: the key begins at `whsec_`",
    ),
    step(
        Kind::SecretPrefix,
        "decode-with-prefix",
        "Take the prefix (`whsec_`) off before decoding: it is no part of the base64",
        "Take the prefix (`whsec_`) off before decoding: it is no part of the base64",
    ),
    step(
        Kind::SecretPrefix,
        "base64",
        "Take the prefix (`whsec_`) off before decoding: it is no part of the base64",
        "Take the prefix (`whsec_`) off before decoding: it is no part of the base64",
    ),
    step(
        Kind::SecretPrefix,
        "strip:NAME=",
        "Store the value alone, without the `NAME=` of its line",
        "Store the value alone, without the `NAME=` of its line",
    ),
    step(
        Kind::SecretPrefix,
        "strip:",
        "Use the secret with its prefix, as this provider's documentation has it",
        "Use the secret as it was signed with: without what stands before it here",
    ),
    step(
        Kind::SecretPrefix,
        "prepend:",
        "Use the secret as it is given here, with nothing put before it",
        "Give the secret with what stands before it at the sender",
    ),
    step(
        Kind::SecretQuoted,
        "strip:NAME=",
        "Store the value alone, without the `NAME=` and the quotes of its line",
        "Store the value alone, without the `NAME=` and the quotes of its line",
    ),
    step(
        Kind::SecretQuoted,
        "json",
        "Read the secret out of its JSON first (a secret manager returns a whole object)",
        "Read the secret out of its JSON first (a secret manager returns a whole object)",
    ),
    step(
        Kind::SecretBase64,
        "base64:",
        "Decode the secret in its own alphabet: `-` and `_` want base64url, and what is no base64 is no key to decode",
        "Have the sender decode the secret in its own alphabet: `-` and `_` want base64url",
    ),
    step(
        Kind::SecretBase64,
        "base64 then",
        "Keep the decoded key as bytes: give them to the HMAC, and make no text of them",
        "Have the sender keep the decoded key as bytes, and make no text of them",
    ),
    step(
        Kind::SecretHex,
        "empty",
        "Use the secret's text as the key, not decoded from hex; and see that its variable is set where the handler runs",
        "Set the secret's variable at the sender, and use its text as the key",
    ),
    step(
        Kind::SecretHex,
        "hex:",
        "Use the secret's text as the key: it is no hex to decode",
        "Have the sender use the secret's text as the key: it is no hex to decode",
    ),
    step(
        Kind::SecretHex,
        "hex then",
        "Keep the decoded key as bytes: give them to the HMAC, and make no text of them",
        "Have the sender keep the decoded key as bytes, and make no text of them",
    ),
    step(
        Kind::SecretQuoted,
        "line:",
        "Store the value alone, without the `NAME=` and the quotes of its line",
        "Store the value alone at the sender, without the `NAME=` and the quotes of its line",
    ),
    step(
        Kind::SecretPrefix,
        "line:",
        "Store the value alone, without the `NAME=` of its line",
        "Store the value alone at the sender, without the `NAME=` of its line",
    ),
    step(
        Kind::SecretPlaceholder,
        "name:",
        "Put the variable's value where its name stands, and refuse to start without it",
        "",
    ),
    step(
        Kind::SignatureNotHmac,
        "token",
        "",
        "Take the secret out of what is sent: whoever sees it can sign. Have the sender sign the body, or compare the token in constant time and know that it covers no body",
    ),
    step(
        Kind::ContentHeader,
        "digest",
        "",
        "Have the body passed on as it was sent: its digest is signed, and it is another one's",
    ),
    step(
        Kind::SignatureAlgorithm,
        "http",
        "",
        "Have the sender sign by the algorithm that the provider's table names, or correct `algorithm` there; what a signature says of it chooses none",
    ),
    step(
        Kind::SignatureAlgorithm,
        "token",
        "",
        "Have the sender sign its tokens by the algorithm that the provider's table names; a receiver takes no other, whatever a token says of itself",
    ),
    step(
        Kind::BodyEmpty,
        "go-sum",
        "Give the body to the MAC's Write, and nothing to its Sum",
        "Have the sender give the body to the MAC's Write, and nothing to its Sum",
    ),
    step(
        Kind::BodyNewline,
        "append",
        "",
        "Send the line break with the body: curl -d @file takes it off, --data-binary @file keeps it; editors and shells do too",
    ),
    step(
        Kind::BodyNewline,
        "strip",
        "",
        "Take the line break off that was added on the way, or that an editor or `echo` put behind the saved body",
    ),
    step(
        Kind::BodyLineEndings,
        "",
        "",
        "Keep the line breaks as they were signed: git's autocrlf, FTP in text mode and editors change them, and curl -d takes them out: use --data-binary",
    ),
    step(
        Kind::BodyWhitespace,
        "",
        "",
        "Send the body as it was signed: curl -d @file takes line breaks out, use --data-binary; or a proxy rewrites the JSON",
    ),
    step(
        Kind::BodyCompression,
        "",
        "",
        "Verify the bytes that were signed: let the proxy pass the compressed body on, or verify before it is compressed",
    ),
];

/// What to do about a kind where no step has its own.
struct Row {
    kinds: &'static [Kind],
    forward: &'static str,
    /// Empty where it is the same.
    reverse: &'static str,
}

const fn row(kinds: &'static [Kind], forward: &'static str, reverse: &'static str) -> Row {
    Row {
        kinds,
        forward,
        reverse,
    }
}

const KINDS: &[Row] = &[
    row(
        &[Kind::SecretWhitespace],
        "Store the secret without white space or invisible characters around it: printf %s, not echo, and trim what is read from a file",
        "",
    ),
    row(
        &[Kind::SecretQuoted],
        "Make the secret's value the same for both: check the quotes, `#`, `$` and `\\n` in the .env file",
        "",
    ),
    row(
        &[Kind::ContentClaim],
        "Compare what the claim says with what arrived: another message's token, another receiver's, or a body that was changed",
        "",
    ),
    row(
        &[Kind::SecretKeyPair],
        "Give the public key of the sender's own pair: of its environment (production or sandbox), and of the time when it signed",
        "",
    ),
    row(
        &[Kind::SecretPrefix],
        "Use the secret as this provider's documentation says: with its prefix, or without it",
        "",
    ),
    row(
        &[Kind::SecretBase64],
        "Check in the provider's documentation whether the key is the secret's text or what its base64 holds",
        "",
    ),
    row(
        &[Kind::SecretHex],
        "Check in the provider's documentation whether the key is the secret's text or what its hex holds",
        "",
    ),
    row(
        &[Kind::SecretUrlEncoded],
        "Use the secret as it is shown, neither URL-encoded nor decoded",
        "",
    ),
    row(
        &[Kind::SecretCharset],
        "Make the key of the secret's UTF-8 bytes, and store it in a file of UTF-8 without a byte order mark",
        "",
    ),
    row(
        &[Kind::SecretHtmlEscaped],
        "Use the secret as it is shown, neither escaped for HTML nor unescaped",
        "",
    ),
    row(
        &[Kind::SecretCase],
        "Use the secret in the case that it is shown in",
        "",
    ),
    row(
        &[Kind::SecretTruncated],
        "Copy the secret whole, and look for a field or a column that cuts it",
        "",
    ),
    row(
        &[Kind::SecretHashed],
        "Use the secret itself as the key: HMAC hashes a long one on its own",
        "Have the sender use the secret itself as the key: HMAC hashes a long one on its own",
    ),
    row(
        &[Kind::SecretSwapped],
        "Check the order of the arguments: the secret is the key, and the content is what is hashed",
        "Check the order of the arguments at the sender: the secret is the key, and the content is what is hashed",
    ),
    row(
        &[Kind::SecretEmpty],
        "Set the secret's variable where the handler runs, and refuse to start without it",
        "Set the secret's variable at the sender, and refuse to sign without it",
    ),
    row(
        &[Kind::SecretPlaceholder],
        "Put the real secret where the placeholder stands, and refuse to start without it",
        "",
    ),
    row(
        &[Kind::SecretOther],
        "Use this endpoint's own secret: each endpoint and each environment has another",
        "",
    ),
    row(
        &[
            Kind::BodyReserialised,
            Kind::BodyNewline,
            Kind::BodyLineEndings,
            Kind::BodyWhitespace,
            Kind::BodyBom,
            Kind::BodyCharset,
            Kind::BodyUnicodeNormalised,
            Kind::BodyDoubleEncoded,
            Kind::BodyHtmlEscaped,
            Kind::BodyEmpty,
            Kind::BodyForm,
        ],
        "Hash the bytes of the body as they came, before anything parses, decodes or changes them; --framework NAME shows how",
        "Keep the bytes as they were signed: look for what reads and writes the body between its signer and here, such as a proxy, a gateway, a queue, a client library, or the tool that saved it (curl: --data-binary)",
    ),
    row(
        &[Kind::BodyCompression],
        "Hash the bytes that the sender signed: let either both or neither of proxy and handler undo the compression",
        "",
    ),
    row(
        &[Kind::ContentTimestampMissing],
        "Put the timestamp's text into the content, as the provider's documentation has it; read its header whatever the case of its name",
        "Have the sender put the timestamp's text into the content",
    ),
    row(
        &[Kind::ContentTimestampUnit],
        "Use the timestamp's text as it stands in the header; convert it only to compare it with the clock",
        "Have the sender sign the timestamp's text as it writes it into the header",
    ),
    row(
        &[Kind::ContentTimestampOther],
        "Take the timestamp from the header that the provider's documentation names, as text",
        "Have the sender write the timestamp into the header, and sign that one",
    ),
    row(
        &[Kind::ContentSeparator],
        "Join the parts of the content as the provider's documentation writes them",
        "",
    ),
    row(
        &[Kind::ContentIdMissing],
        "Put the message's id into the content, as the provider's documentation has it; read its header whatever the case of its name",
        "Have the sender put the message's id into the content",
    ),
    row(
        &[Kind::ContentIdOther],
        "Take the id from the header that the provider's documentation names, as text",
        "Have the sender sign the id that it writes into the header",
    ),
    row(
        &[Kind::ContentMethod],
        "Use the method as the sender has it, in upper case",
        "",
    ),
    row(
        &[Kind::ContentDigest],
        "Give the content itself to the HMAC, once, and neither its hash nor a MAC of it",
        "",
    ),
    row(
        &[Kind::ContentUrl],
        "Use the URL as the sender has it: with the public scheme, host, port and query, from your settings and not from the request; for ckwh that is --public-url",
        "Give the URL as the sender has it, with --public-url: its scheme, host, port, path and query are signed",
    ),
    row(
        &[Kind::ContentHeader],
        "Take each header as it arrived, and those that the signature names, in its order",
        "Have the proxies on the way leave the signed headers as they are, or have the sender sign others",
    ),
    row(
        &[Kind::SignatureCoverage],
        "Have the sender cover all that this provider's signatures cover; what is not covered can be anything",
        "",
    ),
    row(
        &[Kind::ContentOtherScheme],
        "Use the content that this provider's documentation names",
        "",
    ),
    row(
        &[Kind::SignatureEncoding],
        "Write the MAC in the encoding that the provider uses, made of its bytes and not of its hex text, and compare like with like",
        "Have the sender write the MAC in the encoding that this provider uses",
    ),
    row(
        &[Kind::SignatureCase],
        "Compare the MAC's bytes, or bring both texts to lower case before",
        "",
    ),
    row(
        &[Kind::SignaturePrefix],
        "Take what stands around the MAC off the header before comparing, or put it before your own",
        "Have the sender write the header as its form is; what reads it may have to trim it",
    ),
    row(
        &[Kind::SignatureTruncated],
        "Compare the whole MAC: look for a column, a log or a slice that cuts it",
        "",
    ),
    row(
        &[Kind::SignatureMalformed],
        "Give the whole MAC as it is computed: look for a column, a log or a slice that cuts it",
        "Have the sender write the whole MAC, and nothing else in its place; look for a column or a slice that cuts it",
    ),
    row(
        &[Kind::SignatureMistyped],
        "Copy the signature again, whole: this one differs in a digit or two, and is no valid one",
        "",
    ),
    row(
        &[Kind::SignatureHeader],
        "Read the signature from the header that it stands in, or have it sent in the one that is expected",
        "Have it sent in the header that is expected; where a proxy, CGI or a framework renamed that on its way, read it under the name that it has there",
    ),
    row(
        &[Kind::SignaturePlaceholder],
        "Compute the signature before it is written: its variable is not set, or not waited for",
        "Have the sender compute the signature before it writes the header: its variable is not set, or not waited for",
    ),
    row(
        &[Kind::SignatureAlgorithm],
        "Use the hash function that the provider's documentation names",
        "",
    ),
    row(
        &[Kind::SignatureNotHmac],
        "Use HMAC with the secret as its key: crypto.createHmac, hmac.new, hash_hmac, OpenSSL::HMAC",
        "Verify it as that version has it, or have the sender sign with the present one",
    ),
    row(
        &[Kind::SignatureOlder],
        "Verify it as that version has it, or have the provider sign with the present one",
        "",
    ),
    row(
        &[Kind::SignatureDialect],
        "Read the headers and the content of that dialect; for ckwh that is --dialect",
        "",
    ),
    row(
        &[Kind::SignatureUnsigned],
        "Refuse it, or sign it: the sender has no secret set, or a proxy took the header off",
        "",
    ),
    row(
        &[Kind::TimeUnit],
        "Write the timestamp in the unit that the scheme has, in the header and in what is signed alike",
        "",
    ),
    row(
        &[Kind::TimeStale],
        "If it is a replay or a late retry, sign it anew; else set the clocks right (timedatectl, NTP)",
        "",
    ),
    row(&[Kind::TimeFuture], "Set the clocks right (timedatectl, NTP)", ""),
];

/// What to look at next where nothing is known, by the case.
const UNKNOWN: &[(&str, &str)] = &[
    (
        "http",
        "Compare the signature base, which `ckwh verify -v` shows, line by line with the one that the sender signed",
    ),
    (
        "token",
        "Compare the secret's fingerprint with the sender's, and give the secrets of other endpoints with --secret-env",
    ),
    (
        "shown",
        "Copy the secret again from the provider's settings of this endpoint, and set it here",
    ),
    (
        "bare",
        "Give the headers with -H 'NAME: VALUE', or the whole request as it was sent (raw HTTP, HAR, a capture)",
    ),
    (
        "value",
        "Have that header passed on as it was sent: look for what takes it off on the way; or give it with -H 'NAME: VALUE'",
    ),
    (
        "url",
        "Compare the URL with the one that the sender has, and give that with --public-url: its scheme, host, port, path and query are signed",
    ),
    (
        "header",
        "Look at the provider's documentation for the header's name; give the scheme that signs so with --provider, or learn it with `ckwh providers new --learn`",
    ),
    (
        "text",
        "Give the MAC itself, in hex or base64 or as a log shows its bytes: at least 16 bytes of it",
    ),
];

/// What to do about `kind`, by the row's `step`.
pub(super) fn of(kind: Kind, step: &str, direction: Direction, framework: Option<Framework>) -> String {
    let by = |forward: &'static str, reverse: &'static str| match direction {
        Direction::Reverse if !reverse.is_empty() => reverse,
        Direction::Reverse | Direction::Forward => forward,
    };
    if kind == Kind::Unknown {
        let row = UNKNOWN.iter().find(|(case, _)| *case == step);
        return row.map_or("", |(_, text)| text).to_owned();
    }
    let own = STEPS.iter().find(|row| row.kind == kind && step.starts_with(row.step));
    let own = own.map(|row| match direction {
        Direction::Forward => row.forward,
        Direction::Reverse => row.reverse,
    });
    let text = own.filter(|text| !text.is_empty()).unwrap_or_else(|| {
        let row = KINDS.iter().find(|row| row.kinds.contains(&kind));
        row.map_or("", |row| by(row.forward, row.reverse))
    });
    match (framework, kind.is_body() && kind != Kind::BodyCompression, direction) {
        (Some(framework), true, Direction::Forward) => framework.lines().to_owned(),
        (Some(framework), true, Direction::Reverse) => {
            format!(
                "{text}\nWhere the handler saved this body, have it save the bytes as they came:\n{}",
                framework.lines()
            )
        }
        _ => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What stands above the part of `docs/causes.md` that is written from here.
    const BELOW: &str = "\n## Each of them\n";

    /// What a kind is, in the words that stand above it in `cause.rs`.
    fn about(kind: Kind) -> &'static str {
        let name = format!("#[serde(rename = \"{}\")]", kind.name());
        let above = include_str!("cause.rs").lines().take_while(|line| line.trim() != name);
        let about = above.last().and_then(|line| line.trim().strip_prefix("/// "));
        about.unwrap_or_else(|| panic!("{kind:?} has no words in front of it"))
    }

    /// Set `CKWH_REFRESH` to write the page anew.
    #[test]
    fn the_page_of_causes_has_each_with_its_remedies() {
        let mut page = String::new();
        for kind in KINDS.iter().flat_map(|row| row.kinds) {
            let [forward, reverse] =
                [Direction::Forward, Direction::Reverse].map(|direction| of(*kind, "", direction, None));
            page.push_str(&format!("\n### {}\n\n{}\n\n", kind.name(), about(*kind)));
            match forward == reverse {
                true => page.push_str(&format!("What to do: {forward}.\n")),
                false => page.push_str(&format!(
                    "Your handler did it (`--computed`): {forward}.\n\nIt happened before your handler: {reverse}.\n"
                )),
            }
        }
        page.push_str(&format!(
            "\n### {}\n\n{}\n\nWhat to do:\n\n",
            Kind::Unknown.name(),
            about(Kind::Unknown)
        ));
        for (_, text) in UNKNOWN {
            page.push_str(&format!("- {text}.\n"));
        }
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/causes.md");
        let kept = std::fs::read_to_string(&path).unwrap();
        let (above, below) = kept.split_once(BELOW).unwrap();
        if std::env::var_os("CKWH_REFRESH").is_some() {
            std::fs::write(&path, format!("{above}{BELOW}{page}")).unwrap();
        } else {
            assert!(
                below == page,
                "docs/causes.md is not what the remedies say: run CKWH_REFRESH=1 cargo test --lib the_page_of_causes"
            );
        }
    }

    #[test]
    fn every_kind_that_is_found_has_a_remedy_in_both_directions() {
        for kind in KINDS.iter().flat_map(|row| row.kinds) {
            for direction in [Direction::Forward, Direction::Reverse] {
                assert!(!of(*kind, "", direction, None).is_empty(), "{kind:?}");
            }
        }
    }
}
