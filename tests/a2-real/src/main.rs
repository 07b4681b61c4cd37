//! The real a2 against the pretend APNs on 127.0.0.1:443, which calls itself api.push.apple.com. Started by `run`,
//! which gives it a name service of its own. Prints each sentence that holds; ends with 1 at the first that does not.

use std::net::ToSocketAddrs as _;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};

use pomona::apple::apns::{A2Transport, PushIdentity, push_test};
use pomona::apple::{Error, Push, PushSwitch, PushTransport, Retry, Whose};
use pomona::model::Time;
use pomona::model::settings::Identity;
use pomona::simulator::PretendApns;
use pomona::simulator::apns::{Answer, PushAuthority, PushFiles};
use pomona::wire::Secret;
use pomona::wire::key::PrivateKey;

const HOST: &str = "api.push.apple.com";
const TOPIC: &str = "com.apple.mgmt.External.a2-real";
const MAGIC: &str = "2D9E6C1A-0B3F-4C5D-8E7F-112233445566";
const DAY: i64 = 86_400;

fn now() -> i64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).expect("after 1970");
    i64::try_from(since.as_secs()).expect("seconds")
}

#[tokio::main]
async fn main() -> ExitCode {
    let mut addresses = (HOST, 443).to_socket_addrs().into_iter().flatten().peekable();
    if addresses.peek().is_none() || addresses.any(|a| !a.ip().is_loopback()) {
        eprintln!("{HOST} is not this computer: start this by tests/a2-real/run");
        return ExitCode::FAILURE;
    }
    match Box::pin(all()).await {
        Ok(count) => {
            println!("{count} sentences about the real a2 hold");
            ExitCode::SUCCESS
        }
        Err(fault) => {
            eprintln!("FAILED: {fault}");
            ExitCode::FAILURE
        }
    }
}

struct World {
    apns: PretendApns,
    files: PushFiles,
    transport: Arc<A2Transport>,
    held: usize,
}

fn push(token: &Secret) -> Push {
    Push {
        topic: TOPIC.into(),
        token: token.clone(),
        magic: Secret::new(MAGIC.as_bytes()),
        expiration_secs: 1_900_000_000,
    }
}

fn transport(files: &PushFiles) -> Result<A2Transport, String> {
    let identity =
        PushIdentity::from_pem(&files.certificate_pem(), &files.key_pem()).map_err(|e| e.to_string())?;
    A2Transport::new(&identity).map_err(|e| e.to_string())
}

impl World {
    fn holds(&mut self, sentence: &str, truth: bool, seen: impl std::fmt::Debug) -> Result<(), String> {
        if !truth {
            return Err(format!("{sentence}: {seen:?}"));
        }
        println!("ok: {sentence}");
        self.held += 1;
        Ok(())
    }

    fn token(&self, first: u8) -> Secret {
        let token = Secret::new(vec![first; 32]);
        self.apns.bells().listen(&token, &Secret::new(MAGIC.as_bytes()), || {});
        token
    }

    async fn refused(&self, token: &Secret, answer: Answer) -> Result<Error, String> {
        self.apns.bells().answer_next([answer.clone()]);
        match self.transport.push(push(token)).await {
            Ok(_) => Err(format!("{answer:?} was taken for a success")),
            Err(error) => Ok(error),
        }
    }
}

async fn all() -> Result<usize, String> {
    let text = |e: &dyn std::fmt::Display| e.to_string();
    let authority = PushAuthority::make(now()).map_err(|e| text(&e))?;
    let roots = std::env::var("A2_REAL_ROOTS").map_err(|e| text(&e))?;
    std::fs::write(&roots, authority.ca.to_pem()).map_err(|e| text(&e))?;
    let key = PrivateKey::generate_rsa(2048);
    let certificate = |days: i64| {
        let until = now() + days * DAY;
        let from = until.min(now()) - DAY;
        authority.push_certificate_for(TOPIC, key.clone(), from, until).map_err(|e| text(&e))
    };
    let files = certificate(365)?;
    let expired = certificate(-1)?;
    let renewed = certificate(366)?;
    let address = ([127, 0, 0, 1], 443).into();
    let apns = PretendApns::start_at(address, authority.clone(), now(), 1_000).await.map_err(|e| text(&e))?;
    let transport = Arc::new(self::transport(&files)?);
    let mut world = World { apns, files, transport, held: 0 };

    taken(&mut world).await?;
    refusals(&mut world).await?;
    accidents(&mut world).await?;
    certificates(&mut world, &expired, &renewed).await?;
    Ok(world.held)
}

