//! Every channel from one configuration, each before a real peer: what a rule says arrives everywhere in that channel's own form, and what
//! cannot arrive takes its fallback.

use std::{future::poll_fn, pin::Pin, time::Duration};

use futures_util::Stream;
use serde_json::{Value, json};
use tidings::{
    Account, Event, Notifier,
    push::{Frame, Session},
};
use tidings_testkit::{
    HttpPeer, Script,
    smtp::{SmtpPeer, SmtpScript},
};

/// Long enough for any machine; a test that waits so long hangs.
const PATIENCE: Duration = Duration::from_secs(60);

async fn within<T>(what: &str, future: impl Future<Output = T>) -> T {
    tokio::time::timeout(PATIENCE, future).await.unwrap_or_else(|_| panic!("{what} did not come"))
}

fn load(error_rate: f64) -> Event {
    Event::new("tool.error").agent("billing").data(json!({"error_rate": error_rate}))
}

async fn stop(notifier: &Notifier) -> Account {
    let account = notifier.stop().await;
    account.closes().unwrap();
    account
}

/// The next message of a session, acknowledged.
async fn read(session: &mut Session) -> Value {
    let frame = within("a push message", poll_fn(|context| Pin::new(&mut *session).poll_next(context))).await;
    let Some(Frame::Message(message)) = frame else { panic!("not a message: {frame:?}") };
    session.ack(message.seq);
    serde_json::from_str(&message.to_json()).unwrap()
}

struct House {
    mail: SmtpPeer,
    phones: HttpPeer,
    chats: HttpPeer,
    pager: HttpPeer,
}

impl House {
    async fn new() -> Self {
        let http = || async { HttpPeer::start(Script::statuses([202])).await.unwrap() };
        let mail = SmtpPeer::start(SmtpScript::default()).await.unwrap();
        Self { mail, phones: http().await, chats: http().await, pager: http().await }
    }

    fn yaml(&self) -> String {
        format!(
            r#"
events:
  sinks:
    - {{type: bus, events: ["tool.*"]}}
channels:
  email: {{smtp_host: 127.0.0.1, smtp_port: {mail}, tls: none, from: "Agents <agents@example.com>"}}
  sms: {{provider: http, url: "{phones}", template: '{{"to": {{{{ to | tojson }}}}, "text": {{{{ text | tojson }}}}, "id": {{{{ delivery_id | tojson }}}}}}', allow_private_networks: true}}
  team: {{type: mattermost, url: "{chats}", allow_private_networks: true}}
  pager: {{type: pagerduty, routing_key: R0123456789, url: "{pager}", allow_private_networks: true}}
triggers:
  - name: tools failing
    condition: error_rate > 0.05 resolve when error_rate < 0.01
    channels: [push, email, sms, team, pager]
    priority: critical
    title: "{{{{ agent_id }}}}: error rate {{{{ data.error_rate }}}}"
fallbacks: {{push: [inbox]}}
users:
  ann: {{email: ann@example.com, phone: "+41791234567"}}
"#,
            mail = self.mail.address().port(),
            phones = self.phones.url("/sms"),
            chats = self.chats.url("/hooks/x"),
            pager = self.pager.url("/"),
        )
    }

    async fn start(&self, yaml: &str) -> Notifier {
        within("a start", Notifier::from_yaml(yaml).unwrap().start()).await.unwrap()
    }
}

fn bodies(peer: &HttpPeer) -> Vec<Value> {
    peer.requests().iter().map(|request| serde_json::from_slice(&request.body).unwrap()).collect()
}

