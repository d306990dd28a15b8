//! `xfs`: what each XFS file system did.

use super::Collector;
use super::context::{CollectError, Collected, Ctx, parse_float};
use crate::base::Exposition;

pub(super) struct Xfs;

/// First word of a line and the metrics of its figures, without `node_xfs_` and `_total`; an empty name is no metric.
const LINES: [(&str, &[&str]); 8] = [
    (
        "extent_alloc",
        &[
            "extent_allocation_extents_allocated",
            "extent_allocation_blocks_allocated",
            "extent_allocation_extents_freed",
            "extent_allocation_blocks_freed",
        ],
    ),
    (
        "abt",
        &["allocation_btree_lookups", "allocation_btree_compares", "allocation_btree_records_inserted", "allocation_btree_records_deleted"],
    ),
    (
        "blk_map",
        &[
            "block_mapping_reads",
            "block_mapping_writes",
            "block_mapping_unmaps",
            "block_mapping_extent_list_insertions",
            "block_mapping_extent_list_deletions",
            "block_mapping_extent_list_lookups",
            "block_mapping_extent_list_compares",
        ],
    ),
    (
        "bmbt",
        &["block_map_btree_lookups", "block_map_btree_compares", "block_map_btree_records_inserted", "block_map_btree_records_deleted"],
    ),
    ("dir", &["directory_operation_lookup", "directory_operation_create", "directory_operation_remove", "directory_operation_getdents"]),
    (
        "ig",
        &[
            "inode_operation_attempts",
            "inode_operation_found",
            "inode_operation_recycled",
            "inode_operation_missed",
            "inode_operation_duplicates",
            "inode_operation_reclaims",
            "inode_operation_attribute_changes",
        ],
    ),
    ("rw", &["write_calls", "read_calls"]),
    ("vnodes", &["vnode_active", "vnode_allocate", "vnode_get", "vnode_hold", "vnode_release", "vnode_reclaim", "vnode_remove"]),
];

