//! Controls: one for each sort of value.

use maud::{Markup, html};

use super::offers::Offer;
use super::row::Row;
use super::{KINDS, field, slug};
use crate::views::draw::icon;

/// One of several values.
#[derive(Debug, Clone)]
pub struct Choice {
    /// As in forms.
    pub value: String,
    /// For people.
    pub label: String,
    /// As in the property list, where the label does not say it.
    pub raw: Option<String>,
    /// It is the present one.
    pub chosen: bool,
}

/// A line of text or a number.
#[derive(Debug, Clone, Default)]
pub struct Line {
    /// HTML type: `text`, `url`, `email`.
    pub kind: &'static str,
    /// Its text.
    pub value: String,
    /// The `inputmode` word.
    pub inputmode: Option<&'static str>,
    /// Unit, written behind it.
    pub unit: String,
    /// Bounds, and the value in other words.
    pub hint: String,
}

/// An item of an array that has a page of its own.
#[derive(Debug, Clone)]
pub struct Item {
    /// Its path.
    pub path: String,
    /// What is in it.
    pub summary: String,
    /// Mark of the value that is shown.
    pub mark: String,
    /// Something in it blocks publishing.
    pub bad: bool,
}

/// How a value is shown and changed.
#[derive(Debug, Clone)]
pub enum Control {
    /// A few choices.
    Radios(Vec<Choice>),
    /// Many choices.
    Select(Vec<Choice>),
    /// A line.
    Line(Line),
    /// Several lines.
    Text {
        /// Their text.
        value: String,
        /// It is XML, code, a list of lines.
        code: bool,
        /// What to know when typing.
        hint: String,
    },
    /// Never shown again.
    Secret {
        /// `Set on 3 Nov 2026 by Ada.`; none when nothing is set.
        set: Option<String>,
    },
    /// Bytes.
    File {
        /// What is there, in words and values.
        holds: Vec<(String, String)>,
    },
    /// A moment, UTC.
    Moment {
        /// As `2026-11-25T03:20:00`.
        value: String,
    },
    /// A list of plain values.
    List {
        /// The values.
        items: Vec<String>,
        /// The `inputmode` word.
        inputmode: Option<&'static str>,
    },
    /// A list of values out of a few.
    Ticks(Vec<Choice>),
    /// A list whose items have pages of their own.
    Table {
        /// The items.
        items: Vec<Item>,
        /// What one of them is called.
        one: String,
    },
    /// A dictionary, shown here.
    Group {
        /// What is set in it.
        rows: Vec<Row>,
        /// What could be set in it.
        offers: Vec<Offer>,
        /// It takes keys of any name: the dictionary they go to.
        free: Option<String>,
    },
    /// A dictionary too deep to be shown here.
    Inside {
        /// What is in it.
        summary: String,
    },
}

impl Control {
    /// A label can be for it.
    pub(super) fn has_one_field(&self) -> bool {
        matches!(
            self,
            Self::Select(_)
                | Self::Line(_)
                | Self::Text { .. }
                | Self::Secret { .. }
                | Self::File { .. }
                | Self::Moment { .. }
        )
    }

    /// It needs the whole width.
    pub(super) fn is_wide(&self) -> bool {
        matches!(
            self,
            Self::Text { .. }
                | Self::File { .. }
                | Self::Table { .. }
                | Self::Group { .. }
                | Self::List { .. }
        )
    }

    /// It has a hint of its own.
    pub(super) fn hints(&self) -> bool {
        match self {
            Self::Line(line) => !line.hint.is_empty(),
            Self::Text { hint, .. } => !hint.is_empty(),
            Self::Secret { .. } | Self::Moment { .. } => true,
            _ => false,
        }
    }

