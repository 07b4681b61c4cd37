//! Links and forms lead to routes, and every page can be reached by them.

use std::collections::BTreeSet;

use pomona::model::account::Role;
use pomona::store;
use pomona::web::routes::rules;
use pomona::web::table::{Audience, Method};

use super::matrix::Office;
use crate::web::browser::Browser;
use crate::web::device::pretend::World;

fn fits(pattern: &str, path: &str) -> bool {
    let (pattern, path): (Vec<&str>, Vec<&str>) = (pattern.split('/').collect(), path.split('/').collect());
    pattern.len() == path.len() && pattern.iter().zip(path).all(|(p, part)| p.starts_with('{') || *p == part)
}

/// The route that an address belongs to: the one with the fewest names in it, as the router has it.
fn route(method: Method, path: &str) -> Option<&'static str> {
    let mut found: Vec<&'static str> = rules()
        .into_iter()
        .filter(|r| r.method == method && r.audience == Audience::People && fits(r.path, path))
        .map(|r| r.path)
        .collect();
    found.sort_by_key(|path| path.matches('{').count());
    found.first().copied()
}

/// Follows every link from the overview on; the routes that were reached, by link and by form.
async fn crawl(browser: &Browser) -> (BTreeSet<&'static str>, BTreeSet<&'static str>) {
    let (mut todo, mut seen) = (vec!["/profilemanager".to_owned()], BTreeSet::new());
    let (mut pages, mut forms) = (BTreeSet::new(), BTreeSet::new());
    while let Some(address) = todo.pop() {
        // The catalog alone has thousands of pages, all made alike.
        let catalog = address.starts_with("/profilemanager/catalog/");
        if catalog && seen.iter().filter(|a: &&String| a.starts_with("/profilemanager/catalog/")).count() > 60
        {
            continue;
        }
        if !seen.insert(address.clone()) || seen.len() > 800 {
            continue;
        }
        let shown = browser.get(&address).await.expect(200);
        if !shown.header("content-type").starts_with("text/html") {
            continue;
        }
        let (mut posts, mut gets) = (Vec::new(), Vec::new());
        for tag in shown.tags() {
            match (tag.name.as_str(), tag.get("href"), tag.get("action")) {
                ("a", Some(href), _) if !href.starts_with('#') => gets.push(href.to_owned()),
                ("form", _, Some(action)) if tag.get("method") == Some("post") => {
                    posts.push(action.to_owned())
                }
                ("form", _, Some(action)) => gets.push(action.to_owned()),
                _ => {}
            }
        }
        for post in posts {
            let known = route(Method::Post, &post);
            forms.insert(known.unwrap_or_else(|| panic!("{address}: a form posts to {post}")));
        }
        for get in gets {
            let path = get.split(['?', '#']).next().expect("a path");
            if path.starts_with("/enroll/") && path.ends_with("/profile") {
                continue;
            }
            let known = route(Method::Get, path);
            pages.insert(known.unwrap_or_else(|| panic!("{address}: a link leads to {get}")));
            todo.push(get.split('#').next().expect("an address").to_owned());
        }
    }
    (pages, forms)
}

#[tokio::test]
async fn every_link_and_every_form_leads_to_a_route_and_every_route_is_reached() {
    let world = World::new();
    Office::open(&world).await;
    let mac = world.device("564D1111-0000-0000-0000-00000000000A").mac();
    mac.enroll().await;
    let lock =
        pomona::wire::mdm::command::Request::DeviceLock { pin: None, message: None, phone_number: None };
    world.ask(&mac.id(), vec![lock]);
    let phone = world.device("00008120-000000000000001L");
    phone.authenticate().await.assert_empty_ok();
    let unlock = pomona::wire::plist::Value::Data(vec![7; 20]);
    phone.token_update(&[("UnlockToken", unlock)]).await.assert_empty_ok();
    phone.drain().await;
    let (now, name) = (world.now(), world.account("grace", Role::Admin).name);
    let console = pomona::model::account::Actor::console();
    let assigned = phone.id();
    world.write(move |w| {
        pomona::actions::profiles::assign(w, &console, "wifi", &[assigned], false, now)?;
        pomona::actions::accounts::suspend(w, &console, &name, now).map(|_| ())
    });
    // A profile with two revisions, one with a draft, one that people may install.
    world.profile("two", 1, false);
    world.profile("two", 2, false);
    let mut offered = world.profile("offered", 1, false);
    offered.distribution = pomona::model::profile::Distribution::Offered;
    world.write(move |w| Ok(store::profiles::put(w, &offered)?));
    let starter = world.owner();
    let new = "/profilemanager/profiles/new";
    let short = starter.fill(new, new, &[("name", "Begun"), ("recipe", "wifi")]).await.expect(303);
    starter.follow(&short).await;
    let everybody = pomona::model::account::Actor::console();
    world.write(move |w| {
        let begun = store::profiles::list(w)?.into_iter().find(|p| p.name == "Begun").expect("the draft");
        pomona::actions::profiles::assign(w, &everybody, &begun.id, &[], true, now).map(|_| ())
    });
    // Two browsers, so that there is another session to end.
    let (browser, _other) = (world.owner(), world.owner());
    let (pages, forms) = crawl(&browser).await;
    // What the portal itself does not link: one begins there, or gets there by a link from outside.
    let outside = [
        "/profilemanager/setup",
        "/profilemanager/signin",
        "/enroll/{token}",
        // An import leads to its report, and a button of the editor into what lies deep in a payload.
        "/profilemanager/profiles/imported",
        "/profilemanager/profiles/{id}/payloads/{pid}/at/{path}",
    ];
    for rule in rules().into_iter().filter(|r| r.audience == Audience::People && !outside.contains(&r.path)) {
        let reached = if rule.method == Method::Get { &pages } else { &forms };
        assert!(
            reached.contains(rule.path) || rule.path == "/",
            "nothing leads to {} {}",
            rule.method.as_str(),
            rule.path
        );
    }
}
