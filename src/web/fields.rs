//! What a form or an address says: names and texts, and uploaded files.

use axum::RequestExt as _;
use axum::body::{Body, Bytes};
use axum::extract::{FromRequest, Multipart, Query, Request};
use axum::http::{HeaderMap, Uri, header};

/// Most fields of one form.
const MOST: usize = 2_000;

/// Fields by name, in order.
#[derive(Debug, Clone, Default)]
pub(super) struct Fields {
    texts: Vec<(String, String)>,
    files: Vec<(String, File)>,
}

/// An uploaded file.
#[derive(Debug, Clone)]
pub(super) struct File {
    /// What it was called where it came from.
    pub(super) name: String,
    /// Its content.
    pub(super) bytes: Bytes,
}

impl Fields {
    /// The query of an address; what cannot be read is no query.
    pub(super) fn of_query(uri: &Uri) -> Self {
        let texts = Query::<Vec<(String, String)>>::try_from_uri(uri).map(|Query(texts)| texts);
        Self { texts: texts.unwrap_or_default(), files: Vec::new() }
    }

    /// A form's body, whose size was bounded before. None when it is no form.
    pub(super) async fn of_body(headers: &HeaderMap, body: Bytes) -> Option<Self> {
        if body.is_empty() {
            return Some(Self::default());
        }
        let kind = headers.get(header::CONTENT_TYPE)?;
        let request = Request::post("/").header(header::CONTENT_TYPE, kind).body(Body::from(body)).ok()?;
        if kind.as_bytes().starts_with(b"multipart/form-data") {
            return Self::of_parts(Multipart::from_request(request, &()).await.ok()?).await;
        }
        let axum::Form(texts) = request.extract::<axum::Form<Vec<(String, String)>>, _>().await.ok()?;
        (texts.len() <= MOST).then_some(Self { texts, files: Vec::new() })
    }

    async fn of_parts(mut parts: Multipart) -> Option<Self> {
        let mut fields = Self::default();
        while let Some(part) = parts.next_field().await.ok()? {
            let name = part.name().unwrap_or_default().to_owned();
            if let Some(file) = part.file_name() {
                let called = file.chars().filter(|c| !c.is_control()).take(100).collect();
                fields.files.push((name, File { name: called, bytes: part.bytes().await.ok()? }));
            } else {
                fields.texts.push((name, part.text().await.ok()?));
            }
            if fields.texts.len() + fields.files.len() > MOST {
                return None;
            }
        }
        Some(fields)
    }

    /// The text of a field; empty when it is missing.
    pub(super) fn text(&self, name: &str) -> &str {
        self.texts.iter().find(|(n, _)| n == name).map_or("", |(_, text)| text.as_str())
    }

    /// The text of a field without spaces around it, unless that leaves nothing.
    pub(super) fn some(&self, name: &str) -> Option<&str> {
        Some(self.text(name).trim()).filter(|text| !text.is_empty())
    }

    /// Every text of this name.
    pub(super) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.texts.iter().filter(move |(n, _)| n == name).map(|(_, text)| text.as_str())
    }

    /// Every name that begins with `prefix`, in order, the prefix left out.
    pub(super) fn named<'a>(&'a self, prefix: &'a str) -> impl Iterator<Item = &'a str> {
        self.texts.iter().filter_map(move |(n, _)| n.strip_prefix(prefix))
    }

    /// Whether a box was ticked.
    pub(super) fn ticked(&self, name: &str) -> bool {
        matches!(self.text(name), "on" | "1" | "true")
    }

    /// An uploaded file, unless it is empty (browsers send an empty one when none was chosen).
    pub(super) fn file(&self, name: &str) -> Option<&Bytes> {
        let found = self.files.iter().find(|(n, file)| n == name && !file.bytes.is_empty());
        found.map(|(_, file)| &file.bytes)
    }

    /// Every uploaded file of this name that is not empty.
    pub(super) fn files<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a File> {
        self.files.iter().filter(move |(n, file)| n == name && !file.bytes.is_empty()).map(|(_, file)| file)
    }
}
