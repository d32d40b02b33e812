//! The invariants of the architecture, read from what cargo itself says. `ARCHITECTURE.md` tells why they hold.

use std::{
    collections::{BTreeMap, BTreeSet},
    process::Command,
};

use serde_json::Value;

/// Which of our crates each may depend on. A crate that is missing here fails the test: say where it stands.
const FLOORS: &[(&str, &[&str])] = &[
    ("tidings-core", &[]),
    ("tidings-trigger", &["tidings-core"]),
    ("tidings-dedup", &["tidings-core"]),
    ("tidings-redact", &["tidings-core"]),
    ("tidings-template", &["tidings-core"]),
    ("tidings-policy", &["tidings-core"]),
    ("tidings-render", &["tidings-core"]),
    ("tidings-testkit", &["tidings-core"]),
    ("tidings-store", &["tidings-core", "tidings-policy"]),
    ("tidings-layers", &["tidings-core", "tidings-redact"]),
    ("tidings-http", &["tidings-core"]),
    ("tidings-webhook", &["tidings-core", "tidings-http", "tidings-render"]),
    ("tidings-chat", &["tidings-core", "tidings-http", "tidings-render"]),
    ("tidings-email", &["tidings-core", "tidings-render"]),
    ("tidings-sms", &["tidings-core", "tidings-http", "tidings-render"]),
    ("tidings-push", &["tidings-core", "tidings-render"]),
    ("tidings-bus", &["tidings-core"]),
    (
        "tidings-engine",
        &[
            "tidings-core",
            "tidings-dedup",
            "tidings-layers",
            "tidings-policy",
            "tidings-redact",
            "tidings-render",
            "tidings-store",
            "tidings-template",
            "tidings-trigger",
        ],
    ),
    (
        "tidings-config",
        &["tidings-core", "tidings-http", "tidings-policy", "tidings-render", "tidings-template", "tidings-trigger"],
    ),
    (
        "tidings",
        &[
            "tidings-bus",
            "tidings-chat",
            "tidings-config",
            "tidings-core",
            "tidings-email",
            "tidings-engine",
            "tidings-http",
            "tidings-layers",
            "tidings-policy",
            "tidings-push",
            "tidings-redact",
            "tidings-render",
            "tidings-sms",
            "tidings-store",
            "tidings-template",
            "tidings-trigger",
            "tidings-webhook",
        ],
    ),
    ("tidings-server", &["tidings", "tidings-core", "tidings-push", "tidings-sms"]),
    ("tidings-cli", &["tidings", "tidings-server"]),
    ("quickstart", &["tidings"]),
    ("custom-channel", &["tidings"]),
    ("tidings-tests", &["tidings", "tidings-engine", "tidings-layers", "tidings-testkit"]),
];

/// Third parties that only these crates may use.
const KEPT_APART: &[(&str, &[&str])] = &[
    ("reqwest", &["tidings-http"]),
    ("serde_yaml", &["tidings-config"]),
    ("saphyr-parser", &["tidings-config"]),
    ("minijinja", &["tidings-template"]),
    ("moka", &["tidings-dedup"]),
    ("clap", &["tidings-cli"]),
    ("anyhow", &["tidings-cli"]),
    ("indicatif", &["tidings-cli"]),
    ("governor", &["tidings-cli", "tidings-layers", "tidings-server"]),
    ("rusqlite", &["tidings-store"]),
    ("lettre", &["tidings-email"]),
    ("nkeys", &["tidings-bus"]),
    ("axum", &["tidings-server"]),
    ("utoipa", &["tidings-server"]),
    ("metrics-exporter-prometheus", &["tidings-server"]),
    ("rmcp", &["tidings-cli"]),
];

