//! Routes with what each needs: who may call it is a column of the table and not a habit of its handler.

use std::future::Future;

use axum::Router;
use axum::extract::{RawPathParams, Request, State};
use axum::response::Response;
use axum::routing::{MethodFilter, on};

use super::ask::Ask;
use super::problem::Fault;
use super::{App, guard};
use crate::rules::access::Right;

/// HTTP methods of our own routes. GET answers HEAD too.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Method {
    /// Reads; never changes state.
    Get,
    /// Changes state.
    Post,
    /// Removes, in the API.
    Delete,
}

impl Method {
    /// The word on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Delete => "DELETE",
        }
    }

    fn filter(self) -> MethodFilter {
        match self {
            Self::Get => MethodFilter::GET,
            Self::Post => MethodFilter::POST,
            Self::Delete => MethodFilter::DELETE,
        }
    }
}

/// Who may call a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Needs {
    /// Anybody.
    Nothing,
    /// Whoever is signed in, or has a token, whatever the role.
    Identity,
    /// Whoever's role has this right. The action behind the route may ask for more.
    Right(Right),
    /// Whoever runs the server, at its socket.
    Console,
}

/// Who is answered, and how.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Audience {
    /// People with browsers: sessions, forms with tokens, HTML.
    People,
    /// Programs: bearer tokens or the socket, JSON.
    Programs,
}

/// A route without its handler.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rule {
    /// Method.
    pub method: Method,
    /// Path with `{names}`.
    pub path: &'static str,
    /// Who may call it.
    pub needs: Needs,
    /// Who is answered.
    pub audience: Audience,
    /// It takes a file: its body may have `WebConfig::import_max` bytes.
    pub file: bool,
}

/// Where requests come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Door {
    /// The network.
    Network,
    /// The socket in the data folder.
    Socket,
}

/// Routes under construction.
pub(super) struct Table {
    pub(super) router: Router<App>,
    pub(super) rules: Vec<Rule>,
    door: Door,
}

impl Table {
    pub(super) fn new(door: Door) -> Self {
        Self { router: Router::new(), rules: Vec::new(), door }
    }

    /// A page or a form of one.
    pub(super) fn page<F, Fut>(self, method: Method, path: &'static str, needs: Needs, handler: F) -> Self
    where
        F: Fn(Ask) -> Fut + Clone + Send + Sync + 'static,
        Fut: Future<Output = Result<Response, Fault>> + Send + 'static,
    {
        self.add(Rule { method, path, needs, audience: Audience::People, file: false }, handler)
    }

    /// A form that uploads a file.
    pub(super) fn upload<F, Fut>(self, path: &'static str, needs: Needs, handler: F) -> Self
    where
        F: Fn(Ask) -> Fut + Clone + Send + Sync + 'static,
        Fut: Future<Output = Result<Response, Fault>> + Send + 'static,
    {
        self.add(Rule { method: Method::Post, path, needs, audience: Audience::People, file: true }, handler)
    }

    /// A call of the API.
    pub(super) fn call<F, Fut>(self, method: Method, path: &'static str, needs: Needs, handler: F) -> Self
    where
        F: Fn(Ask) -> Fut + Clone + Send + Sync + 'static,
        Fut: Future<Output = Result<Response, Fault>> + Send + 'static,
    {
        self.add(Rule { method, path, needs, audience: Audience::Programs, file: false }, handler)
    }

    /// A call of the API whose body is a file, or carries one.
    pub(super) fn send<F, Fut>(self, path: &'static str, needs: Needs, handler: F) -> Self
    where
        F: Fn(Ask) -> Fut + Clone + Send + Sync + 'static,
        Fut: Future<Output = Result<Response, Fault>> + Send + 'static,
    {
        self.add(
            Rule { method: Method::Post, path, needs, audience: Audience::Programs, file: true },
            handler,
        )
    }

    fn add<F, Fut>(mut self, rule: Rule, handler: F) -> Self
    where
        F: Fn(Ask) -> Fut + Clone + Send + Sync + 'static,
        Fut: Future<Output = Result<Response, Fault>> + Send + 'static,
    {
        let door = self.door;
        let serve = move |State(app): State<App>, path: RawPathParams, request: Request| {
            let handler = handler.clone();
            async move { guard::serve(app, rule, door, &path, request, handler).await }
        };
        self.router = self.router.route(rule.path, on(rule.method.filter(), serve));
        self.rules.push(rule);
        self
    }
}
