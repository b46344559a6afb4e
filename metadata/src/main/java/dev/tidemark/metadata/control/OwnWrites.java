package dev.tidemark.metadata.control;

import dev.tidemark.metadata.store.StoreEvent;
import dev.tidemark.metadata.store.StoreOp;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// The paths of our own writes under way. A store tells of a change before it answers the write that made it: an
/// event for such a path is taken for our own, whose outcome we know better than a read could tell. Where the write
/// then turns out not to have been done, those events were somebody else's, and are given back.
///
/// Owner: the control plane's serial.
final class OwnWrites {
    private final Map<String, int[]> expected = new HashMap<>();

    void sent(List<StoreOp> ops) {
        for (StoreOp op : ops) {
            if (changes(op)) expected.computeIfAbsent(op.path(), _ -> new int[2])[0]++;
        }
    }

    /// Whether an event at `path` is counted as one of ours.
    boolean claims(String path) {
        int[] counts = expected.get(path);
        if (counts == null || counts[1] >= counts[0]) return false;
        counts[1]++;
        return true;
    }

    void done(List<StoreOp> ops) {
        for (StoreOp op : ops) if (changes(op)) forget(op.path());
    }

    /// The write was not done, or may not have been.
    ///
    /// @return events that may have been somebody else's
    List<StoreEvent> undone(List<StoreOp> ops) {
        List<StoreEvent> unclear = new ArrayList<>();
        for (StoreOp op : ops) {
            if (changes(op) && forget(op.path())) unclear.add(new StoreEvent(StoreEvent.Type.CREATED, op.path()));
        }
        return unclear;
    }

    /// Whether an event had been counted for it.
    private boolean forget(String path) {
        int[] counts = expected.get(path);
        if (counts == null) return false;
        counts[0]--;
        boolean counted = counts[1] > 0;
        if (counted) counts[1]--;
        if (counts[0] == 0) expected.remove(path);
        return counted;
    }

    private static boolean changes(StoreOp op) {
        return !(op instanceof StoreOp.CheckVersion);
    }
}
