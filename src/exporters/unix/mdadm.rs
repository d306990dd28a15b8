//! `mdadm`: state, disks and blocks of software RAID.

use super::Collector;
use super::context::{CollectError, Collected, Ctx, parse_float};
use crate::base::Exposition;

pub(super) struct Mdadm;

/// States as the `state` label spells them.
const STATES: [&str; 5] = ["active", "check", "inactive", "recovering", "resync"];
const FILE: &str = "mdstat";

#[derive(Debug, Default)]
struct Array<'a> {
    state: &'a str,
    active: f64,
    required: f64,
    failed: usize,
    spare: usize,
    blocks: f64,
    synced: f64,
}

impl Collector for Mdadm {
    fn name(&self) -> &'static str {
        "mdadm"
    }

    fn collect(&self, ctx: &Ctx, out: &mut Exposition) -> Collected {
        let text = ctx.proc(FILE).map_err(CollectError::missing_is_no_data)?;
        let lines: Vec<&str> = text.lines().collect();
        for (at, line) in lines.iter().enumerate() {
            let heading =
                line.trim().is_empty() || line.starts_with([' ', '\t']) || line.starts_with("unused") || line.starts_with("Personalities");
            if !heading {
                let (name, array) = array(line, &lines[at + 1..])?;
                add(out, name, &array);
            }
        }
        Ok(())
    }
}

fn add(out: &mut Exposition, device: &str, array: &Array<'_>) {
    let device = ("device", device);
    out.gauge("node_md_disks_required", "Disks the array needs.", &[device], array.required);
    for (state, count) in [("active", array.active), ("failed", array.failed as f64), ("spare", array.spare as f64)] {
        out.gauge("node_md_disks", "Disks of the array, by state.", &[device, ("state", state)], count);
    }
    for state in STATES {
        out.gauge(
            "node_md_state",
            "Whether the array is in this state.",
            &[device, ("state", state)],
            f64::from(u8::from(array.state == state)),
        );
    }
    out.gauge("node_md_blocks", "Blocks of the array.", &[device], array.blocks);
    out.gauge("node_md_blocks_synced", "Blocks that are in step on all disks.", &[device], array.synced);
}

/// An array: a line of its disks, a line of its size, perhaps one of its bitmap, perhaps one of what is being done.
fn array<'a>(line: &'a str, rest: &[&str]) -> Collected<(&'a str, Array<'a>)> {
    let mut fields = line.split_whitespace();
    let (Some(name), Some(_), Some(state)) = (fields.next(), fields.next(), fields.next()) else {
        return Err(CollectError::parse(FILE, format!("no name and state in `{line}`")));
    };
    let status = rest.first().copied().unwrap_or_default();
    let mut array = Array { state, failed: line.matches("(F)").count(), spare: line.matches("(S)").count(), ..Array::default() };
    array.blocks = parse_float(status.split_whitespace().next().unwrap_or_default(), FILE)?;
    array.synced = array.blocks;
    if line.contains("raid0") || line.contains("linear") {
        // Without redundancy all disks are needed; only disks carry a number in brackets.
        array.required = line.matches('[').count() as f64;
        array.active = array.required;
    } else if !line.contains("inactive") {
        let counts = status.split_whitespace().rev().nth(1).and_then(|field| field.strip_prefix('[')?.strip_suffix(']')?.split_once('/'));
        let (required, active) = counts.ok_or_else(|| CollectError::parse(FILE, format!("no disks in `{status}`")))?;
        (array.required, array.active) = (parse_float(required, FILE)?, parse_float(active, FILE)?);
    }
    let after = if rest.get(1).is_some_and(|line| line.contains("bitmap")) { 2 } else { 1 };
    progress(&mut array, rest.get(after).copied().unwrap_or_default())?;
    Ok((name, array))
}

