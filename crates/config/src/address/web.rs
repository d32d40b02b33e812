//! The services that run anywhere: their host stands in the address, and a scheme that ends in `s` means `https`.

use base64::{Engine, engine::general_purpose::STANDARD};

use super::{AddressError, Described, parts::Parts};
use crate::percent::encode;

/// `mmost://[name@]host[:port][/path]/token`.
pub(super) fn mattermost(parts: &mut Parts) -> Result<Described, AddressError> {
    let form = "mmosts://host/token, as in https://host/hooks/token; the webhook knows its channel";
    let place = parts.place()?;
    let (Some((token, path)), None) = (parts.path.split_last(), &parts.password) else { return Err(parts.wrong(form)) };
    let before: String = path.iter().filter(|part| *part != "hooks").map(|part| encode(part) + "/").collect();
    // As the name of the service alone says nothing of it, that means `https` too.
    let scheme = if parts.scheme == "mattermost" { "https" } else { parts.web_scheme() };
    let url = format!("{scheme}://{place}/{before}hooks/{}", encode(token));
    Ok(Described::new("mattermost").key("url", url).at(place))
}

/// `ntfy://topic` on the public server, or `ntfys://[token@]host[:port]/topic`.
pub(super) fn ntfy(parts: &mut Parts) -> Result<Described, AddressError> {
    let form = "ntfy://topic, or ntfys://token@host/topic";
    let mode = parts.take("mode").map(|mode| mode.to_ascii_lowercase());
    let given = parts.take("token");
    if parts.password.is_some() || parts.user.is_some() && given.is_some() {
        return Err(AddressError::new("ntfy is entered by an access token here", form));
    }
    let token = given.or_else(|| parts.user.clone());
    let public = parts.path.is_empty();
    if parts.authority.is_empty() || mode.is_some_and(|mode| mode != if public { "cloud" } else { "private" }) {
        return Err(parts.wrong(form));
    }
    if public {
        return Ok(Described::new("ntfy").key("topic", parts.authority.clone()).maybe("token", token));
    }
    let (place, topic) = (parts.place()?, parts.receiver(form)?);
    let scheme = if place == "ntfy.sh" { "https" } else { parts.web_scheme() };
    let described = Described::new("ntfy").key("url", format!("{scheme}://{place}")).maybe("topic", topic);
    Ok(described.maybe("token", token).at(place))
}

/// `gotify://host[:port][/path]/token`.
pub(super) fn gotify(parts: &mut Parts) -> Result<Described, AddressError> {
    let form = "gotifys://host/token";
    parts.no_login(form)?;
    let place = parts.place()?;
    let Some((token, path)) = parts.path.split_last() else { return Err(parts.wrong(form)) };
    let path: String = path.iter().map(|part| format!("/{}", encode(part))).collect();
    let url = format!("{}://{place}{path}", parts.web_scheme());
    Ok(Described::new("gotify").key("url", url).key("token", token.clone()).at(place))
}

/// `json://[user[:password]@]host[:port][/path]`, with headers as `?+Name=value`.
pub(super) fn webhook(parts: &mut Parts) -> Result<Described, AddressError> {
    let form = "jsons://host/path";
    if parts.take("method").is_some_and(|method| !method.eq_ignore_ascii_case("post")) {
        return Err(AddressError::new("a webhook is always sent by POST", "take `method` away"));
    }
    let place = parts.place().map_err(|_| parts.wrong(form))?;
    let url = format!("{}://{place}/{}", parts.web_scheme(), parts.raw_path);
    let mut described = Described::new("webhook").key("url", url).at(place);
    if parts.user.is_some() || parts.password.is_some() {
        let login = [&parts.user, &parts.password].map(|part| part.clone().unwrap_or_default()).join(":");
        let value = format!("Basic {}", STANDARD.encode(login));
        described.headers.push(("Authorization".to_owned(), value.into()));
    }
    for (name, value) in parts.take_all('+') {
        described.headers.push((name.trim_start_matches('+').to_owned(), value.into()));
    }
    Ok(described)
}
