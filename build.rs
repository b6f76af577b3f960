//! Rebuilds when a provider folder gains or loses a file: embedding alone only notices changed ones.

fn main() {
    println!("cargo::rerun-if-changed=fixtures");
}
