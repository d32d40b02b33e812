//! What is told later, and a process that dies while it is let go.

use tidings_tests::kept::later::nights;

use super::PROGRAM;

#[tokio::test(flavor = "multi_thread")]
async fn what_waited_is_told_once_wherever_the_process_dies() {
    let nights = nights(PROGRAM, 7).await.unwrap_or_else(|problem| panic!("{problem}"));
    assert!(nights.iter().map(|night| night.kills).sum::<usize>() >= 20, "{nights:?}");
    println!("{nights:?}");
}
