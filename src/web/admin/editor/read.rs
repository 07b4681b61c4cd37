//! What a form of the editor says: changes, and what could not be read.

use std::collections::{BTreeMap, BTreeSet};

use super::bench::{Bench, Sort, Spot};
use super::rows::ENVELOPE;
use super::start;
use crate::catalog::{Key, Kind};
use crate::model::document::Change;
use crate::rules::document::mark;
use crate::rules::entry;
use crate::views::admin::editor::field;
use crate::web::fields::Fields;
use crate::wire::pem;
use crate::wire::plist::Value;
use crate::wire::profile::Path;

/// What the form says.
#[derive(Default)]
pub(super) struct Said {
    pub(super) changes: Vec<Change>,
    /// What was typed, by path, of every row that would change.
    pub(super) typed: BTreeMap<String, Vec<String>>,
    /// What could not be read, by path, and why.
    pub(super) wrong: BTreeMap<String, String>,
    /// The marks of rows that would change.
    pub(super) marks: BTreeMap<String, String>,
    /// Rows that are taken out.
    pub(super) gone: BTreeSet<String>,
    /// Row to come back to.
    pub(super) to: Option<String>,
    /// Page to go to.
    pub(super) open: Option<Path>,
}

/// A value read from a row.
enum Typed {
    /// Nothing was changed.
    Same,
    /// The new value, and its texts in case it meets another's.
    New(Value, Vec<String>),
    /// It cannot be read.
    Wrong(String, Vec<String>),
}

pub(super) struct Reader<'a> {
    pub(super) bench: &'a Bench<'a>,
    pub(super) fields: &'a Fields,
    pub(super) said: Said,
}

/// Line ends as property lists have them; browsers send those of the mail.
fn text(typed: &str) -> String {
    typed.replace("\r\n", "\n")
}

/// `%…%`: the value is filled in for each device, and cannot be judged before.
fn has_variable(text: &str) -> bool {
    let name = text.split('%').nth(1).unwrap_or_default();
    text.matches('%').count() > 1
        && !name.is_empty()
        && name.chars().all(|c| c.is_ascii_alphanumeric() || "._-:".contains(c))
}

fn parse(key: &Key, typed: &str) -> Result<Value, String> {
    match entry::parse(key, typed) {
        Err(_) if key.kind == Kind::String && has_variable(typed) => Ok(Value::String(typed.to_owned())),
        read => read.map_err(|refusal| bare(key, &refusal.said)),
    }
}

/// A sentence beside the field need not name the field.
fn bare(key: &Key, said: &str) -> String {
    let rest = said.strip_prefix(&key.label).and_then(|rest| rest.strip_prefix(": ")).unwrap_or(said);
    let mut chars = rest.chars();
    match chars.next() {
        Some(first) => first.to_uppercase().chain(chars).collect(),
        None => String::new(),
    }
}

/// Reads the whole form.
pub(super) fn read(bench: &Bench<'_>, fields: &Fields) -> Said {
    let mut reader = Reader { bench, fields, said: Said::default() };
    let removed = fields.some("remove").map(str::to_owned);
    let mut paths: BTreeSet<&str> = BTreeSet::new();
    for path in fields.named("w:") {
        let under = |gone: &String| path == gone || path.starts_with(&format!("{gone}/"));
        if paths.insert(path) && !removed.as_ref().is_some_and(under) {
            reader.row(path);
        }
    }
    reader.deed();
    reader.said
}

