//! Administrators and the tokens of programs.

use maud::{Markup, html};

use crate::model::Time;
use crate::model::account::Role;
use crate::views::confirm::{self, Confirm};
use crate::views::form::{self, Input, Wrong};
use crate::views::{Link, Page, Tone, address as at, draw::icon, layout, parts};

/// An administrator in the list.
#[derive(Debug, Clone)]
pub struct AccountRow {
    /// Sign-in name.
    pub name: String,
    /// Name for people.
    pub full_name: String,
    /// What they may do.
    pub role: Role,
    /// When it was made.
    pub created: Time,
    /// Latest request of its sessions.
    pub used: Option<Time>,
    /// Cannot sign in.
    pub suspended: bool,
}

/// A program's token in the list.
#[derive(Debug, Clone)]
pub struct TokenRow {
    /// What it is revoked by: the SHA-256 of the token, hex.
    pub id: String,
    /// Name for people.
    pub name: String,
    /// What it may do.
    pub role: Role,
    /// When it was made.
    pub created: Time,
    /// Until when it works.
    pub expires: Time,
}

/// Accounts and tokens.
#[derive(Debug, Clone)]
pub struct AccountsPage {
    /// By name.
    pub accounts: Vec<AccountRow>,
    /// By name.
    pub tokens: Vec<TokenRow>,
}

impl AccountsPage {
    /// The page.
    pub fn render(&self, page: &Page) -> Markup {
        layout::shell(
            page,
            "Accounts and tokens",
            &[],
            html! {},
            html! {
                section.card {
                    div.head { h2 { "Administrators" } a.button href=(at::ACCOUNT_NEW) { (icon("plus")) "Add administrator" } }
                    @if !self.accounts.is_empty() { table.list {
                        caption.vh { "Administrators" }
                        thead { tr { th scope="col" { "Name" } th scope="col" { "Role" } th scope="col" { "State" } th scope="col" { "Last active" } th scope="col" { "Action" } } }
                        tbody { @for a in &self.accounts { (account_row(page, a)) } }
                    } }
                }
                section.card {
                    div.head { h2 { "Tokens" } a.button href=(at::TOKEN_NEW) { (icon("plus")) "New token" } }
                    p.muted { "Programs use tokens to talk to this server." }
                    @if !self.tokens.is_empty() {
                        table.list {
                            caption.vh { "Tokens" }
                            thead { tr { th scope="col" { "Name" } th scope="col" { "Role" } th scope="col" { "Works until" } th scope="col" { "Made" } th scope="col" { "Action" } } }
                            tbody { @for t in &self.tokens { tr {
                                th scope="row" { (t.name) }
                                td data-l="Role" { (role_word(t.role)) }
                                td data-l="Works until" { @if page.now >= t.expires { (parts::chip(Tone::Plain, "Expired")) } @else { (parts::when(page, t.expires)) } }
                                td data-l="Made" { (parts::when(page, t.created)) }
                                td data-l="Action" { a href=(at::token_revoke(&t.id)) { "Revoke…" span.vh { " " (t.name) } } }
                            } } }
                        }
                    }
                }
            },
        )
    }
}

fn account_row(page: &Page, a: &AccountRow) -> Markup {
    let mine = page.me.as_ref().is_some_and(|me| me.name == a.name);
    html! { tr {
        th scope="row" { (a.full_name) " " span.muted { (a.name) @if mine { ", you" } } }
        td data-l="Role" { (role_word(a.role)) }
        td data-l="State" { @if a.suspended { (parts::chip(Tone::Warn, "Suspended")) } @else { (parts::chip(Tone::Ok, "Active")) } }
        td data-l="Last active" { (parts::when_or(page, a.used, "never")) }
        td data-l="Action" {
            @if mine { span.muted { "none" } }
            @else if a.suspended { (form::one_button(page, &at::account_resume(&a.name), "quiet", &[], html! { "Let in again" span.vh { " " (a.full_name) } })) }
            @else { (form::one_button(page, &at::account_suspend(&a.name), "quiet", &[], html! { "Suspend" span.vh { " " (a.full_name) } })) }
        }
    } }
}

fn role_word(role: Role) -> &'static str {
    match role {
        Role::Owner => "Owner",
        Role::Admin => "Admin",
        Role::Helpdesk => "Helpdesk",
        Role::Auditor => "Auditor",
    }
}

const ROLES: [(&str, &str); 4] =
    [("owner", "Owner"), ("admin", "Admin"), ("helpdesk", "Helpdesk"), ("auditor", "Auditor")];

const ROLES_MEAN: &str = "An owner may do everything; an admin all but server and accounts; helpdesk operates and locks \
                          devices but erases none; an auditor only looks.";

/// The form of a new administrator. Fields: `name`, `full_name`, `role`, `password`, `password_again`.
#[derive(Debug, Clone)]
pub struct AccountNewPage {
    /// `name` of the previous try.
    pub name: String,
    /// `full_name` of the previous try.
    pub full_name: String,
    /// `role` of the previous try.
    pub role: Role,
    /// What was wrong with the previous try.
    pub wrong: Option<Wrong>,
}

