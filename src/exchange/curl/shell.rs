//! Commands as a POSIX shell splits them, with what bash adds: `$'…'`, here-documents, here-strings. Nothing is
//! expanded, opened or run.

/// A word of a command.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Word {
    /// What it stands for.
    pub bytes: Vec<u8>,
    /// The variables and commands that a shell would put in, as they are written; they stand in `bytes` as text.
    pub unknown: Vec<String>,
    /// Whether it is a shell's own, as `|` is.
    pub is_operator: bool,
}

/// One command.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Command {
    /// The line on which it begins, from 1 on.
    pub line: usize,
    /// Its words.
    pub words: Vec<Word>,
    /// What a here-document or a here-string gives it.
    pub stdin: Option<Vec<u8>>,
    /// Why its words can't be told.
    pub problem: Option<&'static str>,
}

/// A quote that does not end.
const OPEN: &str = "a quote is not closed";

/// The commands in `text`, whose first line has the number `line`.
pub fn split(text: &[u8], line: usize) -> Vec<Command> {
    let mut reader = Reader {
        text,
        at: 0,
        line,
        commands: Vec::new(),
        command: Command::default(),
        word: None,
        heredocs: Vec::new(),
    };
    reader.read();
    reader.commands
}

struct Reader<'t> {
    text: &'t [u8],
    at: usize,
    line: usize,
    commands: Vec<Command>,
    command: Command,
    word: Option<Word>,
    /// The ends of here-documents that begin on the next line.
    heredocs: Vec<Vec<u8>>,
}

