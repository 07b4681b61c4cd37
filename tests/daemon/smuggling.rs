//! Requests of which two readers could see two different ends (rule W13): each is refused, its connection ends, and
//! what hides behind it is never done.

use std::sync::atomic::Ordering;

use super::doors::{host, short};

const HOST: &str = "Host: mdm.example.org\r\n";
/// What must not be done.
const BEHIND: &str = "GET /slow HTTP/1.1\r\nHost: mdm.example.org\r\n\r\n";

/// Lines of a head, after a request line and the host that are as they should be; then what follows the head.
const HEADERS: &[(&str, &str)] = &[
    // Lengths that are none, or that are two.
    ("Content-Length: 5\r\nContent-Length: 6\r\n", "hello"),
    ("Content-Length: 5\r\nContent-Length: 5\r\n", "hello"),
    ("Content-Length: 5, 6\r\n", "hello"),
    ("Content-Length: 5, 5\r\n", "hello"),
    ("Content-Length: +5\r\n", "hello"),
    ("Content-Length: -5\r\n", "hello"),
    ("Content-Length: -0\r\n", ""),
    ("Content-Length: 0x5\r\n", "hello"),
    ("Content-Length: 5 5\r\n", "hello"),
    ("Content-Length: 5;a\r\n", "hello"),
    ("Content-Length: 5.0\r\n", "hello"),
    ("Content-Length: 5e0\r\n", "hello"),
    ("Content-Length: \r\n", ""),
    ("Content-Length: \"5\"\r\n", "hello"),
    ("Content-Length: five\r\n", "hello"),
    ("Content-Length: 99999999999999999999\r\n", "hello"),
    ("Content-Length: 18446744073709551621\r\n", "hello"),
    ("Content-Length : 5\r\n", "hello"),
    ("Content-Length\t: 5\r\n", "hello"),
    // Codings that are not the one.
    ("Transfer-Encoding: xchunked\r\n", "0\r\n\r\n"),
    ("Transfer-Encoding: identity\r\n", ""),
    ("Transfer-Encoding: chunked, identity\r\n", "0\r\n\r\n"),
    ("Transfer-Encoding: identity, chunked\r\n", "0\r\n\r\n"),
    ("Transfer-Encoding: gzip, chunked\r\n", "0\r\n\r\n"),
    ("Transfer-Encoding: chunked, chunked\r\n", "0\r\n\r\n"),
    ("Transfer-Encoding: chunked,\r\n", "0\r\n\r\n"),
    ("Transfer-Encoding: ,chunked\r\n", "0\r\n\r\n"),
    ("Transfer-Encoding: chunked;q=1\r\n", "0\r\n\r\n"),
    ("Transfer-Encoding: \"chunked\"\r\n", "0\r\n\r\n"),
    ("Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n", "0\r\n\r\n"),
    ("Transfer-Encoding: identity\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n"),
    ("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n"),
    ("Transfer-Encoding : chunked\r\n", "0\r\n\r\n"),
    ("Transfer-Encoding\t: chunked\r\n", "0\r\n\r\n"),
    ("Transfer-Encoding: \u{b}chunked\r\n", "0\r\n\r\n"),
    ("Transfer-Encoding: chunked\0\r\n", "0\r\n\r\n"),
    ("Transfer-Encoding:\r\n chunked\r\n", "0\r\n\r\n"),
    // Both.
    ("Content-Length: 6\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\nX"),
    ("Transfer-Encoding: chunked\r\nContent-Length: 6\r\n", "0\r\n\r\nX"),
    ("Content-Length: 0\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n"),
    // Lines that end where they should not, or do not where they should.
    ("X: a\r\n b\r\n", ""),
    ("X: a\r\n\tContent-Length: 5\r\n", "hello"),
    ("X: a\nContent-Length: 5\r\n", "hello"),
    ("X: a\rContent-Length: 5\r\n", "hello"),
    ("X: a\r\r\n", ""),
    ("X: a\r\n\n", ""),
    ("Content-Length: 5\n", "hello"),
    ("Bad Name: a\r\n", ""),
    (": a\r\n", ""),
    ("No colon\r\n", ""),
    ("\0X: a\r\n", ""),
    ("X\0: a\r\n", ""),
    ("X: a\0b\r\n", ""),
    ("Host: mdm.example.org\r\n", ""),
    ("Host: elsewhere.example.org\r\n", ""),
    // Chunks whose end can be read in two ways.
    ("Transfer-Encoding: chunked\r\n", "fffffffffffffffff\r\n"),
    ("Transfer-Encoding: chunked\r\n", "-1\r\n"),
    ("Transfer-Encoding: chunked\r\n", "+5\r\nhello\r\n0\r\n\r\n"),
    ("Transfer-Encoding: chunked\r\n", "0x5\r\nhello\r\n0\r\n\r\n"),
    ("Transfer-Encoding: chunked\r\n", "\r\nhello\r\n0\r\n\r\n"),
    ("Transfer-Encoding: chunked\r\n", "g\r\nhello\r\n0\r\n\r\n"),
    ("Transfer-Encoding: chunked\r\n", " 5\r\nhello\r\n0\r\n\r\n"),
    ("Transfer-Encoding: chunked\r\n", "5 5\r\nhello\r\n0\r\n\r\n"),
    ("Transfer-Encoding: chunked\r\n", "5\nhello\r\n0\r\n\r\n"),
    ("Transfer-Encoding: chunked\r\n", "5;a\nb\r\nhello\r\n0\r\n\r\n"),
    ("Transfer-Encoding: chunked\r\n", "5\rXhello\r\n0\r\n\r\n"),
    ("Transfer-Encoding: chunked\r\n", "3\r\nhello\r\n0\r\n\r\n"),
    ("Transfer-Encoding: chunked\r\n", "5\r\nhelloXX0\r\n\r\n"),
    ("Transfer-Encoding: chunked\r\n", "5\r\nhello\n0\r\n\r\n"),
    ("Transfer-Encoding: chunked\r\n", "5\r\nhello0\r\n\r\n"),
];

