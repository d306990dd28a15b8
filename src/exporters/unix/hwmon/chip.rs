//! Names of sensor chips that stay the same from one start of the machine to the next.

use std::path::Path;

use crate::unix::context::{CollectError, Collected, Ctx};

/// A name from the chip's device, which is unique; else the driver's name; else the number that the kernel gave.
pub(super) fn name(ctx: &Ctx, path: &str) -> Collected<String> {
    if let Ok(device) = Path::new(path).join("device").canonicalize() {
        let part = |path: Option<&Path>| path.and_then(Path::file_name).map(|name| clean(&name.to_string_lossy())).unwrap_or_default();
        let (bus, device) = (part(device.parent()), part(Some(&device)));
        if !device.is_empty() {
            return Ok(if bus.is_empty() { device } else { format!("{bus}_{device}") });
        }
    }
    if let Some(name) = ctx.value(path, "name").map(|name| clean(&name)).filter(|name| !name.is_empty()) {
        return Ok(name);
    }
    let real = Path::new(path).canonicalize().map_err(|source| CollectError::Read { path: path.to_owned(), source })?;
    let name = real.file_name().map(|name| clean(&name.to_string_lossy())).unwrap_or_default();
    if name.is_empty() { Err(CollectError::parse(path, "nothing to name the chip by")) } else { Ok(name) }
}

/// Lower case, with `_` for what a metric name cannot hold, but none at the ends.
pub(super) fn clean(name: &str) -> String {
    let valid = |character: char| if matches!(character, 'a'..='z' | '0'..='9' | ':' | '_') { character } else { '_' };
    name.to_lowercase().chars().map(valid).collect::<String>().trim_matches('_').to_owned()
}

#[cfg(test)]
mod tests {
    use super::clean;

    #[test]
    fn names_become_clean() {
        for (name, expected) in [("Core.Temp-0", "core_temp_0"), ("_x_", "x"), ("0000:01:00.0", "0000:01:00_0"), ("é", "")] {
            assert_eq!(clean(name), expected);
        }
    }
}
