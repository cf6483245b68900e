//! Links the functions to fixed addresses on Linux, where they run: a binary that may lie
//! anywhere mends 105,000 pointers at each start, which takes 3 ms (decision 19).

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    if std::env::var("CARGO_CFG_TARGET_OS").is_ok_and(|system| system == "linux") {
        println!("cargo:rustc-link-arg-bins=-no-pie");
    }
}
