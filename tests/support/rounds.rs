//! How often what is random is tried.

/// So many rounds as the nightly run asks for, or a few.
#[allow(dead_code, reason = "not every test that asks for the nightly run counts rounds")]
pub fn rounds(few: u64) -> u64 {
    let asked = std::env::var("CKWH_ROUNDS").ok();
    asked.map_or(few, |text| text.parse().expect("CKWH_ROUNDS is a number"))
}

/// Every so manieth of `all`; all of them in the nightly run.
#[allow(dead_code, reason = "not every test that counts rounds samples")]
pub fn sampled<T>(all: Vec<T>, one_of: usize) -> Vec<T> {
    let step = if is_whole() { 1 } else { one_of };
    all.into_iter().step_by(step).collect()
}

/// Whether everything is tried, as the nightly run does.
#[allow(dead_code, reason = "not every test that counts rounds samples")]
pub fn is_whole() -> bool {
    std::env::var_os("CKWH_ROUNDS").is_some()
}
