//! Stylesheet, script and icons: part of the program, known by their content.
//!
//! An address may carry `?v=` and the first digits of the file's SHA-256: then it never changes and is kept for a
//! year. Without it browsers ask whether it changed, and are told in one line that it did not.

use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use rust_embed::RustEmbed;

use super::fields::Fields;
use super::problem::Fault;

#[derive(RustEmbed)]
#[folder = "assets"]
struct Files;

/// Hex digits of the hash in an address.
const VERSION_DIGITS: usize = 16;

/// Serves `/assets/{name}`.
pub(super) async fn serve(uri: Uri, headers: HeaderMap) -> Response {
    let name = uri.path().trim_start_matches("/assets/");
    // What lies in folders (the catalogue) is for the program and not for browsers.
    let file = if name.contains('/') { None } else { Files::get(name) };
    let Some(file) = file else { return plain_missing() };
    let hash = hex::encode(file.metadata.sha256_hash());
    let version = &hash[..VERSION_DIGITS];
    let tag = format!("\"{version}\"");
    let lasting = Fields::of_query(&uri).text("v") == version;
    let keep = if lasting { "public, max-age=31536000, immutable" } else { "no-cache" };
    let same = headers
        .get(header::IF_NONE_MATCH)
        .and_then(|v| v.to_str().ok())
        .is_some_and(|sent| sent.split(',').any(|one| one.trim().trim_start_matches("W/") == tag));
    let mut response = if same {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        let kind = HeaderValue::from_static(content_type(name));
        ([(header::CONTENT_TYPE, kind)], file.data.into_owned()).into_response()
    };
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static(keep));
    if let Ok(tag) = HeaderValue::from_str(&tag) {
        response.headers_mut().insert(header::ETAG, tag);
    }
    response
}

fn content_type(name: &str) -> &'static str {
    match name.rsplit('.').next().unwrap_or_default() {
        "css" => "text/css; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        "txt" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

fn plain_missing() -> Response {
    Fault::nothing_here().status.into_response()
}
