//! Did you mean: the known name that is nearest to a mistyped one.

/// Names that differ by more than a third of their letters are not offered.
const LETTERS_FOR_EACH_DIFFERENCE: usize = 3;
/// No known name is longer; the tail of a longer text is not worth the time.
const CHARACTERS_MAX: usize = 64;

/// The nearest of the known names, if one is near.
pub(super) fn nearest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let name: Vec<char> = name.to_lowercase().chars().take(CHARACTERS_MAX).collect();
    let differences_max = (name.len() / LETTERS_FOR_EACH_DIFFERENCE).max(1);
    known
        .into_iter()
        .map(|candidate| (differences(&name, candidate), candidate))
        .filter(|(differences, _)| *differences <= differences_max)
        .min()
        .map(|(_, candidate)| candidate)
}

/// How many letters must be put in, left out or changed (Levenshtein).
fn differences(from: &[char], to: &str) -> usize {
    let mut row: Vec<usize> = (0..=from.len()).collect();
    for (i, target) in to.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, letter) in from.iter().enumerate() {
            let changed = diagonal + usize::from(*letter != target);
            diagonal = row[j + 1];
            row[j + 1] = changed.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[from.len()]
}
