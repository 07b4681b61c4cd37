//! Everything that Apple documents: searched, looked at, and what our devices make of it.

use maud::{Markup, html};

use super::badges::{self, Count, counts};
use crate::catalog::{Form, Key, Kind, Os};
use crate::rules::access::Right;
use crate::views::address as at;
use crate::views::admin::profiles::payload_icon;
use crate::views::{Link, Page, draw::icon, layout, parts, words};

/// Something found.
#[derive(Debug, Clone)]
pub struct Found<'a> {
    /// The form.
    pub form: &'a Form,
    /// The key and its address; none for the form itself.
    pub key: Option<(&'a Key, Vec<String>)>,
    /// What our devices make of it.
    pub counts: Vec<Count>,
}

/// The catalog. Query: `q`, `os`, `supervised` = `1` (only what needs supervision).
#[derive(Debug, Clone)]
pub struct CatalogPage<'a> {
    /// Text searched for.
    pub q: String,
    /// Only what exists on this system.
    pub os: Option<Os>,
    /// Only what needs supervision.
    pub supervised: bool,
    /// What was found; without a search none.
    pub found: Vec<Found<'a>>,
    /// More was found than is shown.
    pub more: bool,
    /// Without a search: shelves with their forms.
    pub shelves: Vec<(String, Vec<&'a Form>)>,
    /// Forms and keys there are.
    pub totals: (u64, u64),
}

impl CatalogPage<'_> {
    fn link(&self, os: Option<Os>, supervised: bool) -> String {
        at::with_query(
            at::CATALOG,
            &[
                ("q", &self.q),
                ("os", os.map_or("", Os::as_str)),
                ("supervised", if supervised { "1" } else { "" }),
            ],
        )
    }

    /// The page.
    pub fn render(&self, page: &Page) -> Markup {
        layout::shell(
            page,
            "Settings catalog",
            &[],
            html! {},
            html! {
                p.muted { "Every setting that Apple documents for profiles: " (words::count(self.totals.0, "payload", "payloads")) ", " (words::count(self.totals.1, "setting", "settings")) "." }
                form.find role="search" aria-label="Settings" method="get" action=(at::CATALOG) {
                    label for="q" { "What do you want to set? A word of yours or the name of a key" }
                    @if let Some(os) = self.os { input type="hidden" name="os" value=(os.as_str()); }
                    @if self.supervised { input type="hidden" name="supervised" value="1"; }
                    div.row { input #q type="search" name="q" value=(self.q) placeholder="AirDrop" autocomplete="off" spellcheck="false" maxlength="100"; button type="submit" { "Search" } }
                }
                nav.facets aria-label="Filter" { ul {
                    li { a href=(self.link(None, self.supervised)) aria-current=[self.os.is_none().then_some("true")] { "All systems" } }
                    @for os in Os::ALL { li { a href=(self.link(Some(os), self.supervised)) aria-current=[(self.os == Some(os)).then_some("true")] { (os.as_str()) } } }
                    li { a href=(self.link(self.os, !self.supervised)) aria-current=[self.supervised.then_some("true")] { "Needs supervision" } }
                } }
                @if self.found.is_empty() && self.shelves.is_empty() {
                    (parts::empty("search", "No setting matches. Try another word, or fewer of them.", html! { a.button href=(at::CATALOG) { "Show all payloads" } }))
                }
                @if !self.found.is_empty() { (self.hits()) }
                @for (label, forms) in &self.shelves {
                    section.card { h2 { (label) }
                        ul.forms { @for f in forms { li {
                            a href=(at::catalog_form(&f.id, "")) { (icon(payload_icon(&f.payload_type))) (f.label) }
                            @if let Some(help) = &f.help { p.hint { (help) } }
                        } } }
                    }
                }
            },
        )
    }

    fn hits(&self) -> Markup {
        html! {
            ol.hits { @for hit in &self.found { li.card {
                @match &hit.key {
                    Some((key, path)) => {
                        div.what {
                            h2 { a href=(at::catalog_form(&hit.form.id, &address(path))) { (key.label) } }
                            p.meta { (hit.form.label) " · " code { (path.join(" › ")) } }
                        }
                        @if let Some(help) = &key.help { p { (help) } }
                        div.facts_line { (badges::systems(&key.availability)) (badges::needs(&key.availability)) }
                    },
                    None => {
                        div.what {
                            h2 { (icon(payload_icon(&hit.form.payload_type))) " " a href=(at::catalog_form(&hit.form.id, "")) { (hit.form.label) } }
                            p.meta { "Payload · " code { (hit.form.payload_type) } }
                        }
                        @if let Some(help) = &hit.form.help { p { (help) } }
                        div.facts_line { (badges::systems(&hit.form.availability)) (badges::needs(&hit.form.availability)) }
                    },
                }
                p.yours { span.muted { "Your devices: " } (counts(&hit.counts)) }
            } } }
            @if self.more { p.muted { "There is more. Add a word to narrow the search." } }
        }
    }
}

