//! What pages say about metric families: type, help, unit.

use data::{Metadata, MetricType};
use foldhash::fast::FixedState;
use hashbrown::HashMap;
use std::sync::Arc;

/// Scrapes after which a family that is no longer there is forgotten.
const FORGET_AFTER: u32 = 10;

/// The families of one target. Most pages have them in the order of the last scrape.
#[derive(Default)]
pub(super) struct Families {
    known: HashMap<Arc<str>, Family, FixedState>,
    round: u32,
}

struct Family {
    metadata: Metadata,
    changed: bool,
    seen: u32,
}

impl Families {
    /// Notes a type.
    pub(super) fn kind(&mut self, name: &[u8], kind: MetricType) {
        let Some(family) = self.family(name) else { return };
        family.changed |= family.metadata.kind != kind;
        family.metadata.kind = kind;
    }

    /// Notes a help text.
    pub(super) fn help(&mut self, name: &[u8], help: &str) {
        let Some(family) = self.family(name) else { return };
        replace(&mut family.metadata.help, help, &mut family.changed);
    }

    /// Notes a unit.
    pub(super) fn unit(&mut self, name: &[u8], unit: &[u8]) {
        let (Some(family), Ok(unit)) = (self.family(name), std::str::from_utf8(unit)) else { return };
        replace(&mut family.metadata.unit, unit, &mut family.changed);
    }

    /// Ends a scrape: appends what is new or changed to `out`.
    pub(super) fn end(&mut self, out: &mut Vec<Metadata>) {
        let round = self.round;
        self.known.retain(|_, family| round.wrapping_sub(family.seen) <= FORGET_AFTER);
        let changed = self.known.values_mut().filter(|family| family.changed);
        let from = out.len();
        out.extend(changed.map(|family| {
            family.changed = false;
            family.metadata.clone()
        }));
        out[from..].sort_by(|a, b| a.family.cmp(&b.family));
        self.round = round.wrapping_add(1);
    }

    /// Forgets everything, so that all is sent again.
    pub(super) fn reset(&mut self) {
        self.known.clear();
    }

    fn family(&mut self, name: &[u8]) -> Option<&mut Family> {
        let name = std::str::from_utf8(name).ok()?;
        if !self.known.contains_key(name) {
            let shared: Arc<str> = name.into();
            let metadata = Metadata { family: Arc::clone(&shared), kind: MetricType::Unknown, help: "".into(), unit: "".into() };
            self.known.insert(shared, Family { metadata, changed: true, seen: self.round });
        }
        let family = self.known.get_mut(name)?;
        family.seen = self.round;
        Some(family)
    }
}

fn replace(old: &mut Arc<str>, new: &str, changed: &mut bool) {
    if **old != *new {
        *old = new.into();
        *changed = true;
    }
}
