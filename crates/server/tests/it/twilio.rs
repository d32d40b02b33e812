//! Twilio's calls: only signed forms get through.

use std::sync::{Arc, Mutex};

use tidings_core::BoxFuture;
use tidings_server::{
    Guard,
    twilio::{self, Call, Callbacks, Route},
};

use super::{raw, serve};

/// A real taker: it signs by a shared word over the address.
#[derive(Default)]
struct Taker(Mutex<Vec<Call>>);

impl Callbacks for Taker {
    fn is_genuine(&self, url: &str, _: &[(String, String)], signature: &str) -> bool {
        signature == format!("signed {url}")
    }

    fn take(&self, call: Call) -> BoxFuture<'_, Result<(), String>> {
        self.0.lock().unwrap().push(call);
        Box::pin(std::future::ready(Ok(())))
    }
}

#[tokio::test]
async fn only_signed_forms_get_through() {
    let taker = Arc::new(Taker::default());
    let public = "https://tidings.example/".parse().unwrap();
    let address = serve(twilio::router(public, Arc::clone(&taker) as Arc<dyn Callbacks>, Guard::default())).await;
    let check = async |kind: &str, signature: &str, body: &str, expected: &str| {
        let head = "POST /v1/callbacks/twilio/status?a=1 HTTP/1.1\r\nHost: localhost\r\nConnection: close";
        let length = body.len();
        let rest = format!("Content-Type: {kind}\r\nX-Twilio-Signature: {signature}\r\nContent-Length: {length}");
        let answer = raw(address, &format!("{head}\r\n{rest}\r\n\r\n{body}"), "\r\n\r\n").await;
        assert!(answer.starts_with(&format!("HTTP/1.1 {expected}")), "{answer}");
    };
    let form = "application/x-www-form-urlencoded";
    let good = "signed https://tidings.example/v1/callbacks/twilio/status?a=1";
    check(form, good, "MessageSid=SM1&To=%2B1555", "200").await;
    check(form, "signed", "MessageSid=SM1", "403").await;
    check("application/json", good, "{}", "415").await;
    let expected = [("MessageSid", "SM1"), ("To", "+1555")].map(|(name, value)| (name.to_owned(), value.to_owned()));
    let url = good.trim_start_matches("signed ").to_owned();
    assert_eq!(*taker.0.lock().unwrap(), [Call { route: Route::Status, url, form: expected.to_vec() }]);
    let told = format!("{:?}", taker.0.lock().unwrap());
    assert!(!told.contains("SM1") && !told.contains("1555"), "{told}");
}
