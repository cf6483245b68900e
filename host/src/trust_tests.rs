use super::*;
use minisign::{KeyPair, sign};
use std::io::Cursor;

struct Signer(KeyPair);

impl Signer {
    fn new() -> Self {
        Self(KeyPair::generate_unencrypted_keypair().unwrap())
    }

    fn key(&self) -> String {
        self.0.pk.to_base64()
    }

    fn sign(&self, bytes: &[u8]) -> String {
        let signed = sign(Some(&self.0.pk), &self.0.sk, Cursor::new(bytes), None, None);
        signed.unwrap().into_string()
    }
}

fn publication() -> Publication {
    Publication {
        id: "acme-*".to_owned(),
        actions: vec!["acme:*".to_owned()],
        effects: BTreeSet::from([EffectKind::Custom, EffectKind::OneOffCharge]),
        amount_minor_units_max: Some(500),
        effects_per_case_max: Some(2),
        fuel_per_item_max: Some(1_000_000),
    }
}

fn trust(keys: &[&Signer]) -> Trust {
    let vendor = Vendor {
        name: "Acme".to_owned(),
        keys: keys.iter().map(|key| key.key()).collect(),
        plugins: vec![publication()],
    };
    Trust { vendors: vec![vendor] }
}

fn descriptor() -> Descriptor {
    Descriptor {
        id: "acme-sms".to_owned(),
        version: "1.0.0".to_owned(),
        summary: "Sends a text message".to_owned(),
        actions: vec!["acme:sms".to_owned()],
        config_schema: "{}".to_owned(),
        facts_needed: Vec::new(),
        effects_used: vec![EffectKind::Custom],
        max_batch: 100,
        fuel_per_item: 50_000,
    }
}

#[test]
fn a_signature_is_of_one_key_and_of_one_file() {
    let (own, old, strange) = (Signer::new(), Signer::new(), Signer::new());
    let trust = trust(&[&old, &own]);
    trust.check().unwrap();
    let signed = trust.verify(b"wasm", Some(&own.sign(b"wasm"))).map(|signed| signed.key);
    assert_eq!(signed, Ok(own.key().as_str()));
    let refused = |bytes: &[u8], signature: Option<&str>| trust.verify(bytes, signature).err();
    assert_eq!(refused(b"wasm", None), Some(TrustError::Unsigned));
    assert_eq!(refused(b"wasm", Some(&strange.sign(b"wasm"))), Some(TrustError::UnknownKey));
    let other = TrustError::OtherFile { vendor: "Acme".to_owned() };
    assert_eq!(refused(b"altered", Some(&own.sign(b"wasm"))), Some(other.clone()));
    // Another key under the same id: the trusted comment and the file are signed by neither.
    let mut cut = own.sign(b"wasm");
    cut.truncate(cut.len() / 2);
    for unreadable in ["", "nonsense", &cut] {
        let error = refused(b"wasm", Some(unreadable)).unwrap();
        assert!(matches!(error, TrustError::Unreadable { .. }), "{unreadable}: {error:?}");
    }
}

#[test]
fn a_trusted_comment_that_was_altered_is_no_signature() {
    let own = Signer::new();
    let text = own.sign(b"wasm").replace("trusted comment: ", "trusted comment: altered ");
    assert!(trust(&[&own]).verify(b"wasm", Some(&text)).is_err());
}

#[test]
fn what_a_plugin_may_do_is_what_the_agency_says_and_the_plugin_declares() {
    let trust = trust(&[&Signer::new()]);
    let grant = trust.vendors[0].grant(&descriptor()).unwrap();
    assert_eq!(grant.effects, BTreeSet::from([EffectKind::Custom]));
    assert_eq!((grant.amount_minor_units_max, grant.effects_per_case_max), (500, 2));
}

#[test]
fn what_is_beyond_the_trust_is_refused() {
    type Beyond = fn(&mut Descriptor);
    let trust = trust(&[&Signer::new()]);
    let cases: [(Beyond, &str); 4] = [
        (|it| it.id = "other-sms".to_owned(), "names no plugin `other-sms`"),
        (|it| it.actions.push("notice".to_owned()), "performs `notice`"),
        (|it| it.effects_used.push(EffectKind::Alert), "of kind `alert`"),
        (|it| it.fuel_per_item = 2_000_000, "more than the 1000000"),
    ];
    for (beyond, expected) in cases {
        let mut descriptor = descriptor();
        beyond(&mut descriptor);
        let error = trust.vendors[0].grant(&descriptor).unwrap_err().to_string();
        assert!(
            error.starts_with("Acme may not publish it") && error.contains(expected),
            "{error}"
        );
    }
}

#[test]
fn a_trust_with_a_mistake_is_refused() {
    type Mistake = fn(&mut Vendor);
    let cases: [(Mistake, &str); 6] = [
        (|it| it.name.clear(), "a name of one line"),
        (|it| it.keys.push("RWnokey".to_owned()), "no public key of minisign"),
        (|it| it.keys.push(it.keys[0].clone()), "named twice"),
        (|it| it.plugins[0].id = "*".to_owned(), "how it begins"),
        (|it| it.plugins[0].amount_minor_units_max = None, "amount_minor_units_max"),
        (|it| it.plugins[0].amount_minor_units_max = Some(0), "amount_minor_units_max"),
    ];
    for (mistake, expected) in cases {
        let mut trust = trust(&[&Signer::new()]);
        mistake(&mut trust.vendors[0]);
        let error = trust.check().unwrap_err().to_string();
        assert!(error.contains(expected), "{error}");
    }
}

#[test]
fn names_that_look_like_a_built_in_are_imitations() {
    let built_in = ["arrears-notice", "notice", "one-off-charge", "log"];
    let check = |name: &str| {
        let mut descriptor = descriptor();
        descriptor.actions = vec![name.to_owned()];
        not_an_imitation(&descriptor, &built_in)
    };
    let imitations = [
        "notice",
        "n0tice",
        "notlce",
        "notices",
        "noice",
        "not-ice",
        "one-0ff-charge",
        "oneoffcharge",
        "l0g",
        "arrears-pay",
        "arrears:pay",
        "arrear5-x",
        "log",
    ];
    for name in imitations {
        let error = check(name).unwrap_err();
        assert!(error.to_string().contains("looks like the built-in"), "{name}: {error}");
    }
    for name in ["acme:notice", "acme:sms", "logs", "postal-notice", "charge"] {
        assert_eq!(check(name), Ok(()), "{name}");
    }
}
