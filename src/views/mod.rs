//! HTML: page structs of plain values in, markup out; loads nothing.
//!
//! A page is a struct with public fields and one method, `render(&self, page: &Page) -> Markup`. Whoever answers
//! the request fills the struct, renders it and calls `into_string`. A page's address, and the address of every
//! form it holds, is a function in [`address`]. Names of form fields are written at each page struct.
//!
//! Text is escaped by construction, drawings too ([`draw`]): the room has no way to put markup through unescaped,
//! and a test keeps it so. Nothing here writes a `style` attribute, a `<script>` with text in it or an `on…` attribute, so the strictest content
//! security policy holds: `default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:;
//! connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'`.

pub mod address;
pub mod admin;
pub mod confirm;
pub mod draw;
pub mod form;
pub mod layout;
pub mod parts;
pub mod problem;
pub mod public;
pub mod words;

use crate::model::Time;
use crate::model::account::Role;
use crate::rules::access::{Right, allowed};

/// What `render` gives back; `into_string()` makes the answer's body.
pub type Markup = maud::Markup;

/// What every page needs besides its own matter.
#[derive(Debug, Clone)]
pub struct Page {
    /// Name of the organization, as people know it.
    pub organization: String,
    /// Who is signed in.
    pub me: Option<Me>,
    /// Token that every form of this session carries in its hidden field `csrf`.
    pub csrf: String,
    /// The most severe standing trouble of the server, if any.
    pub banner: Option<Banner>,
    /// What the latest action did.
    pub toast: Option<Toast>,
    /// Path of the request: marks the present place in the sidebar.
    pub path: String,
    /// The moment of the answer.
    pub now: Time,
    /// Version of the server.
    pub version: String,
}

impl Page {
    /// Whether the signed-in person has `right`; pages leave out what the answer would refuse anyway.
    pub fn may(&self, right: Right) -> bool {
        self.me.as_ref().is_some_and(|me| allowed(me.role, right))
    }
}

/// Who is signed in.
#[derive(Debug, Clone)]
pub struct Me {
    /// Sign-in name.
    pub name: String,
    /// Name for people.
    pub full_name: String,
    /// What they may do.
    pub role: Role,
}

/// The color family of a message or chip; its words always say the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    /// Neither good nor bad.
    Plain,
    /// Good.
    Ok,
    /// Under way.
    Busy,
    /// Look at it some day.
    Warn,
    /// Look at it now.
    Bad,
}

impl Tone {
    pub(crate) fn class(self) -> &'static str {
        match self {
            Self::Plain => "plain",
            Self::Ok => "ok",
            Self::Busy => "busy",
            Self::Warn => "warn",
            Self::Bad => "bad",
        }
    }
}

/// A link or a button that leads somewhere.
#[derive(Debug, Clone)]
pub struct Link {
    /// Its words.
    pub label: String,
    /// Its address on this server.
    pub href: String,
}

/// One standing trouble of the server, on top of every page.
#[derive(Debug, Clone)]
pub struct Banner {
    /// How bad.
    pub tone: Tone,
    /// One sentence.
    pub text: String,
    /// Where to mend it.
    pub action: Option<Link>,
}

/// What the latest action did, told once.
#[derive(Debug, Clone)]
pub struct Toast {
    /// How it went.
    pub tone: Tone,
    /// One sentence.
    pub text: String,
    /// Takes it back, where that is possible.
    pub undo: Option<Undo>,
}

/// A form of one button that takes an action back.
#[derive(Debug, Clone)]
pub struct Undo {
    /// Address it posts to.
    pub action: String,
    /// Further hidden fields.
    pub fields: Vec<(String, String)>,
}
