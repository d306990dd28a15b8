//! `interrupts`: interrupts by processor and source.

use super::Collector;
use super::context::{CollectError, Collected, Ctx, parse_float};
use crate::base::Exposition;

pub(super) struct Interrupts;

impl Collector for Interrupts {
    fn name(&self) -> &'static str {
        "interrupts"
    }

    fn collect(&self, ctx: &Ctx, out: &mut Exposition) -> Collected {
        let text = ctx.proc("interrupts")?;
        let mut lines = text.lines();
        let heading = lines.next().ok_or_else(|| CollectError::parse("interrupts", "nothing in it"))?;
        let cpus: Vec<String> = (0..heading.split_whitespace().count()).map(|cpu| cpu.to_string()).collect();
        for line in lines {
            // Some machines leave no blank between the name and the first figure.
            let Some((source, rest)) = line.split_once(':') else { continue };
            let fields: Vec<&str> = rest.split_whitespace().collect();
            // Lines such as `ERR: 0` do not tell processors apart.
            let Some((counts, details)) = fields.split_at_checked(cpus.len()).filter(|(_, details)| !details.is_empty()) else { continue };
            let source = source.trim_start();
            let (info, devices) = match source.parse::<u32>() {
                Ok(_) => (details[0].to_owned(), details[1..].join(" ")),
                Err(_) => (details.join(" "), String::new()),
            };
            for (cpu, count) in cpus.iter().zip(counts) {
                let labels = [("cpu", cpu.as_str()), ("devices", &devices), ("info", &info), ("type", source)];
                out.counter("node_interrupts_total", "Interrupts, by processor and source.", &labels, parse_float(count, "interrupts")?);
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use crate::unix::testing::check;
    use expect_test::expect;

    #[test]
    fn numbered_and_named_sources() {
        let text = "           CPU0       CPU1\n  0:         18         19   IO-APIC-edge      timer, other\nNMI:         47       5031   Non-maskable interrupts\nERR:          0\nIPI0:1 2 Rescheduling\n";
        check(
            "interrupts",
            &[("proc/interrupts", text)],
            |_| {},
            &expect![[r##"
            # TYPE node_interrupts_total counter
            node_interrupts_total{cpu="0",devices="",info="Non-maskable interrupts",type="NMI"} 47
            node_interrupts_total{cpu="0",devices="",info="Rescheduling",type="IPI0"} 1
            node_interrupts_total{cpu="0",devices="timer, other",info="IO-APIC-edge",type="0"} 18
            node_interrupts_total{cpu="1",devices="",info="Non-maskable interrupts",type="NMI"} 5031
            node_interrupts_total{cpu="1",devices="",info="Rescheduling",type="IPI0"} 2
            node_interrupts_total{cpu="1",devices="timer, other",info="IO-APIC-edge",type="0"} 19
        "##]],
        );
        check(
            "interrupts",
            &[("proc/interrupts", "")],
            |_| {},
            &expect![[r#"
            error: unexpected content in interrupts: nothing in it
        "#]],
        );
    }
}
