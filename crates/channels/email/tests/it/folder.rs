//! Messages as files.

use tidings_core::{Channel, ErrorKind, Verdict};
use tidings_email::{Email, EmailConfig};
use tidings_testkit::smtp::Mail;

use crate::{FROM, to_ann};

fn names(folder: &std::path::Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).expect("a folder");
    entries.map(|entry| entry.expect("an entry").file_name().into_string().expect("a plain name")).collect()
}

#[tokio::test]
async fn a_delivery_is_one_file_however_often_it_is_tried() {
    let folder = tempfile::tempdir().unwrap();
    let email = Email::new(EmailConfig::folder(folder.path(), FROM)).unwrap();
    let mut envelope = to_ann("error rate ä");
    for attempt in 1..=2 {
        envelope.attempt = attempt;
        let receipt = email.send(&envelope).await.unwrap();
        assert_eq!(receipt.detail, Some(format!("{}.eml", envelope.delivery)));
    }
    assert_eq!(names(folder.path()), [format!("{}.eml", envelope.delivery)]);
    let raw = std::fs::read(folder.path().join(format!("{}.eml", envelope.delivery))).unwrap();
    assert_eq!(raw, email.message(&envelope).unwrap());
    assert_eq!(Mail { raw, ..Mail::default() }.subject(), "[HIGH] error rate ä");
}

#[tokio::test]
async fn a_folder_that_is_not_there_may_come_back() {
    let folder = tempfile::tempdir().unwrap();
    let gone = folder.path().join("mail");
    let email = Email::new(EmailConfig::folder(&gone, FROM)).unwrap();
    let error = email.send(&to_ann("t")).await.unwrap_err();
    assert_eq!((error.verdict(), error.kind()), (Verdict::Transient { retry_after: None }, ErrorKind::Other));
    assert!(error.to_string().contains("could not be written into the folder"), "{error}");
    assert!(error.to_string().ends_with("mail: there is no such folder; create it"), "{error}");
    std::fs::create_dir(&gone).unwrap();
    email.send(&to_ann("t")).await.unwrap();
    assert_eq!(names(&gone).len(), 1);
}

/// As on a full or a read-only disk: nothing half is left, and there may be room later.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_folder_that_takes_no_files_may_take_them_later() {
    let email = Email::new(EmailConfig::folder("/proc", FROM)).unwrap();
    let error = email.send(&to_ann("t")).await.unwrap_err();
    assert_eq!((error.verdict(), error.kind()), (Verdict::Transient { retry_after: None }, ErrorKind::Other));
    assert!(error.to_string().contains("the folder /proc: ") && !error.to_string().contains(".tmp"), "{error}");
}

#[cfg(unix)]
#[tokio::test]
async fn a_message_is_read_by_its_owner_alone() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let email = Email::new(EmailConfig::folder(folder.path(), FROM)).unwrap();
    let envelope = to_ann("t");
    email.send(&envelope).await.unwrap();
    let file = std::fs::metadata(folder.path().join(format!("{}.eml", envelope.delivery))).unwrap();
    assert_eq!(file.permissions().mode() & 0o777, 0o600);
}

#[tokio::test]
async fn a_file_that_cannot_be_replaced_leaves_nothing_behind() {
    let folder = tempfile::tempdir().unwrap();
    let envelope = to_ann("t");
    let taken = format!("{}.eml", envelope.delivery);
    std::fs::create_dir_all(folder.path().join(&taken).join("inside")).unwrap();
    let email = Email::new(EmailConfig::folder(folder.path(), FROM)).unwrap();
    let error = email.send(&envelope).await.unwrap_err();
    assert_eq!(error.verdict(), Verdict::Transient { retry_after: None });
    assert_eq!(names(folder.path()), [taken]);
}