    pub(super) fn render(&self, row: &Row, deep: usize) -> Markup {
        let (id, slug) = (row.field_id(), row.slug());
        let (name, described) = (field::value(&row.path), row.described());
        let bad = row.wrong.as_ref().map(|_| "true");
        match self {
            Self::Radios(choices) => html! {
                div.choices role="radiogroup" aria-labelledby={ "l-" (slug) } aria-describedby=[described] {
                    @for (n, c) in choices.iter().enumerate() {
                        label for={ (id) "-" (n) } {
                            input id={ (id) "-" (n) } type="radio" name=(name) value=(c.value) checked[c.chosen]
                                autofocus[row.focus && n == 0];
                            span { (c.label) @if let Some(raw) = &c.raw { " " code { (raw) } } }
                        }
                    }
                }
            },
            Self::Select(choices) => html! {
                select id=(id) name=(name) aria-describedby=[described] aria-invalid=[bad] autofocus[row.focus] {
                    @if !choices.iter().any(|c| c.chosen) { option value="" selected { "Choose…" } }
                    @for c in choices {
                        option value=(c.value) selected[c.chosen] { (c.label) @if let Some(raw) = &c.raw { " (" (raw) ")" } }
                    }
                }
            },
            Self::Line(line) => html! {
                div.line {
                    input id=(id) name=(name) type=(line.kind) value=(line.value) inputmode=[line.inputmode] autocomplete="off"
                        spellcheck="false" aria-describedby=[described] aria-invalid=[bad] autofocus[row.focus];
                    @if !line.unit.is_empty() { span.unit { (line.unit) } }
                }
                @if !line.hint.is_empty() { p.hint id={ "u-" (slug) } { (line.hint) } }
            },
            Self::Text { value, code, hint } => html! {
                textarea.code[*code] id=(id) name=(name) rows=(if *code { "8" } else { "4" }) spellcheck="false" autocomplete="off"
                    aria-describedby=[described] aria-invalid=[bad] autofocus[row.focus] { "\n" (value) }
                @if !hint.is_empty() { p.hint id={ "u-" (slug) } { (hint) } }
            },
            Self::Secret { set } => html! {
                input id=(id) name=(name) type="password" autocomplete="new-password" spellcheck="false"
                    aria-describedby=[described] aria-invalid=[bad] autofocus[row.focus];
                p.hint id={ "u-" (slug) } {
                    @if let Some(set) = set { (icon("lock")) (set) " Type to replace it." } @else { "Not set yet. It is never shown again once it is saved." }
                }
            },
            Self::File { holds } => html! {
                @if !holds.is_empty() {
                    dl.facts.small { @for (word, value) in holds { div { dt { (word) } dd { (value) } } } }
                }
                input id=(id) name=(field::file(&row.path)) type="file" aria-describedby=[described] aria-invalid=[bad];
                details.more {
                    summary { "Paste it instead" span.vh { ": " (row.label) } }
                    label for={ "p-" (slug) } { "Base64 or PEM" }
                    textarea.code id={ "p-" (slug) } name=(name) rows="4" spellcheck="false" autocomplete="off" {}
                }
            },
            Self::Moment { value } => html! {
                input id=(id) name=(name) type="datetime-local" step="1" value=(value) aria-describedby=[described] aria-invalid=[bad]
                    autofocus[row.focus];
                p.hint id={ "u-" (slug) } { "In UTC." }
            },
            Self::List { items, inputmode } => list(row, items, *inputmode),
            Self::Ticks(choices) => html! {
                div role="group" aria-labelledby={ "l-" (slug) } aria-describedby=[described] {
                    ul.ticks { @for c in choices {
                        li { label {
                            input type="checkbox" name=(field::item(&row.path)) value=(c.value) checked[c.chosen];
                            span { (c.label) @if let Some(raw) = &c.raw { " " code { (raw) } } }
                        } }
                    } }
                }
            },
            Self::Table { items, one } => table(row, items, one),
            Self::Group { rows, offers, free } => html! {
                fieldset.group.deep[deep > 0] aria-describedby=[described] {
                    legend { (row.title()) }
                    (row.about())
                    @for inner in rows { (inner.render(deep + 1)) }
                    @if rows.is_empty() { p.muted { "Nothing is set in it." } }
                    @if !offers.is_empty() {
                        details.more.adds {
                            summary { "Add to " (row.label) }
                            ul.offers { @for offer in offers { (offer.render()) } }
                        }
                    }
                    @if let Some(path) = free { (adder(path, &row.label)) }
                }
            },
            Self::Inside { summary } => html! {
                p.inside {
                    span.muted { (summary) } " "
                    button type="submit" name="open" value=(row.path) { "Open" span.vh { " " (row.label) } (icon("chevron-right")) }
                }
            },
        }
    }
}

