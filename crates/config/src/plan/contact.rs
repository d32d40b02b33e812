//! Channels and addresses that come from elsewhere than the file, as when a person changes one: what is wrong with them is what would be wrong in the file.

use crate::{
    build::{BUILT_IN, wrong_for},
    plan::Plan,
    suggest::{hint, shown},
};

impl Plan {
    /// What is wrong with the name of a channel: that nobody knows it; `None` where nothing is.
    #[must_use]
    pub fn channel_problem(&self, channel: &str) -> Option<String> {
        let built_in = BUILT_IN.into_iter().filter(|name| !self.channels.contains_key(*name));
        let known = self.channels.keys().map(String::as_str).chain(built_in);
        let is_known = known.clone().any(|known| known == channel);
        let told = || format!("no channel is called `{}`: {}", shown(channel), hint(channel, known));
        (!is_known).then(told)
    }

    /// What is wrong with a person's address on this channel, with the address itself left out; `None` where nothing is.
    #[must_use]
    pub fn address_problem(&self, channel: &str, address: &str) -> Option<String> {
        if let Some(unknown) = self.channel_problem(channel) {
            return Some(unknown);
        }
        let type_name = self.channels.get(channel).map_or(channel, |plan| &plan.type_name);
        let unreadable = || address.chars().any(char::is_control).then_some("it has control characters");
        wrong_for(type_name, address).or_else(unreadable).map(str::to_owned)
    }
}

#[cfg(test)]
mod tests {
    use crate::{Options, load};

    #[test]
    fn an_address_is_checked_as_in_the_file() {
        let text = "channels: {post: {type: email, folder: ./mails, from: 'a@example.com'}}\nusers: {ann: {}}\ntriggers: [{name: slow, condition: x > 5, channels: [post]}]\n";
        let (plan, _) = load(text, &Options::default()).unwrap();
        let check = |channel: &str, address: &str, expected: &str| {
            let found = plan.address_problem(channel, address).unwrap_or_default();
            assert!(found.starts_with(expected) && found.is_empty() == expected.is_empty(), "{channel}: {found}");
            assert!(!found.contains("secret"), "{found}");
        };
        check("email", "ann@example.com", "");
        check("post", "ann@example.com", "");
        check("post", "secret", "not a mail address");
        check("sms", "079 secret", "not a phone number");
        check("pots", "ann@example.com", "no channel is called `pots`: did you mean `post`?");
        check("push", "a\nb", "it has control characters");
    }
}
