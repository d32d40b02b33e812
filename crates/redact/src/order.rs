//! Every rule, in the order in which rules claim: what says most comes first. How rules are run is left to `rules`.

use crate::{
    addresses::WEBHOOKS,
    assignment, flag, pem, personal,
    rules::{Group, Rule, address, hinted, pattern, scanner},
    services::SERVICES,
    url,
    vendors::{Edge, LATE, TOKENS},
};

/// The hint for everything that goes by a secret's name; the scanners judge the whole name.
const NAMES: &str = concat!(
    r"(?i)(?:(?:pass(?:word|wd|phrase|code|wrd)?|pw|pword|pwd|pswd|mnemonic|cvv2?|cvc|otp|psk|secret|token|jwt|bearer|auth|authorization|cookie(?:[^a-z0-9]{0,3}header)?|credential|creds?",
    r"|(?:basic|http)[^a-z0-9]{0,3}auth|password[^a-z0-9]{0,3}confirm(?:ation)?",
    r"|pass(?:word|wd)?[^a-z0-9]{0,3}hash|(?:pass|seed)[^a-z0-9]{0,3}(?:phrase|word)|(?:recovery|backup|security|pin|pass)[^a-z0-9]{0,3}code",
    r"|secret[^a-z0-9]{0,3}id|honeycomb[^a-z0-9]{0,3}team|client[^a-z0-9]{0,3}key[^a-z0-9]{0,3}data|conn(?:ection)?[^a-z0-9]{0,3}str(?:ing)?|access[^a-z0-9]{0,3}signature|auth(?:orization)?[^a-z0-9]{0,3}header",
    r"|(?:api|app|application|service|role|subscription|license|auth|integration|routing|ingest|insert|gotify|write|deploy|functions|consumer|access|account",
    r"|storage|sas|pass|shared|secret|signing|encryption|master|hmac|aes|crypto|decryption|private|priv|ssh|tls|ssl)[^a-z0-9]{0,3}key",
    r"(?:[^a-z0-9]{0,3}(?:id|base|pem))?|key[^a-z0-9]{0,3}pem)s?(?: string)?[^a-z:=,}>%]{0,12}",
    r"(?:%2[27])?(?:[:=,}>]|%3[ad]|&(?:quot|apos|#))|(?:signature|credential|sig|hmac|keyid|accessid|sessid|[?&]code)(?:=|%3d))",
);

