//! Certificates we issued.

use super::key::Key;
use super::row::{self, Row};
use super::tables::Table;
use super::{Broken, View, Write};
use crate::model::Time;
use crate::model::certificate::{Certificate, Fingerprint};
use crate::model::enrollment::EnrollmentId;

impl Row for Certificate {}

/// The certificate of this fingerprint.
pub fn get(v: &impl View, fingerprint: &Fingerprint) -> Result<Option<Certificate>, Broken> {
    row::get(v, Table::Certificates, &Key::hash(fingerprint))
}

/// Puts a certificate, new or changed, and keeps the index by device channel.
pub fn put(w: &mut Write, certificate: &Certificate) -> Result<(), Broken> {
    let fingerprint = &certificate.fingerprint;
    let former = get(w, fingerprint)?.and_then(|old| old.enrollment);
    if former != certificate.enrollment {
        if let Some(id) = former {
            row::remove(w, Table::CertificatesByEnrollment, &Key::of(id.as_str()).bytes32(fingerprint))?;
        }
        if let Some(id) = &certificate.enrollment {
            row::mark(w, Table::CertificatesByEnrollment, &Key::of(id.as_str()).bytes32(fingerprint))?;
        }
    }
    row::put(w, Table::Certificates, &Key::hash(fingerprint), certificate)
}

/// Enrolled device channels whose present certificate ends before `before`, and when, in id order. Reads every
/// enrollment.
pub fn ending(v: &impl View, before: Time) -> Result<Vec<(EnrollmentId, Time)>, Broken> {
    const PAGE: usize = 512;
    let (mut found, mut after) = (Vec::new(), None);
    loop {
        let page = super::enrollments::page(v, after.as_ref(), PAGE)?;
        for enrollment in page.iter().filter(|e| e.is_enrolled()) {
            let Some(fingerprint) = &enrollment.certificate else { continue };
            if let Some(certificate) = get(v, fingerprint)?.filter(|c| c.not_after < before) {
                found.push((enrollment.id.clone(), certificate.not_after));
            }
        }
        match page.last() {
            Some(last) if page.len() == PAGE => after = Some(last.id.clone()),
            _ => return Ok(found),
        }
    }
}

/// All certificates ever bound to a device channel.
pub fn of_enrollment(v: &impl View, id: &EnrollmentId) -> Result<Vec<Certificate>, Broken> {
    let span = Key::of(id.as_str()).span();
    row::keys(v, Table::CertificatesByEnrollment, span, false, usize::MAX, |parts| {
        parts.text()?;
        parts.bytes32()
    })?
    .into_iter()
    .map(|fingerprint| row::must(Table::CertificatesByEnrollment, get(v, &fingerprint)?))
    .collect()
}
