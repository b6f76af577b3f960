//! Bytes in hex.

/// Bytes in one line.
const WIDE: usize = 16;

/// Lines of sixteen bytes: where they begin, the bytes, and what of them is printable ASCII.
pub fn hex(bytes: &[u8]) -> impl Iterator<Item = (String, String)> + '_ {
    bytes.chunks(WIDE).enumerate().map(|(number, line)| {
        let digits: Vec<String> = line.iter().map(|byte| format!("{byte:02x}")).collect();
        let chars = line.iter().map(|byte| match byte {
            b' '..=b'~' => char::from(*byte),
            _ => '.',
        });
        let offset = format!("{:06x}", number * WIDE);
        (
            offset,
            format!("{:<47}  {}", digits.join(" "), chars.collect::<String>()),
        )
    })
}

#[cfg(test)]
mod tests {
    #[test]
    fn lines_are_those_of_hexdump() {
        // printf 'GET /\0\xff\x7f~ and so on' | hexdump -C, with one blank less and six digits of the offset.
        let lines: Vec<_> = super::hex(b"GET /\0\xff\x7f~ and so on").collect();
        let line = |offset: &str, text: &str| (offset.to_owned(), text.to_owned());
        assert_eq!(
            lines,
            [
                line(
                    "000000",
                    "47 45 54 20 2f 00 ff 7f 7e 20 61 6e 64 20 73 6f  GET /...~ and so"
                ),
                line("000010", "20 6f 6e                                          on"),
            ]
        );
    }
}