impl Reader<'_> {
    fn row(&mut self, at: &str) {
        let path = Path::parse(at);
        let first = path.0.first().map_or("", String::as_str);
        if path.0.is_empty()
            || (path.0.len() == 1 && ENVELOPE.contains(&first) && first != "PayloadDisplayName")
        {
            return;
        }
        let shown = self.fields.text(&field::mark(at)).to_owned();
        let was = match self.fields.text(&field::choice(at)) {
            "theirs" => return,
            "mine" => self.fields.text(&field::now(at)).to_owned(),
            _ => shown,
        };
        if self.fields.ticked(&field::gone(at)) {
            self.unset(path, was);
            return;
        }
        let spot = self.bench.spot(path);
        let typed = match spot.sort {
            Sort::Table | Sort::Group => Typed::Same,
            Sort::List | Sort::Ticks => self.items(&spot, &was),
            Sort::File => self.file(&spot),
            Sort::Secret | Sort::Sealed => self.secret(&spot),
            _ => self.plain(&spot, &was),
        };
        match typed {
            Typed::Same => {}
            // Data and secrets have marks that tell nothing: what is there is compared.
            Typed::New(value, _) if mark(Some(&value)) == was || spot.value == Some(&value) => {}
            Typed::New(value, typed) => {
                self.said.typed.insert(spot.text.clone(), typed);
                self.said.marks.insert(spot.text.clone(), was.clone());
                self.said.changes.push(Change::Set {
                    place: self.bench.place(&spot.path),
                    value,
                    was: Some(was),
                });
            }
            Typed::Wrong(why, typed) => {
                self.said.typed.insert(spot.text.clone(), typed);
                self.said.wrong.insert(spot.text.clone(), why);
            }
        }
    }

    pub(super) fn unset(&mut self, path: Path, was: String) {
        let at = path.to_string();
        self.said.marks.insert(at.clone(), was.clone());
        self.said.gone.insert(at);
        self.said.changes.push(Change::Unset { place: self.bench.place(&path), was: Some(was) });
    }

    fn plain(&self, spot: &Spot<'_>, was: &str) -> Typed {
        let name = field::value(&spot.text);
        // A choice of which none is chosen sends nothing.
        let Some(typed) = self.fields.all(&name).next().map(text) else { return Typed::Same };
        let there = self.bench.mark(spot) == was;
        if there && typed == self.bench.shown(spot) {
            return Typed::Same;
        }
        let key = spot.reader();
        let nothing = was == mark(None);
        if typed.is_empty() && (nothing || spot.sort == Sort::Choice) {
            return Typed::Same;
        }
        if typed.trim().is_empty() && key.kind != Kind::String {
            return Typed::Wrong("Fill it in, or remove the setting.".into(), vec![typed]);
        }
        let read = if spot.sort == Sort::Raw {
            entry::fragment(&typed).map_err(|refusal| refusal.said)
        } else if spot.sort == Sort::Choice {
            self.choice(spot, &key, &typed)
        } else {
            parse(&key, &typed)
        };
        match read {
            Ok(value) => Typed::New(value, vec![typed]),
            Err(why) => Typed::Wrong(why, vec![typed]),
        }
    }

    /// What is there already may stay, though it is not allowed; a payload of this profile may be named.
    fn choice(&self, spot: &Spot<'_>, key: &Key, typed: &str) -> Result<Value, String> {
        match spot.value {
            Some(value) if entry::write(value) == typed => Ok(value.clone()),
            _ if self.bench.candidates(key.field).iter().any(|(uuid, _)| uuid == typed) => {
                Ok(Value::String(typed.to_owned()))
            }
            _ => parse(key, typed),
        }
    }

    fn secret(&self, spot: &Spot<'_>) -> Typed {
        let typed = text(self.fields.text(&field::value(&spot.text)));
        if typed.is_empty() {
            return Typed::Same;
        }
        let read = match spot.sort {
            Sort::Sealed => entry::fragment(&typed).map_err(|refusal| refusal.said),
            _ => parse(&spot.reader(), &typed),
        };
        // It is not sent back: secrets never are.
        read.map_or_else(|why| Typed::Wrong(why, Vec::new()), |value| Typed::New(value, Vec::new()))
    }

    fn file(&self, spot: &Spot<'_>) -> Typed {
        if let Some(bytes) = self.fields.file(&field::file(&spot.text)) {
            return Typed::New(Value::Data(self.bytes(bytes)), Vec::new());
        }
        let typed = self.fields.text(&field::value(&spot.text)).trim();
        if typed.is_empty() {
            return Typed::Same;
        }
        match parse(&spot.reader(), typed) {
            Ok(value) => Typed::New(value, Vec::new()),
            Err(why) => Typed::Wrong(why, Vec::new()),
        }
    }

    /// Certificates are sent as devices want them: one in PEM becomes DER, except where PEM is asked for.
    fn bytes(&self, bytes: &[u8]) -> Vec<u8> {
        let pem_wanted = self.bench.form.is_some_and(|f| f.payload_type == "com.apple.security.pem");
        let as_text =
            std::str::from_utf8(bytes).ok().filter(|t| t.contains("-----BEGIN CERTIFICATE") && !pem_wanted);
        let mut blocks = as_text.and_then(|t| pem::blocks(t).ok()).unwrap_or_default();
        if blocks.len() == 1 { blocks.remove(0).1 } else { bytes.to_vec() }
    }

    fn items(&mut self, spot: &Spot<'_>, was: &str) -> Typed {
        let mut items: Vec<String> = self.fields.all(&field::item(&spot.text)).map(text).collect();
        self.rearrange(&spot.text, &mut items);
        items.retain(|item| !item.is_empty());
        let there = self.bench.mark(spot) == was;
        let shown = self.bench.shown_items(spot);
        if spot.sort == Sort::Ticks {
            // What was there keeps its place; what is new comes behind.
            let (mut old, new): (Vec<_>, Vec<_>) = items.into_iter().partition(|item| shown.contains(item));
            old.sort_by_key(|item| shown.iter().position(|s| s == item));
            items = [old, new].concat();
        } else if let Some(lines) = self.lines(spot, was) {
            items = lines;
        }
        if there && items == shown {
            return Typed::Same;
        }
        if items.is_empty() && was == mark(None) {
            return Typed::Same;
        }
        match self.parse_items(spot, &items) {
            Ok(value) => Typed::New(value, items),
            Err(why) => Typed::Wrong(why, items),
        }
    }

    /// The lines of a list, if they were changed.
    fn lines(&self, spot: &Spot<'_>, was: &str) -> Option<Vec<String>> {
        let name = field::lines(&spot.text);
        let typed = self.fields.all(&name).next().map(text)?;
        let lines: Vec<String> = typed
            .split('\n')
            .map(|line| line.trim_end_matches('\r').to_owned())
            .filter(|line| !line.is_empty())
            .collect();
        match self.parse_items(spot, &lines) {
            Ok(value) if mark(Some(&value)) == was || (lines.is_empty() && was == mark(None)) => None,
            _ if spot.value.is_some()
                && self.bench.mark(spot) == was
                && self.bench.shown_items(spot) == lines =>
            {
                None
            }
            _ => Some(lines),
        }
    }

    fn parse_items(&self, spot: &Spot<'_>, items: &[String]) -> Result<Value, String> {
        let there = spot.value.and_then(Value::as_array);
        let item = self.bench.item(spot.key).filter(|k| k.kind != Kind::Any);
        let plain = start::plain("item", Kind::String);
        let key = item.unwrap_or(&plain);
        let mut out = Vec::new();
        for (n, typed) in items.iter().enumerate() {
            let known = there.and_then(|all| all.iter().find(|value| entry::write(value) == *typed));
            let named = self.bench.candidates(key.field).iter().any(|(uuid, _)| uuid == typed);
            out.push(match known {
                Some(value) => value.clone(),
                None if named => Value::String(typed.clone()),
                None => parse(key, typed).map_err(|why| format!("Item {}: {why}", n + 1))?,
            });
        }
        Ok(Value::Array(out))
    }

    /// Does what a button beside an item of a list of texts asks for.
    fn rearrange(&mut self, list: &str, items: &mut Vec<String>) {
        let index = |name: &str| {
            let (parent, n) = self.fields.some(name)?.rsplit_once('/')?;
            (parent == list).then(|| n.parse::<usize>().ok()).flatten().filter(|n| *n < items.len())
        };
        let (removed, up, down) = (index("remove"), index("up"), index("down"));
        if let Some(n) = removed {
            items.remove(n);
        } else if let Some(n) = up.filter(|n| *n > 0) {
            items.swap(n, n - 1);
        } else if let Some(n) = down.filter(|n| n + 1 < items.len()) {
            items.swap(n, n + 1);
        } else {
            return;
        }
        self.said.to = Some(list.to_owned());
    }

    /// Whether this is an item of a list whose texts are all on the page.
    pub(super) fn is_text_item(&self, path: &Path) -> bool {
        let Some((_, parent)) = path.0.split_last() else { return false };
        let spot = self.bench.spot(Path(parent.to_vec()));
        spot.sort == Sort::List && path.0.last().is_some_and(|n| n.bytes().all(|b| b.is_ascii_digit()))
    }
}
