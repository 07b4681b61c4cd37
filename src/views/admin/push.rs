//! Apple's push certificate: what there is, how to bring one in, whether it works.

use maud::{Markup, html};

use crate::model::Time;
use crate::views::form::{self, Input, Wrong};
use crate::views::{Page, Tone, address as at, confirm, draw::icon, layout, parts};

/// The certificate in use.
#[derive(Debug, Clone)]
pub struct PushFacts {
    /// Its topic, from the UID of its subject.
    pub topic: String,
    /// Common name of its subject.
    pub subject: String,
    /// Serial number, hex: the row to look for in Apple's portal.
    pub serial: String,
    /// Start of validity.
    pub not_before: Time,
    /// End of validity.
    pub not_after: Time,
    /// When it was brought in.
    pub since: Time,
}

/// How a test went.
#[derive(Debug, Clone)]
pub struct PushTest {
    /// When.
    pub at: Time,
    /// Apple's service accepted us.
    pub good: bool,
    /// In words: what was tried, and what to do when it failed.
    pub said: String,
}

/// The push certificate page. The import form is multipart with the files `certificate` (PEM or PKCS#12) and `key`
/// (PEM, when the certificate's file has none) and the field `passphrase`.
#[derive(Debug, Clone)]
pub struct PushPage {
    /// What is in use.
    pub present: Option<PushFacts>,
    /// Devices that answer to its topic.
    pub enrolled: u64,
    /// The latest test.
    pub test: Option<PushTest>,
    /// What was wrong with the previous try.
    pub wrong: Option<Wrong>,
}

const DAY_MS: i64 = 24 * 3600 * 1000;

impl PushPage {
    /// The page.
    pub fn render(&self, page: &Page) -> Markup {
        let wrong = self.wrong.as_ref();
        layout::shell(
            page,
            "Push certificate",
            &[],
            html! {},
            html! {
                (self.status(page))
                section.card {
                    h2 { "Connection to Apple" }
                    @match &self.test {
                        Some(test) => {
                            (confirm::notice(if test.good { Tone::Ok } else { Tone::Bad }, &test.said))
                            p.muted { "Tested " (parts::when(page, test.at)) }
                        }
                        None => p.muted { "Not tested since the server started." },
                    }
                    @if self.present.is_some() {
                        (form::one_button(page, at::PUSH_TEST, "", &[], html! { (icon("bell-ring")) "Test now" }))
                    }
                }
                form.card method="post" action=(at::PUSH_IMPORT) enctype="multipart/form-data" {
                    (form::csrf(page))
                    h2 { @if self.present.is_some() { "Renew" } @else { "Import" } }
                    (form::wrong(wrong))
                    @if let Some(present) = &self.present {
                        p { "In Apple’s push certificate portal choose " strong { "Renew" } " (not Create) on the row with the serial number "
                            code { (present.serial) } ", signed in with the Apple Account that made it." }
                        @if self.enrolled > 0 {
                            p { "A certificate with another topic is refused: the devices enrolled here would stop answering." }
                        }
                    }
                    (Input { kind: "file", accept: Some(".pem,.cer,.crt,.p12,.pfx"), hint: "PEM or PKCS#12 (.p12).", ..Input::new("certificate", "Certificate") }.row(wrong))
                    (Input { kind: "file", required: false, accept: Some(".pem,.key"), hint: "PEM. Not needed when the file above holds it.", ..Input::new("key", "Private key") }.row(wrong))
                    (Input { kind: "password", required: false, hint: "Of the .p12 file or of the key.", ..Input::new("passphrase", "Passphrase") }.row(wrong))
                    div.buttons { button.primary type="submit" { "Import certificate" } }
                }
            },
        )
    }

    fn status(&self, page: &Page) -> Markup {
        let Some(present) = &self.present else {
            return html! {
                (confirm::notice(Tone::Bad, "There is no push certificate yet. Without one no device can be enrolled."))
            };
        };
        let days = present.not_after.since_ms(page.now).div_euclid(DAY_MS);
        let (tone, sentence) = match days {
            d if d < 0 => (
                Tone::Bad,
                "It has expired. Devices no longer hear from this server; renew it now.".to_owned(),
            ),
            d if d < 14 => (Tone::Bad, format!("It expires in {d} days. Renew it now.")),
            d if d < 60 => (Tone::Warn, format!("It expires in {d} days. Renew it soon.")),
            _ => (Tone::Ok, "It is valid.".to_owned()),
        };
        html! {
            section.card {
                h2 { "In use" }
                (confirm::notice(tone, &sentence))
                (parts::facts(&[
                    ("Topic", html! { code { (present.topic) } }),
                    ("Name", html! { (present.subject) }),
                    ("Serial number", html! { code { (present.serial) } }),
                    ("Valid", html! { (parts::moment(present.not_before)) " to " (parts::moment(present.not_after)) }),
                    ("Brought in", parts::when_full(page, present.since)),
                    ("Devices", html! { (crate::views::words::number(self.enrolled)) }),
                ]))
            }
        }
    }
}
