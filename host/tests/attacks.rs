//! What a vendor might try at the gate, and what a plugin might do once it is through:
//! each is told in words that somebody can act on.

#![expect(clippy::unwrap_used, reason = "a test that fails here has failed")]

#[expect(dead_code, reason = "this file uses a part of it")]
mod forge;
#[expect(dead_code, reason = "this file uses a part of it")]
mod support;

use std::collections::BTreeSet;

use arrears_host::contract::EffectKind;
use arrears_host::{Case, Descriptor, FailureKind, Grant, HostError, Limits, Performed, Plugin};
use forge::descriptor;
use support::{case, component, context, failure, host, perform, settings, subject, tight};

fn refusal(wasm: &[u8]) -> HostError {
    host(tight()).admit(wasm).unwrap_err()
}

fn refusal_of(descriptor: &Descriptor) -> String {
    refusal(&forge::plugin(descriptor)).to_string()
}

fn admitted(name: &str) -> Plugin {
    host(tight()).admit(&component(name)).unwrap()
}

#[test]
fn a_forged_plugin_is_admitted_if_what_it_says_is_right() {
    let plugin = host(tight()).admit(&forge::plugin(&descriptor())).unwrap();
    assert_eq!(plugin.descriptor(), &descriptor());
}

#[test]
fn a_function_that_the_host_does_not_have_is_named() {
    let error = refusal(&forge::plugin_that_imports("read-all: func() -> u32;", "read-all"));
    assert!(matches!(error, HostError::WrongTypes { .. }), "{error:?}");
    let text = error.to_string();
    assert!(text.contains("`read-all`") && text.contains("arrears:action/log"), "{text}");
    assert!(text.contains("build it against the unchanged WIT package"), "{text}");
}

#[test]
fn files_and_sockets_are_not_given() {
    for (name, expected) in [
        ("wants-files", "wasi:filesystem/preopens@0.2.6"),
        ("wants-sockets", "wasi:sockets/tcp@0.2.6"),
    ] {
        let error = refusal(&component(name));
        let text = error.to_string();
        match error {
            HostError::ForbiddenImport { import } => assert_eq!(import, expected),
            other => panic!("{other:?}"),
        }
        assert!(text.contains("only arrears:action/log is"), "{text}");
        assert!(text.contains("without clock, files, network"), "{text}");
    }
}

