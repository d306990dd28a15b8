//! "Did you mean": finds the known word that was probably meant.

/// The candidate most like `word`, if any is like enough: a wrong letter in three, different case, or one of the two is the
/// other with something added. Ties go to the first.
pub fn suggest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let wanted = normalize(word);
    if wanted.is_empty() {
        return None;
    }
    let mut best: Option<(usize, &str)> = None;
    for candidate in candidates {
        let Some(distance) = distance(&wanted, candidate) else { continue };
        if best.is_none_or(|(least, _)| distance < least) {
            best = Some((distance, candidate));
        }
    }
    best.map(|(_, candidate)| candidate)
}

/// How far `candidate` is from `wanted`; `None` when too far.
fn distance(wanted: &str, candidate: &str) -> Option<usize> {
    let other = normalize(candidate);
    let length = wanted.chars().count();
    let limit = (length / 3).max(1);
    let longer = wanted.len().max(other.len());
    // A word that was cut short or lengthened ("metrics" for "metrics_path") is meant more often than a random neighbour.
    let contained = length >= 4 && other.len() >= 4 && (other.starts_with(wanted) || wanted.starts_with(other.as_str()));
    if longer > 4 * length + 16 {
        return None;
    }
    let distance = strsim::osa_distance(wanted, &other);
    if distance <= limit {
        Some(distance)
    } else if contained {
        Some(limit + 1)
    } else {
        None
    }
}

/// Case, dashes and underscores are no difference.
fn normalize(word: &str) -> String {
    const LIMIT: usize = 128;
    word.chars().take(LIMIT).filter(|c| !matches!(c, '_' | '-')).flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::suggest;

    #[test]
    fn finds_what_was_meant() {
        let known = ["forward_to", "targets", "scrape_interval", "scrape_timeout", "job_name", "prometheus.scrape", "url"];
        for (word, expected) in [
            ("forwardTo", Some("forward_to")),
            ("foward_to", Some("forward_to")),
            ("target", Some("targets")),
            ("scrape_intervall", Some("scrape_interval")),
            ("prometheus.scrap", Some("prometheus.scrape")),
            ("URL", Some("url")),
            ("uri", Some("url")),
            ("job", None),
            ("labels", None),
            ("", None),
            ("x", None),
        ] {
            assert_eq!(suggest(word, known), expected, "{word}");
        }
    }
}
