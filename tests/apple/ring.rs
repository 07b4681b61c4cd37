//! Pushes over HTTP/2 to the pretend APNs.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use pomona::apple::{PushTransport, Retry, Whose};
use pomona::simulator::PretendApns;
use pomona::simulator::apns::{Answer, PushAuthority};
use pomona::wire::Secret;

use super::{Apple, MAGIC, SHORT, TOPIC, certificate, now, push_to};

#[tokio::test]
async fn a_push_is_exactly_what_apple_documents() {
    let apple = Apple::start().await;
    let (token, rings) = apple.device(0xab);
    let accepted = apple.transport().push(push_to(&token)).await.expect("accepted");
    assert!(accepted.apns_id.is_some());
    assert_eq!(rings.load(Ordering::Relaxed), 1);

    let journal = apple.bells().journal();
    let [rung] = journal.as_slice() else { panic!("one push: {journal:?}") };
    assert_eq!(rung.path, format!("/3/device/{}", "ab".repeat(32)));
    assert_eq!(rung.body, format!(r#"{{"mdm":"{MAGIC}"}}"#).into_bytes());
    assert_eq!(rung.header("apns-topic"), Some(TOPIC));
    assert_eq!(rung.header("apns-push-type"), Some("mdm"));
    assert_eq!(rung.header("apns-priority"), Some("10"));
    assert_eq!(rung.header("apns-expiration"), Some("1800000000"));
    assert_eq!(rung.header("content-type"), Some("application/json"));
    assert_eq!(rung.certificate, apple.files.certificate.fingerprint());
}

#[tokio::test]
async fn a_token_may_have_any_length() {
    let apple = Apple::start().await;
    let token = Secret::new(b"fakeToken-of-a-simulator".to_vec());
    apple.bells().listen(&token, &Secret::new(MAGIC.as_bytes()), || {});
    apple.transport().push(push_to(&token)).await.expect("accepted");
    assert_eq!(apple.bells().journal()[0].token(), token.expose());
}

#[tokio::test]
async fn a_device_ignores_a_push_with_another_magic() {
    let apple = Apple::start().await;
    let (token, rings) = apple.device(1);
    let mut push = push_to(&token);
    push.magic = Secret::new(b"something else".to_vec());
    apple.transport().push(push).await.expect("Apple does not know the magic");
    assert_eq!(rings.load(Ordering::Relaxed), 0);
}

#[tokio::test]
async fn many_pushes_at_once_share_one_connection() {
    let apple = Apple::start().await;
    let (token, rings) = apple.device(2);
    let transport = Arc::new(apple.transport());
    let mut all = tokio::task::JoinSet::new();
    for _ in 0..200 {
        let (transport, push) = (transport.clone(), push_to(&token));
        all.spawn(async move { transport.push(push).await });
    }
    while let Some(done) = all.join_next().await {
        done.expect("no panic").expect("accepted");
    }
    assert_eq!(rings.load(Ordering::Relaxed), 200);
    assert_eq!(apple.bells().connections(), 1);
}

#[tokio::test]
async fn one_stream_at_a_time_still_delivers_everything() {
    let authority = PushAuthority::make(now()).expect("an authority");
    let apns = PretendApns::start_at(([127, 0, 0, 1], 0).into(), authority, now(), 1).await.expect("a port");
    let apple = Apple { files: certificate(&apns, TOPIC, 30), apns };
    let (token, rings) = apple.device(3);
    let transport = Arc::new(apple.transport());
    let mut all = tokio::task::JoinSet::new();
    for _ in 0..100 {
        let (transport, push) = (transport.clone(), push_to(&token));
        all.spawn(async move { transport.push(push).await });
    }
    while let Some(done) = all.join_next().await {
        done.expect("no panic").expect("accepted");
    }
    assert_eq!(rings.load(Ordering::Relaxed), 100);
}

#[tokio::test]
async fn an_erased_device_is_unreachable_since_a_moment() {
    let apple = Apple::start().await;
    let (token, _) = apple.device(4);
    apple.bells().gone(&token, 1_790_000_000_123);
    let error = apple.transport().push(push_to(&token)).await.expect_err("gone");
    assert_eq!(error.status, Some(410));
    assert_eq!(error.whose, Whose::Channel);
    let Retry::NewToken { dead_since } = error.retry else { panic!("{error:?}") };
    assert_eq!(dead_since.map(|t| t.0), Some(1_790_000_000_123));
}

#[tokio::test]
async fn a_busy_device_is_left_alone_for_as_long_as_apple_says() {
    let apple = Apple::start().await;
    let (token, _) = apple.device(5);
    apple.bells().answer_next([Answer::Refuse {
        status: 429,
        reason: "TooManyRequests".into(),
        timestamp_ms: None,
        retry_after: Some(120),
    }]);
    let transport = apple.transport();
    let error = transport.push(push_to(&token)).await.expect_err("too often");
    assert_eq!(error.whose, Whose::Channel);
    assert_eq!(error.retry, Retry::Later { after: Some(Duration::from_secs(120)) });
    transport.push(push_to(&token)).await.expect("the next one is fine");
    assert_eq!(apple.bells().connections(), 1);
}

#[tokio::test]
async fn a_stalled_apple_is_given_up_and_the_next_push_takes_a_new_connection() {
    let apple = Apple::start().await;
    let (token, _) = apple.device(6);
    let transport = apple.transport().answering_within(SHORT);
    apple.bells().answer_next([Answer::Stall(Duration::from_secs(30))]);
    let began = std::time::Instant::now();
    let error = transport.push(push_to(&token)).await.expect_err("no answer");
    assert!(began.elapsed() < Duration::from_secs(5));
    assert_eq!(error.whose, Whose::Network);
    assert_eq!(error.retry, Retry::Later { after: None });
    transport.push(push_to(&token)).await.expect("accepted");
    assert_eq!(apple.bells().connections(), 2);
}

#[tokio::test]
async fn resets_and_broken_connections_are_of_the_moment() {
    let apple = Apple::start().await;
    let (token, rings) = apple.device(7);
    let transport = apple.transport();
    for fault in [Answer::Reset, Answer::Cut, Answer::refuse(500, "InternalServerError")] {
        apple.bells().answer_next([fault.clone()]);
        let error = transport.push(push_to(&token)).await.expect_err("failed");
        assert!(matches!(error.whose, Whose::Network | Whose::Apple), "{fault:?}: {error:?}");
        assert_eq!(error.retry, Retry::Later { after: None }, "{fault:?}");
        transport.push(push_to(&token)).await.expect("works again");
    }
    assert_eq!(rings.load(Ordering::Relaxed), 3);
}

#[tokio::test]
async fn after_goaway_the_next_push_connects_anew() {
    let apple = Apple::start().await;
    let (token, rings) = apple.device(8);
    let transport = apple.transport();
    apple.bells().answer_next([Answer::GoAway]);
    transport.push(push_to(&token)).await.expect("answered before it went");
    // The goodbye may be on its way still; at worst one push meets it.
    for _ in 0..3 {
        let _ = transport.push(push_to(&token)).await;
    }
    assert!(rings.load(Ordering::Relaxed) >= 3);
    assert_eq!(apple.bells().connections(), 2);
}

#[tokio::test]
async fn apple_down_is_said_in_words_and_over_once_it_is_up() {
    let apple = Apple::start().await;
    let (token, _) = apple.device(9);
    let transport = apple.transport();
    apple.apns.set_down(true);
    let error = transport.push(push_to(&token)).await.expect_err("down");
    assert_eq!((error.whose, error.status), (Whose::Network, None));
    assert!(error.said.contains("could not be reached"), "{}", error.said);
    apple.apns.set_down(false);
    transport.push(push_to(&token)).await.expect("up again");
}

#[tokio::test]
async fn an_expired_push_certificate_is_told_from_a_bad_network() {
    let apple = Apple::start().await;
    let (token, _) = apple.device(10);
    let expired = certificate(&apple.apns, TOPIC, -1);
    let error = apple.transport_with(&expired).push(push_to(&token)).await.expect_err("refused");
    assert_eq!((error.whose, error.retry), (Whose::Certificate, Retry::NewCertificate));
    assert!(error.said.contains("expired"), "{}", error.said);
}

#[tokio::test]
async fn a_push_certificate_by_anybody_else_is_refused() {
    let apple = Apple::start().await;
    let other = Apple::start().await;
    let (token, rings) = apple.device(11);
    let error = apple.transport_with(&other.files).push(push_to(&token)).await.expect_err("refused");
    assert_eq!(error.whose, Whose::Certificate, "{error:?}");
    assert_eq!(rings.load(Ordering::Relaxed), 0);
}

/// S16: whoever answers in Apple's place without a certificate of a trusted root gets no token.
#[tokio::test]
async fn nobody_can_answer_in_apples_place() {
    let apple = Apple::start().await;
    let impostor = Apple::start().await;
    let (token, _) = impostor.device(12);
    let roots = [apple.apns.authority().ca.clone()];
    let transport = pomona::apple::apns::DirectTransport::new(
        impostor.endpoint(),
        &roots,
        &super::identity(&impostor.files),
    )
    .expect("usable");
    let error = transport.push(push_to(&token)).await.expect_err("no trust");
    assert_eq!((error.whose, error.status), (Whose::Network, None));
    assert!(error.said.contains("no certificate we trust"), "{}", error.said);
    assert!(impostor.bells().journal().is_empty());

    let mut elsewhere = apple.endpoint();
    elsewhere.host = "api.example.org".into();
    let transport =
        pomona::apple::apns::DirectTransport::new(elsewhere, &roots, &super::identity(&apple.files));
    let error = transport.expect("usable").push(push_to(&token)).await.expect_err("another name");
    assert!(error.said.contains("no certificate we trust"), "{}", error.said);
    assert!(apple.bells().journal().is_empty());
}

#[tokio::test]
async fn a_topic_of_another_certificate_is_named_as_such() {
    let apple = Apple::start().await;
    let (token, _) = apple.device(13);
    let mut push = push_to(&token);
    push.topic = "com.apple.mgmt.External.another".into();
    let error = apple.transport().push(push).await.expect_err("another topic");
    assert_eq!((error.status, error.whose), (Some(400), Whose::Certificate));
    assert!(error.said.contains("TopicDisallowed"), "{}", error.said);
}

#[tokio::test]
async fn nothing_that_goes_wrong_shows_a_token_or_a_magic() {
    let apple = Apple::start().await;
    let token = Secret::new(vec![0xcd; 32]);
    let push = push_to(&token);
    let shown = format!("{push:?}");
    let error = apple.transport().push(push).await.expect_err("unknown token");
    for text in [shown, format!("{error:?}"), format!("{:?}", apple.transport())] {
        assert!(!text.contains(MAGIC) && !text.contains("cdcd"), "{text}");
    }
    assert!(error.is_dead_token());
}