#[test]
fn a_schema_without_end_is_refused_in_each_of_its_forms() {
    assert!(refusal(&component("loops-in-schema")).to_string().contains("refers to itself"));
    let doubling: Vec<String> = (0..20)
        .map(|level| {
            let next = format!("{{\"$ref\": \"#/$defs/{}\"}}", level + 1);
            format!("\"{level}\": {{\"anyOf\": [{next}, {next}]}}")
        })
        .chain(["\"20\": true".to_owned()])
        .collect();
    let doubling = format!("{{\"$ref\": \"#/$defs/0\", \"$defs\": {{{}}}}}", doubling.join(", "));
    let deep = format!("{}true{}", "{\"not\": ".repeat(100), "}".repeat(100));
    for (schema, words) in [
        (r##"{"$ref": "#"}"##, "refers to itself by `#`"),
        (r##"{"properties": {"a": {"$ref": "#"}}}"##, "refers to itself by `#`"),
        (r##"{"$ref": "#/$defs/a", "$defs": {"a": {"not": {"$ref": "#/$defs/a"}}}}"##, "to itself"),
        (r##"{"$defs": {"a": {"items": {"$ref": "#/$defs/a/items"}}}}"##, "to itself"),
        (r##"{"$defs": {"a": {"items": {"$ref": "#/%24defs/a"}}}}"##, "does not have"),
        (r##"{"$dynamicAnchor": "a", "not": {"$dynamicRef": "#a"}}"##, "uses `$dynamic"),
        (r##"{"$recursiveAnchor": true, "not": {"$recursiveRef": "#"}}"##, "uses `$recursive"),
        (r##"{"$id": "x:y", "not": {"$ref": "x:y"}}"##, "uses `$id`"),
        (r##"{"$anchor": "a", "not": {"$ref": "#a"}}"##, "uses `$anchor`"),
        (r##"{"$ref": "https://json-schema.org/draft/2020-12/schema"}"##, "outside of itself"),
        (doubling.as_str(), "expands to more than the 10000 nodes"),
        (deep.as_str(), "deeper than 64 levels"),
    ] {
        let text = refusal_of(&Descriptor { config_schema: schema.to_owned(), ..descriptor() });
        assert!(text.starts_with("the plugin's description is wrong: config-schema"), "{text}");
        assert!(text.contains(words), "{schema}: {text}");
    }
}

#[test]
fn a_name_has_no_letters_that_look_like_others() {
    for id in
        ["Notice", "n\u{43e}tice", "not\u{131}ce", "notice\u{200b}", "notice ", "\u{ff4e}otice"]
    {
        let text = refusal_of(&Descriptor { id: id.to_owned(), ..descriptor() });
        assert!(
            text.contains("id must be 1 to 64 lower-case letters, digits and hyphens"),
            "{text}"
        );
        let actions = vec![id.to_owned()];
        let text = refusal_of(&Descriptor { actions, ..descriptor() });
        assert!(text.contains("write it like `notice` or `acme:sms`"), "{text}");
    }
}

/// Who has the name of a built-in action has neither its digest nor its rights.
#[test]
fn a_name_is_all_that_an_imitator_has() {
    let imitator = admitted("imitates");
    assert_eq!(imitator.descriptor().id, "arrears-one-off-pena1ty");
    assert_eq!(imitator.descriptor().actions, ["one-off-penalty"]);
    assert!(Grant::of(imitator.descriptor()).effects.is_empty());
}

#[test]
fn what_a_plugin_says_of_itself_cannot_take_over_a_terminal() {
    let escape = "\u{1b}[2J\u{7}";
    for text in [
        refusal_of(&Descriptor { version: format!("1.0.0{escape}"), ..descriptor() }),
        refusal_of(&Descriptor { id: escape.to_owned(), ..descriptor() }),
        refusal_of(&Descriptor { actions: vec![format!("a{escape}")], ..descriptor() }),
        refusal_of(&Descriptor {
            config_schema: "{\"$ref\": \"#/\\u001b[2J\\u0007\"}".to_owned(),
            ..descriptor()
        }),
        refusal_of(&Descriptor {
            config_schema: format!("{{\"$ref\": \"#/{}\"}}", "x".repeat(60_000)),
            ..descriptor()
        }),
        refusal(&forge::bombs::named("acme:clock/\u{1b}[2J\u{7}")).to_string(),
        refusal(&forge::bombs::named(&"x".repeat(90_000))).to_string(),
    ] {
        assert!(!text.chars().any(char::is_control), "{text:?}");
        assert!(text.len() < 2_000, "{}", text.len());
    }
}

#[test]
fn a_component_of_200_mb_is_refused_by_its_size() {
    const BYTES: u64 = 200 * 1000 * 1000;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("large.wasm");
    // The file is a hole: reading it whole would take its size in memory.
    std::fs::File::create(&path).unwrap().set_len(BYTES).unwrap();
    let host = host(Limits::default());
    let text = host.read(&path).unwrap_err().to_string();
    assert!(text.contains("200000000 bytes, more than the 33554432 that are allowed"), "{text}");
    assert!(text.contains("build it optimised for size and stripped of names"), "{text}");
}

#[cfg(unix)]
#[test]
fn a_file_without_end_is_not_read_to_its_end() {
    let error = host(Limits::default()).read("/dev/zero".as_ref()).unwrap_err();
    assert!(matches!(error, HostError::TooLarge { .. }), "{error}");
}

#[test]
fn a_file_that_is_not_there_is_named() {
    let error = host(tight()).read("nowhere.wasm".as_ref()).unwrap_err();
    assert!(error.to_string().contains("nowhere.wasm"), "{error}");
}

#[test]
fn effects_that_are_not_declared_do_not_happen() {
    let liar = admitted("liar");
    assert_eq!(liar.descriptor().effects_used, []);
    let subjects = [subject("one"), subject("two")];
    // Whatever an agency grants: what is not declared was not looked at.
    let grant = Grant { effects: BTreeSet::from([EffectKind::Alert]), ..everything(&liar) };
    let performed = liar.perform(&grant, &context(), &settings("{}"), &subjects);
    assert_eq!(performed.strikes.len(), 2);
    for key in ["one", "two"] {
        let failure = failure(&performed, &subjects, key);
        assert_eq!(failure.kind, FailureKind::Contract);
        let words = "effect 1 (alert): the plugin does not declare this kind in `effects-used`";
        assert!(failure.message.contains(words), "{failure}");
    }
}

/// Looked at with one or two subjects, it alerts. In the run, with the third subject and
/// with one account, it charges: the grant holds there, at each effect.
#[test]
fn a_plugin_that_behaves_until_it_is_trusted_gets_no_further() {
    let plugin = admitted("two-faced");
    plugin.check_config(&settings("{}")).unwrap();
    let few = [subject("one"), subject("two")];
    let looked_at = perform(&plugin, &few);
    assert!(looked_at.strikes.is_empty());
    assert_eq!(looked_at, Performed { usage: looked_at.usage.clone(), ..perform(&plugin, &few) });

    let mut victim = subject("victim");
    victim.account = "A-7777".to_owned();
    let subjects = [victim, subject("two"), subject("three"), subject("four")];
    let alerts = Grant { effects: BTreeSet::from([EffectKind::Alert]), ..everything(&plugin) };
    let performed = plugin.perform(&alerts, &context(), &settings("{}"), &subjects);
    assert!(
        matches!(case(&performed, &subjects, "two"), Case::Apply(effects) if effects.len() == 1)
    );
    for key in ["victim", "three", "four"] {
        let failure = failure(&performed, &subjects, key);
        let words = "effect 1 (one-off-charge): the agency has not granted this kind";
        assert!(failure.message.contains(words), "{failure}");
    }
    let struck: Vec<&str> = performed.strikes.iter().map(|strike| strike.key.as_str()).collect();
    assert_eq!(struck, ["victim", "three", "four"]);

    // Charges are granted, and not so large ones.
    let small = Grant { amount_minor_units_max: 2_500, ..everything(&plugin) };
    let performed = plugin.perform(&small, &context(), &settings("{}"), &subjects);
    assert_eq!(performed.strikes.len(), 3);
    let failure = failure(&performed, &subjects, "four");
    assert!(failure.message.contains("500000 minor units is not in 1 to 2500"), "{failure}");
}

fn everything(plugin: &Plugin) -> Grant {
    Grant::of(plugin.descriptor())
}