/// Whole beginnings: request lines, or heads that end in no other way.
const HEADS: &[&str] = &[
    "GET /hello\r\n\r\n",
    "GET /hello HTTP/1.2\r\nHost: mdm.example.org\r\n\r\n",
    "GET /hello HTTP/2.0\r\nHost: mdm.example.org\r\n\r\n",
    "GET /hello http/1.1\r\nHost: mdm.example.org\r\n\r\n",
    "GET /hello HTTP/1.1 again\r\nHost: mdm.example.org\r\n\r\n",
    "GET /he llo HTTP/1.1\r\nHost: mdm.example.org\r\n\r\n",
    "GET  /hello HTTP/1.1\r\nHost: mdm.example.org\r\n\r\n",
    "GET\t/hello\tHTTP/1.1\r\nHost: mdm.example.org\r\n\r\n",
    " GET /hello HTTP/1.1\r\nHost: mdm.example.org\r\n\r\n",
    "\0GET /hello HTTP/1.1\r\nHost: mdm.example.org\r\n\r\n",
    "GET /hel\0lo HTTP/1.1\r\nHost: mdm.example.org\r\n\r\n",
    "G@T /hello HTTP/1.1\r\nHost: mdm.example.org\r\n\r\n",
    "GET /hello HTTP/1.1\r\n\r\n",
    "GET /hello HTTP/1.1\r\n Host: mdm.example.org\r\n\r\n",
    "GET /hello HTTP/1.1\nHost: mdm.example.org\n\n",
    "GET /hello HTTP/1.1\nHost: mdm.example.org\r\n\r\n",
    "GET /hello HTTP/1.1\r\nHost: mdm.example.org\n\r\n",
    "POST /echo HTTP/1.0\r\nHost: mdm.example.org\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
];

#[tokio::test(flavor = "multi_thread")]
async fn w13_shapes_of_smuggling_are_refused_and_nothing_behind_them_is_done() {
    let host = host(short()).await;
    let built = HEADERS.iter().map(|(lines, body)| format!("POST /echo HTTP/1.1\r\n{HOST}{lines}\r\n{body}"));
    let shapes: Vec<String> = built.chain(HEADS.iter().map(|head| (*head).to_owned())).collect();
    assert!(shapes.len() >= 60, "{}", shapes.len());
    let mut wrong = Vec::new();
    for shape in &shapes {
        let answer = host.say(&format!("{shape}{BEHIND}")).await;
        let refused =
            answer.is_empty() || answer.starts_with("HTTP/1.1 4") || answer.starts_with("HTTP/1.0 4");
        let count = answer.matches("HTTP/1.").count();
        if !refused || count != usize::from(!answer.is_empty()) {
            wrong.push(format!("{shape:?}\n    {:?}", answer.lines().next()));
        }
    }
    assert_eq!(wrong, Vec::<String>::new(), "{} of {}:\n{}", wrong.len(), shapes.len(), wrong.join("\n"));
    assert_eq!(host.finished.load(Ordering::SeqCst), 0, "a second request was done");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_as_it_should_be_is_taken_however_it_is_cut_into_pieces() {
    use tokio::io::AsyncWriteExt;
    let host = host(short()).await;
    let good = format!(
        "POST /echo HTTP/1.1\r\n{HOST}Content-Length: 5\r\n\r\nhello\
         POST /echo HTTP/1.1\r\nhost:mdm.example.org\r\ntransfer-encoding:  Chunked \r\n\r\n5;note=\"a\"\r\nhello\r\n00a\r\n0123456789\r\n0\r\nX-Trailer: y\r\n\r\n\
         \r\nGET /hello HTTP/1.1\r\n{HOST}Connection: close\r\nX: a\u{e9}b\r\n\r\n"
    );
    for piece in [1, 2, 3, 7, 64, 4096] {
        let mut stream = host.connect().await;
        for part in good.as_bytes().chunks(piece) {
            stream.write_all(part).await.expect("written");
            stream.flush().await.expect("sent");
        }
        let answer = super::doors::read_all(&mut stream, std::time::Duration::from_secs(3)).await;
        assert_eq!(answer.matches("HTTP/1.1 200").count(), 3, "{piece}: {answer}");
        assert!(answer.contains("\r\n\r\n5HTTP") && answer.contains("\r\n\r\n15HTTP"), "{piece}: {answer}");
    }
}
