//! Whose a device is, the organization's own fields, and what profiles with variables are filled with.

use maud::{Markup, html};

use crate::model::enrollment::EnrollmentId;
use crate::views::address::{self as at, DeviceTab};
use crate::views::form::{self, Input, Wrong};
use crate::views::{Link, Page, layout, parts};

/// The form. Fields: `short_name`, `full_name`, `email`; `field` and `value`, once for each own field of the device;
/// `person_field` and `person_value`, once for each of its owner.
#[derive(Debug, Clone)]
pub struct DeviceOwnerPage {
    /// The device.
    pub id: EnrollmentId,
    /// Its name.
    pub name: String,
    /// Account name of the owner.
    pub short_name: String,
    /// Name of the owner.
    pub full_name: String,
    /// Mail address of the owner.
    pub email: String,
    /// Own fields of the device: name, value.
    pub fields: Vec<(String, String)>,
    /// Own fields of the owner: name, value.
    pub person: Vec<(String, String)>,
    /// Names that other devices have fields of.
    pub known: Vec<String>,
    /// Variables with what they stand for and their value on this device.
    pub values: Vec<(String, String, Option<String>)>,
    /// What was wrong with the previous try.
    pub wrong: Option<Wrong>,
}

impl DeviceOwnerPage {
    /// The page.
    pub fn render(&self, page: &Page) -> Markup {
        let trail = [
            Link { label: "Devices".into(), href: at::DEVICES.into() },
            Link { label: self.name.clone(), href: at::device(&self.id, DeviceTab::About) },
        ];
        let w = self.wrong.as_ref();
        layout::shell(
            page,
            "Owner and own fields",
            &trail,
            html! {},
            html! {
                div.two {
                    form.card method="post" action=(at::device_owner(&self.id)) {
                        (form::csrf(page))
                        (form::wrong(w))
                        h2 { "Owner" }
                        (Input { value: &self.full_name, required: false, ..Input::new("full_name", "Name") }.row(w))
                        (Input { value: &self.short_name, required: false, hint: "The account name, as in ada. Who signs in under it finds this device in the user portal.", ..Input::new("short_name", "Account name") }.row(w))
                        (Input { kind: "email", value: &self.email, required: false, ..Input::new("email", "Mail address") }.row(w))
                        h2 { "Own fields of the device" }
                        p.hint { "Anything your organization knows a device by: an asset number, a room. Each is a variable in profiles. Empty a value to remove its field." }
                        (pairs("field", "value", &self.fields, &self.known))
                        h2 { "Own fields of the owner" }
                        (pairs("person_field", "person_value", &self.person, &self.known))
                        div.buttons {
                            a.button href=(at::device(&self.id, DeviceTab::About)) { "Cancel" }
                            button.primary type="submit" { "Save" }
                        }
                    }
                    section.card {
                        h2 { "What variables become" }
                        p.muted { "Write a variable into a setting of a profile, and this device gets:" }
                        dl.facts.codes { @for (name, help, value) in &self.values { div {
                            dt { code { "%" (name) "%" } }
                            dd { (parts::text_or(value.as_deref(), "no value")) p.hint { (help) } }
                        } } }
                    }
                }
            },
        )
    }
}

/// Rows of a name and a value each, and two empty ones.
fn pairs(field: &str, value: &str, rows: &[(String, String)], known: &[String]) -> Markup {
    let none = (String::new(), String::new());
    html! {
        datalist id={ (field) "-known" } { @for name in known { option value=(name) {} } }
        @for (n, (name, text)) in rows.iter().chain([&none, &none]).enumerate() {
            div.pair {
                div.field {
                    label for={ (field) "-" (n) } { "Field" span.vh { " " (n + 1) } }
                    input id={ (field) "-" (n) } name=(field) value=(name) list={ (field) "-known" } maxlength="64" autocomplete="off" autocapitalize="off" spellcheck="false";
                }
                div.field {
                    label for={ (value) "-" (n) } { "Value" span.vh { " " (n + 1) } }
                    input id={ (value) "-" (n) } name=(value) value=(text) maxlength="1000" autocomplete="off";
                }
            }
        }
    }
}
