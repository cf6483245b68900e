//! Whom a function trusts to be AWS.

use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject;
use sha2::{Digest, Sha256};

const CERTIFICATES: &str = include_str!("../certificates.pem");

#[test]
fn the_certificates_are_those_that_are_named() {
    let certificates = CertificateDer::pem_slice_iter(CERTIFICATES.as_bytes());
    let digests = certificates.map(|certificate| {
        let digest = Sha256::digest(certificate.expect("a certificate"));
        digest.iter().map(|byte| format!("{byte:02x}")).collect::<String>()
    });
    let named = CERTIFICATES.lines().filter_map(|line| line.strip_prefix("# "));
    let is_digest = |it: &&str| it.len() == 64 && it.bytes().all(|it| it.is_ascii_hexdigit());
    let named: Vec<String> = named.filter(is_digest).map(str::to_owned).collect();
    assert_eq!(named.len(), 5);
    assert_eq!(digests.collect::<Vec<_>>(), named);
}