/// A name and its value in two fields, as environments and headers are listed: `name: DB_PASSWORD` and `value: x`.
const NAMED_VALUES: &str = concat!(
    r#"(?i)\b(?:name|key)\\{0,3}["']?\s{0,3}[:=]\s{0,3}\\{0,3}["']?"#,
    r#"[\w.-]{0,60}(?:password|passwd|secret|token|api[_-]?key|authorization|cookie)\\{0,3}["']?\s*,?(?:\s|\\[nr])*"#,
    r#"\\{0,3}["']?value\\{0,3}["']?\s{0,3}[:=]\s{0,3}(?:\\{0,3}"([^"\\\n]+)|\\{0,3}'([^'\\\n]+)|([^\s"'\\,<>]*[^\s"'\\,<>}\])]))"#,
);
/// Flags of command lines by the end of their names.
const FLAGS: &str = concat!(
    r#"(?i)-(?:u|-user|-proxy-user|[A-Za-z0-9_-]*(?:pass|word|wd|phrase|pwd|secret|token|key|"#,
    r#"cred(?:ential)?s?|cookie|bearer|auth(?:orization)?|jwt|code|otp|psk|cvv2?|cvc|mnemonic|str(?:ing)?|hash|header|confirm(?:ation)?)"#,
    r#"[0-9]{0,2})["'\\,]{0,5}[ \t,=]"#,
);
/// A bearer token without its header; a digit tells a short one from a word.
const BEARER: &str = r"(?i)\bbearer[ \t]+([A-Za-z0-9._~+/=-]{16,}|[A-Za-z._~+/=-]*[0-9][A-Za-z0-9._~+/=-]{6,})";
/// Passwords where netrc files, sshpass, mysql and SQL have them.
const COMMANDS: &str = concat!(
    r"(?i)\blogin[ \t]+\S+\s+password[ \t]+([^\s\x22'\\]+)",
    r"|\bsshpass[ \t]+-p[ \t]*[\x22']?([^\s\x22'\\$][^\s\x22'\\]*)",
    r"|\bmysql(?:dump|admin)?\b[^\n\x22|;]{0,200}?[ \t]-p[\x22']?([^\s\x22'\\$][^\s\x22'\\]*)",
    r"|\bcurl\b[^\n|;]{0,300}?[ \t]-u[\x22']?[^\s\x22'\\:$-][^\s\x22'\\:]*:([^\s\x22'\\$][^\s\x22'\\]*)",
    r"|\bcurl\b[^\n|;]{0,300}?[ \t]-b[ \t]*[\x22']?([\w.-]+=[^\s\x22'\\$][^\x22'\\\n]*)",
    r"|\bdocker[ \t]+login\b[^\n|;]{0,200}?[ \t]-p[ \t=]*[\x22']?([^\s\x22'\\$][^\s\x22'\\]*)",
    r"|\bredis-cli\b[^\n|;]{0,200}?[ \t]-a[ \t]+[\x22']?([^\s\x22'\\$][^\s\x22'\\]*)",
    r"|\bldap[a-z]+\b[^\n|;]{0,200}?[ \t]-w[ \t]+[\x22']?([^\s\x22'\\$][^\s\x22'\\]*)",
    r"|(?:\bsetx|\bconfig(?:ure)?[ \t]+set|\b(?-i:ENV))[ \t]+[\w.-]{0,60}(?:password|passwd|secret|token|[_-]key)[ \t]+[\x22']?([^\s\x22'\\$][^\s\x22'\\]*)",
    r"|\b(?:requirepass|masterauth)[ \t]+[\x22']?([^\s\x22'\\$][^\s\x22'\\]*)",
    r"|\bidentified(?:[ \t]+with[ \t]+\S+)?[ \t]+by[ \t]+[\x22']([^\x22'\n]{1,200})[\x22']|\bpassword[ \t]+'([^'\n]{1,200})'",
    r"|(?:\b(?:set|with)_?|^|[.\s])(?:password|passphrase|api_?key)\([\x22']([^\x22'\n]{1,200})[\x22']",
    r"|[\w.-]{1,64}:([^\s\x22'@/:]+)@(?:tcp|udp|unix)\(",
);
/// What every one of those has in it and prose seldom has: cheaper to look for.
const COMMANDS_HINT: &str = concat!(
    r"(?i)\b(?:sshpass|mysql[a-z]{0,5}|curl|docker|redis-cli|ldap[a-z]{1,12}|setx|config(?:ure)?[ \t]+set|(?-i:ENV))[ \t]",
    r"|\bby[ \t]+[\x22']|\bpassword[ \t]|\b(?:requirepass|masterauth)[ \t]|(?:password|passphrase|api_?key)\([\x22']|@(?:tcp|udp|unix)\(",
);
/// Elements with attributes or a prefix of their own, form fields, and header pairs as code prints them.
const MARKUP: &str = concat!(
    r"(?i)<(?:\w{1,20}:[\w.-]{0,40}(?:password|passwd|secret|token|api[_-]?key)(?:\s[^<>]{0,300})?",
    r"|[\w.-]{0,40}(?:password|passwd|secret|token|api[_-]?key)\s[^<>]{0,300})>([^<$\s][^<]*)</",
    r#"|\btype=\\?["']password\\?["'][^<>]{0,200}?\svalue=\\?["']([^"'\\$<>][^"'\\<>]*)"#,
    r#"|[\[(]b?\\{0,3}["'](?:proxy-)?authorization\\{0,3}["'],\s{0,3}b?\\{0,3}["']([a-z0-9-]+[ \t][^"'\\\n$][^"'\\\n]*)"#,
    r#"|[\[(]b?\\{0,3}["'](?:set-)?cookie\\{0,3}["'],\s{0,3}b?\\{0,3}["']([^"'\\\n=]+=[^"'\\\n$][^"'\\\n]*)"#,
    // A digit tells a secret from what a form calls its field.
    r#"|[\[(,]\s?[\[(]b?\\{0,3}["'][\w.-]{0,40}(?:password|passwd|secret|token|api[_-]?key)\\{0,3}["'],\s{0,3}"#,
    r#"b?\\{0,3}["']([^"'\\\s]{0,200}[0-9][^"'\\\s]{0,2000})\\{0,3}["'][\])]"#,
);
/// What every one of those holds.
const MARKUP_HINT: &str = concat!(
    r#"(?i)(?:password|passwd|secret|token|api[_-]?key)>|\btype=\\?["']password"#,
    r#"|(?:["'](?:(?:proxy-)?authorization|(?:set-)?cookie)|password|passwd|secret|token|api[_-]?key)\\{0,3}["'],"#,
);
/// The private part of a key file of PuTTY.
const PUTTY: &str = r"Private-Lines: ?[0-9]+(?:\s|\\[nr])+([A-Za-z0-9+/=\s\\]+)";
/// The shortest account number, in one piece or in groups.
const IBAN: &str =
    r"(?:\b|_|%[0-9A-Fa-f]{2})[A-Za-z]{2}[0-9]{2}[ -]?[A-Za-z0-9]{4}[ -]?[A-Za-z0-9]{4}[ -]?[A-Za-z0-9]{3}";
