//! What the buttons of the editor's form ask for, beside saving it.

use super::bench::Sort;
use super::read::Reader;
use super::rows::ENVELOPE;
use super::start;
use crate::catalog::{Key, Kind};
use crate::model::document::Change;
use crate::views::admin::editor::field;
use crate::wire::plist::{Dictionary, Value};
use crate::wire::profile::Path;

impl Reader<'_> {
    /// What the button asks for, beside saving.
    pub(super) fn deed(&mut self) {
        let asked = |name: &str| self.fields.some(name).map(Path::parse).filter(|p| !p.0.is_empty());
        let outside = |path: &Path| path.0.len() != 1 || !ENVELOPE.contains(&path.0[0].as_str());
        if let Some(path) = asked("add").filter(outside) {
            self.add(path);
        } else if let Some(path) = asked("append") {
            self.append(path);
        } else if let Some(path) = asked("remove").filter(outside) {
            if !self.is_text_item(&path) {
                let at = path.to_string();
                let row = self.fields.all(&field::mark(&at)).next().map(str::to_owned);
                let was = row.unwrap_or_else(|| self.fields.text(&field::item_mark(&at)).to_owned());
                self.unset(path, was);
            }
        } else if let Some(path) = asked("up").or_else(|| asked("down")) {
            if !self.is_text_item(&path) {
                let by = if self.fields.some("up").is_some() { -1 } else { 1 };
                self.said.to = path.0.split_last().map(|(_, list)| Path(list.to_vec()).to_string());
                self.said.changes.push(Change::Move { place: self.bench.place(&path), by });
            }
        } else if let Some(dict) = self.fields.text("free").strip_prefix('/') {
            self.free(if dict.is_empty() { Path::default() } else { Path::parse(dict) });
        } else if let Some(path) = asked("open") {
            self.said.open = Some(path);
        } else if self.fields.some("add_domain").is_some() {
            self.domain();
        }
    }

    fn first(&self, key: &Key) -> Value {
        let mut named = self.bench.candidates(key.field);
        let only = (named.len() == 1).then(|| named.remove(0).0);
        start::first(key, only, self.bench.now)
    }

    fn add(&mut self, path: Path) {
        self.said.to = Some(path.to_string());
        if self.bench.value(&path).is_some() {
            return;
        }
        let Some(key) = self.bench.key(&path) else { return };
        let place = self.bench.place(&path);
        self.said.changes.push(Change::Set { place, value: self.first(key), was: None });
    }

    fn append(&mut self, path: Path) {
        let spot = self.bench.spot(path);
        self.said.to = Some(spot.text.clone());
        if spot.sort != Sort::Table {
            return;
        }
        let value = match self.bench.item(spot.key) {
            Some(item) => self.first(item),
            None => Value::Dictionary(Dictionary::new()),
        };
        let n = spot.value.and_then(Value::as_array).map_or(0, Vec::len);
        self.said.open = Some(spot.path.then(n.to_string()));
        self.said.changes.push(Change::Append { place: self.bench.place(&spot.path), value });
    }

    fn free(&mut self, at: Path) {
        let dict = at.to_string();
        let name = self.fields.text(&field::new_name(&dict)).trim().to_owned();
        let kind = self.fields.text(&field::new_kind(&dict));
        let path = at.then(name.as_str());
        let wrong = if name.is_empty() {
            Some("Type the name of the key.")
        } else if name.len() > 250 || name.chars().any(char::is_control) {
            Some("The name is too long, or has characters that nobody sees.")
        } else if at.0.is_empty() && ENVELOPE.contains(&name.as_str()) {
            Some("Every payload has this key already.")
        } else {
            None
        };
        if let Some(wrong) = wrong {
            self.said.wrong.insert(dict, wrong.into());
            return;
        }
        self.said.to = Some(path.to_string());
        if self.bench.value(&path).is_none() {
            // A key that Apple documents after all has its own type.
            let known = self.bench.key(&path).filter(|k| k.kind != Kind::Any).map(|key| self.first(key));
            if let Some(value) = known.or_else(|| start::of_kind(kind, self.bench.now)) {
                self.said.changes.push(Change::Set { place: self.bench.place(&path), value, was: None });
            }
        }
    }

    fn domain(&mut self) {
        let domain = self.fields.text("domain").trim();
        let often = if self.fields.text("often") == "Set-Once" { "Set-Once" } else { "Forced" };
        let content = Path(vec!["PayloadContent".into()]);
        let plain = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
        if domain.is_empty() || domain.len() > 250 || !domain.chars().all(plain) {
            self.said.wrong.insert(content.to_string(), "Type a domain, as in com.example.editor.".into());
            return;
        }
        let path = content.then(domain);
        self.said.to = Some(path.to_string());
        if self.bench.value(&path).is_none() {
            let mut settings = Dictionary::new();
            settings.insert("mcx_preference_settings".into(), Value::Dictionary(Dictionary::new()));
            let value = Value::Array(vec![Value::Dictionary(settings)]);
            self.said.changes.push(Change::Set {
                place: self.bench.place(&path.then(often)),
                value,
                was: None,
            });
        }
    }
}