fn list(row: &Row, items: &[String], inputmode: Option<&'static str>) -> Markup {
    let (slug, name) = (row.slug(), field::item(&row.path));
    let input = |n: usize, value: &str| {
        html! {
            label.vh for={ "i-" (slug) "-" (n) } { (row.label) ", " @if n < items.len() { "item " (n + 1) } @else { "new item" } }
            input id={ "i-" (slug) "-" (n) } name=(name) value=(value) inputmode=[inputmode] autocomplete="off" spellcheck="false"
                aria-describedby=[row.described()] aria-invalid=[row.wrong.as_ref().map(|_| "true")]
                autofocus[row.focus && n == items.len()];
        }
    };
    html! {
        ol.items {
            @for (n, item) in items.iter().enumerate() {
                @let path = format!("{}/{n}", row.path);
                li { (input(n, item)) (movers(&path, n, items.len(), &format!("item {}", n + 1), &row.label)) }
            }
            li {
                (input(items.len(), ""))
                button type="submit" name="append" value=(row.path) { (icon("plus")) "Add" span.vh { " to " (row.label) } }
            }
        }
        details.more {
            summary { "Edit as lines" span.vh { ": " (row.label) } }
            label for={ "t-" (slug) } { "One a line. If these lines are changed, they count." }
            textarea.code id={ "t-" (slug) } name=(field::lines(&row.path)) rows="6" spellcheck="false" autocomplete="off" {
                "\n" @for (n, item) in items.iter().enumerate() { @if n > 0 { "\n" } (item) }
            }
        }
    }
}

fn movers(path: &str, n: usize, of: usize, word: &str, label: &str) -> Markup {
    html! {
        span.movers {
            @if n > 0 { button.square type="submit" name="up" value=(path) { (icon("arrow-up")) span.vh { "Move " (word) " of " (label) " up" } } }
            @if n + 1 < of { button.square type="submit" name="down" value=(path) { (icon("arrow-down")) span.vh { "Move " (word) " of " (label) " down" } } }
            button.square type="submit" name="remove" value=(path) formnovalidate { (icon("trash-2")) span.vh { "Remove " (word) " of " (label) } }
        }
    }
}

fn table(row: &Row, items: &[Item], one: &str) -> Markup {
    html! {
        @if items.is_empty() { p.muted { "The list is empty." } }
        @else {
            ol.items.pages aria-labelledby={ "l-" (row.slug()) } {
                @for (n, item) in items.iter().enumerate() {
                    li id={ "row-" (slug(&item.path)) } {
                        button.open.quiet type="submit" name="open" value=(item.path) {
                            span { (item.summary) }
                            @if item.bad { span.chip.bad { (icon("circle-x")) "needs attention" } }
                            (icon("chevron-right"))
                        }
                        (movers(&item.path, n, items.len(), &format!("{one} {}", n + 1), &row.label))
                        input type="hidden" name=(field::item_mark(&item.path)) value=(item.mark);
                    }
                }
            }
        }
        button type="submit" name="append" value=(row.path) { (icon("plus")) "Add " (one) span.vh { " to " (row.label) } }
    }
}

/// Adds a key of any name to the dictionary at `path`.
pub(super) fn adder(path: &str, to: &str) -> Markup {
    let slug = slug(path);
    html! {
        fieldset.adder {
            legend { "Add a key" @if !to.is_empty() { span.vh { " to " (to) } } }
            div.row {
                div {
                    label for={ "a-" (slug) } { "Name" }
                    input id={ "a-" (slug) } name=(field::new_name(path)) autocomplete="off" spellcheck="false" maxlength="250";
                }
                div {
                    label for={ "k-" (slug) } { "Holds" }
                    select id={ "k-" (slug) } name=(field::new_kind(path)) {
                        @for (word, label) in KINDS { option value=(word) selected[*word == "string"] { (label) } }
                    }
                }
                button type="submit" name="free" value={ "/" (path) } { (icon("plus")) "Add key" }
            }
        }
    }
}