impl Collector for Xfs {
    fn name(&self) -> &'static str {
        "xfs"
    }

    fn collect(&self, ctx: &Ctx, out: &mut Exposition) -> Collected {
        let folder = format!("{}/fs/xfs", ctx.sys);
        for device in ctx.names(&folder).unwrap_or_default() {
            let file = format!("{folder}/{device}/stats/stats");
            let text = match ctx.read(&file) {
                Err(error) if error.is_missing() || error.os_code() == Some(libc::ENOTDIR) => continue,
                other => other?,
            };
            for (word, names) in LINES {
                let line = text.lines().find_map(|line| line.strip_prefix(word)?.strip_prefix(' '));
                let mut figures = line.unwrap_or_default().split_whitespace();
                for name in names {
                    // A file without the line counts as zero; a line with too few figures is broken.
                    let value = match (line, figures.next()) {
                        (None, _) => 0.0,
                        (Some(_), Some(field)) => parse_float(field, &file)?,
                        (Some(_), None) => {
                            return Err(CollectError::parse(&file, format!("fewer than {} figures for {word}", names.len())));
                        }
                    };
                    out.counter(&format!("node_xfs_{name}_total"), "A counter of the XFS file system.", &[("device", &device)], value);
                }
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
    fn figures_by_line() {
        let text = "extent_alloc 1 2 3 4\nabt 5 6 7 8\nblk_map 1 2 3 4 5 6 7\nbmbt 0 0 0 0\ndir 1 2 3 4\ntrans 0 40 0\nig 1 2 3 4 5 6 7\nrw 10 20\nvnodes 1 2 3 4 5 6 7 8\n";
        check(
            "xfs",
            &[("sys/fs/xfs/sda1/stats/stats", text), ("sys/fs/xfs/stats/stats", "rw 1 1\n")],
            |_| {},
            &expect![[r##"
            # TYPE node_xfs_allocation_btree_compares_total counter
            node_xfs_allocation_btree_compares_total{device="sda1"} 6
            # TYPE node_xfs_allocation_btree_lookups_total counter
            node_xfs_allocation_btree_lookups_total{device="sda1"} 5
            # TYPE node_xfs_allocation_btree_records_deleted_total counter
            node_xfs_allocation_btree_records_deleted_total{device="sda1"} 8
            # TYPE node_xfs_allocation_btree_records_inserted_total counter
            node_xfs_allocation_btree_records_inserted_total{device="sda1"} 7
            # TYPE node_xfs_block_map_btree_compares_total counter
            node_xfs_block_map_btree_compares_total{device="sda1"} 0
            # TYPE node_xfs_block_map_btree_lookups_total counter
            node_xfs_block_map_btree_lookups_total{device="sda1"} 0
            # TYPE node_xfs_block_map_btree_records_deleted_total counter
            node_xfs_block_map_btree_records_deleted_total{device="sda1"} 0
            # TYPE node_xfs_block_map_btree_records_inserted_total counter
            node_xfs_block_map_btree_records_inserted_total{device="sda1"} 0
            # TYPE node_xfs_block_mapping_extent_list_compares_total counter
            node_xfs_block_mapping_extent_list_compares_total{device="sda1"} 7
            # TYPE node_xfs_block_mapping_extent_list_deletions_total counter
            node_xfs_block_mapping_extent_list_deletions_total{device="sda1"} 5
            # TYPE node_xfs_block_mapping_extent_list_insertions_total counter
            node_xfs_block_mapping_extent_list_insertions_total{device="sda1"} 4
            # TYPE node_xfs_block_mapping_extent_list_lookups_total counter
            node_xfs_block_mapping_extent_list_lookups_total{device="sda1"} 6
            # TYPE node_xfs_block_mapping_reads_total counter
            node_xfs_block_mapping_reads_total{device="sda1"} 1
            # TYPE node_xfs_block_mapping_unmaps_total counter
            node_xfs_block_mapping_unmaps_total{device="sda1"} 3
            # TYPE node_xfs_block_mapping_writes_total counter
            node_xfs_block_mapping_writes_total{device="sda1"} 2
            # TYPE node_xfs_directory_operation_create_total counter
            node_xfs_directory_operation_create_total{device="sda1"} 2
            # TYPE node_xfs_directory_operation_getdents_total counter
            node_xfs_directory_operation_getdents_total{device="sda1"} 4
            # TYPE node_xfs_directory_operation_lookup_total counter
            node_xfs_directory_operation_lookup_total{device="sda1"} 1
            # TYPE node_xfs_directory_operation_remove_total counter
            node_xfs_directory_operation_remove_total{device="sda1"} 3
            # TYPE node_xfs_extent_allocation_blocks_allocated_total counter
            node_xfs_extent_allocation_blocks_allocated_total{device="sda1"} 2
            # TYPE node_xfs_extent_allocation_blocks_freed_total counter
            node_xfs_extent_allocation_blocks_freed_total{device="sda1"} 4
            # TYPE node_xfs_extent_allocation_extents_allocated_total counter
            node_xfs_extent_allocation_extents_allocated_total{device="sda1"} 1
            # TYPE node_xfs_extent_allocation_extents_freed_total counter
            node_xfs_extent_allocation_extents_freed_total{device="sda1"} 3
            # TYPE node_xfs_inode_operation_attempts_total counter
            node_xfs_inode_operation_attempts_total{device="sda1"} 1
            # TYPE node_xfs_inode_operation_attribute_changes_total counter
            node_xfs_inode_operation_attribute_changes_total{device="sda1"} 7
            # TYPE node_xfs_inode_operation_duplicates_total counter
            node_xfs_inode_operation_duplicates_total{device="sda1"} 5
            # TYPE node_xfs_inode_operation_found_total counter
            node_xfs_inode_operation_found_total{device="sda1"} 2
            # TYPE node_xfs_inode_operation_missed_total counter
            node_xfs_inode_operation_missed_total{device="sda1"} 4
            # TYPE node_xfs_inode_operation_reclaims_total counter
            node_xfs_inode_operation_reclaims_total{device="sda1"} 6
            # TYPE node_xfs_inode_operation_recycled_total counter
            node_xfs_inode_operation_recycled_total{device="sda1"} 3
            # TYPE node_xfs_read_calls_total counter
            node_xfs_read_calls_total{device="sda1"} 20
            # TYPE node_xfs_vnode_active_total counter
            node_xfs_vnode_active_total{device="sda1"} 1
            # TYPE node_xfs_vnode_allocate_total counter
            node_xfs_vnode_allocate_total{device="sda1"} 2
            # TYPE node_xfs_vnode_get_total counter
            node_xfs_vnode_get_total{device="sda1"} 3
            # TYPE node_xfs_vnode_hold_total counter
            node_xfs_vnode_hold_total{device="sda1"} 4
            # TYPE node_xfs_vnode_reclaim_total counter
            node_xfs_vnode_reclaim_total{device="sda1"} 6
            # TYPE node_xfs_vnode_release_total counter
            node_xfs_vnode_release_total{device="sda1"} 5
            # TYPE node_xfs_vnode_remove_total counter
            node_xfs_vnode_remove_total{device="sda1"} 7
            # TYPE node_xfs_write_calls_total counter
            node_xfs_write_calls_total{device="sda1"} 10
        "##]],
        );
        check(
            "xfs",
            &[("sys/fs/xfs/sda1/stats/stats", "extent_alloc 1 2\n")],
            |_| {},
            &expect![[r##"
            # TYPE node_xfs_extent_allocation_blocks_allocated_total counter
            node_xfs_extent_allocation_blocks_allocated_total{device="sda1"} 2
            # TYPE node_xfs_extent_allocation_extents_allocated_total counter
            node_xfs_extent_allocation_extents_allocated_total{device="sda1"} 1
            error: unexpected content in DIR/sys/fs/xfs/sda1/stats/stats: fewer than 4 figures for extent_alloc
        "##]],
        );
    }
}
