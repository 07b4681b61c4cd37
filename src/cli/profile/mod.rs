//! `pomona profile`: the library of configuration profiles, their drafts and versions.

mod edit;
mod files;
mod library;
mod lines;
mod near;
mod place;
mod review;
mod validate;
mod versions;

use clap::Subcommand;

use super::client::encode;
use super::{Client, Exit, Failed, Form, Global, input, output};

const EXAMPLES: &str = "\
A profile is edited as a draft; nothing reaches a device before it is published.

Examples:
  pomona profile new 'Office Wi-Fi' --add wifi.managed
  pomona profile set org.example.office-wi-fi wifi.managed/SSID_STR Office
  pomona profile set org.example.office-wi-fi wifi.managed/EncryptionType WPA2
  pomona profile set org.example.office-wi-fi wifi.managed/Password          (asks, or reads standard input)
  pomona profile review org.example.office-wi-fi
  pomona profile publish org.example.office-wi-fi --note 'New access points'
  pomona profile assign org.example.office-wi-fi --everyone
  pomona profile find 'airdrop'                                              (which key is it, and where?)";

const PLACES: &str = "\
A place is PAYLOAD/KEY, deeper keys and positions behind further slashes, as in
applicationaccess/allowCamera or wifi.managed/EAPClientConfiguration/AcceptEAPTypes/0.
PAYLOAD is a payload type that occurs once (com.apple. may be left out), # and its position from 1,
or its UUID. /KEY is a setting of the profile itself, as in /PayloadDescription.";

#[derive(Debug, Subcommand)]
#[command(after_help = EXAMPLES)]
pub(super) enum Profile {
    /// Import a .mobileconfig, signed or not; the same identifier makes a new revision
    Import(library::Import),
    /// List profiles
    List(library::List),
    /// Show a profile and how far it got on each device
    Show {
        /// Id, identifier or unique name
        profile: String,
    },
    /// Make a profile; it exists as a draft until it is published
    New(edit::New),
    /// Set a key in the draft
    Set(edit::Set),
    /// Take a key out of the draft; it is then not sent
    Unset(edit::Unset),
    /// Add a payload to the draft
    Add(edit::Add),
    /// Take a payload out of the draft
    Drop(edit::Drop),
    /// Say how devices come by a profile: pushed, offered in the user portal, or by hand
    Distribute(edit::Distribute),
    /// Write the draft as text, to edit it and `apply` it; secrets are blanked out
    Text(files::Text),
    /// Replace the draft by a text file; secrets that are still blanked out stay as they are
    Apply(files::Apply),
    /// Say what is wrong with a file, or with a draft, each with its place and line
    Validate(validate::Validate),
    /// Find keys by the words people use: place, name, systems
    Find(place::Find),
    /// Show what the draft changes, or what differs between two revisions
    Diff(review::Diff),
    /// Say what devices will make of each key
    Lint(review::Lint),
    /// Show everything one should know before publishing: findings, changes, what devices make of it
    Review(review::Review),
    /// Publish the draft as the next revision; its devices get it
    Publish(review::Publish),
    /// Throw the draft away
    Discard(edit::Discard),
    /// List the published revisions
    Versions(versions::Versions),
    /// Put an older revision back, as a new one
    Restore(versions::Restore),
    /// Copy a profile, as a draft under another identifier
    Duplicate(versions::Duplicate),
    /// Put a profile away: devices take it off, its revisions stay
    Archive(versions::Archive),
    /// Show what a device would get, with its variables filled in; secrets are blanked out
    Preview(files::Preview),
    /// Write the file of a profile's newest revision, secrets included
    Export(files::Export),
    /// Send a profile to devices, now and when they return
    Assign(library::Assign),
    /// Take a profile from devices
    Unassign(library::Assign),
    /// Remove a profile from the library and from all devices
    Remove {
        /// Id, identifier or unique name
        profile: String,
    },
}

/// Its address in the API.
fn path(profile: &str) -> String {
    format!("/api/v1/profiles/{}", encode(profile))
}

impl Profile {
    pub(super) async fn run(self, global: &Global) -> Result<Exit, Failed> {
        let form = global.form();
        match self {
            // These two need no server.
            Self::Find(find) => return find.run(form),
            Self::Validate(validate) => return validate.run(global).await,
            _ => {}
        }
        let client = &global.client()?;
        match self {
            Self::Import(import) => import.run(client, form).await,
            Self::List(list) => list.run(client, form).await,
            Self::Show { profile } => library::show(client, form, &profile).await,
            Self::New(new) => new.run(client, form).await,
            Self::Set(set) => set.run(client, form).await,
            Self::Unset(unset) => unset.run(client, form).await,
            Self::Add(add) => add.run(client, form).await,
            Self::Drop(drop) => drop.run(client, form).await,
            Self::Distribute(distribute) => distribute.run(client, form).await,
            Self::Text(text) => text.run(client, form).await,
            Self::Apply(apply) => apply.run(client, form).await,
            Self::Diff(diff) => diff.run(client, form).await,
            Self::Lint(lint) => lint.run(client, form).await,
            Self::Review(review) => review.run(client, form).await,
            Self::Publish(publish) => publish.run(client, form).await,
            Self::Discard(discard) => discard.run(client, form).await,
            Self::Versions(versions) => versions.run(client, form).await,
            Self::Restore(restore) => restore.run(client, form).await,
            Self::Duplicate(duplicate) => duplicate.run(client, form).await,
            Self::Archive(archive) => archive.run(client, form).await,
            Self::Preview(preview) => preview.run(client, form).await,
            Self::Export(export) => export.run(client).await,
            Self::Assign(assign) => assign.run(client, form, "assign").await,
            Self::Unassign(assign) => assign.run(client, form, "unassign").await,
            Self::Remove { profile } => {
                client.raw(http::Method::DELETE, &path(&profile), "", "".into()).await?;
                Ok(Exit::Ok)
            }
            Self::Find(_) | Self::Validate(_) => Ok(Exit::Ok),
        }
    }
}
