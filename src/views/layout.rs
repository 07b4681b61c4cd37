//! The two frames of the product: the portal with its sidebar, and the bare one of everybody else's pages.

use maud::{DOCTYPE, Markup, html};

use super::address as at;
use super::draw::icon;
use super::parts::moment;
use super::{Banner, Link, Me, Page, Toast, form, words};
use crate::rules::access::Right;

/// A page of the administration portal: its `h1` is the title, `actions` stand right of it.
pub fn shell(page: &Page, title: &str, trail: &[Link], actions: Markup, content: Markup) -> Markup {
    document(
        page,
        title,
        html! {
            body {
                a.skip href="#main" { "Skip to content" }
                header.top {
                    @if page.me.is_some() {
                        button.burger type="button" popovertarget="side" aria-label="Menu" { (icon("menu")) }
                    }
                    a.brand href=(at::OVERVIEW) { (mark()) "Pomona" }
                    @if page.me.is_some() {
                        form.search role="search" action=(at::DEVICES) method="get" {
                            label.vh for="search" { "Search devices" }
                            (icon("search"))
                            input #search type="search" name="q" placeholder="Search devices" enterkeyhint="search"
                                autocomplete="off" spellcheck="false";
                        }
                    }
                    @if let Some(me) = &page.me { (me_menu(page, me)) }
                }
                div.frame {
                    @if page.me.is_some() { (sidebar(page)) }
                    main #main tabindex="-1" {
                        (breadcrumb(trail, title))
                        @if let Some(banner) = &page.banner { (banner_row(banner)) }
                        @if let Some(toast) = &page.toast { (toast_row(page, toast)) }
                        div.head {
                            h1 { (title) }
                            div.do { (actions) }
                        }
                        (content)
                    }
                }
                (footer(page))
            }
        },
    )
}

/// A page of a person's own, outside the portal: one card, as wide as a phone.
pub fn personal(page: &Page, title: &str, content: Markup) -> Markup {
    bare(page, title, content)
}

/// A page outside the portal: sign-in, setup, enrollment, errors for people who are not signed in.
pub fn bare(page: &Page, title: &str, content: Markup) -> Markup {
    document(
        page,
        title,
        html! {
            body.bare {
                a.skip href="#main" { "Skip to content" }
                header.top { p.brand { (mark()) @if page.organization.is_empty() { "Pomona" } @else { (page.organization) } } }
                main #main tabindex="-1" {
                    @if let Some(toast) = &page.toast { (toast_row(page, toast)) }
                    div.card {
                        h1 { (title) }
                        (content)
                    }
                }
                (footer(page))
            }
        },
    )
}

fn document(page: &Page, title: &str, body: Markup) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover";
                meta name="color-scheme" content="light dark";
                meta name="theme-color" content="#f5f5f7" media="(prefers-color-scheme: light)";
                meta name="theme-color" content="#1c1c1e" media="(prefers-color-scheme: dark)";
                meta name="referrer" content="same-origin";
                title { (title) " · " @if page.organization.is_empty() { "Pomona" } @else { (page.organization) } }
                link rel="icon" type="image/svg+xml" href=(at::FAVICON);
                link rel="stylesheet" href=(at::CSS);
                script src=(at::JS) defer {}
            }
            (body)
        }
    }
}

/// The product's mark: a pear, since Pomona keeps the orchard.
fn mark() -> Markup {
    html! { svg.mark aria-hidden="true" { use href={ (super::draw::SPRITE) "#pomona" } {} } }
}

fn sidebar(page: &Page) -> Markup {
    let library = [
        ("Devices", at::DEVICES, "laptop"),
        ("Profiles", at::PROFILES, "file-cog"),
        ("Settings catalog", at::CATALOG, "book-open"),
    ];
    let work = [("Enrollment", at::ENROLLMENT, "link"), ("Activity", at::ACTIVITY, "activity")];
    let mut server = Vec::new();
    if page.may(Right::Server) {
        server.push(("Push certificate", at::PUSH, "bell-ring"));
    }
    if page.may(Right::Accounts) {
        server.push(("Accounts", at::ACCOUNTS, "users"));
    }
    if page.may(Right::Server) {
        server.push(("Logs", at::LOGS, "scroll-text"));
    }
    html! {
        nav.side #side popover aria-label="Main" {
            ul { (place(page, ("Overview", at::OVERVIEW, "house"), page.path == at::OVERVIEW)) }
            h2 { "Library" }
            ul { @for p in library { (place(page, p, page.path.starts_with(p.1))) } }
            h2 { "Work" }
            ul { @for p in work { (place(page, p, page.path.starts_with(p.1))) } }
            h2 { "Server" }
            ul {
                @for p in server {
                    (place(page, p, page.path.starts_with(p.1)
                        || (p.1 == at::ACCOUNTS && page.path.starts_with("/profilemanager/tokens"))))
                }
                (place(page, ("Help", at::HELP, "circle-question-mark"), page.path.starts_with(at::HELP)))
            }
        }
    }
}

fn place(page: &Page, (label, href, glyph): (&str, &str, &'static str), here: bool) -> Markup {
    let current = here.then_some(if page.path == href { "page" } else { "true" });
    html! { li { a href=(href) aria-current=[current] { (icon(glyph)) (label) } } }
}

fn me_menu(page: &Page, me: &Me) -> Markup {
    html! {
        details.menu.me {
            summary {
                span.avatar aria-hidden="true" { (words::initials(&me.full_name)) }
                span.vh { "Account of " (me.full_name) }
            }
            div.panel {
                p { strong { (me.full_name) } br; span.muted { (me.name) ", " (me.role.as_str()) } }
                hr;
                a href=(at::ME) { (icon("key-round")) "Your account" }
                a href=(at::MY_DEVICES) { (icon("smartphone")) "Profiles for my devices" }
                form method="post" action=(at::SIGN_OUT) {
                    (form::csrf(page))
                    button type="submit" { (icon("log-out")) "Sign out" }
                }
            }
        }
    }
}

fn breadcrumb(trail: &[Link], title: &str) -> Markup {
    html! {
        @if !trail.is_empty() {
            nav.trail aria-label="Breadcrumb" {
                ol {
                    @for link in trail { li { a href=(link.href) { (link.label) } } }
                    li { span aria-current="page" { (title) } }
                }
            }
        }
    }
}

fn banner_row(banner: &Banner) -> Markup {
    html! {
        div class={ "banner " (banner.tone.class()) } role="region" aria-label="Notice" {
            p { (icon("triangle-alert")) (banner.text) }
            @if let Some(action) = &banner.action { a.button href=(action.href) { (action.label) } }
        }
    }
}

fn toast_row(page: &Page, toast: &Toast) -> Markup {
    html! {
        div class={ "toast " (toast.tone.class()) } {
            output role="status" { (super::parts::tone_icon(toast.tone)) (toast.text) }
            @if let Some(undo) = &toast.undo {
                form method="post" action=(undo.action) {
                    (form::csrf(page))
                    @for (name, value) in &undo.fields { input type="hidden" name=(name) value=(value); }
                    button.quiet type="submit" { "Undo" }
                }
            }
        }
    }
}

fn footer(page: &Page) -> Markup {
    html! {
        footer.foot {
            span { "Pomona " (page.version) }
            span { "Server time " (moment(page.now)) }
            @if page.me.is_some() { a href=(at::HELP) { "Help" } }
        }
    }
}