impl Reader<'_> {
    fn read(&mut self) {
        while let Some(byte) = self.peek(0) {
            match byte {
                b'\n' => self.line_end(),
                b' ' | b'\t' | b'\r' => {
                    self.end_word();
                    self.at += 1;
                }
                b'#' if self.word.is_none() => self.skip_line(),
                b'\\' => self.escape(),
                b'`' if self.continues_powershell() => {}
                b'\'' => self.single(),
                b'"' => self.double(),
                b'$' if self.peek(1) == Some(b'\'') => self.ansi(),
                b'$' if self.peek(1) == Some(b'"') => self.at += 1,
                b'$' | b'`' => self.unknown(),
                b';' | b'&' | b'|' | b'<' | b'>' => self.operator(byte),
                _ => self.push(byte),
            }
        }
        self.end_command();
    }

    fn peek(&self, ahead: usize) -> Option<u8> {
        self.text.get(self.at + ahead).copied()
    }

    fn word(&mut self) -> &mut Word {
        if self.command.words.is_empty() && self.word.is_none() {
            self.command.line = self.line;
        }
        self.word.get_or_insert_default()
    }

    fn push(&mut self, byte: u8) {
        self.word().bytes.push(byte);
        self.at += 1;
    }

    fn end_word(&mut self) {
        self.command.words.extend(self.word.take());
    }

    fn end_command(&mut self) {
        self.end_word();
        if !self.command.words.is_empty() || self.command.problem.is_some() {
            self.commands.push(std::mem::take(&mut self.command));
        }
    }

    fn broken(&mut self, problem: &'static str) {
        self.word();
        self.command.problem = Some(problem);
        self.at = self.text.len();
    }

    fn skip_line(&mut self) {
        while self.peek(0).is_some_and(|byte| byte != b'\n') {
            self.at += 1;
        }
    }

    fn line_end(&mut self) {
        self.end_word();
        self.at += 1;
        self.line += 1;
        if !self.heredocs.is_empty() {
            self.here_documents();
        }
        // A line of options goes on with the command, whose backslash was lost.
        let rest = &self.text[self.at..];
        let next = rest.iter().position(|byte| !matches!(byte, b' ' | b'\t'));
        let goes_on =
            next.is_some_and(|at| rest[at] == b'-' && rest.get(at + 1).is_some_and(|byte| !byte.is_ascii_whitespace()));
        let piped = self
            .command
            .words
            .last()
            .is_some_and(|word| word.is_operator && word.bytes == b"|");
        if !goes_on && !piped {
            self.end_command();
        }
    }

    /// The bytes up to a here-document's end.
    fn here_documents(&mut self) {
        for end in std::mem::take(&mut self.heredocs) {
            let mut body = Vec::new();
            while self.at < self.text.len() {
                let rest = &self.text[self.at..];
                let length = rest
                    .iter()
                    .position(|byte| *byte == b'\n')
                    .map_or(rest.len(), |at| at + 1);
                let line = &rest[..length];
                self.at += length;
                self.line += 1;
                if line.trim_ascii() == end {
                    break;
                }
                body.extend_from_slice(line);
            }
            self.command.stdin = Some(body);
        }
    }

    /// How long a line end is that stands `ahead`, with white space before it that a copy left there.
    fn line_end_at(&self, ahead: usize) -> Option<usize> {
        let rest = self.text.get(self.at + ahead..)?;
        let blank = rest
            .iter()
            .take_while(|byte| matches!(byte, b' ' | b'\t' | b'\r'))
            .count();
        (rest.get(blank) == Some(&b'\n')).then_some(blank + 1)
    }

    fn escape(&mut self) {
        if let Some(length) = self.line_end_at(1) {
            self.at += 1 + length;
            self.line += 1;
            return;
        }
        match self.peek(1) {
            Some(byte) => {
                self.word().bytes.push(byte);
                self.at += 2;
            }
            // At the end of a file.
            None => self.at += 1,
        }
    }

    /// PowerShell's mark of a line that goes on.
    fn continues_powershell(&mut self) -> bool {
        let Some(length) = self.line_end_at(1) else {
            return false;
        };
        self.at += 1 + length;
        self.line += 1;
        true
    }

    fn count_lines(&mut self, from: usize) {
        let count = self.text[from..self.at].iter().filter(|byte| **byte == b'\n').count();
        self.line += count;
    }

    fn single(&mut self) {
        let from = self.at + 1;
        let Some(length) = self.text[from..].iter().position(|byte| *byte == b'\'') else {
            return self.broken(OPEN);
        };
        let text = &self.text[from..from + length];
        self.word().bytes.extend_from_slice(text);
        self.at = from + length + 1;
        self.count_lines(from);
    }

    fn double(&mut self) {
        let from = self.at;
        self.word();
        self.at += 1;
        loop {
            match self.peek(0) {
                None => return self.broken(OPEN),
                Some(b'"') => break,
                Some(b'\\') => match self.peek(1) {
                    Some(b'\n') => self.at += 2,
                    Some(b'\r') if self.peek(2) == Some(b'\n') => self.at += 3,
                    Some(byte @ (b'"' | b'\\' | b'$' | b'`')) => {
                        self.word().bytes.push(byte);
                        self.at += 2;
                    }
                    _ => self.push(b'\\'),
                },
                Some(b'$' | b'`') => self.unknown(),
                Some(byte) => self.push(byte),
            }
        }
        self.at += 1;
        self.count_lines(from);
    }

    fn ansi(&mut self) {
        let from = self.at;
        match super::ansi::read(&self.text[self.at + 2..]) {
            Ok((text, rest)) => {
                self.at = self.text.len() - rest.len();
                if text.contains(&0) {
                    return self.broken("a word holds a NUL");
                }
                self.word().bytes.extend_from_slice(&text);
                self.count_lines(from);
            }
            Err(problem) => self.broken(problem),
        }
    }

    /// A variable or a command, which stays as it is written.
    fn unknown(&mut self) {
        let rest = &self.text[self.at..];
        let length = match rest {
            [b'`', inside @ ..] => inside.iter().position(|byte| *byte == b'`').map(|at| at + 2),
            [b'$', b'(', inside @ ..] => closing(inside, b'(', b')').map(|at| at + 3),
            [b'$', b'{', inside @ ..] => inside.iter().position(|byte| *byte == b'}').map(|at| at + 3),
            [b'$', name @ ..]
                if name
                    .first()
                    .is_some_and(|byte| byte.is_ascii_alphabetic() || *byte == b'_') =>
            {
                let is_name = |byte: &&u8| byte.is_ascii_alphanumeric() || **byte == b'_';
                Some(1 + name.iter().take_while(is_name).count())
            }
            [b'$', digit, ..] if digit.is_ascii_digit() || matches!(digit, b'@' | b'?') => Some(2),
            _ => None,
        };
        let text = &rest[..length.unwrap_or(1)];
        self.at += text.len();
        let word = self.word();
        word.bytes.extend_from_slice(text);
        if length.is_some() {
            word.unknown.push(String::from_utf8_lossy(text).into_owned());
        }
    }

    fn operator(&mut self, byte: u8) {
        // `2>` is an operator too.
        let is_number = |word: &Word| word.bytes.len() == 1 && word.bytes[0].is_ascii_digit();
        if byte == b'>' && self.word.as_ref().is_some_and(is_number) {
            self.word = None;
        }
        self.end_word();
        let run = self.text[self.at..]
            .iter()
            .take_while(|other| **other == byte)
            .count()
            .min(3);
        self.at += run;
        match (byte, run) {
            (b'&', 1) if self.peek(0) == Some(b'>') => {
                self.at += 1;
                self.add_operator(b"&>");
            }
            // `2>&1`: what follows is no file, and no command.
            (b'>', 1) if self.peek(0) == Some(b'&') => {
                self.at += 1;
                self.add_operator(b">&");
            }
            // `a && b` and `a || b` are two commands.
            (b';', _) | (b'&', 1 | 2) | (b'|', 2) => self.end_command(),
            (b'<', 3) => self.here_string(),
            (b'<', 2) => self.here_document(),
            _ => self.add_operator(&vec![byte; run]),
        }
    }

    fn add_operator(&mut self, text: &[u8]) {
        self.command.words.push(Word {
            bytes: text.to_vec(),
            unknown: Vec::new(),
            is_operator: true,
        });
    }

    fn here_document(&mut self) {
        if self.peek(0) == Some(b'-') {
            self.at += 1;
        }
        while matches!(self.peek(0), Some(b' ' | b'\t')) {
            self.at += 1;
        }
        let rest = &self.text[self.at..];
        let length = rest
            .iter()
            .take_while(|byte| !byte.is_ascii_whitespace() && !matches!(byte, b'|' | b';' | b'&' | b'>'))
            .count();
        let end: Vec<u8> = rest[..length]
            .iter()
            .copied()
            .filter(|byte| !b"'\"\\".contains(byte))
            .collect();
        self.at += length;
        self.heredocs.push(end);
    }

    /// `<<< word`: the next word and a line end are what the command reads.
    fn here_string(&mut self) {
        while matches!(self.peek(0), Some(b' ' | b'\t')) {
            self.at += 1;
        }
        let before = self.word.take();
        while let Some(byte) = self.peek(0) {
            match byte {
                b' ' | b'\t' | b'\r' | b'\n' | b';' | b'|' | b'&' => break,
                b'\\' => self.escape(),
                b'\'' => self.single(),
                b'"' => self.double(),
                b'$' if self.peek(1) == Some(b'\'') => self.ansi(),
                b'$' | b'`' => self.unknown(),
                _ => self.push(byte),
            }
        }
        let mut text = self.word.take().unwrap_or_default().bytes;
        self.word = before;
        text.push(b'\n');
        self.command.stdin = Some(text);
    }
}

