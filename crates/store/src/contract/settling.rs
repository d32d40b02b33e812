//! How a notification stands follows from its legs, and its end is written down once.

use tidings_core::Priority;
use tidings_policy::Status;

use super::{
    rig::{Rig, get},
    samples::{Tell, again, answer, at, delivered},
};
use crate::{Finish, Outcome, Settled, Step};

/// A critical notification by two channels, both of which must take it.
fn critical() -> Tell {
    Tell::firing(1).priority(Priority::Critical).by(&["push", "mail"]).needs(2)
}

fn status(settled: &Settled) -> Option<Status> {
    match settled {
        Settled::Done { status, .. } => *status,
        Settled::Stale => panic!("refused"),
    }
}

/// How often the log tells complete, incomplete, failed.
async fn ends(rig: &Rig) -> [usize; 3] {
    let count = async |step| rig.steps(step).await.len();
    [count(Step::Complete).await, count(Step::Incomplete).await, count(Step::Failed).await]
}

pub(super) async fn a_quorum_is_complete_as_soon_as_it_is_reached(rig: &mut Rig) {
    let tell = critical().by(&["push", "mail", "sms"]);
    rig.tell(&tell).await;
    assert_eq!(status(&rig.attempt("push", delivered(), 1).await), Some(Status::Pending));
    assert_eq!(status(&rig.attempt("sms", again(9), 1).await), None, "no leg was settled");
    assert_eq!(ends(rig).await, [0, 0, 0]);
    assert_eq!(status(&rig.attempt("mail", delivered(), 1).await), Some(Status::Complete));
    assert_eq!(ends(rig).await, [1, 0, 0], "a third leg is still under way");
    rig.reopen(2).await;
    let settled = rig.attempt("sms", Outcome::Dead, 9).await;
    assert_eq!(settled, Settled::Done { fallback: None, status: Some(Status::Complete), freed: None });
    assert_eq!(ends(rig).await, [1, 0, 0], "once");
    let entry = rig.steps(Step::Complete).await.remove(0);
    assert_eq!((entry.notification, entry.event), (Some(tell.id()), tell.plan().notification.event));
    assert_eq!(
        (entry.user.as_deref(), entry.rule.as_deref(), entry.agent.as_deref()),
        (Some("ann"), Some("rule"), Some("agent"))
    );
}

pub(super) async fn a_quorum_that_cannot_be_reached_is_incomplete(rig: &mut Rig) {
    rig.tell(&critical()).await;
    rig.attempt("push", delivered(), 1).await;
    let settled = rig.attempt("mail", Outcome::Dead, 2).await;
    let incomplete = Status::Incomplete { needed: 2, reached: 1 };
    assert_eq!(settled, Settled::Done { fallback: None, status: Some(incomplete), freed: None });
    assert_eq!(ends(rig).await, [0, 1, 0]);
    let detail = rig.steps(Step::Incomplete).await.remove(0).detail;
    assert_eq!(serde_json::Value::Object(detail), serde_json::json!({"needed": 2, "reached": 1}));
    let next = Tell::firing(2).priority(Priority::Critical).at(3);
    assert!(matches!(rig.tell(&next).await, crate::UserOutcome::Duplicate { .. }), "somebody was told");
}

pub(super) async fn too_few_legs_are_incomplete_from_the_start(rig: &mut Rig) {
    rig.tell(&critical().by(&["push"])).await;
    let settled = rig.attempt("push", delivered(), 1).await;
    assert_eq!(status(&settled), Some(Status::Incomplete { needed: 2, reached: 1 }));
}

pub(super) async fn a_fallback_can_still_reach_the_quorum(rig: &mut Rig) {
    let tell = critical();
    rig.tell(&tell).await;
    rig.attempt("push", delivered(), 1).await;
    let lease = rig.claim_one("mail", 1).await;
    let fallbacks = vec![tell.fallback("sms", &["mail"])];
    let settled = rig.finish(Finish { fallbacks, ..answer(&lease, Outcome::Dead) }, 1).await;
    assert_eq!(status(&settled), Some(Status::Pending));
    rig.reopen(2).await;
    assert_eq!(status(&rig.attempt("sms", delivered(), 2).await), Some(Status::Complete));
    assert_eq!(ends(rig).await, [1, 0, 0]);
}

pub(super) async fn a_notification_that_fails_everywhere_frees_its_key_exactly_then(rig: &mut Rig) {
    let tell = critical();
    rig.tell(&tell).await;
    let settled = rig.attempt("push", Outcome::Expired, 1).await;
    assert_eq!(settled, Settled::Done { fallback: None, status: Some(Status::Pending), freed: None });
    rig.reopen(2).await;
    let settled = rig.attempt("mail", Outcome::Gone, 2).await;
    let freed = Some(tell.key());
    assert_eq!(settled, Settled::Done { fallback: None, status: Some(Status::Failed), freed });
    assert_eq!(ends(rig).await, [0, 0, 1]);
    assert_eq!(rig.tell(&Tell::firing(2).at(3)).await, crate::UserOutcome::Planned);
}

pub(super) async fn a_batch_settles_one_leg_after_another(rig: &mut Rig) {
    rig.tell(&critical()).await;
    let (push, mail) = (rig.claim_one("push", 0).await, rig.claim_one("mail", 0).await);
    let finishes = vec![answer(&push, delivered()), answer(&mail, delivered()), answer(&mail, Outcome::Dead)];
    let settled = get(rig.store().finish(finishes, at(0))).await;
    assert_eq!(status(&settled[0]), Some(Status::Pending));
    assert_eq!(status(&settled[1]), Some(Status::Complete));
    assert_eq!(settled[2], Settled::Stale);
    assert_eq!(ends(rig).await, [1, 0, 0]);
}
