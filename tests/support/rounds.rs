//! How often what is random is tried.

/// So many rounds as the nightly run asks for, or a few.
pub fn rounds(few: u64) -> u64 {
    let asked = std::env::var("CKWH_ROUNDS").ok();
    asked.map_or(few, |text| text.parse().expect("CKWH_ROUNDS is a number"))
}
