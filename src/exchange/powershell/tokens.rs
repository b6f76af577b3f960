//! Statements of PowerShell, as far as plain values go.

/// A value that is written out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// A text, and the variables that stand in it as they are written.
    Text(String, Vec<String>),
    /// `@{ name = value }`.
    Table(Vec<(String, String)>),
    Variable(String),
}

/// A token of a statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Token {
    /// Its name in lower case, without the `-`.
    Parameter(String),
    Word(String),
    Value(Value),
    Variable(String),
    /// A variable and what of it is meant: `Cookies.Add`.
    Member(String, String),
    /// The texts between brackets, wherever they stand in them.
    Arguments(Vec<String>),
    /// Something in brackets that is not known.
    Unknown,
}

impl Token {
    /// What it stands for, where that is a value.
    pub fn value(&self) -> Option<Value> {
        match self {
            Self::Value(value) => Some(value.clone()),
            Self::Variable(name) => Some(Value::Variable(name.clone())),
            Self::Word(word) => Some(Value::Text(word.clone(), Vec::new())),
            _ => None,
        }
    }
}

/// A statement.
pub struct Statement {
    /// The line on which it begins.
    pub line: usize,
    pub tokens: Result<Vec<Token>, String>,
}

/// The statements in `text`, whose first line has the number `line`.
pub fn statements(text: &[u8], line: usize) -> Vec<Statement> {
    let text: Vec<char> = String::from_utf8_lossy(text).chars().collect();
    let mut reader = Reader { text, at: 0, line };
    let mut found = Vec::new();
    while reader.at < reader.text.len() {
        reader.skip_blank(true);
        let line = reader.line;
        let tokens = reader.statement();
        if tokens.is_err() {
            // What is broken reaches to the next line that begins a statement.
            reader.skip_line();
        }
        if tokens.as_ref().is_ok_and(Vec::is_empty) {
            continue;
        }
        found.push(Statement { line, tokens });
    }
    found
}

struct Reader {
    text: Vec<char>,
    at: usize,
    line: usize,
}

/// A text, and the variables in it.
type Text = (String, Vec<String>);

impl Reader {
    fn peek(&self, ahead: usize) -> Option<char> {
        self.text.get(self.at + ahead).copied()
    }

    fn step(&mut self) {
        self.line += usize::from(self.peek(0) == Some('\n'));
        self.at += 1;
    }

    fn skip_line(&mut self) {
        while self.peek(0).is_some_and(|char| char != '\n') {
            self.step();
        }
    }

    /// Passes blanks, lines that go on and comments; line ends too where `lines` says so.
    fn skip_blank(&mut self, lines: bool) {
        while let Some(char) = self.peek(0) {
            match char {
                ' ' | '\t' | '\r' => self.step(),
                '\n' | ';' if lines => self.step(),
                '`' if matches!(self.peek(1), Some('\r' | '\n')) => {
                    while self.peek(0).is_some_and(|char| char != '\n') {
                        self.step();
                    }
                    self.step();
                }
                '#' => self.skip_line(),
                _ => break,
            }
        }
    }

    fn statement(&mut self) -> Result<Vec<Token>, String> {
        let mut tokens = Vec::new();
        loop {
            self.skip_blank(false);
            match self.peek(0) {
                None | Some('\n' | ';') => {
                    self.step();
                    return Ok(tokens);
                }
                Some(_) => tokens.push(self.token()?),
            }
        }
    }

    fn token(&mut self) -> Result<Token, String> {
        let char = self.peek(0).unwrap_or_default();
        Ok(match char {
            '"' | '\'' => self.text_value()?,
            '@' => match self.peek(1) {
                Some('{') => Token::Value(Value::Table(self.table()?)),
                Some('"' | '\'') => self.here_string()?,
                _ => self.word(),
            },
            '$' => self.variable(),
            '(' => self.brackets()?,
            '-' if self.peek(1).is_some_and(char::is_alphabetic) => {
                self.at += 1;
                let mut name = String::new();
                while let Some(char) = self.peek(0).filter(|char| char.is_alphanumeric()) {
                    name.push(char.to_ascii_lowercase());
                    self.step();
                }
                if self.peek(0) == Some(':') {
                    self.step();
                }
                Token::Parameter(name)
            }
            '|' | '=' | '+' => {
                self.step();
                Token::Word(char.to_string())
            }
            _ => self.word(),
        })
    }

