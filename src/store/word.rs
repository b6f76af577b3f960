//! Values as the words that a store keeps.

use serde::Serialize;

/// A value's name, as `--json` has it.
pub(super) fn word(value: impl Serialize) -> Option<&'static str> {
    serde_variant::to_variant_name(&value).ok()
}
