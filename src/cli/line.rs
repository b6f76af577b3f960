//! A command line in the making, for those who run commands in this process.

/// A value that others give always stands behind its option's `=` or behind `--`, so that it is never taken for an option.
pub struct Line {
    words: Vec<String>,
    behind: Vec<String>,
}

impl Line {
    pub fn new(command: &[&str]) -> Self {
        Self {
            words: command.iter().map(|word| (*word).to_owned()).collect(),
            behind: Vec::new(),
        }
    }

    pub fn flag(mut self, name: &str, on: bool) -> Self {
        if on {
            self.words.push(name.to_owned());
        }
        self
    }

    pub fn option(mut self, name: &str, value: Option<impl ToString>) -> Self {
        self.words
            .extend(value.map(|value| format!("{name}={}", value.to_string())));
        self
    }

    pub fn each(mut self, name: &str, values: impl IntoIterator<Item = String>) -> Self {
        self.words
            .extend(values.into_iter().map(|value| format!("{name}={value}")));
        self
    }

    /// Flags that were typed before, as they are.
    pub fn words(mut self, words: &[String]) -> Self {
        self.words.extend_from_slice(words);
        self
    }

    pub fn behind(mut self, word: impl Into<String>) -> Self {
        self.behind.push(word.into());
        self
    }

    /// The line, without the program's name.
    pub fn into_words(self) -> Vec<String> {
        let mut line = self.words;
        if !self.behind.is_empty() {
            line.push("--".to_owned());
            line.extend(self.behind);
        }
        line
    }
}
