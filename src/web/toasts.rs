//! What the latest action of a session did, told once on its next page.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use crate::views::Toast;

/// Sessions remembered; beyond it all is forgotten, which costs a few people one sentence.
const REMEMBERED: usize = 1_000;

/// Sentences by session.
#[derive(Default)]
pub(super) struct Toasts(Mutex<HashMap<[u8; 32], Toast>>);

impl Toasts {
    /// Keeps a sentence for the session with this hash.
    pub(super) fn keep(&self, session: [u8; 32], toast: Toast) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= REMEMBERED {
            kept.clear();
        }
        kept.insert(session, toast);
    }

    /// Takes it out.
    pub(super) fn take(&self, session: &[u8; 32]) -> Option<Toast> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(session)
    }
}
