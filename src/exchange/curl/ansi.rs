//! Escapes in texts: bash's `$'…'`, and `printf`'s.

/// A quote that does not end.
const OPEN: &str = "a quote is not closed";

/// The text behind `$'`, and what follows its closing quote.
pub fn read(mut rest: &[u8]) -> Result<(Vec<u8>, &[u8]), &'static str> {
    let mut text = Vec::new();
    loop {
        let (&byte, after) = rest.split_first().ok_or(OPEN)?;
        rest = after;
        match byte {
            b'\'' => return Ok((text, rest)),
            b'\\' => escape(&mut rest, &mut text)?,
            _ => text.push(byte),
        }
    }
}

fn escape(rest: &mut &[u8], text: &mut Vec<u8>) -> Result<(), &'static str> {
    let escape = *rest;
    let (&kind, after) = rest.split_first().ok_or(OPEN)?;
    *rest = after;
    match kind {
        b'n' => text.push(b'\n'),
        b't' => text.push(b'\t'),
        b'r' => text.push(b'\r'),
        b'a' => text.push(7),
        b'b' => text.push(8),
        b'e' | b'E' => text.push(27),
        b'f' => text.push(12),
        b'v' => text.push(11),
        b'x' => text.push(digits(rest, 16, 2)? as u8),
        b'u' | b'U' => {
            let code = digits(rest, 16, if kind == b'u' { 4 } else { 8 })?;
            // Browsers write what is beyond U+FFFF as the two halves that JavaScript has.
            let code = match low_half(code, rest) {
                Some(low) => 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00),
                None => code,
            };
            let char = char::from_u32(code).ok_or("an escape is no character")?;
            text.extend_from_slice(char.encode_utf8(&mut [0; 4]).as_bytes());
        }
        b'0'..=b'7' => {
            *rest = escape;
            text.push(digits(rest, 8, 3)? as u8);
        }
        other => text.push(other),
    }
    Ok(())
}

/// The second half of a surrogate pair, where `code` is the first.
fn low_half(code: u32, rest: &mut &[u8]) -> Option<u32> {
    if !(0xd800..0xdc00).contains(&code) {
        return None;
    }
    let mut behind = rest.strip_prefix(b"\\u")?;
    let low = digits(&mut behind, 16, 4)
        .ok()
        .filter(|low| (0xdc00..0xe000).contains(low))?;
    *rest = behind;
    Some(low)
}

/// A number of at most `most` digits.
fn digits(rest: &mut &[u8], base: u32, most: usize) -> Result<u32, &'static str> {
    let length = rest
        .iter()
        .take(most)
        .take_while(|byte| char::from(**byte).is_digit(base))
        .count();
    let (digits, after) = rest.split_at(length);
    *rest = after;
    let digits = String::from_utf8_lossy(digits);
    u32::from_str_radix(&digits, base).map_err(|_| "an escape has no digits")
}

/// What `printf` makes of a format of escapes and plain characters.
pub fn printf(mut format: &[u8]) -> Result<Vec<u8>, &'static str> {
    let mut bytes = Vec::new();
    while let Some((&byte, after)) = format.split_first() {
        format = after;
        match byte {
            b'\\' => match format.first() {
                Some(b'0'..=b'7') => bytes.push(digits(&mut format, 8, 3)? as u8),
                Some(b'\'') => {}
                Some(_) => escape(&mut format, &mut bytes)?,
                None => bytes.push(byte),
            },
            b'%' if format.first() == Some(&b'%') => {
                bytes.push(b'%');
                format = &format[1..];
            }
            b'%' => return Err("its printf holds a %, which stands for something else"),
            _ => bytes.push(byte),
        }
    }
    Ok(bytes)
}
