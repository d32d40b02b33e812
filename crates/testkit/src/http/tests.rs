//! The peer itself, spoken to over bare TCP.

use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::*;

async fn talk(stream: &mut TcpStream, request: &str, until: &str) -> String {
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    while !String::from_utf8_lossy(&answer).ends_with(until) && stream.read_buf(&mut answer).await.unwrap() > 0 {}
    String::from_utf8(answer).unwrap()
}

#[tokio::test]
async fn it_records_requests_and_keeps_the_connection() {
    let peer = HttpPeer::start(Script::sequence([
        Reply::status(503).header("Retry-After", "7"),
        Reply::status(200).body("ok"),
    ]))
    .await
    .unwrap();
    let mut stream = TcpStream::connect(peer.address()).await.unwrap();
    let first =
        talk(&mut stream, "POST /a?b=c HTTP/1.1\r\nX-One: 1\r\nContent-Length: 5\r\n\r\nhello", "\r\n\r\n").await;
    assert!(first.starts_with("HTTP/1.1 503 ") && first.contains("Retry-After: 7\r\n"), "{first}");
    let chunked = "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n";
    assert!(talk(&mut stream, chunked, "ok").await.starts_with("HTTP/1.1 200 "));

    let requests = peer.wait_for(2).await;
    assert_eq!((requests[0].method.as_str(), requests[0].path.as_str()), ("POST", "/a?b=c"));
    assert_eq!((requests[0].header("x-one"), requests[0].body.as_slice()), (Some("1"), b"hello".as_slice()));
    assert_eq!(requests[1].body, b"abcde");
    assert_eq!((requests[1].connection, peer.connections()), (0, 1));
    assert!(peer.bytes_sent() > 0);
}

#[tokio::test]
async fn it_resets_and_stops_with_its_owner() {
    let peer = HttpPeer::start(Script::always(Reply::fault(Fault::Reset))).await.unwrap();
    let mut stream = TcpStream::connect(peer.address()).await.unwrap();
    stream.write_all(b"POST / HTTP/1.1\r\n\r\n").await.unwrap();
    assert_eq!(stream.read(&mut [0; 8]).await.unwrap_err().kind(), io::ErrorKind::ConnectionReset);
    let address = peer.address();
    drop(peer);
    while TcpStream::connect(address).await.is_ok() {
        tokio::task::yield_now().await;
    }
}
