//! Check digits as ISO 7064 has them: mod 97, letters counted as 10 to 35.

const MODULUS: u32 = 97;

/// The remainder that a number with right check digits has.
const RIGHT: u32 = 1;

/// Whether the characters, in this order and with the check digits at the end,
/// have right ones. Anything but a capital letter or a digit makes them wrong.
pub(super) fn has_right_digits(characters: impl Iterator<Item = char>) -> bool {
    let mut remainder = 0;
    for character in characters {
        let Some(value) = character.to_digit(36).filter(|_| !character.is_ascii_lowercase()) else {
            return false;
        };
        let shift = if value < 10 { 10 } else { 100 };
        remainder = (remainder * shift + value) % MODULUS;
    }
    remainder == RIGHT
}
