//! A file of tests as it is written. What it comes to is left to `build`.

use crate::{
    raw::PreferenceTree,
    read::{At, Named, raw},
    tests_file::values::{Fields, Moment, Start, Words},
    values::{SeverityName, Span},
};

raw! {
    /// Tests of rules.
    Tests {
        /// The config that is tested, from this file's folder. Default `tidings.yaml`; `-c` goes before it.
        config: Words,
        /// The tests.
        #[schemars(required)]
        tests: Vec<At<Test>>,
    }
}

raw! {
    /// One test: what happens, and what has to come of it.
    Test {
        /// Its name.
        #[schemars(required)]
        name: Words,
        /// When it begins: a time, or Unix seconds. Default 2026-01-05T09:00:00Z, a Monday.
        start: Start,
        /// What happens.
        events: Vec<At<Event>>,
        /// Wishes in the place of those that the config has for a user.
        preferences: Named<PreferenceTree>,
        /// What is silenced for a while.
        silences: Vec<At<SilenceEntry>>,
        /// How long the test lasts. By default until the last event and the last moment that it expects something at.
        until: Moment,
        /// What has to come of it.
        #[schemars(required)]
        expect: Expect,
    }
}

raw! {
    /// An event.
    Event {
        /// How long after the start, or a time. Default 0 s.
        at: Moment,
        /// Its type.
        #[schemars(required)]
        r#type: Words,
        /// The agent.
        agent: Words,
        /// On whose behalf.
        user: Words,
        /// In which session.
        session: Words,
        /// How bad it is. By default the type's own.
        severity: SeverityName,
        /// What happened.
        data: Fields,
        /// Where it came from.
        metadata: Fields,
        /// Its own id: the same id is the same event.
        id: Words,
        /// How often it happens.
        repeat: Repeat,
    }
}

raw! {
    /// How often an event happens.
    Repeat {
        /// How many there are, from 1 up.
        #[schemars(required)]
        times: u64,
        /// From one to the next.
        #[schemars(required)]
        every: Span,
    }
}

raw! {
    /// A silence; all that is set must fit.
    SilenceEntry {
        /// The agent, or a glob.
        agent: Words,
        /// The rule.
        rule: Words,
        /// The event's type, or a glob.
        event_type: Words,
        /// Who would be told.
        user: Words,
        /// When it begins. Default 0 s.
        from: Moment,
        /// When it ends.
        #[schemars(required)]
        until: Moment,
    }
}

raw! {
    /// What has to come of a test. A list that is given is complete.
    Expect {
        /// Rules that fire.
        firings: Vec<At<Firing>>,
        /// Incidents that end.
        resolved: Vec<At<Firing>>,
        /// What people are sent.
        deliveries: Vec<At<Delivery>>,
        /// How often each mechanism suppressed something.
        suppressed: Suppressed,
        /// Nothing fires, nothing ends and nobody is told.
        nothing: bool,
    }
}

raw! {
    /// A rule that fires, or an incident of it that ends.
    Firing {
        /// The rule.
        #[schemars(required)]
        rule: Words,
        /// For this agent. By default whichever.
        agent: Words,
        /// When, exactly.
        #[schemars(required)]
        at: Moment,
    }
}

raw! {
    /// A message that somebody is sent. What is left out is not looked at.
    Delivery {
        /// When, exactly.
        #[schemars(required)]
        at: Moment,
        /// To whom.
        #[schemars(required)]
        user: Words,
        /// The rule that speaks.
        rule: Words,
        /// Of this agent.
        agent: Words,
        /// On these channels and no others.
        channels: Vec<At<Words>>,
        /// Its title.
        title: Words,
        /// What stands somewhere in its text.
        body: Words,
        /// A digest of so many messages; 0: none.
        digest: u64,
    }
}

raw! {
    /// How often each mechanism suppressed something. What is left out is not looked at.
    Suppressed {
        /// A rule held, and rested.
        cooldown: u64,
        /// The same message was told within the window.
        duplicate: u64,
        /// A silence covered it.
        silenced: u64,
        /// Preferences deny it on every channel.
        denied: u64,
        /// It waited to be told by itself.
        held: u64,
        /// It waited to be told in a digest.
        digested: u64,
        /// It waited to be told in the summary of a storm.
        summed_up: u64,
        /// It waited and was not told in the end.
        dropped: u64,
    }
}
