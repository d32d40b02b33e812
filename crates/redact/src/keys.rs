//! Which names mean that their value is a secret. What is done with the value is left to the walk and to the scanners.

/// What a secret name says of the values under it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct SecretName {
    /// The kind that the placeholder tells.
    pub kind: &'static str,
    /// A plural: numbers under it are counts and stay.
    pub plural: bool,
}

/// The most words that one listed name has.
const LONGEST: usize = 4;
/// The longest name that is judged, in bytes; of a longer one the end counts.
const NAME_LIMIT: usize = 96;

/// Names by their last words, written as one, with their kinds.
#[rustfmt::skip]
const LISTED: &[(&str, &[&str])] = &[
    ("password", &[
        "pass", "password", "passwd", "pwd", "passphrase", "passcode", "passwordhash", "pswd", "passwrd", "userpass", "dbpass",
        "adminpass", "authpass", "smtppass", "mailpass", "rootpass", "passwordconfirmation", "passwordconfirm", "passkey", "psk", "pw", "pword",
        "seedphrase", "mnemonic", "cvv", "cvc", "cvv2", "otp", "recoverycode", "backupcode", "securitycode", "pincode",
    ]),
    ("secret", &[
        "secret", "clientsecret", "secretid", "secretkeybase", "sharedsecret", "signingsecret",
    ]),
    ("token", &[
        "token", "jwt", "bearer", "sessiontoken", "accesstoken", "authtoken", "refreshtoken", "idtoken",
        "bearertoken", "csrftoken", "xsrftoken", "tokensecret",
    ]),
    ("api_key", &[
        "apikey", "appkey", "applicationkey", "servicekey", "servicerolekey", "subscriptionkey", "licensekey", "xapikey",
        "authkey", "integrationkey", "routingkey", "ingestkey", "writekey", "deploykey", "functionskey", "consumerkey", "apipassword", "insertkey", "gotifykey", "honeycombteam",
    ]),
    ("access_key", &["accesskey", "accesskeyid", "secretaccesskey", "sharedaccesskey", "accountkey", "storagekey", "sharedkey"]),
    ("secret_key", &["secretkey", "signingkey", "encryptionkey", "masterkey", "hmackey", "presharedkey", "aeskey", "cryptokey", "decryptionkey"]),
    ("private_key", &["privatekey", "sshkey", "privatekeypem", "tlskey", "sslkey", "privkey", "keypem", "clientkeydata"]),
    ("authorization", &["basicauth", "httpauth", "authorization", "proxyauthorization", "authheader", "authorizationheader"]),
    ("cookie", &["cookie", "setcookie", "sessioncookie", "cookieheader"]),
    ("credentials", &["credential", "credentials", "creds", "cred"]),
    ("connection_string", &["connectionstring", "connstring", "connstr", "sharedaccesssignature", "sastoken", "saskey"]),
];
/// Endings that make a name secret even inside of one word: `dbpassword`, `githubtoken`.
const ENDINGS: [&str; 14] = [
    "password",
    "passwd",
    "passphrase",
    "apikey",
    "secretkey",
    "privatekey",
    "accesskey",
    "accountkey",
    "secret",
    "token",
    "setcookie",
    "authorization",
    "credential",
    "credentials",
];
/// A plural behind one of these counts something: `max_tokens`.
#[rustfmt::skip]
const COUNTED: [&str; 26] = [
    "max", "min", "total", "prompt", "completion", "input", "output", "cached", "reasoning", "num", "number", "used", "remaining",
    "budget", "context", "generated", "new", "per", "limit", "avg", "mean", "audio", "thinking", "text", "image", "of",
];

/// Judges a name by its last words.
pub(crate) fn judge(name: &str) -> Option<SecretName> {
    let name = tail(name);
    let words = Words::of(name);
    let (kind, plural) = listed(&words)?;
    if plural && words.before_last().is_some_and(|word| COUNTED.contains(&word)) {
        return None;
    }
    Some(SecretName { kind, plural })
}

fn listed(words: &Words) -> Option<(&'static str, bool)> {
    let last = words.suffix(1)?;
    if !may_end_a_name(last.as_bytes()) {
        return None;
    }
    for count in 1..=LONGEST {
        let Some(joined) = words.suffix(count) else { break };
        if let Some(kind) = kind_of(joined) {
            return Some((kind, false));
        }
        if let Some(kind) = joined.strip_suffix('s').and_then(kind_of) {
            return Some((kind, true));
        }
    }
    let stem = last.strip_suffix('s').unwrap_or(last);
    let ending = ENDINGS.iter().find(|ending| stem.ends_with(*ending) || last.ends_with(*ending))?;
    Some((kind_of(ending)?, stem.len() < last.len() && !last.ends_with(ending)))
}

