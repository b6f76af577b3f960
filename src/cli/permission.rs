//! What a project's files may do, by how far the user trusts them.

use std::path::Path;

use anyhow::Context as _;

use ckwh::delivery::Endpoint;
use ckwh::provider::Folder;
use ckwh::trust::{State, Subject};

use super::app::App;
use super::exit::{Failure, OrUnavailable as _};
use super::line_diff::lines;
use super::settings::Setting;

impl App {
    /// How far the user trusts `subject` as it stands.
    pub fn state(&self, subject: &Subject) -> State {
        self.settings.records.state(&subject.path, subject.digest)
    }

    /// Whether the user trusts `subject` as it stands. Where it has changed since, it is shown and the user is asked.
    ///
    /// # Errors
    /// Where it has changed and there is no terminal to ask at.
    pub fn trusts(&mut self, subject: &Subject) -> Result<bool, Failure> {
        if self.state(subject) != State::Changed {
            return Ok(self.state(subject) == State::Trusted);
        }
        let shown = subject.path.display();
        let text = format!("{shown} has changed since you trusted it:\n{}", change(self, subject));
        match self.report.ask(&text, "Trust it as it is now?") {
            Some(true) => remember(self, subject).map(|()| true),
            Some(false) => Ok(false),
            None => Err(Failure::usage(format!(
                "{shown} has changed since you trusted it: look at it, then {}; in CI set CKWH_TRUST={}",
                self.trust_command(&shown),
                subject.digest
            ))),
        }
    }

    /// Whether the user trusts the project's settings file.
    pub fn trusts_settings(&mut self) -> Result<bool, Failure> {
        match self.settings.project_settings.clone() {
            Some(subject) => self.trusts(&subject),
            None => Ok(false),
        }
    }

    /// Whether the user trusts the folder; only a project's may not be.
    pub fn trusts_folder(&mut self, folder: &Folder) -> Result<bool, Failure> {
        if let (true, Some(subject)) = (folder.is_strangers(), folder.subject().cloned())
            && self.trusts(&subject)?
        {
            folder.trust();
        }
        Ok(!folder.is_strangers())
    }

    /// The command that makes `path` trusted.
    pub fn trust_command(&self, path: impl std::fmt::Display) -> String {
        let path = path.to_string();
        let here = std::env::current_dir().unwrap_or_default();
        let path = Path::new(&path).strip_prefix(here).unwrap_or(Path::new(&path));
        let path = path.display().to_string();
        match shlex::try_quote(path.trim_end_matches('/')) {
            Ok(quoted) => format!("ckwh trust {quoted}"),
            Err(_) => "ckwh trust".into(),
        }
    }

    /// Lets a project's settings send to `endpoint` where that is this machine, or the user trusts them.
    ///
    /// # Errors
    /// Where they may not.
    pub fn permit(&mut self, endpoint: &Endpoint) -> Result<(), Failure> {
        if endpoint.is_loopback() || self.trusts_settings()? {
            return Ok(());
        }
        let file = self.settings.project_file();
        Err(Failure::usage(format!(
            "{file} sends to {endpoint}, which is not this machine; where you trust this project: {}; or name the target with --to",
            self.trust_command(&file),
        )))
    }

    /// The tolerance that is set. A project's may make what is old valid.
    pub fn tolerance(&mut self) -> Result<Option<String>, Failure> {
        self.trusted("tolerance", self.settings.tolerance.clone())
    }

    /// The URL that the sender signs: the one that was typed, else the one that is set. A project's would move the border
    /// between what is signed and what is not.
    pub fn public_url(&mut self, typed: Option<&str>) -> Result<Option<String>, Failure> {
        match typed {
            Some(typed) => Ok(Some(typed.to_owned())),
            None => self.trusted("public_url", self.settings.public_url.clone()),
        }
    }

    /// A setting that decides what is valid: a project's is passed over unless the user trusts it.
    fn trusted(&mut self, key: &str, setting: Option<Setting>) -> Result<Option<String>, Failure> {
        let Some(setting) = setting else { return Ok(None) };
        if setting.of_project && !self.trusts_settings()? {
            let file = self.settings.project_file();
            let command = self.trust_command(&file);
            self.warn_once(&format!(
                "{key} in {file} is passed over; where you trust this project: {command}"
            ));
            return Ok(None);
        }
        Ok(Some(setting.text))
    }

    /// The provider by whose table requests are judged: the one that was typed, else the one that is set; `None` where it
    /// is whichever recognises them. A project that is not trusted has no say in that.
    pub fn judging_provider(&mut self, typed: Option<&str>) -> Result<Option<String>, Failure> {
        let named = match (typed, self.settings.provider.clone()) {
            (Some(typed), _) => Some(typed.to_owned()),
            (None, Some(set)) if !set.of_project || self.trusts_settings()? => Some(set.text),
            (None, _) => None,
        };
        Ok(named.filter(|name| name != "auto"))
    }

    /// The dialect that requests are judged in, likewise.
    pub fn judging_dialect(&mut self, typed: Option<&str>) -> Result<Option<String>, Failure> {
        match (typed, self.settings.dialect.clone()) {
            (None, Some(set)) if set.of_project && !self.trusts_settings()? => Ok(None),
            _ => Ok(self.dialect(typed)),
        }
    }

    /// The provider that a project proposes for requests that nothing recognises.
    pub fn proposed_provider(&self, typed: Option<&str>) -> Option<String> {
        let set = self.settings.provider.as_ref().filter(|_| typed.is_none())?;
        Some(set.text.clone()).filter(|name| name != "auto")
    }

    /// The dialect that is typed or set.
    pub fn dialect(&self, typed: Option<&str>) -> Option<String> {
        let set = || self.settings.dialect.as_ref().map(|set| set.text.clone());
        typed.map(str::to_owned).or_else(set)
    }
}

/// Records that the user trusts `subject` as it stands.
pub fn remember(app: &App, subject: &Subject) -> Result<(), Failure> {
    let remembered = app.settings.records.remember(subject);
    remembered.context("the record of what is trusted").or_unavailable()
}

/// What of `subject` is another than it was: the lines of tables and settings, and the names of other files.
pub fn change(app: &App, subject: &Subject) -> String {
    let Some(record) = app.settings.records.record(&subject.path) else {
        return String::new();
    };
    let mut text = String::new();
    for name in record.changed(subject) {
        let now = subject.files.get(&name);
        let both = record.text(&name).zip(now.and_then(|now| str::from_utf8(now).ok()));
        let what = match (&both, now) {
            (Some(_), _) => ":",
            (None, None) => " is gone",
            (None, Some(_)) => " is another, or new",
        };
        text.push_str(&format!("  {name}{what}\n"));
        for (mark, line) in both.into_iter().flat_map(|(then, now)| lines(then, now)) {
            text.push_str(&format!("    {mark} {line}\n"));
        }
    }
    text
}