fn progress(array: &mut Array<'_>, line: &str) -> Collected {
    let work = [("recovery", "recovering"), ("reshape", "reshaping"), ("check", "check"), ("resync", "resync")];
    let Some((_, state)) = work.into_iter().find(|(word, _)| line.contains(word)) else { return Ok(()) };
    array.state = state;
    if line.contains("PENDING") || line.contains("DELAYED") {
        array.synced = 0.0;
        return Ok(());
    }
    let done = line.split_once('(').and_then(|(_, rest)| rest.split_once('/')).map(|(done, _)| done);
    let done = done.ok_or_else(|| CollectError::parse(FILE, format!("no blocks in `{}`", line.trim())))?;
    array.synced = parse_float(done, FILE)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::unix::testing::check;
    use expect_test::expect;

    #[test]
    fn arrays_in_several_states() {
        let text = "Personalities : [raid0] [raid1] [raid6]\n\
md3 : active raid6 sda1[8] sdh1[7](F) sdb1[1](S)\n      5853468288 blocks super 1.2 level 6, 64k chunk, algorithm 2 [8/7] [UUUUUU_U]\n      \n\
md0 : active (auto-read-only) raid0 sdk1[1] sdj1[0]\n      8388608 blocks super 1.2 512k chunks\n\n\
md7 : active raid1 sdi2[0] sdj2[1]\n      195310144 blocks [2/2] [UU]\n      bitmap: 0/1 pages\n      [=>...................]  recovery =  8.5% (16775552/195310144) finish=17.0min speed=259783K/sec\n\n\
md8 : inactive sdb2[2](S)\n      3186 blocks super external:ddf\n\n\
md9 : active raid1 sdb[1] sda[0]\n      100 blocks [2/2] [UU]\n        resync=DELAYED\n\nunused devices: <none>\n";
        check(
            "mdadm",
            &[("proc/mdstat", text)],
            |_| {},
            &expect![[r##"
            # TYPE node_md_blocks gauge
            node_md_blocks{device="md0"} 8.388608e+06
            node_md_blocks{device="md3"} 5.853468288e+09
            node_md_blocks{device="md7"} 1.95310144e+08
            node_md_blocks{device="md8"} 3186
            node_md_blocks{device="md9"} 100
            # TYPE node_md_blocks_synced gauge
            node_md_blocks_synced{device="md0"} 8.388608e+06
            node_md_blocks_synced{device="md3"} 5.853468288e+09
            node_md_blocks_synced{device="md7"} 1.6775552e+07
            node_md_blocks_synced{device="md8"} 3186
            node_md_blocks_synced{device="md9"} 0
            # TYPE node_md_disks gauge
            node_md_disks{device="md0",state="active"} 2
            node_md_disks{device="md0",state="failed"} 0
            node_md_disks{device="md0",state="spare"} 0
            node_md_disks{device="md3",state="active"} 7
            node_md_disks{device="md3",state="failed"} 1
            node_md_disks{device="md3",state="spare"} 1
            node_md_disks{device="md7",state="active"} 2
            node_md_disks{device="md7",state="failed"} 0
            node_md_disks{device="md7",state="spare"} 0
            node_md_disks{device="md8",state="active"} 0
            node_md_disks{device="md8",state="failed"} 0
            node_md_disks{device="md8",state="spare"} 1
            node_md_disks{device="md9",state="active"} 2
            node_md_disks{device="md9",state="failed"} 0
            node_md_disks{device="md9",state="spare"} 0
            # TYPE node_md_disks_required gauge
            node_md_disks_required{device="md0"} 2
            node_md_disks_required{device="md3"} 8
            node_md_disks_required{device="md7"} 2
            node_md_disks_required{device="md8"} 0
            node_md_disks_required{device="md9"} 2
            # TYPE node_md_state gauge
            node_md_state{device="md0",state="active"} 1
            node_md_state{device="md0",state="check"} 0
            node_md_state{device="md0",state="inactive"} 0
            node_md_state{device="md0",state="recovering"} 0
            node_md_state{device="md0",state="resync"} 0
            node_md_state{device="md3",state="active"} 1
            node_md_state{device="md3",state="check"} 0
            node_md_state{device="md3",state="inactive"} 0
            node_md_state{device="md3",state="recovering"} 0
            node_md_state{device="md3",state="resync"} 0
            node_md_state{device="md7",state="active"} 0
            node_md_state{device="md7",state="check"} 0
            node_md_state{device="md7",state="inactive"} 0
            node_md_state{device="md7",state="recovering"} 1
            node_md_state{device="md7",state="resync"} 0
            node_md_state{device="md8",state="active"} 0
            node_md_state{device="md8",state="check"} 0
            node_md_state{device="md8",state="inactive"} 1
            node_md_state{device="md8",state="recovering"} 0
            node_md_state{device="md8",state="resync"} 0
            node_md_state{device="md9",state="active"} 0
            node_md_state{device="md9",state="check"} 0
            node_md_state{device="md9",state="inactive"} 0
            node_md_state{device="md9",state="recovering"} 0
            node_md_state{device="md9",state="resync"} 1
        "##]],
        );
    }
}
