//! The rows of a page: what is set, what must be, and what was typed and not saved.

use std::collections::BTreeSet;

use super::bench::{Bench, Sort, Spot};
use super::facts;
use crate::catalog::Key;
use crate::model::document::{Shown, Weight};
use crate::views::Tone;
use crate::views::admin::editor::{Clash, Control, Row, Section};
use crate::wire::plist::{Dictionary, Value};
use crate::wire::profile::Path;

/// What every payload has and nobody edits as a setting.
pub(super) const ENVELOPE: &[&str] = &[
    "PayloadType",
    "PayloadUUID",
    "PayloadVersion",
    "PayloadIdentifier",
    "PayloadDisplayName",
    "PayloadDescription",
    "PayloadOrganization",
];

/// Dictionaries in dictionaries that are shown on one page; what is deeper has its own.
const DEEP: usize = 2;
/// Pages with more rows than this tell less about each.
const CROWDED: usize = 60;

/// The form of preference domains.
pub(super) const DOMAINS: &str = "com.apple.ManagedClient.preferences";

impl Bench<'_> {
    /// The rows of a page, under their headings.
    pub(super) fn sections(&self, base: &Path) -> Vec<Section> {
        let mut rows: Vec<(Option<String>, Row)> = Vec::new();
        if base.0.is_empty() {
            rows.push((None, self.row(self.spot(base.then("PayloadDisplayName")), 0, false)));
        }
        match self.value(base) {
            _ if base.0.is_empty() && self.is_domains() => rows.extend(self.domains()),
            _ if base.0.is_empty() => rows.extend(self.rows(base, self.body, 0)),
            Some(Value::Dictionary(d)) if self.spot(base.clone()).sort == Sort::Group => {
                rows.extend(self.rows(base, d, 0));
            }
            _ => rows.push((None, self.row(self.spot(base.clone()), 0, false))),
        }
        if rows.len() > CROWDED {
            rows.iter_mut().for_each(|(_, row)| row.more.clear());
        }
        let mut sections: Vec<Section> = Vec::new();
        for (title, row) in rows {
            match sections.iter_mut().find(|s| s.title == title) {
                Some(section) => section.rows.push(row),
                None => sections.push(Section { title, rows: vec![row] }),
            }
        }
        sections
    }

    /// The rows of a dictionary, in the order of the form, unknown keys last.
    fn rows(&self, base: &Path, dict: &Dictionary, deep: usize) -> Vec<(Option<String>, Row)> {
        let known = self.children(base, self.key(base));
        let mut names: Vec<(Option<&Key>, String)> = Vec::new();
        let mut seen: BTreeSet<&str> = ENVELOPE.iter().copied().filter(|_| base.0.is_empty()).collect();
        let wanted = self.wanted(base);
        for key in known.iter().filter(|k| !k.is_free()) {
            let there = dict.contains_key(&key.name);
            if (there || key.required || wanted.contains(&key.name)) && seen.insert(&key.name) {
                names.push((Some(key), key.name.clone()));
            }
        }
        for name in dict.keys().chain(wanted.iter()) {
            if seen.insert(name) {
                names.push((None, name.clone()));
            }
        }
        names
            .into_iter()
            .map(|(key, name)| {
                let required = key.is_some_and(|k| k.required);
                let unknown = key.is_none() && !known.is_empty() && !known.iter().any(Key::is_free);
                let section = match key {
                    Some(key) => key.section.clone(),
                    None => unknown.then(|| "Other keys".to_owned()),
                };
                (section, self.row(self.spot(base.then(name)), deep, required))
            })
            .collect()
    }

    /// Keys of a dictionary that must be shown though they are not set: something was typed there, another took
    /// them out meanwhile, or publishing waits for them.
    fn wanted(&self, base: &Path) -> BTreeSet<String> {
        let child = |path: &Path| {
            (path.0.len() == base.0.len() + 1 && path.0.starts_with(&base.0))
                .then(|| path.0.last().cloned().unwrap_or_default())
        };
        let typed = self.typed.said.keys().chain(self.typed.clashes.keys()).map(|text| Path::parse(text));
        let found = self.findings.iter().filter(|f| f.weight == Weight::Error).map(|f| f.place.path.clone());
        typed.chain(found).filter_map(|path| child(&path)).collect()
    }

    /// One row. `required` as the form says.
    fn row(&self, spot: Spot<'_>, deep: usize, required: bool) -> Row {
        let missing = spot.value.is_none();
        let name = spot.path.0.last().cloned().unwrap_or_default();
        let clash = self.typed.clashes.get(&spot.text);
        let free = spot.key.is_some_and(Key::is_free);
        let label =
            spot.key.filter(|k| !k.is_free() && !k.label.is_empty()).map_or(&name, |k| &k.label).clone();
        let mut badges = spot.key.map(|k| facts::badges(self.form, k)).unwrap_or_default();
        if spot.key.is_none() && self.form.is_some() {
            badges.push("not in Apple’s schema".into());
        }
        let own = ENVELOPE.contains(&spot.text.as_str());
        Row {
            control: self.grown(&spot, deep),
            mark: clash.map_or_else(|| self.mark(&spot), |(_, mark, _)| mark.clone()),
            badges: if own { Vec::new() } else { badges },
            help: spot
                .key
                .filter(|_| !own)
                .and_then(|k| k.help.clone())
                .or_else(|| own.then(|| "What this payload is called where several are listed.".to_owned())),
            more: spot.key.filter(|k| !k.is_free() && !own).map(facts::more).unwrap_or_default(),
            notes: self.notes(&spot),
            reach: self.reach.get(&spot.text).cloned().unwrap_or_default(),
            wrong: self.typed.wrong.get(&spot.text).cloned(),
            clash: clash.map(|(clash, _, gone)| Clash {
                mine: words(&clash.mine),
                theirs: words(&clash.theirs),
                now: clash.now.clone(),
                gone: *gone,
            }),
            missing: missing && (required || spot.key.is_some_and(|k| k.required) || self.is_needed(&spot)),
            removable: !missing && !own,
            focus: self.focus == spot.text,
            name: if free || name == label { String::new() } else { name },
            label: if own { "Name".into() } else { label },
            path: spot.text,
        }
    }

    /// Publishing waits for it.
    fn is_needed(&self, spot: &Spot<'_>) -> bool {
        self.findings.iter().any(|f| f.weight == Weight::Error && f.place.path == spot.path)
    }

    fn grown(&self, spot: &Spot<'_>, deep: usize) -> Control {
        match (spot.sort, spot.value) {
            (Sort::Table, _) => self.table(spot),
            (Sort::Group, value) if deep < DEEP => {
                let empty = Dictionary::new();
                let dict = value.and_then(Value::as_dictionary).unwrap_or(&empty);
                let keys = self.children(&spot.path, spot.key);
                let free = keys.iter().any(Key::is_free) || (keys.is_empty() && spot.value.is_some());
                Control::Group {
                    rows: if value.is_none() {
                        Vec::new()
                    } else {
                        self.rows(&spot.path, dict, deep + 1).into_iter().map(|(_, row)| row).collect()
                    },
                    offers: self.offers_inside(&spot.path, keys, dict),
                    free: free.then(|| spot.text.clone()),
                }
            }
            _ => self.control(spot),
        }
    }

    /// What was found about a row; of what is not on this page, that there is something.
    fn notes(&self, spot: &Spot<'_>) -> Vec<(Tone, String)> {
        let below = format!("{}/", spot.text);
        let mut out = Vec::new();
        out.extend(self.rivals.get(&spot.text).into_iter().flatten().cloned());
        let mut deeper = 0;
        for (finding, path) in self.findings.iter().zip(&self.found_at) {
            if *path == spot.text {
                out.push((tone(finding.weight), finding.says.clone()));
            } else if path.starts_with(&below) && finding.weight != Weight::Note {
                match spot.sort {
                    Sort::List | Sort::Ticks | Sort::Raw => {
                        out.push((tone(finding.weight), finding.says.clone()))
                    }
                    Sort::Group | Sort::Table => {}
                    _ => deeper += 1,
                }
            }
        }
        if deeper > 0 {
            out.push((Tone::Warn, "Something inside needs attention.".into()));
        }
        out
    }

    pub(super) fn is_domains(&self) -> bool {
        self.form.is_some_and(|f| f.id == DOMAINS)
            && self.body.get("PayloadContent").is_none_or(|v| v.as_dictionary().is_some())
    }

    /// Preference domains, each with its keys: what lies between in the property list is of no interest to people.
    fn domains(&self) -> Vec<(Option<String>, Row)> {
        let content = Path(vec!["PayloadContent".into()]);
        let mut out = Vec::new();
        let domains = self.body.get("PayloadContent").and_then(Value::as_dictionary);
        for (domain, inner) in domains.into_iter().flatten() {
            let at = content.then(domain.as_str());
            let mut row = self.row(self.spot(at.clone()), 1, false);
            row.name = String::new();
            row.badges = Vec::new();
            row.help = None;
            row.more = Vec::new();
            let plain = inner.as_dictionary().and_then(|d| {
                let ways: Vec<(&str, &Value)> = d.iter().map(|(k, v)| (k.as_str(), v)).collect();
                match ways.as_slice() {
                    [(way @ ("Forced" | "Set-Once"), Value::Array(items))] if items.len() == 1 => Some(*way),
                    _ => None,
                }
            });
            if let Some(way) = plain {
                let inside = at.then(way).then("0").then("mcx_preference_settings");
                if let Some(Value::Dictionary(keys)) = self.value(&inside) {
                    row.badges = vec![if way == "Forced" { "always" } else { "once" }.into()];
                    row.control = Control::Group {
                        rows: self.rows(&inside, keys, 1).into_iter().map(|(_, row)| row).collect(),
                        offers: Vec::new(),
                        free: Some(inside.to_string()),
                    };
                }
            }
            out.push((Some("Apps and domains".to_owned()), row));
        }
        for (title, row) in self.rows(&Path::default(), self.body, 0) {
            if row.path != "PayloadContent" {
                out.push((title, row));
            }
        }
        out
    }
}

pub(super) fn tone(weight: Weight) -> Tone {
    match weight {
        Weight::Error => Tone::Bad,
        Weight::Warning => Tone::Warn,
        Weight::Note => Tone::Plain,
    }
}

fn words(shown: &Shown) -> String {
    match shown {
        Shown::Unset => "not set".into(),
        Shown::Secret => "another secret (type it again to keep it)".into(),
        Shown::Text(text) => text.clone(),
    }
}
