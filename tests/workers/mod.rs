//! Sentences about `workers`.

mod device;
mod push;
mod push_retry;
mod renew;

use std::sync::Arc;

use pomona::apple::{Accepted, BoxFuture, Error, Push, PushTransport};
use pomona::workers::Context;

use crate::web::device::pretend::World;

/// Nothing here rings.
struct Silence;

impl PushTransport for Silence {
    fn push(&self, _: Push) -> BoxFuture<'_, Result<Accepted, Error>> {
        panic!("these loops do not ring");
    }
}

/// What the loops of a server in memory are given.
fn context(world: &World) -> Context {
    let app = &world.app;
    Context {
        store: app.store.clone(),
        clock: app.clock.clone(),
        dice: app.dice.clone(),
        site: app.site.clone(),
        push: Arc::new(Silence),
        seen: app.seen.clone(),
    }
}
