//! `drm`: load and memory of AMD graphics cards.

use super::Collector;
use super::context::{Collected, Ctx};
use crate::base::Exposition;

pub(super) struct Drm;

/// File and metric.
const FIGURES: [(&str, &str, &str); 7] = [
    ("gpu_busy_percent", "node_drm_gpu_busy_percent", "How busy the card is, in percent."),
    ("mem_info_gtt_size", "node_drm_memory_gtt_size_bytes", "Size of the translation table, in bytes."),
    ("mem_info_gtt_used", "node_drm_memory_gtt_used_bytes", "Used part of the translation table, in bytes."),
    ("mem_info_vram_total", "node_drm_memory_vram_size_bytes", "Size of the card's memory, in bytes."),
    ("mem_info_vram_used", "node_drm_memory_vram_used_bytes", "Used part of the card's memory, in bytes."),
    ("mem_info_vis_vram_total", "node_drm_memory_vis_vram_size_bytes", "Size of the memory that the processor sees, in bytes."),
    ("mem_info_vis_vram_used", "node_drm_memory_vis_vram_used_bytes", "Used part of the memory that the processor sees, in bytes."),
];

impl Collector for Drm {
    fn name(&self) -> &'static str {
        "drm"
    }

    fn collect(&self, ctx: &Ctx, out: &mut Exposition) -> Collected {
        let folder = format!("{}/class/drm", ctx.sys);
        for (_, card) in ctx.numbered(&folder, "card") {
            let device = format!("{folder}/{card}/device");
            if !ctx.join(&device, "uevent").is_ok_and(|text| text.lines().any(|line| line == "DRIVER=amdgpu")) {
                continue;
            }
            for (file, name, help) in FIGURES {
                out.gauge(name, help, &[("card", &card)], ctx.number(&device, file)? as f64);
            }
            let read = |file| ctx.attribute(&device, file).map(Option::unwrap_or_default);
            let (memory, level, id) = (read("mem_info_vram_vendor")?, read("power_dpm_force_performance_level")?, read("unique_id")?);
            let labels = [
                ("card", card.as_str()),
                ("memory_vendor", &memory),
                ("power_performance_level", &level),
                ("unique_id", &id),
                ("vendor", "amd"),
            ];
            out.gauge("node_drm_card_info", "Attributes of the card that are no numbers.", &labels, 1.0);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use crate::unix::testing::check;
    use expect_test::expect;

    #[test]
    fn only_cards_with_the_driver() {
        let mut files = vec![
            ("sys/class/drm/card0/device/uevent", "DRIVER=amdgpu\n"),
            ("sys/class/drm/card0/device/mem_info_vram_vendor", "samsung\n"),
            ("sys/class/drm/card1/device/uevent", "DRIVER=i915\n"),
            ("sys/class/drm/card0-DP-1/", ""),
        ];
        let paths: Vec<String> = super::FIGURES.iter().map(|(file, ..)| format!("sys/class/drm/card0/device/{file}")).collect();
        files.extend(paths.iter().map(|path| (path.as_str(), "4\n")));
        check(
            "drm",
            &files,
            |_| {},
            &expect![[r##"
            # TYPE node_drm_card_info gauge
            node_drm_card_info{card="card0",memory_vendor="samsung",power_performance_level="",unique_id="",vendor="amd"} 1
            # TYPE node_drm_gpu_busy_percent gauge
            node_drm_gpu_busy_percent{card="card0"} 4
            # TYPE node_drm_memory_gtt_size_bytes gauge
            node_drm_memory_gtt_size_bytes{card="card0"} 4
            # TYPE node_drm_memory_gtt_used_bytes gauge
            node_drm_memory_gtt_used_bytes{card="card0"} 4
            # TYPE node_drm_memory_vis_vram_size_bytes gauge
            node_drm_memory_vis_vram_size_bytes{card="card0"} 4
            # TYPE node_drm_memory_vis_vram_used_bytes gauge
            node_drm_memory_vis_vram_used_bytes{card="card0"} 4
            # TYPE node_drm_memory_vram_size_bytes gauge
            node_drm_memory_vram_size_bytes{card="card0"} 4
            # TYPE node_drm_memory_vram_used_bytes gauge
            node_drm_memory_vram_used_bytes{card="card0"} 4
        "##]],
        );
    }
}