/// The address of a key in links.
fn address(path: &[String]) -> String {
    path.iter().map(|p| p.replace('~', "~0").replace('/', "~1")).collect::<Vec<_>>().join("/")
}

/// One form: what it is, and all its keys.
#[derive(Debug, Clone)]
pub struct CatalogFormPage<'a> {
    /// The form.
    pub form: &'a Form,
    /// What our devices make of it.
    pub counts: Vec<Count>,
}

impl CatalogFormPage<'_> {
    /// The page.
    pub fn render(&self, page: &Page) -> Markup {
        let f = self.form;
        layout::shell(
            page,
            &f.label,
            &[catalog_link()],
            add(page, f, ""),
            html! {
                @if let Some(help) = &f.help { p.lead { (help) } }
                section.card {
                    h2 { "About" }
                    (parts::facts(&[
                        ("Type", html! { code { (f.payload_type) } }),
                        ("Systems", badges::systems(&f.availability)),
                        ("Asks for", html! { (badges::needs(&f.availability)) }),
                        ("Several on one device", repeats(f)),
                        ("Your devices", counts(&self.counts)),
                    ]))
                }
                @if f.keys.is_empty() { p.muted { "It has no settings of its own." } }
                @else {
                    section.card {
                        h2 { (words::count(f.keys.len() as u64, "setting", "settings")) }
                        (keys(f, &f.keys, &[]))
                    }
                }
                @if !f.rules.is_empty() {
                    section.card { h2 { "Rules between settings" } ul { @for rule in &f.rules { li { (rule.says) } } } }
                }
            },
        )
    }
}

/// One key of a form.
#[derive(Debug, Clone)]
pub struct CatalogKeyPage<'a> {
    /// The form.
    pub form: &'a Form,
    /// The key.
    pub key: &'a Key,
    /// Its address.
    pub path: Vec<String>,
    /// Its children.
    pub children: &'a [Key],
    /// What our devices make of it.
    pub counts: Vec<Count>,
}

impl CatalogKeyPage<'_> {
    /// The page.
    pub fn render(&self, page: &Page) -> Markup {
        let (f, k) = (self.form, self.key);
        let mut trail =
            vec![catalog_link(), Link { label: f.label.clone(), href: at::catalog_form(&f.id, "") }];
        for n in 1..self.path.len() {
            let path = &self.path[..n];
            trail.push(Link { label: path[n - 1].clone(), href: at::catalog_form(&f.id, &address(path)) });
        }
        let mut rows = vec![
            ("Key", html! { code { (self.path.join(" › ")) } }),
            ("Kind", html! { (kind(k)) }),
            ("Systems", badges::systems(&k.availability)),
            ("Asks for", badges::needs(&k.availability)),
            ("Your devices", counts(&self.counts)),
        ];
        if k.required {
            rows.push(("Required", html! { "Yes: a payload without it is refused" }));
        }
        if let Some(default) = &k.default {
            rows.push(("When not set", html! { (plain(k, default)) }));
        }
        if !k.values.is_empty() {
            rows.push(("Allowed", html! { ul.values { @for v in &k.values { li { (plain(k, v)) } } } }));
        }
        if let Some(range) = k.range {
            let bound = |b: Option<f64>, word: &str| b.map(|b| format!("{word} {b}"));
            let said: Vec<String> =
                [bound(range.min, "from"), bound(range.max, "up to")].into_iter().flatten().collect();
            rows.push(("Range", html! { (said.join(" ")) @if let Some(unit) = &k.unit { " " (unit) } }));
        }
        if k.secret {
            rows.push(("Secret", html! { "Stored sealed, never shown again" }));
        }
        if let Some(instead) = &k.replaced_by {
            rows.push(("Use instead", html! { (instead) }));
        }
        layout::shell(
            page,
            &k.label,
            &trail,
            add(page, f, &address(&self.path)),
            html! {
                @if let Some(help) = &k.help { p.lead { (help) } }
                section.card { h2.vh { "About" } (parts::facts(&rows)) }
                @if !self.children.is_empty() {
                    section.card { h2 { @if k.kind == Kind::Array { "Each item" } @else { "What it holds" } } (keys(f, self.children, &self.path)) }
                }
            },
        )
    }
}