impl AccountNewPage {
    /// The page.
    pub fn render(&self, page: &Page) -> Markup {
        let wrong = self.wrong.as_ref();
        layout::shell(
            page,
            "Add administrator",
            &trail(),
            html! {},
            html! {
                form.card.narrow method="post" action=(at::ACCOUNT_NEW) {
                    (form::csrf(page))
                    (form::wrong(wrong))
                    (Input { value: &self.full_name, maxlength: Some(100), ..Input::new("full_name", "Full name") }.row(wrong))
                    (Input { value: &self.name, maxlength: Some(64), hint: "Small letters, digits, dot and hyphen.", ..Input::new("name", "Sign-in name") }.row(wrong))
                    (form::select("role", "Role", ROLES_MEAN, &ROLES, self.role.as_str()))
                    (passwords("Password", wrong))
                    div.buttons { a.button href=(at::ACCOUNTS) { "Cancel" } button.primary type="submit" { "Add administrator" } }
                }
            },
        )
    }
}

/// Two password fields, `password` (under `label`) and `password_again`, of at least 15 characters.
pub(crate) fn passwords(label: &'static str, wrong: Option<&Wrong>) -> Markup {
    let field = |name, label, hint| Input {
        kind: "password",
        autocomplete: "new-password",
        minlength: Some(15),
        maxlength: Some(1024),
        hint,
        ..Input::new(name, label)
    };
    html! {
        (field("password", label, "At least 15 characters. A sentence that only you know is fine.").row(wrong))
        (field("password_again", "Password again", "").row(wrong))
    }
}

/// The form of a new token. Fields: `name`, `role`, `days` (one of 7, 30, 90, 365).
#[derive(Debug, Clone)]
pub struct TokenNewPage {
    /// `name` of the previous try.
    pub name: String,
    /// `role` of the previous try.
    pub role: Role,
    /// `days` of the previous try.
    pub days: String,
    /// What was wrong with the previous try.
    pub wrong: Option<Wrong>,
}

impl TokenNewPage {
    /// The page.
    pub fn render(&self, page: &Page) -> Markup {
        let wrong = self.wrong.as_ref();
        let days = [("7", "7 days"), ("30", "30 days"), ("90", "90 days"), ("365", "365 days")];
        layout::shell(
            page,
            "New token",
            &trail(),
            html! {},
            html! {
                form.card.narrow method="post" action=(at::TOKEN_NEW) {
                    (form::csrf(page))
                    (form::wrong(wrong))
                    (Input { value: &self.name, maxlength: Some(100), hint: "Which program uses it, as in “nightly report”.", ..Input::new("name", "Name") }.row(wrong))
                    (form::select("role", "Role", ROLES_MEAN, &ROLES, self.role.as_str()))
                    (form::select("days", "Works for", "A year at most.", &days, &self.days))
                    div.buttons { a.button href=(at::ACCOUNTS) { "Cancel" } button.primary type="submit" { "Make token" } }
                }
            },
        )
    }
}

/// A fresh token, shown this once: the answer to the form.
#[derive(Debug, Clone)]
pub struct TokenMadePage {
    /// Its name.
    pub name: String,
    /// The token itself.
    pub token: String,
    /// Until when it works.
    pub expires: Time,
}

impl TokenMadePage {
    /// The page. The answer must say `cache-control: no-store`.
    pub fn render(&self, page: &Page) -> Markup {
        layout::shell(
            page,
            "Your new token",
            &trail(),
            html! {},
            html! {
                section.card.narrow {
                    (confirm::notice(Tone::Warn, "It is shown this once. Copy it now; only its hash is kept."))
                    p.address { code #token { (self.token) } button.quiet type="button" data-copy="token" hidden { (icon("copy")) "Copy" } }
                    (parts::facts(&[("Name", html! { (self.name) }), ("Works until", parts::when_full(page, self.expires))]))
                    p { a.button.primary href=(at::ACCOUNTS) { "Done" } }
                }
            },
        )
    }
}

/// The question before a token is revoked.
#[derive(Debug, Clone)]
pub struct TokenRevoke {
    /// The token.
    pub token: TokenRow,
}

impl TokenRevoke {
    /// The page.
    pub fn render(&self, page: &Page) -> Markup {
        Confirm {
            title: format!("Revoke {}?", self.token.name),
            trail: trail().to_vec(),
            lead: "The program that uses this token is refused from now on.".into(),
            points: Vec::new(),
            action: at::token_revoke(&self.token.id),
            hidden: Vec::new(),
            yes: "Revoke token".into(),
            danger: true,
            cancel: at::ACCOUNTS.into(),
            wrong: None,
        }
        .render(page)
    }
}

fn trail() -> [Link; 1] {
    [Link { label: "Accounts and tokens".into(), href: at::ACCOUNTS.into() }]
}