/// A cheap look at the last two letters, since most names end otherwise.
fn may_end_a_name(word: &[u8]) -> bool {
    let word = word.strip_suffix(b"s").filter(|stem| stem.len() > 2 && !stem.ends_with(b"s")).unwrap_or(word);
    let Some(end) = word.last_chunk::<2>() else { return false };
    #[rustfmt::skip]
    let may_end = matches!(
        end,
        b"ss" | b"rd" | b"wd" | b"se" | b"de" | b"sh" | b"ic" | b"vv" | b"vc" | b"v2" | b"tp" | b"et" | b"id" | b"ue"
        | b"en" | b"wt" | b"er" | b"ey" | b"em" | b"on" | b"ie" | b"al" | b"ed" | b"ng" | b"tr" | b"re" | b"as" | b"rm"
        | b"sk" | b"pw" | b"th" | b"am" | b"ta"
    );
    may_end
}

fn kind_of(joined: &str) -> Option<&'static str> {
    LISTED.iter().find(|(_, names)| names.contains(&joined)).map(|(kind, _)| *kind)
}

fn tail(name: &str) -> &str {
    let mut start = name.len().saturating_sub(NAME_LIMIT);
    while !name.is_char_boundary(start) {
        start += 1;
    }
    &name[start..]
}

/// The words of a name in lower case, one behind the other, and where each starts.
struct Words {
    joined: String,
    starts: Vec<usize>,
}

impl Words {
    /// Splits at everything that is no letter or digit, and where camelCase changes. Numbers at the end do not count.
    fn of(name: &str) -> Self {
        let bytes = name.trim_end_matches(|c: char| !c.is_ascii_alphabetic()).as_bytes();
        let mut words = Self { joined: String::with_capacity(bytes.len()), starts: Vec::with_capacity(6) };
        let mut inside = false;
        for (position, &byte) in bytes.iter().enumerate() {
            if !byte.is_ascii_alphanumeric() {
                inside = false;
                continue;
            }
            if !inside || starts_word(bytes, position) {
                words.starts.push(words.joined.len());
            }
            inside = true;
            words.joined.push(char::from(byte.to_ascii_lowercase()));
        }
        words
    }

    /// The last so many words as one.
    fn suffix(&self, count: usize) -> Option<&str> {
        let start = self.starts.len().checked_sub(count)?;
        Some(&self.joined[*self.starts.get(start)?..])
    }

    fn before_last(&self) -> Option<&str> {
        let index = self.starts.len().checked_sub(2)?;
        Some(&self.joined[self.starts[index]..self.starts[index + 1]])
    }
}

/// Whether camelCase starts a word at this capital: `apiKey`, `APIKey`.
fn starts_word(bytes: &[u8], position: usize) -> bool {
    let before = bytes[position - 1];
    let next_is_small = bytes.get(position + 1).is_some_and(u8::is_ascii_lowercase);
    bytes[position].is_ascii_uppercase() && (!before.is_ascii_uppercase() || next_is_small)
}

/// Every listed name.
#[cfg(test)]
pub(crate) fn names() -> impl Iterator<Item = &'static str> {
    LISTED.iter().flat_map(|(_, names)| names.iter().copied()).chain(ENDINGS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secret_names() {
        for name in [
            "password",
            "PASSWORD",
            "PassWord",
            "db_password",
            "dbPassword",
            "dbpassword",
            "DB-PASSWORD",
            "user.passwd",
            "pwd",
            "pass",
            "apiKey",
            "APIKey",
            "APIKEY",
            "api_key",
            "api-key",
            "x-api-key",
            "OPENAI_API_KEY",
            "OPENAI_API_KEY_2",
            "password1",
            "api key",
            "token",
            "authToken",
            "access_token",
            "accesstoken",
            "sessionToken",
            "Authorization",
            "proxy-authorization",
            "Set-Cookie",
            "cookie",
            "client_secret",
            "clientSecret",
            "private_key",
            "credentials",
            "aws_secret_access_key",
            "AccountKey",
            "SharedAccessKey",
            "secretKey",
            "passphrase",
            "_authToken",
            "npm_config__auth_token",
        ] {
            assert!(judge(name).is_some_and(|secret| !secret.plural), "{name}");
        }
        for name in ["tokens", "api_keys", "apiKeys", "secrets", "passwords", "cookies", "githubtokens"] {
            assert!(judge(name).is_some_and(|secret| secret.plural), "{name}");
        }
    }

    #[test]
    fn other_names() {
        for name in [
            "",
            "s",
            "primary_key",
            "sort_key",
            "partitionKey",
            "key",
            "public_key",
            "token_count",
            "max_tokens",
            "maxTokens",
            "prompt_tokens",
            "total_tokens",
            "author",
            "passed",
            "bypass",
            "compass",
            "monkey",
            "keyboard",
            "token_type",
            "tokenizer",
            "password_reset_at",
            "has_secrets_count",
            "session_id",
            "user_id",
            "secretary",
            "cookieless",
            "ключ",
            "authority",
            "passenger",
            "passport",
            "hotkey",
            "authored_by",
            "class",
            "access",
            "address",
            "success",
        ] {
            assert_eq!(judge(name), None, "{name}");
        }
    }
}
