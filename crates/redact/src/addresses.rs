//! Addresses whose path is the secret: incoming webhooks and intakes. Users, passwords and query parameters are left to `url` and
//! `assignment`.

use crate::vendors::{Edge::Glued, Row};

/// Addresses whose path is the secret: whoever knows it may post. A slash outside of brackets also stands for an encoded one.
#[rustfmt::skip]
pub(crate) const WEBHOOKS: &[Row] = &[
    ("slack_webhook", r"hooks\.slack(?:-gov)?\.com/(?:services|workflows|triggers|commands|actions)/((?:[A-Za-z0-9_-]|/)+)", Glued),
    ("discord_webhook", r"discord(?:app)?\.com/api/(?:v[0-9]+/)?webhooks/([0-9]+/[A-Za-z0-9_-]+)", Glued),
    ("teams_webhook", r"webhook\.office\.com/webhookb2/((?:[A-Za-z0-9@_-]|%40|/)+)", Glued),
    ("teams_webhook", r"outlook\.office(?:365)?\.com/webhook/((?:[A-Za-z0-9@_-]|%40|/)+)", Glued),
    ("google_chat_webhook", r"chat\.googleapis\.com/v1/spaces/[A-Za-z0-9_-]+/messages\?([^\s\x22'<>\\]+)", Glued),
    ("webex_webhook", r"webexapis\.com/v1/webhooks/incoming/([A-Za-z0-9_-]+)", Glued),
    ("zapier_webhook", r"hooks\.zapier\.com/hooks/(?:catch|standard)/((?:[A-Za-z0-9_-]|/)+)", Glued),
    ("ifttt_webhook", r"maker\.ifttt\.com/trigger/[^\x2F%\s]{1,80}/(?:json/)?with/key/([A-Za-z0-9_-]+)", Glued),
    ("make_webhook", r"hook\.[a-z0-9]+\.make\.com/([A-Za-z0-9]+)", Glued),
    ("feishu_webhook", r"open\.(?:feishu\.cn|larksuite\.com)/open-apis/bot/v2/hook/([A-Za-z0-9-]+)", Glued),
    ("wecom_webhook", r"qyapi\.weixin\.qq\.com/cgi-bin/webhook/send\?key=([A-Za-z0-9-]+)", Glued),
    ("heartbeat_url", r"(?:hc-ping\.com|uptime\.betterstack\.com/api/v1/heartbeat|betteruptime\.com/api/v1/heartbeat)/((?:[A-Za-z0-9_-]|/)+)", Glued),
    ("datadog_intake", r"datadoghq\.(?:com|eu)/(?:v1/input|api/v2/logs)/([A-Za-z0-9]+)", Glued),
    ("loggly_intake", r"loggly\.com/(?:inputs|bulk)/([0-9a-f-]{30,})", Glued),
    ("sumologic_intake", r"sumologic\.(?:com|net)/receiver/v1/http/([A-Za-z0-9_=-]+)", Glued),
    ("mattermost_webhook", r"https?://[A-Za-z0-9.-]{1,200}/hooks/([a-z0-9]{26}|[A-Za-z0-9]{17}/[A-Za-z0-9]{40,})", Glued),
    ("opsgenie_webhook", r"opsgenie\.com/v1/json/[a-z]+\?(apiKey=[A-Za-z0-9-]+)", Glued),
    ("pagerduty_webhook", r"events(?:\.eu)?\.pagerduty\.com/integration/([A-Za-z0-9]+)", Glued),
    ("rpc_url", r"(?:infura\.io/(?:ws/)?v3|g\.alchemy\.com/v2|quiknode\.pro)/([A-Za-z0-9_-]{32,})", Glued),
    ("rocketchat_webhook", r"https?://[A-Za-z0-9.-]{1,200}/hooks/([A-Za-z0-9]{17,24}/[A-Za-z0-9]{40,})", Glued),
    ("pipedream_webhook", r"://(eo?n?[a-z0-9]{14,20})\.m\.pipedream\.net", Glued),
    ("home_assistant_webhook", r"/api/webhook/([A-Za-z0-9_-]{20,})", Glued),
];
