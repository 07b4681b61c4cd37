//! What could be set: the searchable list of settings beside the rows.

use maud::{Markup, html};

use super::badges;
use crate::views::draw::icon;

/// A setting that could be added.
#[derive(Debug, Clone)]
pub struct Offer {
    /// The way from the top of the payload, as text.
    pub path: String,
    /// For people.
    pub label: String,
    /// Name of the key.
    pub name: String,
    /// Short facts: systems, supervision.
    pub badges: Vec<String>,
    /// One line of help.
    pub help: Option<String>,
    /// Other words for it, for the search in the browser.
    pub words: String,
    /// Systems that know it, each in lower case, for the facet in the browser.
    pub systems: String,
    /// Only supervised devices obey.
    pub supervised: bool,
    /// The search leaves it out.
    pub hidden: bool,
    /// Deprecated: it is not shown before somebody searches for it.
    pub old: bool,
    /// It is set already: the anchor of its row.
    pub set: Option<String>,
}

/// Settings under one heading.
#[derive(Debug, Clone)]
pub struct OfferGroup {
    /// The heading.
    pub label: String,
    /// The settings.
    pub offers: Vec<Offer>,
    /// Unfolded.
    pub open: bool,
}

/// What the list is narrowed to. Fields: `add_q`, `add_os`, `add_supervised` (`on`), `add_set` (`on`).
#[derive(Debug, Clone, Default)]
pub struct Facets {
    /// Words.
    pub q: String,
    /// A system in lower case; empty for all.
    pub os: String,
    /// Only what needs supervision.
    pub supervised: bool,
    /// Also what is set already.
    pub set: bool,
    /// Systems to choose from, as Apple writes them.
    pub systems: Vec<&'static str>,
}

impl Offer {
    pub(super) fn render(&self) -> Markup {
        html! {
            li hidden[self.hidden] data-w=(self.words) data-os=(self.systems) data-sup[self.supervised] data-old[self.old] data-set[self.set.is_some()] {
                @match &self.set {
                    None => button.quiet type="submit" name="add" value=(self.path) { (icon("plus")) span.vh { "Add " } span { (self.label) } },
                    Some(anchor) => a href={ "#" (anchor) } { (self.label) ", set" },
                }
                @if !self.name.is_empty() && self.set.is_none() { " " code { (self.name) } }
                (badges(&self.badges))
                @if let Some(help) = &self.help { p.hint { (help) } }
            }
        }
    }
}

/// The list with its search. `action` is the page itself: the search works as a link without the form.
pub(super) fn list(groups: &[OfferGroup], facets: &Facets, extra: Markup) -> Markup {
    let all = groups.iter().flat_map(|g| &g.offers).filter(|o| o.set.is_none()).count();
    let shown = groups.iter().flat_map(|g| &g.offers).filter(|o| !o.hidden).count();
    let many = all > 12 || !facets.q.is_empty();
    html! {
        section.card.catalogue #add aria-labelledby="add-title" data-catalogue {
            h2 #add-title { "Add a setting" }
            @if many {
                div.filter {
                    label for="add-q" { "Name, key or purpose" }
                    div.row {
                        input #add-q type="search" name="add_q" value=(facets.q) autocomplete="off" spellcheck="false" maxlength="100" enterkeyhint="search";
                        button type="submit" name="find" value="on" formnovalidate { "Find" }
                    }
                    details.more open[!facets.os.is_empty() || facets.supervised || facets.set] {
                        summary { "Narrow the list" }
                        label for="add-os" { "System" }
                        select #add-os name="add_os" {
                            option value="" selected[facets.os.is_empty()] { "All systems" }
                            @for os in &facets.systems {
                                @let word = os.to_lowercase();
                                option value=(word) selected[word == facets.os] { (os) }
                            }
                        }
                        label.tickline { input type="checkbox" name="add_supervised" value="on" checked[facets.supervised]; span { "Only for supervised devices" } }
                        label.tickline { input type="checkbox" name="add_set" value="on" checked[facets.set]; span { "Also what is set already" } }
                    }
                }
                p.muted role="status" data-count { (shown) " of " (groups.iter().map(|g| g.offers.len()).sum::<usize>()) " settings" }
            }
            @if all == 0 && facets.q.is_empty() && !groups.is_empty() { p.muted { "Everything that Apple documents here is set." } }
            @for (n, group) in groups.iter().enumerate() {
                @if groups.len() == 1 && group.label.is_empty() {
                    ul.offers data-group { @for offer in &group.offers { (offer.render()) } }
                } @else {
                    details.shelf open[group.open] data-group hidden[group.offers.iter().all(|o| o.hidden)] {
                        summary { h3 id={ "g-" (n) } { (group.label) } }
                        ul.offers aria-labelledby={ "g-" (n) } { @for offer in &group.offers { (offer.render()) } }
                    }
                }
            }
            (extra)
        }
    }
}