#[tokio::test]
async fn an_incident_and_its_end_arrive_on_every_channel_in_its_own_form() {
    let house = House::new().await;
    let notifier = house.start(&house.yaml()).await;
    let mut events = notifier.bus().unwrap().subscribe("tool.*").unwrap();
    let mut ann = notifier.hub().unwrap().subscribe("ann", None).await.unwrap();
    notifier.accept(vec![load(0.25)]).await.unwrap();
    let fired = read(&mut ann).await;
    notifier.accept(vec![load(0.0)]).await.unwrap();
    let resolved = read(&mut ann).await;
    let account = within("the stop", stop(&notifier)).await;

    assert_eq!((fired["seq"].clone(), fired["title"].clone()), (json!(1), json!("billing: error rate 0.25")));
    assert_eq!((resolved["seq"].clone(), resolved["kind"].clone()), (json!(2), json!("resolved")));
    let mails = house.mail.mails();
    assert_eq!(mails.len(), 2);
    assert_eq!(mails[0].subject(), "[CRITICAL] billing: error rate 0.25");
    assert_eq!(mails[1].subject(), "[RESOLVED] billing: error rate 0.25");
    assert_eq!(mails[0].header("References"), mails[1].header("References"));
    let texts = bodies(&house.phones);
    assert!(texts[0]["text"].as_str().unwrap().starts_with("[CRITICAL] billing: error rate 0.25"), "{texts:?}");
    assert_eq!((texts.len(), &texts[0]["to"]), (2, &json!("+41791234567")));
    let pages = bodies(&house.pager);
    let told = |page: &Value| (page["event_action"].clone(), page["dedup_key"].clone());
    assert_eq!(told(&pages[0]).0, "trigger");
    assert_eq!(told(&pages[1]), (json!("resolve"), told(&pages[0]).1));
    assert_eq!(bodies(&house.chats).len(), 2);
    let seen = within("an event", poll_fn(|context| Pin::new(&mut events).poll_next(context))).await;
    assert!(format!("{seen:?}").contains("tool.error"), "{seen:?}");
    assert_eq!((account.deliveries.made, account.deliveries.delivered, account.deliveries.dead), (10, 10, 0));
}

#[tokio::test]
async fn nobody_connected_takes_the_fallback_at_once() {
    let house = House::new().await;
    let yaml =
        house.yaml().replace("push: [inbox]", "push: [email]").replace("[push, email, sms, team, pager]", "[push]");
    let notifier = house.start(&yaml.replace("priority: critical", "priority: high")).await;
    notifier.accept(vec![load(0.25)]).await.unwrap();
    // No clock moves here but the wall's, and the first retry would come after 30 s.
    let mails = within("the mail", house.mail.wait_for(1)).await;
    assert_eq!(mails[0].subject(), "[HIGH] billing: error rate 0.25");
    let account = within("the stop", stop(&notifier)).await;
    assert_eq!((account.deliveries.delivered, account.deliveries.dead), (1, 1));
    // Who comes later finds it.
    let mut late = notifier.hub().unwrap().subscribe("ann", Some(0)).await.unwrap();
    assert_eq!(read(&mut late).await["title"], "billing: error rate 0.25");
}

#[tokio::test]
async fn a_message_is_not_lost_with_the_process_that_pushed_it() {
    let folder = tempfile::tempdir().unwrap();
    let house = House::new().await;
    let yaml = house
        .yaml()
        .replace("[push, email, sms, team, pager]", "[inbox]")
        .replace("priority: critical", "priority: low");
    let yaml = format!("{yaml}store: {{path: {}}}\n", folder.path().join("tidings.db").display());
    let first = house.start(&yaml).await;
    first.accept(vec![load(0.25)]).await.unwrap();
    let account = within("the stop", stop(&first)).await;
    assert_eq!(account.deliveries.delivered, 1);
    drop(first);

    let second = house.start(&yaml).await;
    let mut ann = second.hub().unwrap().subscribe("ann", Some(0)).await.unwrap();
    assert_eq!(read(&mut ann).await["seq"], 1);
    second.accept(vec![load(0.0)]).await.unwrap();
    assert_eq!(read(&mut ann).await["seq"], 2);
    within("the stop", stop(&second)).await;
}
