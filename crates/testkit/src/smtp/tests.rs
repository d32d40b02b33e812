//! The server itself, spoken to over bare TCP.

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use super::*;

/// Sends a line and gives what came up to the end of this text.
async fn talk(stream: &mut TcpStream, line: &str, until: &str) -> String {
    stream.write_all(line.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    while !String::from_utf8_lossy(&answer).ends_with(until) && stream.read_buf(&mut answer).await.unwrap() > 0 {}
    String::from_utf8(answer).unwrap()
}

#[tokio::test]
async fn it_records_messages_and_keeps_the_connection() {
    let script = SmtpScript::sequence([Turn::takes(), Turn::answers(Point::Sender, "451 later")]);
    let peer = SmtpPeer::start(script.banner(&["one", "two"])).await.unwrap();
    let mut stream = TcpStream::connect(peer.address()).await.unwrap();
    assert_eq!(talk(&mut stream, "", "ESMTP\r\n").await, "220-one\r\n220-two\r\n220 scripted ESMTP\r\n");
    talk(&mut stream, "EHLO me\r\n", "8BITMIME\r\n").await;
    talk(&mut stream, "MAIL FROM:<a@example.com>\r\n", "\r\n").await;
    talk(&mut stream, "RCPT TO:<b@example.com>\r\n", "\r\n").await;
    talk(&mut stream, "DATA\r\n", "\r\n").await;
    let message = "Subject: =?utf-8?b?w6Q=?=\r\n\r\n..dot\r\n.\r\n";
    assert_eq!(talk(&mut stream, message, "\r\n").await, "250 2.0.0 queued as 1\r\n");
    assert_eq!(talk(&mut stream, "MAIL FROM:<a@example.com>\r\n", "\r\n").await, "451 later\r\n");

    let mail = peer.wait_for(1).await.remove(0);
    assert_eq!((mail.from.as_str(), mail.to.as_slice()), ("a@example.com", &["b@example.com".to_owned()][..]));
    assert_eq!((mail.subject().as_str(), mail.plain().as_str()), ("ä", ".dot\n"));
    assert_eq!((peer.connections(), peer.attempts(), peer.injected()), (1, 2, None));
    talk(&mut stream, "X-Injected: yes\r\n", "what\r\n").await;
    assert_eq!(peer.injected().as_deref(), Some("X-Injected: yes"));
}

#[tokio::test]
async fn it_breaks_where_it_is_told() {
    let peer = SmtpPeer::start(SmtpScript::always(Turn::at(Point::Hello, Act::Break))).await.unwrap();
    let mut stream = TcpStream::connect(peer.address()).await.unwrap();
    talk(&mut stream, "", "ESMTP\r\n").await;
    assert_eq!(talk(&mut stream, "EHLO me\r\n", "\r\n").await, "");
    assert_eq!(peer.attempts(), 1);
}