    fn word(&mut self) -> Token {
        let mut word = String::new();
        let ends = |char: char| char.is_whitespace() || matches!(char, ';' | '|' | '(' | ')' | ',' | '"' | '{' | '}');
        while let Some(char) = self.peek(0).filter(|char| !ends(*char)) {
            word.push(char);
            self.step();
        }
        if word.is_empty() {
            self.step();
        }
        Token::Word(word)
    }

    fn variable(&mut self) -> Token {
        self.at += 1;
        let mut name = String::new();
        while let Some(char) = self
            .peek(0)
            .filter(|char| char.is_alphanumeric() || matches!(char, '_' | '.' | ':' | '{' | '}'))
        {
            name.push(char);
            self.step();
        }
        match name.split_once('.') {
            Some((name, member)) => Token::Member(name.to_owned(), member.to_owned()),
            None => Token::Variable(name.trim_matches(['{', '}']).to_owned()),
        }
    }

    fn text_value(&mut self) -> Result<Token, String> {
        let (text, unknown) = self.quoted()?;
        Ok(Token::Value(Value::Text(text, unknown)))
    }

    fn quoted(&mut self) -> Result<Text, String> {
        let quote = self.peek(0).unwrap_or_default();
        self.step();
        let mut out = Out::default();
        loop {
            let char = self.peek(0).ok_or("a quote is not closed")?;
            if char == quote {
                self.step();
                if self.peek(0) != Some(quote) {
                    return Ok(out.end());
                }
                out.push(quote);
                self.step();
            } else if quote == '"' {
                self.expandable(&mut out)?;
            } else {
                out.push(char);
                self.step();
            }
        }
    }

    /// One character of a text in which escapes and variables stand for something.
    fn expandable(&mut self, out: &mut Out) -> Result<(), String> {
        let char = self.peek(0).ok_or("a quote is not closed")?;
        match char {
            '`' => {
                self.step();
                let char = self.peek(0).ok_or("a quote is not closed")?;
                out.push(match char {
                    'n' => '\n',
                    'r' => '\r',
                    't' => '\t',
                    '0' => '\0',
                    'a' => '\u{7}',
                    'b' => '\u{8}',
                    'f' => '\u{c}',
                    'v' => '\u{b}',
                    other => other,
                });
                self.step();
            }
            '$' => self.expansion(out),
            _ => {
                out.push(char);
                self.step();
            }
        }
        Ok(())
    }

    /// `$([char]233)`, which Chromium writes for what is not ASCII, or `$([char]0xe9)`; another is not known.
    fn expansion(&mut self, out: &mut Out) {
        let rest: String = self.text[self.at..].iter().take(200).collect();
        let code = rest.strip_prefix("$([char]").and_then(|rest| rest.split_once(')'));
        if let Some((digits, _)) = code
            && let Ok(unit) = match digits.strip_prefix("0x") {
                Some(hex) => u16::from_str_radix(hex, 16),
                None => digits.parse::<u16>(),
            }
        {
            out.unit(unit);
            self.at += "$([char])".len() + digits.len();
            return;
        }
        let is_name = |char: &char| char.is_alphanumeric() || *char == '_' || *char == ':';
        let length = match rest.chars().nth(1) {
            Some('(') => rest.find(')').map(|at| at + 1),
            Some('{') => rest.find('}').map(|at| at + 1),
            Some(char) if char.is_alphabetic() || char == '_' => {
                Some(1 + rest.chars().skip(1).take_while(is_name).count())
            }
            _ => None,
        };
        let written: String = rest.chars().take(length.unwrap_or(1)).collect();
        written.chars().for_each(|char| {
            out.push(char);
            self.step();
        });
        if length.is_some() {
            out.unknown.push(written);
        }
    }

