//! Pomona: Apple device management for one organization, in one binary and one database file.
//!
//! # The house
//!
//! Rooms are modules; floors say who may know whom. A room imports rooms of lower floors only, and only those
//! its row names. `tests/house.rs` reads the source and is the law; this page is the map and must stay true.
//!
//! ```text
//! 7  main, cli                     words on the command line
//! 6  daemon                        reads config, opens everything, ties the knot, stops in order
//! 5  web | workers                 the outside comes in | the inside goes out
//! 4  actions                       everything that can happen: one function = one transaction
//! 3  store | apple | views | simulator    rows | Apple's services | HTML | pretend devices and a pretend Apple
//! 2  rules                         decisions (pure)
//! 1  model | catalog               nouns | what Apple documents (pure)
//! 0  wire                          bytes: Apple's, the IETF's, our API's (pure)
//! ```
//!
//! | room | may import |
//! |---|---|
//! | [`wire`] | nothing |
//! | [`model`] | wire |
//! | [`catalog`] | wire |
//! | [`rules`] | model, catalog, wire |
//! | [`store`] | model, wire |
//! | [`apple`] | model, wire |
//! | [`views`] | model, catalog, rules::access, wire |
//! | [`simulator`] | catalog, wire |
//! | [`actions`] | store, rules, model, catalog, wire |
//! | [`workers`] | actions, apple, store, rules, model, wire |
//! | [`web`] | actions, views, store, rules, model, catalog, wire |
//! | [`daemon`] | web, workers, actions, apple, store, model, wire |
//! | [`cli`] | daemon, simulator, actions, store, rules, model, catalog, wire |
//!
//! Floors 0 to 2 and `views` know no tokio, redb, files, sockets, clock, randomness or logging: time and random
//! bytes are arguments. Only `store` says `redb`; only `apple` says `a2`; only `web` says `axum`; only `views`
//! says `maud`. The same noun is the file name on every floor, so a path is computed and not searched.
//!
//! A one-line reader: if I slice bytes I live in `wire`; if I name a thing, `model`; if I compare and choose,
//! `rules`; if I say table, `store`; if I say get-decide-put, `actions`; if I `.await` Apple, `apple`; in a loop,
//! `workers`; for a caller, `web`; if I say `div`, `views`.
#![warn(missing_docs)]

pub mod actions;
pub mod apple;
pub mod catalog;
pub mod cli;
pub mod daemon;
pub mod model;
pub mod rules;
pub mod simulator;
pub mod store;
pub mod views;
pub mod web;
pub mod wire;
pub mod workers;
