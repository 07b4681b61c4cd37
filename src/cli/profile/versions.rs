//! Published revisions, copies, the archive.

use clap::Args;

use super::{Client, Exit, Failed, Form, library, output, path};
use crate::cli::output::Table;
use crate::wire::api::{
    ArchiveProfile, DuplicateProfile, ProfileInfo, RestoreRevision, VersionDetail, VersionInfo,
};

#[derive(Debug, Args)]
pub(in crate::cli) struct Versions {
    /// Id, identifier or unique name
    profile: String,
    /// Show this one; secrets are blanked out
    #[arg(long, value_name = "N")]
    show: Option<u32>,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct Restore {
    /// Id, identifier or unique name
    profile: String,
    /// The revision to put back
    revision: u32,
    /// What others shall know about it
    #[arg(long, value_name = "TEXT", default_value = "", hide_default_value = true)]
    note: String,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct Duplicate {
    /// Id, identifier or unique name
    profile: String,
    /// Name of the copy
    name: String,
    /// PayloadIdentifier of the copy [default: made of the server's name and the copy's]
    #[arg(long, value_name = "IDENTIFIER")]
    identifier: Option<String>,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct Archive {
    /// Id, identifier or unique name
    profile: String,
    /// Take it out again: its devices get it back
    #[arg(long)]
    back: bool,
}

impl Versions {
    pub(super) async fn run(self, client: &Client, form: Form) -> Result<Exit, Failed> {
        let address = format!("{}/versions", path(&self.profile));
        if let Some(revision) = self.show {
            let detail: VersionDetail = client.get(&format!("{address}/{revision}")).await?;
            output::show(form, &detail, |_| detail.xml.clone())?;
            return Ok(Exit::Ok);
        }
        let versions: Vec<VersionInfo> = client.list(&address).await?;
        output::show(form, &serde_json::json!({ "items": versions }), |form| {
            let mut table = Table::new(&["revision", "published", "by", "origin", "note"]);
            for version in &versions {
                let published = version.published.as_ref();
                table.row(vec![
                    version.revision.to_string(),
                    published.map(|doing| output::moment(form, &doing.at)).unwrap_or_else(|| "-".into()),
                    published.map_or("-", |doing| &doing.by).to_owned(),
                    match version.restored {
                        Some(from) => format!("restored from {from}"),
                        None => version.origin.clone(),
                    },
                    version.note.clone(),
                ]);
            }
            table.text(form)
        })?;
        Ok(Exit::Ok)
    }
}

impl Restore {
    pub(super) async fn run(self, client: &Client, form: Form) -> Result<Exit, Failed> {
        let wish = RestoreRevision { revision: self.revision, note: self.note };
        let profile: ProfileInfo = client.post(&format!("{}/restore", path(&self.profile)), &wish).await?;
        library::told(form, &profile)
    }
}

impl Duplicate {
    pub(super) async fn run(self, client: &Client, form: Form) -> Result<Exit, Failed> {
        let wish = DuplicateProfile { name: self.name, identifier: self.identifier };
        let copy: ProfileInfo = client.post(&format!("{}/duplicate", path(&self.profile)), &wish).await?;
        library::told(form, &copy)
    }
}

impl Archive {
    pub(super) async fn run(self, client: &Client, form: Form) -> Result<Exit, Failed> {
        let wish = ArchiveProfile { back: self.back };
        let profile: ProfileInfo = client.post(&format!("{}/archive", path(&self.profile)), &wish).await?;
        library::told(form, &profile)
    }
}