/// Cards in one piece, in fours, and as American Express and Diners print them.
const CARD: &str = r"[0-9]{13}|[0-9]{4}[ .-][0-9]{4}[ .-][0-9]{4}[ .-][0-9]|[0-9]{4}[ .-][0-9]{6}[ .-][0-9]{4}";

/// What is always looked for, and personal data.
pub(crate) fn secrets_and_personal() -> Vec<Rule> {
    let mut rules = vec![
        scanner(
            Group::Secret,
            r"---- ?BEGIN(?: |\+|%20)(?:[A-Z0-9 +]|%20){0,40}(?:PRIVATE(?: |\+|%20)KEY|NKEY SEED)",
            pem::scan,
        ),
        scanner(Group::Secret, "://|jdbc:oracle", url::scan_userinfo),
    ];
    rules.extend(WEBHOOKS.iter().map(address));
    rules.extend(TOKENS.iter().chain(SERVICES).map(pattern));
    rules.extend(LATE.iter().map(|&(kind, hint, full, edge)| hinted(kind, hint, full, edge)));
    rules.extend([
        pattern(&(
            "jwt",
            r"eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{2,}\.[A-Za-z0-9_-]*(?:\.[A-Za-z0-9_-]+){0,2}",
            Edge::Glued,
        )),
        scanner(Group::Secret, NAMES, assignment::scan),
        scanner(Group::Secret, FLAGS, flag::scan),
        pattern(&("authorization", BEARER, Edge::Glued)),
        scanner(Group::Secret, r"(?i)\bbasic[ \t]+[A-Za-z0-9+/]{6,}", assignment::scan_basic),
        pattern(&("secret", NAMED_VALUES, Edge::Glued)),
        hinted("password", COMMANDS_HINT, COMMANDS, Edge::Glued),
        hinted("secret", MARKUP_HINT, MARKUP, Edge::Glued),
        pattern(&("private_key", PUTTY, Edge::Glued)),
        scanner(Group::Personal, "@|%40", personal::scan_mail),
        scanner(Group::Personal, IBAN, personal::scan_iban),
        scanner(Group::Personal, CARD, personal::scan_card),
        scanner(Group::Personal, r"[0-9]{3}[ -][0-9]{2}[ -][0-9]{4}", personal::scan_ssn),
    ]);
    rules
}

/// Phone numbers and IP addresses.
pub(crate) fn contact() -> Vec<Rule> {
    vec![
        scanner(
            Group::Contact,
            r"[0-9]{1,3}\.[0-9]{1,3}\.[0-9]{1,3}\.[0-9]|[0-9A-Fa-f]{0,4}:[0-9A-Fa-f]{0,4}:",
            personal::scan_ip,
        ),
        scanner(Group::Contact, r"\+[0-9]|\(?[0-9]{3}\)?[ .-][0-9]{3}[ .-][0-9]{4}", personal::scan_phone),
    ]
}