fn cargo(arguments: &[&str]) -> String {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/..");
    let output = Command::new(cargo).args(arguments).current_dir(folder).output().expect("cargo runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("cargo writes text")
}

/// Each of our crates with what it depends on, tests aside.
fn dependencies() -> BTreeMap<String, BTreeSet<String>> {
    let text = cargo(&["metadata", "--format-version", "1", "--no-deps", "--offline"]);
    let metadata: Value = serde_json::from_str(&text).expect("metadata is JSON");
    let packages = metadata["packages"].as_array().expect("there are packages");
    let name = |value: &Value| value["name"].as_str().unwrap_or_default().to_owned();
    let needs = |package: &Value| {
        let all = package["dependencies"].as_array().into_iter().flatten();
        all.filter(|dependency| dependency["kind"] != "dev").map(name).collect()
    };
    packages.iter().map(|package| (name(package), needs(package))).collect()
}

/// The names of everything that a build of this package with these features has in it, build scripts aside.
fn tree(arguments: &[&str]) -> BTreeSet<String> {
    let fixed = ["tree", "--edges", "normal,build", "--prefix", "none", "--offline", "--format", "{p}"];
    let text = cargo(&[&fixed[..], arguments].concat());
    text.lines().filter_map(|line| line.split_whitespace().next()).map(str::to_owned).collect()
}

#[test]
fn lower_floors_never_import_higher_ones() {
    let floors: BTreeMap<_, _> = FLOORS.iter().copied().collect();
    for (package, needs) in dependencies() {
        let allowed = floors.get(package.as_str()).unwrap_or_else(|| panic!("give `{package}` its floor"));
        let ours = needs.iter().filter(|name| floors.contains_key(name.as_str()));
        for dependency in ours {
            assert!(allowed.contains(&dependency.as_str()), "`{package}` must not depend on `{dependency}`");
        }
    }
}

#[test]
fn the_table_of_floors_has_no_way_up() {
    let height = |name: &str| FLOORS.iter().position(|(other, _)| *other == name).expect("it is in the table");
    for (package, allowed) in FLOORS {
        for lower in *allowed {
            assert!(height(lower) < height(package), "`{lower}` stands above `{package}`");
        }
    }
}

#[test]
fn some_third_parties_are_kept_apart() {
    let all = dependencies();
    for (library, users) in KEPT_APART {
        let found: BTreeSet<_> =
            all.iter().filter(|(_, needs)| needs.contains(*library)).map(|(name, _)| name).collect();
        assert!(!found.is_empty(), "nobody uses `{library}`: take it out of the table");
        for user in found {
            assert!(users.contains(&user.as_str()), "`{user}` must not use `{library}`");
        }
    }
}

/// Each channel's feature, and what it must pull in; what another one pulls in it must not.
const CHANNELS: [(&str, &[&str]); 7] = [
    ("webhook", &["tidings-webhook", "tidings-http", "reqwest"]),
    ("chat", &["tidings-chat", "tidings-http", "reqwest"]),
    ("email", &["tidings-email", "lettre"]),
    ("sms", &["tidings-sms", "tidings-http", "reqwest"]),
    ("push", &["tidings-push"]),
    ("bus", &["tidings-bus"]),
    ("bus-nats", &["tidings-bus", "nkeys"]),
];

#[test]
fn one_channel_pulls_only_that_channel() {
    for (feature, own) in CHANNELS {
        let built = tree(&["--package", "tidings", "--no-default-features", "--features", feature]);
        for needed in own {
            assert!(built.contains(*needed), "the tree is read right: {feature} without {needed}: {built:?}");
        }
        let others = CHANNELS.iter().flat_map(|(_, needs)| *needs).filter(|name| !own.contains(name));
        let never = ["axum", "libsqlite3-sys", "rusqlite", "aws-lc-rs", "aws-lc-sys", "openssl-sys", "serde_yaml"];
        for foreign in others.chain(&never) {
            assert!(!built.contains(*foreign), "`tidings` with `{feature}` alone builds {foreign}");
        }
    }
}

#[test]
fn without_features_there_is_no_http_and_no_yaml() {
    let built = tree(&["--package", "tidings", "--no-default-features"]);
    for foreign in ["reqwest", "hyper", "rustls", "ring", "serde_yaml", "tidings-http"] {
        assert!(!built.contains(foreign), "`tidings` without features builds {foreign}");
    }
}

#[test]
fn the_engine_builds_without_a_c_compiler() {
    let built = tree(&["--package", "tidings-engine"]);
    assert!(built.contains("tidings-core"), "the tree is read right: {built:?}");
    assert!(!built.contains("cc"), "something in the engine compiles C");
}