    /// `@"`, lines, `"@`.
    fn here_string(&mut self) -> Result<Token, String> {
        let quote = self.peek(1).unwrap_or_default();
        self.at += 2;
        self.skip_line();
        self.step();
        let mut out = Out::default();
        loop {
            if self.peek(0) == Some(quote) && self.peek(1) == Some('@') {
                self.at += 2;
                out.trim_line_end();
                let (text, unknown) = out.end();
                return Ok(Token::Value(Value::Text(text, unknown)));
            }
            let char = self.peek(0).ok_or("a here-string is not closed")?;
            if quote == '"' {
                self.expandable(&mut out)?;
            } else {
                out.push(char);
                self.step();
            }
        }
    }

    fn table(&mut self) -> Result<Vec<(String, String)>, String> {
        self.at += 2;
        let mut rows = Vec::new();
        loop {
            self.skip_blank(true);
            let name = match self.peek(0).ok_or("a table is not closed")? {
                '}' => {
                    self.step();
                    return Ok(rows);
                }
                '"' | '\'' => self.quoted()?.0,
                _ => self.key(),
            };
            self.skip_blank(false);
            if self.peek(0) != Some('=') {
                return Err(format!("behind `{}` comes no value", name.escape_debug()));
            }
            self.step();
            self.skip_blank(false);
            let token = self.token()?;
            match token.value() {
                Some(Value::Text(text, _)) => rows.push((name, text)),
                Some(Value::Variable(variable)) => rows.push((name, format!("${variable}"))),
                _ => {
                    return Err(format!(
                        "the value of `{}` is not known, and nothing is run here",
                        name.escape_debug()
                    ));
                }
            }
        }
    }

    fn key(&mut self) -> String {
        let mut name = String::new();
        while let Some(char) = self
            .peek(0)
            .filter(|char| !char.is_whitespace() && !matches!(char, '=' | '}' | ';'))
        {
            name.push(char);
            self.step();
        }
        if name.is_empty() {
            self.step();
        }
        name
    }

    /// What stands between brackets: the one text whose bytes are taken, or the texts of a call.
    fn brackets(&mut self) -> Result<Token, String> {
        let (mut depth, mut texts, mut words) = (0_usize, Vec::new(), String::new());
        loop {
            let char = self.peek(0).ok_or("a bracket is not closed")?;
            match char {
                '(' => {
                    depth += 1;
                    self.step();
                }
                ')' => {
                    depth -= 1;
                    self.step();
                    if depth == 0 {
                        break;
                    }
                }
                '"' | '\'' => texts.push(self.quoted()?),
                _ => {
                    words.push(char.to_ascii_lowercase());
                    self.step();
                }
            }
        }
        let words: String = words.split_whitespace().collect();
        if (words.is_empty() || words.ends_with("utf8.getbytes"))
            && let [(text, unknown)] = &texts[..]
        {
            return Ok(Token::Value(Value::Text(text.clone(), unknown.clone())));
        }
        // Names have no case.
        if let Some((_, name)) = words.split_once("utf8.getbytes$").filter(|_| texts.is_empty()) {
            return Ok(Token::Variable(name.to_owned()));
        }
        let is_call = words.chars().all(|char| char == ',') || words.starts_with("new-objectsystem.net.cookie");
        Ok(match is_call && !texts.is_empty() {
            true => Token::Arguments(texts.into_iter().map(|(text, _)| text).collect()),
            false => Token::Unknown,
        })
    }
}

/// A text as it is put together, from characters and from halves of them.
#[derive(Default)]
struct Out {
    units: Vec<u16>,
    unknown: Vec<String>,
}

impl Out {
    fn push(&mut self, char: char) {
        self.units.extend_from_slice(char.encode_utf16(&mut [0; 2]));
    }

    fn unit(&mut self, unit: u16) {
        self.units.push(unit);
    }

    /// The line end before the close of a here-string is none of its own.
    fn trim_line_end(&mut self) {
        if self.units.last() == Some(&10) {
            self.units.pop();
        }
        if self.units.last() == Some(&13) {
            self.units.pop();
        }
    }

    fn end(self) -> Text {
        (String::from_utf16_lossy(&self.units), self.unknown)
    }
}