/// Where what is open is closed again.
fn closing(text: &[u8], open: u8, close: u8) -> Option<usize> {
    let mut depth = 0_usize;
    for (at, byte) in text.iter().enumerate() {
        if *byte == open {
            depth += 1;
        } else if *byte == close {
            match depth.checked_sub(1) {
                Some(less) => depth = less,
                None => return Some(at),
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<Vec<String>> {
        let commands = split(text.as_bytes(), 1).into_iter();
        commands
            .map(|command| {
                assert_eq!(command.problem, None, "{text}");
                let words = command.words.into_iter();
                words.map(|word| String::from_utf8(word.bytes).unwrap()).collect()
            })
            .collect()
    }

    #[test]
    fn words_are_split_as_a_shell_splits_them() {
        // What `for word; do echo "[$word]"; done` of bash 5.2 shows of each.
        for (text, expected) in [
            ("a 'b c' \"d\\\"e\" f\\ g", vec![vec!["a", "b c", "d\"e", "f g"]]),
            ("a $'b\\'\\x41\\n' 'c'\\''d'", vec![vec!["a", "b'A\n", "c'd"]]),
            ("a \\\r\n  b\r\nc # d\n", vec![vec!["a", "b"], vec!["c"]]),
            ("a;b & c", vec![vec!["a"], vec!["b"], vec!["c"]]),
            ("a '' \"\"", vec![vec!["a", "", ""]]),
            ("a x#y", vec![vec!["a", "x#y"]]),
        ] {
            assert_eq!(words(text), expected, "{text}");
        }
    }

    #[test]
    fn what_a_shell_would_put_in_is_told() {
        let command = &split(br#"a "$URL/x" '$no' `id` $(date +%s) ${B} "\$no""#, 1)[0];
        let unknown: Vec<&str> = command
            .words
            .iter()
            .flat_map(|word| &word.unknown)
            .map(String::as_str)
            .collect();
        assert_eq!(unknown, ["$URL", "`id`", "$(date +%s)", "${B}"]);
    }

    #[test]
    fn here_documents_are_what_a_command_reads() {
        let text = "a -d @- <<'EOF'\n{\"a\":\n1}\nEOF\nb <<< 'x y'\n";
        let commands = split(text.as_bytes(), 1);
        assert_eq!(commands[0].stdin.as_deref(), Some(&b"{\"a\":\n1}\n"[..]));
        assert_eq!(
            (commands[1].stdin.as_deref(), commands[1].line),
            (Some(&b"x y\n"[..]), 5)
        );
    }
}
