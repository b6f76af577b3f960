//! Where two bodies begin to differ.

use super::cause::Difference;

/// How many bytes stand before and behind the first difference.
const BEFORE: usize = 16;
const BEHIND: usize = 28;

/// The first difference; `None` where there is none.
pub(super) fn difference(delivered: &[u8], signed: &[u8]) -> Option<Difference> {
    let common = delivered
        .iter()
        .zip(signed)
        .take_while(|(one, other)| one == other)
        .count();
    if common == delivered.len() && common == signed.len() {
        return None;
    }
    let mut from = common.saturating_sub(BEFORE);
    // Both excerpts begin at the same character.
    while from > 0 && delivered.get(from).is_some_and(|byte| byte & 0xc0 == 0x80) {
        from -= 1;
    }
    let cut = |bytes: &[u8]| {
        let mut end = bytes.len().min(common + BEHIND);
        while end < bytes.len() && end > common && bytes[end] & 0xc0 == 0x80 {
            end -= 1;
        }
        String::from_utf8_lossy(&bytes[from..end.max(from)]).into_owned()
    };
    Some(Difference {
        offset: common,
        from,
        delivered: cut(delivered),
        signed: cut(signed),
        delivered_bytes: delivered.len(),
        signed_bytes: signed.len(),
    })
}
