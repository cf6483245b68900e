//! Did you mean: the known name that is nearest to a mistyped one.

/// Names that differ by more than a third of their letters are not offered:
/// a wrong guess is worse than none.
const LETTERS_FOR_EACH_DIFFERENCE: usize = 3;

/// The nearest of the known names, if one is near.
#[must_use]
pub fn nearest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let name = fold(name);
    let differences_max = (name.len() / LETTERS_FOR_EACH_DIFFERENCE).max(1);
    known
        .into_iter()
        .map(|candidate| (differences(&name, &fold(candidate)), candidate))
        .filter(|(differences, _)| *differences <= differences_max)
        .min()
        .map(|(_, candidate)| candidate)
}

/// A hint that offers the nearest name, or lists them if they are few.
pub fn did_you_mean<'a>(
    name: &str,
    known: impl IntoIterator<Item = &'a str> + Clone,
) -> Option<String> {
    const LISTED_MAX: usize = 8;
    if let Some(nearest) = nearest(name, known.clone()) {
        return Some(format!("did you mean `{nearest}`?"));
    }
    let known: Vec<String> =
        known.into_iter().take(LISTED_MAX + 1).map(|it| format!("`{it}`")).collect();
    (1..=LISTED_MAX).contains(&known.len()).then(|| format!("known: {}", known.join(", ")))
}

/// Case and the choice between `-`, `_` and a space are not worth a difference.
fn fold(name: &str) -> Vec<char> {
    // A name longer than any known one is like none of them; its tail is not
    // worth the time.
    name.chars()
        .take(crate::identifier::IDENTIFIER_BYTES_MAX)
        .flat_map(char::to_lowercase)
        .map(|c| if matches!(c, '_' | ' ') { '-' } else { c })
        .collect()
}

/// How many letters must be put in, left out or changed (Levenshtein).
fn differences(a: &[char], b: &[char]) -> usize {
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, from) in a.iter().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, to) in b.iter().enumerate() {
            let changed = diagonal + usize::from(from != to);
            diagonal = row[j + 1];
            row[j + 1] = changed.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_names_are_offered_and_far_ones_are_not() {
        let known = ["REMIND", "FINAL", "next_milestone"];
        for (name, expected) in [
            ("REMID", Some("REMIND")),
            ("remind", Some("REMIND")),
            ("FINALE", Some("FINAL")),
            ("next-milestone", Some("next_milestone")),
            ("nextmilestone", Some("next_milestone")),
            ("LEGAL", None),
            ("", None),
        ] {
            assert_eq!(nearest(name, known), expected, "{name:?}");
        }
    }
}