fn repeats(f: &Form) -> Markup {
    let said: Vec<String> = Os::ALL
        .into_iter()
        .filter(|os| f.availability.on(*os).introduced.is_some())
        .filter_map(|os| {
            f.may_repeat(os).map(|yes| format!("{} on {}", if yes { "yes" } else { "no" }, os.as_str()))
        })
        .collect();
    let all = |word: &str| !said.is_empty() && said.iter().all(|s| s.starts_with(word));
    html! {
        @if said.is_empty() { span.muted { "Apple does not say" } }
        @else if all("yes ") { "Yes" } @else if all("no ") { "No, one only" } @else { (said.join(", ")) }
    }
}

fn keys(form: &Form, keys: &[Key], path: &[String]) -> Markup {
    let mut section: Option<&str> = None;
    let mut rows = Vec::new();
    for key in keys {
        let heading = key.section.as_deref().filter(|s| section != Some(*s));
        section = key.section.as_deref().or(section);
        let mut here = path.to_vec();
        here.push(key.name.clone());
        rows.push((heading, key, address(&here)));
    }
    html! {
        table.list.keys {
            caption.vh { "Settings" }
            thead { tr { th scope="col" { "Setting" } th scope="col" { "Key" } th scope="col" { "Kind" } th scope="col" { "Systems" } } }
            tbody { @for (heading, key, address) in rows {
                @if let Some(heading) = heading { tr.section { td colspan="4" { strong { (heading) } } } }
                tr {
                    th scope="row" {
                        a href=(at::catalog_form(&form.id, &address)) { (key.label) }
                        @if key.required { " " span.badge { "required" } }
                        @if let Some(help) = &key.help { p.hint { (help) } }
                    }
                    td.code data-l="Key" { (key.name) }
                    td data-l="Kind" { (kind(key)) }
                    td data-l="Systems" { (short_systems(key)) }
                }
            } }
        }
    }
}

fn short_systems(key: &Key) -> String {
    let known: Vec<String> = Os::ALL
        .into_iter()
        .filter_map(|os| {
            let facts = key.availability.on(os);
            facts.introduced.map(|v| format!("{} {}+", os.as_str(), badges::version(v)))
        })
        .collect();
    known.join(", ")
}

fn kind(key: &Key) -> &'static str {
    match key.kind {
        Kind::String if key.secret => "Secret text",
        Kind::String if !key.values.is_empty() => "One of some texts",
        Kind::String => "Text",
        Kind::Integer if !key.values.is_empty() => "One of some numbers",
        Kind::Integer => "Whole number",
        Kind::Real => "Number",
        Kind::Boolean => "On or off",
        Kind::Date => "Date and time",
        Kind::Data => "Data",
        Kind::Array => "List",
        Kind::Dictionary => "Group of settings",
        Kind::Any => "Anything",
    }
}

/// A value of a key in words; what is no plain value by its kind.
fn plain(key: &Key, value: &crate::wire::plist::Value) -> String {
    use crate::wire::plist::Value;
    let text = match value {
        Value::Boolean(b) => {
            let (yes, no) = key.states.clone().unwrap_or_else(|| ("On".into(), "Off".into()));
            return if *b { yes } else { no };
        }
        Value::String(s) => s.clone(),
        Value::Integer(n) => n.to_string(),
        Value::Real(r) => r.to_string(),
        Value::Array(a) if a.is_empty() => return "an empty list".into(),
        Value::Array(a) => return words::count(a.len() as u64, "item", "items"),
        Value::Dictionary(_) => return "a group of settings".into(),
        _ => return "a value".into(),
    };
    match key.value_labels.iter().find(|(v, _)| *v == text) {
        Some((_, label)) if *label != text => format!("{label} ({text})"),
        _ => match &key.unit {
            Some(unit) => format!("{text} {unit}"),
            None => text,
        },
    }
}

pub(super) fn catalog_link() -> Link {
    Link { label: "Settings catalog".into(), href: at::CATALOG.into() }
}

fn add(page: &Page, form: &Form, key: &str) -> Markup {
    html! {
        @if page.may(Right::EditProfiles) && !form.internal {
            a.button.primary href=(at::catalog_add(&form.id, key)) { (icon("plus")) "Add to a profile…" }
        }
    }
}
