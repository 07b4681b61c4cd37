//! `pomona setup-code`.

use super::output::{self, Card};
use super::{Exit, Failed, Global};
use crate::wire::api::SetupCode;

/// Makes a fresh code; the former one is void.
pub(super) async fn run(global: &Global) -> Result<Exit, Failed> {
    let code: SetupCode = global.client()?.post("/api/v1/setup-code", &serde_json::json!({})).await?;
    let form = global.form();
    output::show(form, &code, |form| {
        let mut card = Card::new();
        card.line("code", code.code.expose());
        card.line("address", &code.url);
        card.line("good until", output::moment(form, &code.expires));
        card.text(form)
    })?;
    Ok(Exit::Ok)
}
