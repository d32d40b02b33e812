//! The list of all cases: the one place that names them.

use tidings_core::BoxFuture;

use super::{
    accepting, claiming, cooling, deferring, documents, finishing, inboxing, keeping, laning, logging, outlasting,
    planning, purging, rig::Rig, settling, shedding, telling, waking,
};

/// A case: what it is given is closed afterwards.
pub(super) type Case = fn(&mut Rig) -> BoxFuture<'_, ()>;

/// Hands the names of all cases, by the part of the contract, to another macro.
#[doc(hidden)]
#[macro_export]
macro_rules! contract_cases {
    ([$($then:tt)*] $($given:tt)*) => {
        $($then)*! {
            $($given)*
            accepting:
                the_same_event_is_accepted_once
                an_event_comes_back_as_it_went_in
                what_was_accepted_waits_for_its_plan_through_a_restart
                an_empty_store_says_so
                a_range_of_events_is_what_it_says
            ;
            planning:
                a_plan_is_made_in_one_step
                an_event_planned_twice_gives_nothing_new
                an_event_twice_in_a_batch_is_planned_once
                what_time_alone_gave_is_planned_once
                events_are_planned_in_any_order
                states_go_with_the_plan
            ;
            cooling:
                a_cooldown_is_given_once
                claims_of_one_batch_see_each_other
                the_same_claim_of_the_same_event_is_granted_again
                what_hangs_on_an_overruled_firing_is_not_made
                a_cooldown_that_overrules_stands_in_the_log
                cooldowns_are_told_from_a_time_on
            ;
            telling:
                a_dedup_key_is_held_for_its_window
                plans_of_one_batch_see_each_other
                a_notification_is_kept_whole
                a_plan_again_makes_nothing_new
                a_resolve_is_told_once_to_whom_the_incident_was_told_and_frees_the_key
                a_resolve_frees_no_key_of_another_incident
                an_incident_that_reached_nobody_has_no_end_and_takes_no_key_from_the_next
                a_key_is_free_when_every_channel_has_failed_and_not_before
                what_is_not_told_stands_in_the_log
            ;
            claiming:
                an_old_fence_changes_nothing
                an_answer_after_the_lease_counts_until_another_lease_is_given
                a_released_lease_cannot_finish
                what_waits_for_later_is_hastened
                the_next_life_takes_leases_over
                a_rate_limited_attempt_is_not_counted
                what_was_not_sent_is_no_attempt
                a_lease_that_was_renewed_is_one_attempt
                a_lease_is_finished_once
                what_was_never_lent_cannot_be_finished
                a_lease_tells_the_delivery_as_it_was_made
                the_next_due_time_is_told
                the_next_overdue_time_is_told
                only_what_yields_and_whose_plan_is_over_is_overdue
                what_is_overdue_waits_for_its_turn
            ;
            deferring:
                what_is_told_later_waits_through_a_restart
                the_longest_over_is_first_and_what_belongs_together_stays_so
                a_wait_that_repeats_is_planned_once
                what_waited_is_resumed_once
                what_was_held_goes_out_like_any_other
                a_digest_is_made_once_and_only_of_what_stood
                a_key_is_free_if_nobody_was_told_and_not_else
                what_becomes_of_what_waits_stands_in_the_log
                a_clock_that_was_set_back_moves_no_calendar
            ;
            outlasting:
                what_waits_is_never_purged
                what_has_no_room_to_wait_gives_way_by_its_priority
            ;
            inboxing:
                every_user_has_a_sequence_without_gaps
                a_notification_stands_in_an_inbox_once
                an_inbox_keeps_the_newest
                what_was_read_stays_read
            ;
            documents:
                a_document_counts_its_changes
                documents_are_changed_all_or_none
                changes_of_one_batch_follow_each_other
                a_document_that_was_removed_keeps_its_version
                a_silence_that_was_removed_is_forgotten_in_time
                documents_are_listed_by_kind_and_id
            ;
            laning:
                a_lane_keeps_its_order_across_a_retry
                a_lane_keeps_its_order_across_a_restart
                an_earlier_due_time_overtakes_nobody_in_its_lane
                whatever_ends_a_head_lets_the_next_go
                a_lane_is_its_endpoints_own
                the_longest_due_goes_first
            ;
            finishing:
                each_outcome_is_booked_and_logged
                what_is_not_wanted_any_more_is_no_failure
                a_retry_tells_the_log_why_and_when
                a_fallback_is_made_in_the_same_step
                a_fallback_uses_no_channel_twice
                only_what_is_given_up_takes_a_fallback
                a_receiver_that_is_down_is_waited_for_unless_a_fallback_can_be_taken
                a_late_answer_takes_no_fallback
                an_address_that_is_gone_is_disabled_until_somebody_enables_it
            ;
            settling:
                a_quorum_is_complete_as_soon_as_it_is_reached
                a_quorum_that_cannot_be_reached_is_incomplete
                too_few_legs_are_incomplete_from_the_start
                a_fallback_can_still_reach_the_quorum
                a_notification_that_fails_everywhere_frees_its_key_exactly_then
                a_batch_settles_one_leg_after_another
            ;
            logging:
                a_filter_gives_what_fits_in_either_direction
                pages_neither_overlap_nor_leave_a_hole_while_the_log_grows
                a_page_is_bounded
                what_is_written_with_a_plan_is_kept_whole
                what_is_written_by_itself_says_what_it_is_about
                a_planned_notification_stands_in_the_log_with_its_plan
                each_attempt_is_told_with_its_number
                an_event_sent_again_leaves_an_entry_each_time
                what_is_written_with_a_direct_message_is_kept_whole
            ;
            keeping:
                an_event_has_the_rules_that_it_was_judged_by
                an_event_keeps_when_rules_saw_it
                a_cursor_never_goes_back
                a_clock_that_was_set_back_moves_what_is_due
                a_clock_that_was_set_back_moves_what_rules_hold
                a_clock_that_is_a_second_off_moves_nothing
            ;
            purging:
                what_is_old_and_settled_goes
                what_waits_or_is_open_stays
                what_a_sink_has_not_read_stays
                a_purge_goes_in_slices
                an_event_accepted_late_in_an_old_hour_is_judged_by_its_acceptance
                what_rules_hold_is_judged_by_when_it_was_written
                an_incident_that_has_not_ended_stays_however_old_it_is
            ;
            waking:
                a_plan_wakes_who_waits
                a_finish_wakes_who_waits
                a_fallback_wakes_its_channel
                a_release_wakes_who_waits
                a_wait_without_work_ends
            ;
            shedding:
                the_lowest_severity_gives_way
                what_is_being_sent_is_never_shed
                a_lane_keeps_its_order_when_some_of_it_is_shed
                what_a_person_should_be_told_is_never_shed
                what_would_be_lost_is_handed_out
                an_endpoint_that_nobody_serves_is_named
            ;
        }
    };
}

macro_rules! table {
    ($($group:ident: $($case:ident)*;)*) => {
        pub(super) fn find(name: &str) -> Option<Case> {
            match name {
                $($(stringify!($case) => Some(|rig| Box::pin($group::$case(rig))),)*)*
                _ => None,
            }
        }
    };
}

crate::contract_cases!([table]);

/// Makes a test of each case of the [contract](mod@crate::contract) for a [`Subject`](crate::contract::Subject) that has a default.
#[macro_export]
macro_rules! contract {
    ($subject:ty) => {
        $crate::contract_cases!([$crate::contract_tests] $subject,);
    };
}

/// One test for each case.
#[doc(hidden)]
#[macro_export]
macro_rules! contract_tests {
    ($subject:ty, $($group:ident: $($case:ident)*;)*) => {
        $($(
            #[test]
            fn $case() {
                $crate::contract::run(stringify!($case), <$subject as Default>::default());
            }
        )*)*

        #[test]
        fn random_walks_agree_with_the_model() {
            $crate::contract::walks(<$subject as Default>::default);
        }
    };
}
