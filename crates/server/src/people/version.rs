//! Versions as HTTP says them, `ETag` and `If-Match` (RFC 9110), and changes that are held against them. Which version stands is the store's
//! knowledge.

use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use tidings::{Profile, ProfileError};

use super::standing::{Standing, refused};
use crate::{
    app::App,
    caller::Caller,
    problem::{Refusal, SOON},
};

/// How often a change is made again that another one came before: so many may come at once.
const TRIES: usize = 100;

/// Which version a change is meant for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Expected {
    /// Whatever stands.
    Any,
    /// One of these.
    OneOf(Vec<u64>),
}

/// Who is changed, and by whom.
#[derive(Clone, Copy)]
pub(super) struct Whom<'a> {
    pub(super) app: &'a App,
    pub(super) caller: &'a Caller,
    pub(super) user: &'a str,
    /// Whether it may be somebody who is not there yet.
    pub(super) new: bool,
}

impl Whom<'_> {
    async fn find(self) -> Result<Standing, Refusal> {
        match Standing::of(self.app, self.caller, self.user).await {
            Err(refusal) if self.new && refusal.status == StatusCode::NOT_FOUND => {
                Ok(Standing::new(self.app, self.user))
            }
            found => found,
        }
    }
}

impl Expected {
    /// What the request says.
    ///
    /// # Errors
    /// If the header cannot be read: it must not pass for none.
    pub(super) fn read(headers: &HeaderMap) -> Result<Self, Refusal> {
        let mut versions = Vec::new();
        let mut given = false;
        for value in headers.get_all(header::IF_MATCH) {
            given = true;
            let text = value.to_str().map_err(|_| unreadable())?.trim();
            if text == "*" {
                return Ok(Self::Any);
            }
            for tag in text.split(',').map(str::trim) {
                versions.extend(version(tag)?);
            }
        }
        Ok(if given { Self::OneOf(versions) } else { Self::Any })
    }

    /// Whether it may be done to what stands.
    ///
    /// # Errors
    /// 412 where something else stands.
    pub(super) fn admits(&self, version: u64) -> Result<(), Refusal> {
        match self {
            Self::OneOf(versions) if !versions.contains(&version) => Err(stale(version)),
            _ => Ok(()),
        }
    }

    /// Changes the person that is found, and gives him as he stands then. Where another change came before, it is made over that one, if
    /// what stands then is admitted too.
    ///
    /// # Errors
    /// 412 where it is not, and whatever is wrong with the change.
    pub(super) async fn change(
        &self,
        whom: Whom<'_>,
        change: impl Fn(&mut Profile) -> Result<(), Refusal>,
    ) -> Result<Standing, Refusal> {
        for _ in 0..TRIES {
            let mut person = whom.find().await?;
            self.admits(person.version())?;
            change(&mut person.profile)?;
            let Whom { app, caller, user, .. } = whom;
            match app.notifier().put_profile(user, &person.profile, Some(person.version()), &caller.author()).await {
                Ok(_) => return Standing::of(app, caller, user).await,
                Err(ProfileError::Conflict { version }) => self.admits(version)?,
                Err(error) => return Err(refused(&error)),
            }
        }
        let detail = "too many others change this person at once: send it again";
        Err(Refusal::new(StatusCode::SERVICE_UNAVAILABLE, detail).retry_after(SOON))
    }
}

/// The version of a strong tag; none of one that cannot be ours.
fn version(tag: &str) -> Result<Option<u64>, Refusal> {
    let bare = tag.strip_prefix("W/").unwrap_or(tag);
    let quoted = bare.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).ok_or_else(unreadable)?;
    // A weak tag never matches here.
    Ok(quoted.parse().ok().filter(|_| bare == tag))
}

fn unreadable() -> Refusal {
    Refusal::new(StatusCode::BAD_REQUEST, "`If-Match` is the `ETag` of what was read, such as \"3\"")
}

/// Somebody else was first.
fn stale(version: u64) -> Refusal {
    let detail = format!("somebody changed it meanwhile, it stands at version {version}: read it again");
    Refusal::new(StatusCode::PRECONDITION_FAILED, detail)
}

/// The header that names a version.
pub(super) fn tag(version: u64) -> [(HeaderName, HeaderValue); 1] {
    let value = HeaderValue::from_str(&format!("\"{version}\"")).unwrap_or(HeaderValue::from_static("\"0\""));
    [(header::ETAG, value)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_read_as_they_are_written() {
        let check = |given: &[&str], version: u64, expected: u16| {
            let headers = given.iter().map(|value| (header::IF_MATCH, value.parse().unwrap())).collect::<HeaderMap>();
            let read = Expected::read(&headers).and_then(|expected| expected.admits(version));
            assert_eq!(read.map_or_else(|refusal| refusal.status.as_u16(), |()| 200), expected, "{given:?}");
        };
        for good in [&[][..], &["*"], &["\"3\""], &["\"2\", \"3\""], &["\"2\"", "\"3\""]] {
            check(good, 3, 200);
        }
        for stale in [&["\"2\""][..], &["W/\"3\""], &["\"x\""], &["\"99999999999999999999\""], &["\"\""]] {
            check(stale, 3, 412);
        }
        for wrong in [&["3"][..], &["\"3"], &[""], &["\"3\","]] {
            check(wrong, 3, 400);
        }
    }
}
