//! `os`: name and version of the operating system, from `os-release`.

use super::Collector;
use super::context::{CollectError, Collected, Ctx};
use crate::base::Exposition;

pub(super) struct Os;

const FILES: [&str; 2] = ["etc/os-release", "usr/lib/os-release"];

/// Keys of the file and the labels they become.
const LABELS: [(&str, &str); 12] = [
    ("BUILD_ID", "build_id"),
    ("ID", "id"),
    ("ID_LIKE", "id_like"),
    ("IMAGE_ID", "image_id"),
    ("IMAGE_VERSION", "image_version"),
    ("NAME", "name"),
    ("PRETTY_NAME", "pretty_name"),
    ("VARIANT", "variant"),
    ("VARIANT_ID", "variant_id"),
    ("VERSION", "version"),
    ("VERSION_CODENAME", "version_codename"),
    ("VERSION_ID", "version_id"),
];

impl Collector for Os {
    fn name(&self) -> &'static str {
        "os"
    }

    fn collect(&self, ctx: &Ctx, out: &mut Exposition) -> Collected {
        let text = match ctx.join(&ctx.root, FILES[0]) {
            Err(error) if error.is_missing() => ctx.join(&ctx.root, FILES[1]).map_err(CollectError::missing_is_no_data)?,
            other => other?,
        };
        let get = |key: &str| text.lines().find_map(|line| value(line, key)).unwrap_or_default();
        let values = LABELS.map(|(key, label)| (label, get(key)));
        let labels = values.each_ref().map(|(label, value)| (*label, value.as_str()));
        out.gauge("node_os_info", "What os-release says about the operating system.", &labels, 1.0);
        if let Some(version) = major_minor(&get("VERSION_ID")).filter(|version| *version > 0.0) {
            out.gauge(
                "node_os_version",
                "The version up to its first point and the figures behind it.",
                &[labels[1], labels[2], labels[5]],
                version,
            );
        }
        Ok(())
    }
}

/// The value of `key` if this line assigns it, without quotes and escapes.
fn value(line: &str, key: &str) -> Option<String> {
    let raw = line.trim().strip_prefix(key)?.strip_prefix('=')?.trim();
    if let Some(inner) = raw.strip_prefix('\'').and_then(|rest| rest.strip_suffix('\'')) {
        return Some(inner.to_owned());
    }
    let inner = raw.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(raw);
    let mut text = String::with_capacity(inner.len());
    let mut characters = inner.chars();
    while let Some(character) = characters.next() {
        text.push(if character == '\\' { characters.next()? } else { character });
    }
    Some(text)
}

/// `20.04.3` gives 20.04; what does not begin with a digit gives nothing.
fn major_minor(version: &str) -> Option<f64> {
    let digits = |text: &str| text.bytes().take_while(u8::is_ascii_digit).count();
    let major = digits(version);
    let end = match version[major..].strip_prefix('.') {
        Some(rest) if major > 0 => major + 1 + digits(rest),
        _ => major,
    };
    version[..end].parse().ok()
}

#[cfg(test)]
mod tests {
    use super::major_minor;
    use crate::unix::testing::check;
    use expect_test::expect;

    #[test]
    fn labels_and_version() {
        let text = "NAME=\"Ubuntu\"\nVERSION=\"20.04.2 \\\"LTS\\\"\"\nID=ubuntu\nID_LIKE='debian'\nVERSION_ID=\"20.04\"\n";
        check(
            "os",
            &[("etc/os-release", text)],
            |_| {},
            &expect![[r#"
            # TYPE node_os_info gauge
            node_os_info{build_id="",id="ubuntu",id_like="debian",image_id="",image_version="",name="Ubuntu",pretty_name="",variant="",variant_id="",version="20.04.2 \"LTS\"",version_codename="",version_id="20.04"} 1
            # TYPE node_os_version gauge
            node_os_version{id="ubuntu",id_like="debian",name="Ubuntu"} 20.04
        "#]],
        );
        check(
            "os",
            &[("usr/lib/os-release", "ID=rolling\n")],
            |_| {},
            &expect![[r#"
            # TYPE node_os_info gauge
            node_os_info{build_id="",id="rolling",id_like="",image_id="",image_version="",name="",pretty_name="",variant="",variant_id="",version="",version_codename="",version_id=""} 1
        "#]],
        );
        check("os", &[], |_| {}, &expect!["error: no data: cannot read DIR/usr/lib/os-release: No such file or directory (os error 2)\n"]);
    }

    #[test]
    fn versions() {
        let cases = [("12", Some(12.0)), ("20.04.3", Some(20.04)), ("8.", Some(8.0)), ("", None), ("rawhide", None), (".5", None)];
        for (text, expected) in cases {
            assert_eq!(major_minor(text), expected, "{text}");
        }
    }
}
