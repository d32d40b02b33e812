//! Where secrets stand beside the plain `name=value`: command lines, blocks and lists of YAML, markup, pairs in code.

use super::*;

#[test]
fn command_lines() {
    check("sshpass -p 'hunter2' ssh h", "sshpass -p '[REDACTED:password]' ssh h");
    check("mysql -u root -p'pa$s' db", "mysql -u root -p'[REDACTED:password]' db");
    check("curl -uann:hun$ter2 https://x.io", "curl -uann:[REDACTED:password] https://x.io");
    check("curl -s -b 'sid=abc; k=v' https://x.io", "curl -s -b '[REDACTED:password]' https://x.io");
    check("docker login -u ann -p hunter2 r.io", "docker login -u ann -p [REDACTED:password] r.io");
    check("redis-cli -h c -a hunter2 ping", "redis-cli -h c -a [REDACTED:password] ping");
    check("ldapsearch -x -w hunter2", "ldapsearch -x -w [REDACTED:password]");
    check("setx API_KEY \"abc\"", "setx API_KEY \"[REDACTED:password]\"");
    check("ENV SECRET_KEY abc", "ENV SECRET_KEY [REDACTED:password]");
    check("aws configure set aws_secret_access_key abc", "aws configure set aws_secret_access_key [REDACTED:password]");
    check("run --otp 123456 --jwt abc -v", "run --otp [REDACTED:password] --jwt [REDACTED:token] -v");
    for text in
        ["docker run -p 8080:80 x", "curl -u$USER:$PASS x", "mysql -p db", "set API_KEY in your shell", "mkdir -p a"]
    {
        stays(text);
    }
}

#[test]
fn lines_and_lists() {
    check("a: 1\nsecret: |\n  ab\n  cd\nb: 2\n", "a: 1\nsecret: |\n  [REDACTED:secret]\nb: 2\n");
    check("password: !!str hunter2", "password: [REDACTED:password]");
    check("password: &main hunter2", "password: [REDACTED:password]");
    check("password:                 hunter2", "password:                 [REDACTED:password]");
    check(
        "got {'tokens': ['a', 'b'], 'n': [1]} end",
        "got {'tokens': ['[REDACTED:token]', '[REDACTED:token]'], 'n': [1]} end",
    );
    check(r#"log {\"secrets\": [\"a\"]}"#, r#"log {\"secrets\": [\"[REDACTED:secret]\"]}"#);
}

#[test]
fn markup_and_pairs() {
    check("<w:Password Type=\"t\">hunter2</w:Password>", "<w:Password Type=\"t\">[REDACTED:secret]</w:Password>");
    check("<password enc=\"no\">hunter2</password>", "<password enc=\"no\">[REDACTED:secret]</password>");
    check("<input type=\"password\" value=\"hunter2\">", "<input type=\"password\" value=\"[REDACTED:secret]\">");
    check("('Authorization', 'Bearer short')", "('Authorization', '[REDACTED:secret]')");
    check("[(b'cookie', b'a=b')]", "[(b'cookie', b'[REDACTED:secret]')]");
    check("Private-Lines: 1\nAAAA\nPrivate-MAC: x", "Private-Lines: 1\n[REDACTED:private_key]-MAC: x");
    stays("allow ('authorization', 'content-type')");
    stays("<input type=\"password\" name=\"p\"> <token-count>3</token-count>");
}

#[test]
fn code_is_no_secret() {
    for text in [
        "token = get_token()",
        "let password = read_password()?;",
        "api_key = os.environ[\"API_KEY\"]",
        "api_key = os.getenv(\"API_KEY\")",
        "const token = process.env.TOKEN",
        "call(token=token)",
        "token: Optional[str] = None",
        "Authorization: Bearer $TOKEN",
        "Authorization: Bearer <token>",
        "cookies: enabled",
        "password: see 1Password",
        "--- PASS: TestX (0.00s)",
        "arn: arn:aws:secretsmanager:us-east-1:123:secret:x",
    ] {
        stays(text);
    }
    check("password=P(ss", "password=[REDACTED:password]");
    check("password=abc1()", "password=[REDACTED:password]");
}

#[test]
fn lists_of_arguments_and_of_headers() {
    check(r#"{"cmd": ["curl", "-u", "ann:hunter2"]}"#, r#"{"cmd": ["curl", "-u", "ann:[REDACTED:password]"]}"#);
    check(
        r#"{"raw": ["Host", "x", "Authorization", "Bearer ab"]}"#,
        r#"{"raw": ["Host", "x", "Authorization", "[REDACTED:authorization]"]}"#,
    );
    stays(r#"{"allow": ["authorization", "content-type"], "cmd": ["docker", "-u", "1000:1000"]}"#);
}

#[test]
fn texts_within_code() {
    check("User { password: Some(\"hunter2\") }", "User { password: Some(\"[REDACTED:password]\") }");
    check("const PASSWORD: &str = \"hunter2\";", "const PASSWORD: &str = \"[REDACTED:password]\";");
    check("var apiKey string = \"hunter2\"", "var apiKey string = \"[REDACTED:api_key]\"");
    check("key.setPassword(\"hunter2\")", "key.setPassword(\"[REDACTED:password]\")");
    check("password: 'it''hunter2' x", "password: '[REDACTED:password]' x");
    check("Cookie: a=\"b\"; c=d", "Cookie: [REDACTED:cookie]");
    check("ann:hunter2@tcp(db:3306)/x", "ann:[REDACTED:password]@tcp(db:3306)/x");
    check("IDENTIFIED WITH p BY 'hunter2'", "IDENTIFIED WITH p BY '[REDACTED:password]'");
}

/// Names without an end to what stands before them once took time by the square of the text's length.
#[test]
fn a_long_row_of_names_takes_no_long_time() {
    let text = "arn:secret:token:".repeat(20_000);
    assert!(!Redactor::default().redact_text(&text).is_empty());
}
