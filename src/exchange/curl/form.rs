//! A body of parts, as `--form` makes it.

use sha2::{Digest as _, Sha256};

/// One part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    name: Vec<u8>,
    content: Vec<u8>,
    file_name: Option<Vec<u8>>,
    kind: Option<Vec<u8>>,
    headers: Vec<Vec<u8>>,
}

impl Part {
    /// A part of text.
    pub fn text(name: &str, content: &str) -> Self {
        Self {
            name: name.as_bytes().to_vec(),
            content: content.as_bytes().to_vec(),
            file_name: None,
            kind: None,
            headers: Vec::new(),
        }
    }

    /// Reads `name=content` with its `;type=…`; `open` gives what a file holds that is named with `@`.
    ///
    /// # Errors
    /// What is wrong with it, in words.
    pub fn read(
        value: &[u8],
        is_plain: bool,
        open: impl FnOnce(&[u8]) -> Result<Vec<u8>, String>,
    ) -> Result<Self, String> {
        let at = value
            .iter()
            .position(|byte| *byte == b'=')
            .ok_or("a part of --form is no name=content")?;
        let (name, rest) = (value[..at].to_vec(), &value[at + 1..]);
        let mut part = Self {
            name,
            content: rest.to_vec(),
            file_name: None,
            kind: None,
            headers: Vec::new(),
        };
        if is_plain {
            return Ok(part);
        }
        let (sign, rest) = match rest.first() {
            Some(b'@' | b'<') => (rest.first().copied(), &rest[1..]),
            _ => (None, rest),
        };
        if rest.starts_with(b"(") || part.name.is_empty() && rest.starts_with(b")") {
            return Err("--form makes parts inside of parts, which is not supported".into());
        }
        let (content, options) = first(rest);
        for option in options {
            let Some(at) = option.iter().position(|byte| *byte == b'=') else {
                continue;
            };
            let value = first(&option[at + 1..]).0;
            match option[..at].trim_ascii() {
                b"type" => part.kind = Some(value),
                b"filename" => part.file_name = Some(value),
                b"headers" => part.headers.push(value),
                b"encoder" => return Err("a part's `encoder` is not supported".into()),
                // curl passes over what it does not know.
                _ => {}
            }
        }
        if part.kind.is_none() && sign.is_none() {
            part.kind = part.file_name.as_deref().map(|name| kind_of(name).as_bytes().to_vec());
        }
        part.content = match sign {
            Some(sign) => {
                if content.contains(&b',') {
                    return Err("a part of several files is not supported".into());
                }
                if sign == b'@' && part.file_name.is_none() {
                    part.file_name = content.rsplit(|byte| *byte == b'/').next().map(<[u8]>::to_vec);
                }
                if sign == b'@' && part.kind.is_none() {
                    part.kind = Some(kind_of(&content).as_bytes().to_vec());
                }
                open(&[b"@", &content[..]].concat())?
            }
            None => content,
        };
        Ok(part)
    }

    fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(b"Content-Disposition: form-data; name=\"");
        out.extend_from_slice(&quoted(&self.name));
        out.push(b'"');
        if let Some(name) = &self.file_name {
            out.extend_from_slice(b"; filename=\"");
            out.extend_from_slice(&quoted(name));
            out.push(b'"');
        }
        out.extend_from_slice(b"\r\n");
        if let Some(kind) = &self.kind {
            out.extend_from_slice(&[b"Content-Type: ", &kind[..], b"\r\n"].concat());
        }
        for header in &self.headers {
            out.extend_from_slice(&[&header[..], b"\r\n"].concat());
        }
        out.extend_from_slice(b"\r\n");
        out.extend_from_slice(&self.content);
        out.extend_from_slice(b"\r\n");
    }
}

/// The first value, without the quotes that it may have, and the options behind its semicolons.
fn first(text: &[u8]) -> (Vec<u8>, Vec<&[u8]>) {
    let end_of = |text: &[u8]| text.iter().position(|byte| *byte == b';').unwrap_or(text.len());
    let quoted = text.strip_prefix(b"\"").and_then(unquote);
    let (value, mut rest) = quoted.unwrap_or_else(|| {
        let end = end_of(text);
        (text[..end].to_vec(), &text[end..])
    });
    let mut options = Vec::new();
    while let Some(behind) = rest.trim_ascii_start().strip_prefix(b";") {
        // A quote may hold a semicolon.
        let quote = behind
            .iter()
            .position(|byte| *byte == b'"')
            .filter(|at| *at < end_of(behind));
        let end = match quote.and_then(|at| Some((at, unquote(&behind[at + 1..])?.1))) {
            Some((_, after)) => behind.len() - after.len() + end_of(after),
            None => end_of(behind),
        };
        options.push(behind[..end].trim_ascii());
        rest = &behind[end..];
    }
    (value, options)
}

/// What stands up to the closing quote, where `\"` and `\\` are escapes, and what follows it.
fn unquote(inside: &[u8]) -> Option<(Vec<u8>, &[u8])> {
    let (mut value, mut at) = (Vec::new(), 0);
    loop {
        match (inside.get(at)?, inside.get(at + 1)) {
            (b'\\', Some(next @ (b'"' | b'\\'))) => {
                value.push(*next);
                at += 2;
            }
            (b'"', _) => return Some((value, &inside[at + 1..])),
            (byte, _) => {
                value.push(*byte);
                at += 1;
            }
        }
    }
}

/// A name as it stands between quotes (WHATWG's form encoding).
fn quoted(name: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    for byte in name {
        match byte {
            b'"' => out.extend_from_slice(b"%22"),
            b'\r' => out.extend_from_slice(b"%0D"),
            b'\n' => out.extend_from_slice(b"%0A"),
            _ => out.push(*byte),
        }
    }
    out
}

/// The type of a file by its name, as curl knows it.
fn kind_of(name: &[u8]) -> &'static str {
    const KINDS: [(&str, &str); 10] = [
        (".gif", "image/gif"),
        (".jpg", "image/jpeg"),
        (".jpeg", "image/jpeg"),
        (".png", "image/png"),
        (".svg", "image/svg+xml"),
        (".txt", "text/plain"),
        (".htm", "text/html"),
        (".html", "text/html"),
        (".pdf", "application/pdf"),
        (".xml", "application/xml"),
    ];
    let name = String::from_utf8_lossy(name).to_ascii_lowercase();
    let known = KINDS.iter().find(|(end, _)| name.ends_with(end));
    known.map_or("application/octet-stream", |(_, kind)| kind)
}

/// A body of `parts`, and the boundary between them: as long as curl's, and the same for the same parts.
pub fn write(parts: &[Part]) -> (Vec<u8>, String) {
    let mut digest = Sha256::new();
    for part in parts {
        for piece in [&part.name, &part.content] {
            digest.update(piece.len().to_le_bytes());
            digest.update(piece);
        }
    }
    let boundary = format!("{}{}", "-".repeat(24), &hex::encode(digest.finalize())[..22]);
    let mut body = Vec::new();
    for part in parts {
        body.extend_from_slice(format!("--{boundary}\r\n").as_bytes());
        part.write(&mut body);
    }
    body.extend_from_slice(format!("--{boundary}--\r\n").as_bytes());
    (body, boundary)
}
