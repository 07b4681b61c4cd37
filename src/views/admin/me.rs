//! One's own account: another password, and where one is signed in.

use maud::{Markup, html};

use super::accounts::passwords;
use crate::model::Time;
use crate::views::form::{self, Input, Wrong};
use crate::views::{Page, address as at, draw::icon, layout, parts};

/// A browser in which one is signed in.
#[derive(Debug, Clone)]
pub struct SessionRow {
    /// Address and browser, as in `192.0.2.7, Safari on Mac`.
    pub from: String,
    /// Sign-in.
    pub created: Time,
    /// Latest request, to the minute.
    pub used: Time,
    /// It is the browser that asks.
    pub here: bool,
}

/// The page. Fields of the password form: `current`, `password`, `password_again`. The other form has none.
#[derive(Debug, Clone)]
pub struct MePage {
    /// Where one is signed in, latest use first.
    pub sessions: Vec<SessionRow>,
    /// What was wrong with the previous try.
    pub wrong: Option<Wrong>,
}

impl MePage {
    /// The page.
    pub fn render(&self, page: &Page) -> Markup {
        let wrong = self.wrong.as_ref();
        layout::shell(
            page,
            "Your account",
            &[],
            html! {},
            html! {
                form.card.narrow method="post" action=(at::ME_PASSWORD) {
                    h2 { "Password" }
                    (form::csrf(page))
                    (form::wrong(wrong))
                    @if let Some(me) = &page.me {
                        // Whose password it is, for password managers; without a name it is not sent.
                        div hidden {
                            label for="whose" { "Name" }
                            input type="text" id="whose" value=(me.name) autocomplete="username" readonly;
                        }
                    }
                    p { "Another password signs you out in all other browsers and removes the tokens you made." }
                    (Input { kind: "password", autocomplete: "current-password", maxlength: Some(1024),
                        ..Input::new("current", "Present password") }.row(wrong))
                    (passwords("New password", wrong))
                    div.buttons { button.primary type="submit" { "Change password" } }
                }
                section.card {
                    div.head {
                        h2 { "Where you are signed in" }
                        @if self.sessions.len() > 1 {
                            (form::one_button(page, at::ME_SESSIONS_END, "quiet", &[], html! { (icon("log-out")) "Sign out everywhere else" }))
                        }
                    }
                    table.list {
                        caption.vh { "Where you are signed in" }
                        thead { tr { th scope="col" { "Browser" } th scope="col" { "Signed in" } th scope="col" { "Last active" } } }
                        tbody { @for session in &self.sessions { tr {
                            th scope="row" { (session.from) @if session.here { " " span.muted { "this browser" } } }
                            td { (parts::when(page, session.created)) }
                            td { (parts::when(page, session.used)) }
                        } } }
                    }
                }
            },
        )
    }
}