async fn taken(world: &mut World) -> Result<(), String> {
    let token = world.token(0xa1);
    let accepted = world.transport.push(push(&token)).await;
    world.holds(
        "a push is accepted and has an id",
        matches!(&accepted, Ok(a) if a.apns_id.is_some()),
        &accepted,
    )?;
    let rung = world.apns.bells().journal().pop().ok_or("nothing was rung")?;
    let path = format!("/3/device/{}", "a1".repeat(32));
    world.holds("the path is the token in lowercase", rung.path == path, &rung.path)?;
    let body = format!(r#"{{"mdm":"{MAGIC}"}}"#);
    world.holds("the body is exactly the magic", rung.body == body.as_bytes(), rung.body.len())?;
    let headers = [
        ("apns-topic", TOPIC),
        ("apns-push-type", "mdm"),
        ("apns-priority", "10"),
        ("apns-expiration", "1900000000"),
        ("content-type", "application/json"),
    ];
    let wrong: Vec<_> = headers.iter().filter(|(name, value)| rung.header(name) != Some(value)).collect();
    world.holds("the headers are those of MDM", wrong.is_empty(), &wrong)?;
    let same = rung.certificate == world.files.certificate.fingerprint();
    world.holds("the client certificate is the push certificate", same, "another certificate")?;

    let mut all = tokio::task::JoinSet::new();
    for _ in 0..1_000 {
        let (transport, push) = (world.transport.clone(), push(&token));
        all.spawn(async move { transport.push(push).await.is_ok() });
    }
    let mut good = 0;
    while let Some(done) = all.join_next().await {
        good += usize::from(done.unwrap_or(false));
    }
    world.holds("a thousand pushes at once are accepted", good == 1_000, good)?;
    let connections = world.apns.bells().connections();
    world.holds("all over one connection", connections == 1, connections)?;
    let shown = format!("{:?} {:?}", push(&token), world.transport);
    world.holds(
        "nothing shows a token or a magic",
        !shown.contains(MAGIC) && !shown.contains("a1a1"),
        "shown",
    )
}

async fn refusals(world: &mut World) -> Result<(), String> {
    let token = world.token(0xa2);
    let gone = Answer::Refuse {
        status: 410,
        reason: "Unregistered".into(),
        timestamp_ms: Some(1_790_000_000_000),
        retry_after: None,
    };
    let error = world.refused(&token, gone).await?;
    let since = Retry::NewToken { dead_since: Some(Time(1_790_000_000_000)) };
    world.holds("410 makes a channel unreachable since a moment", error.retry == since, &error)?;
    let later = Retry::Later { after: None };
    let table = [
        (410, "ExpiredToken", Whose::Channel, Retry::NewToken { dead_since: None }),
        (400, "BadDeviceToken", Whose::Channel, Retry::NewToken { dead_since: None }),
        (400, "TopicDisallowed", Whose::Certificate, later),
        (400, "NobodyKnowsThis", Whose::Ours, Retry::Never),
        (403, "BadCertificate", Whose::Certificate, Retry::NewCertificate),
        (413, "PayloadTooLarge", Whose::Ours, Retry::Never),
        (429, "TooManyRequests", Whose::Channel, later),
        (500, "InternalServerError", Whose::Apple, later),
        (503, "Shutdown", Whose::Apple, later),
    ];
    for (status, reason, whose, retry) in table {
        let error = world.refused(&token, Answer::refuse(status, reason)).await?;
        let right = (error.status, error.whose, error.retry) == (Some(status), whose, retry);
        world.holds(&format!("{status} {reason} is {whose:?}'s matter"), right, &error)?;
    }
    let unknown = world.transport.push(push(&Secret::new(vec![9; 32]))).await;
    let dead = matches!(&unknown, Err(e) if e.is_dead_token());
    world.holds("a token nobody knows is refused as such", dead, &unknown)
}

async fn accidents(world: &mut World) -> Result<(), String> {
    let token = world.token(0xa3);
    for answer in [Answer::Reset, Answer::Cut] {
        world.apns.bells().answer_next([answer.clone()]);
        let repeated = world.transport.push(push(&token)).await;
        let sentence = format!("after {answer:?} the push is repeated and accepted");
        world.holds(&sentence, repeated.is_ok(), &repeated)?;
        world.apns.bells().answer_next([answer.clone(), answer.clone()]);
        let error = world.transport.push(push(&token)).await;
        let later = Retry::Later { after: None };
        let passing = matches!(&error, Err(e) if e.whose == Whose::Network && e.retry == later);
        world.holds("once, and then it is of the moment", passing, &error)?;
        let again = world.transport.push(push(&token)).await;
        world.holds("and the next push is accepted", again.is_ok(), &again)?;
    }
    world.apns.bells().answer_next([Answer::GoAway]);
    let answered = world.transport.push(push(&token)).await;
    world.holds("what was sent before GOAWAY is answered", answered.is_ok(), &answered)?;
    tokio::time::sleep(Duration::from_millis(100)).await;
    let again = world.transport.push(push(&token)).await;
    world.holds("and the next push connects anew", again.is_ok(), &again)?;

    world.apns.set_down(true);
    let error = world.transport.push(push(&token)).await;
    let down = matches!(&error, Err(e) if e.whose == Whose::Network && e.status.is_none());
    world.holds("Apple away is a matter of the network", down, &error)?;
    world.apns.set_down(false);
    let again = world.transport.push(push(&token)).await;
    world.holds("and over once it is back", again.is_ok(), &again)?;

    world.apns.bells().answer_next([Answer::Stall(Duration::from_secs(60))]);
    let began = Instant::now();
    let error = world.transport.push(push(&token)).await;
    let given_up = matches!(&error, Err(e) if e.whose == Whose::Network) && began.elapsed().as_secs() < 30;
    world.holds("a stalled push is given up within half a minute", given_up, &error)
}

async fn certificates(world: &mut World, expired: &PushFiles, renewed: &PushFiles) -> Result<(), String> {
    let token = world.token(0xa4);
    let switch = PushSwitch::new();
    switch.replace(Some(Arc::new(transport(expired)?)));
    let error = switch.push(push(&token)).await;
    let said = matches!(&error, Err(e) if e.whose == Whose::Certificate && e.said.contains("expired"));
    world.holds("an expired certificate is named as such", said, &error)?;
    switch.replace(Some(Arc::new(transport(renewed)?)));
    let accepted = switch.push(push(&token)).await;
    world.holds("a renewed one works without a restart", accepted.is_ok(), &accepted)?;
    let used = world.apns.bells().journal().pop().map(|rung| rung.certificate);
    world.holds("and is the one that is shown", used == Some(renewed.certificate.fingerprint()), used)?;
    let stored = Identity {
        key: renewed.key.to_pkcs8(),
        certificate: renewed.certificate.der().to_vec(),
        chain: Vec::new(),
        since: Time::from_secs(now()),
    };
    let found = push_test(Some(&stored), Some(TOPIC), &switch, Time::from_secs(now())).await;
    world.holds("`pomona push test` finds nothing wrong", found.iter().all(|check| check.ok), &found)?;

    let other = PushAuthority::make(now()).and_then(|other| other.push_certificate(TOPIC, now()));
    let other = transport(&other.map_err(|e| e.to_string())?)?;
    let error = other.push(push(&token)).await;
    let refused = matches!(&error, Err(e) if e.whose == Whose::Certificate);
    world.holds("a certificate by anybody else is refused", refused, &error)
}
