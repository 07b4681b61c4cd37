//! Sign-in, the first administrator, and the page after signing out.

use maud::{Markup, html};

use crate::views::admin::accounts::passwords;
use crate::views::form::{self, Input, Wrong};
use crate::views::{Page, address as at, layout};

/// Sign-in. Fields: `name`, `password`, `next` (where to go afterwards).
#[derive(Debug, Clone, Default)]
pub struct SignInPage {
    /// `name` of the previous try.
    pub name: String,
    /// Address on this server to go to afterwards; the overview when empty.
    pub next: String,
    /// What was wrong with the previous try; one sentence for every cause.
    pub wrong: Option<Wrong>,
}

impl SignInPage {
    /// The page.
    pub fn render(&self, page: &Page) -> Markup {
        let wrong = self.wrong.as_ref();
        layout::bare(
            page,
            "Sign in",
            html! {
                form method="post" action=(at::SIGN_IN) {
                    (form::csrf(page))
                    @if !self.next.is_empty() { input type="hidden" name="next" value=(self.next); }
                    (form::wrong(wrong))
                    (Input { value: &self.name, autocomplete: "username", maxlength: Some(64), ..Input::new("name", "Name") }.row(wrong))
                    (Input { kind: "password", autocomplete: "current-password", maxlength: Some(1024), ..Input::new("password", "Password") }.row(wrong))
                    button.primary.wide type="submit" { "Sign in" }
                }
                p.muted { "Forgot your password? Another owner, or whoever runs the server, can make you a new account." }
            },
        )
    }
}

/// The first administrator. Fields: `code`, `organization`, `full_name`, `name`, `password`, `password_again`.
#[derive(Debug, Clone, Default)]
pub struct SetupPage {
    /// `organization` of the previous try.
    pub organization: String,
    /// `full_name` of the previous try.
    pub full_name: String,
    /// `name` of the previous try.
    pub name: String,
    /// `code`, when the address brought it along or it was typed before.
    pub code: String,
    /// What was wrong with the previous try.
    pub wrong: Option<Wrong>,
}

impl SetupPage {
    /// The page.
    pub fn render(&self, page: &Page) -> Markup {
        let wrong = self.wrong.as_ref();
        layout::bare(
            page,
            "Set up this server",
            html! {
                p.lead { "Make the first administrator. The setup code proves that this server is yours." }
                form method="post" action=(at::SETUP) {
                    (form::csrf(page))
                    (form::wrong(wrong))
                    (Input { value: &self.code, maxlength: Some(64), hint: "Printed when the server started. “pomona setup-code” on the server shows it again.", ..Input::new("code", "Setup code") }.row(wrong))
                    (Input { value: &self.organization, autocomplete: "organization", maxlength: Some(100), hint: "People see it when they enroll.", ..Input::new("organization", "Organization") }.row(wrong))
                    (Input { value: &self.full_name, autocomplete: "name", maxlength: Some(100), ..Input::new("full_name", "Your name") }.row(wrong))
                    (Input { value: &self.name, autocomplete: "username", maxlength: Some(64), hint: "Small letters, digits, dot and hyphen.", ..Input::new("name", "Sign-in name") }.row(wrong))
                    (passwords("Password", wrong))
                    button.primary.wide type="submit" { "Set up" }
                }
            },
        )
    }
}

/// The page after signing out.
#[derive(Debug, Clone, Copy)]
pub struct SignedOutPage;

impl SignedOutPage {
    /// The page.
    pub fn render(&self, page: &Page) -> Markup {
        layout::bare(
            page,
            "Signed out",
            html! {
                p.lead { "You are signed out on this browser." }
                p { a.button.primary.wide href=(at::SIGN_IN) { "Sign in again" } }
            },
        )
    }
}
