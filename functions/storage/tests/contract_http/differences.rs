//! In what stand-ins for AWS are known to differ, asserted as it is: when one of
//! them learns better, a test here fails, and its difference is taken out.

use crate::engine::ENDPOINT;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::LazyLock;

/// Whether the endpoint is moto: only moto has this page.
pub static IS_MOTO: LazyLock<bool> = LazyLock::new(|| {
    let Ok(url) = std::env::var(ENDPOINT) else { return false };
    let address = url.trim_start_matches("http://").trim_end_matches('/');
    let mut connection = TcpStream::connect(address).unwrap();
    let request = format!("GET /moto-api/data.json HTTP/1.0\r\nHost: {address}\r\n\r\n");
    connection.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    connection.read_to_string(&mut answer).unwrap();
    answer.lines().next().unwrap().contains(" 200 ")
});

/// What the engine says that a transaction of so many units consumed. Moto says
/// nothing of transactions.
pub fn transaction_units(units: u64) -> u64 {
    if *IS_MOTO { 0 } else { units }
}
