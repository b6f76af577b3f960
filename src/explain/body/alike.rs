//! Hypotheses that give the same bytes are one, with the names of all of them.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};

/// What texts share by chance only.
pub(super) fn print<T: AsRef<[u8]>>(texts: impl IntoIterator<Item = T>) -> u64 {
    let mut hasher = DefaultHasher::new();
    texts.into_iter().for_each(|text| text.as_ref().hash(&mut hasher));
    hasher.finish()
}

/// The first of each group of the same print, with the names of all in it.
pub(super) fn grouped<'w, T>(all: impl Iterator<Item = (T, &'w str, u64)>) -> Vec<(T, Vec<&'w str>)> {
    let mut groups: Vec<(T, u64, Vec<&str>)> = Vec::new();
    for (first, name, print) in all {
        match groups.iter_mut().find(|(_, own, _)| *own == print) {
            Some((.., names)) => names.push(name),
            None => groups.push((first, print, vec![name])),
        }
    }
    groups.into_iter().map(|(first, _, names)| (first, names)).collect()
}
