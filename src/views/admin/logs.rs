//! The level of the logs, and where they lie.

use maud::{Markup, html};

use crate::model::Time;
use crate::views::{Page, address as at, form, layout, parts};

/// The logs page. Fields of the form: `level` (one of `levels`) and `minutes` (10, 30, 60, 240), after which the level falls
/// back by itself.
#[derive(Debug, Clone)]
pub struct LogsPage {
    /// The folder they lie in.
    pub folder: String,
    /// Names of the files with what each tells.
    pub files: Vec<(String, String)>,
    /// The level now.
    pub level: String,
    /// Levels there are, quietest first.
    pub levels: Vec<String>,
    /// When it falls back, if it was raised.
    pub until: Option<Time>,
}

impl LogsPage {
    /// The page.
    pub fn render(&self, page: &Page) -> Markup {
        let levels: Vec<(&str, &str)> = self.levels.iter().map(|l| (l.as_str(), l.as_str())).collect();
        let minutes = [("10", "10 min"), ("30", "30 min"), ("60", "1 hour"), ("240", "4 hours")];
        layout::shell(
            page,
            "Logs",
            &[],
            html! {},
            html! {
                section.card {
                    h2 { "Level" }
                    p { "The level is " strong { (self.level) }
                        @if let Some(until) = self.until { " and falls back " (parts::when(page, until)) }
                        "." }
                    form.narrow method="post" action=(at::LOGS_LEVEL) {
                        (form::csrf(page))
                        (form::select("level", "New level", "", &levels, &self.level))
                        (form::select("minutes", "For", "Then it falls back by itself.", &minutes, "30"))
                        div.buttons { button.primary type="submit" { "Change level" } }
                    }
                }
                section.card {
                    h2 { "Files" }
                    p { "On the server, in " code { (self.folder) } }
                    dl.facts { @for (name, tells) in &self.files { div { dt { code { (name) } } dd { (tells) } } } }
                }
            },
        )
    }
}
