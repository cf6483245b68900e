//! A vendor with a key, for tests of whom an agency trusts.

use minisign::KeyPair;
use std::io::Cursor;

/// A vendor that signs.
pub struct Vendor(KeyPair);

impl Default for Vendor {
    fn default() -> Self {
        Self::new()
    }
}

impl Vendor {
    /// One with a key of its own.
    #[must_use]
    pub fn new() -> Self {
        Self(KeyPair::generate_unencrypted_keypair().expect("a key"))
    }

    /// The text of the `.minisig` file.
    #[must_use]
    pub fn sign(&self, bytes: &[u8]) -> String {
        let signed = minisign::sign(Some(&self.0.pk), &self.0.sk, Cursor::new(bytes), None, None);
        signed.expect("a signature").into_string()
    }

    /// The public key, as a trust file has it.
    #[must_use]
    pub fn key(&self) -> String {
        self.0.pk.to_base64()
    }

    /// A trust file that lets it publish one plugin, with the effects of the hostile one and
    /// few strikes.
    #[must_use]
    pub fn trust(&self, id: &str) -> String {
        format!(
            "strikes_max = 3\n\n[[vendor]]\nname = \"Acme\"\nkeys = [\"{}\"]\n\n\
             [[vendor.plugin]]\nid = \"{id}\"\n\
             effects = [\"one-off-charge\", \"alert\", \"credit-points\", \"custom\"]\n\
             amount_minor_units_max = 500\n",
            self.key()
        )
    }
}
