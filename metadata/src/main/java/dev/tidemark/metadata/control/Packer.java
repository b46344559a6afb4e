package dev.tidemark.metadata.control;

import dev.tidemark.metadata.store.MetadataStore;
import dev.tidemark.metadata.store.StoreOp;
import java.util.ArrayList;
import java.util.List;

/// Packs units of operations into multis of a bounded size, each of which begins with the same checks.
final class Packer {
    private static final int OPS_MAX = 5_000;

    private final List<List<StoreOp>> multis;
    private final List<StoreOp> checks;
    private List<StoreOp> open = new ArrayList<>();
    private int bytes;

    /// @param multis takes the full ones
    Packer(List<List<StoreOp>> multis, List<StoreOp> checks) {
        this.multis = multis;
        this.checks = checks;
    }

    /// A unit that is larger than the bound by itself goes alone.
    void add(List<StoreOp> unit) {
        int unitBytes = 0;
        for (StoreOp op : unit) unitBytes += MetadataStore.sizeOf(op);
        boolean full = bytes + unitBytes > MetadataStore.MULTI_BYTES_MAX || open.size() + unit.size() > OPS_MAX;
        if (full) finish();
        if (unit.isEmpty()) return;
        if (open.isEmpty()) open.addAll(checks);
        open.addAll(unit);
        bytes += unitBytes;
    }

    void finish() {
        if (!open.isEmpty()) multis.add(open);
        open = new ArrayList<>();
        bytes = 0;
    }
}
