package dev.tidemark.coordinator.runtime;

import dev.tidemark.protocol.ErrorCode;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// One partition's log over all leader epochs. Appends are taken and committed at once, unless a test says otherwise.
public final class MemoryLog {
    private final List<LogBatch> batches = new ArrayList<>();

    /// By the number of batches before each.
    private final List<Map.Entry<Integer, EndMarker>> markers = new ArrayList<>();

    private final Deque<Runnable> heldAppends = new ArrayDeque<>();
    private final Deque<Runnable> heldCommits = new ArrayDeque<>();
    private int leaderEpoch;
    private boolean holdsAppends;
    private boolean holdsCommits;
    private @Nullable ErrorCode refusal;
    private @Nullable ErrorCode laterRefusal;
    private int appendsBeforeRefusal;
    private CoordinatorLog.@Nullable ReplayListener heldReplay;
    private boolean holdsReplay;
    private boolean isFenced;

    public List<LogBatch> batches() {
        return batches;
    }

    /// The log as a leader of the next epoch sees it.
    public CoordinatorLog nextLeader() {
        int epoch = ++leaderEpoch;
        return new CoordinatorLog() {
            @Override
            public boolean isLed() {
                return !isFenced;
            }

            @Override
            public void append(LogBatch batch, AppendListener listener) {
                Runnable append = () -> doAppend(epoch, batch, listener);
                if (holdsAppends) heldAppends.add(append);
                else append.run();
            }

            @Override
            public void appendMarker(EndMarker marker, AppendListener listener) {
                Runnable append = () -> doAppendMarker(epoch, marker, listener);
                if (holdsAppends) heldAppends.add(append);
                else append.run();
            }

            @Override
            public void replay(ReplayListener listener) {
                if (holdsReplay) heldReplay = listener;
                else replayTo(listener);
            }
        };
    }

    public int leaderEpoch() {
        return leaderEpoch;
    }

    /// Somebody else may lead.
    public void fence(boolean value) {
        isFenced = value;
    }

    private void doAppend(int epoch, LogBatch batch, CoordinatorLog.AppendListener listener) {
        if (epoch != leaderEpoch) {
            listener.onFailed(ErrorCode.NOT_LEADER_OR_FOLLOWER);
            return;
        }
        if (refusal == null && laterRefusal != null && appendsBeforeRefusal-- == 0) refusal = laterRefusal;
        if (refusal != null) {
            listener.onFailed(refusal);
            return;
        }
        batches.add(batch);
        listener.onAppended();
        if (holdsCommits) heldCommits.add(listener::onCommitted);
        else listener.onCommitted();
    }

    private void doAppendMarker(int epoch, EndMarker marker, CoordinatorLog.AppendListener listener) {
        if (epoch != leaderEpoch || refusal != null) {
            listener.onFailed(refusal == null ? ErrorCode.NOT_LEADER_OR_FOLLOWER : refusal);
            return;
        }
        markers.add(Map.entry(batches.size(), marker));
        listener.onAppended();
        if (holdsCommits) heldCommits.add(listener::onCommitted);
        else listener.onCommitted();
    }

    private void replayTo(CoordinatorLog.ReplayListener listener) {
        if (!replayBatches(listener)) return;
        listener.onEnd();
        if (holdsCommits) heldCommits.add(listener::onCommitted);
        else listener.onCommitted();
    }

    private boolean replayBatches(CoordinatorLog.ReplayListener listener) {
        for (int i = 0; i <= batches.size(); i++) {
            for (var marker : markers) {
                boolean isHere = marker.getKey() == i;
                EndMarker end = marker.getValue();
                if (isHere && !listener.onMarker(end.producerId(), end.commit())) return false;
            }
            if (i < batches.size() && !listener.onBatch(batches.get(i))) return false;
        }
        return true;
    }

    public void refuse(@Nullable ErrorCode error) {
        refusal = error;
        laterRefusal = null;
    }

    /// Takes `appends` more.
    public void refuseAfter(int appends, ErrorCode error) {
        appendsBeforeRefusal = appends;
        laterRefusal = error;
    }

    public void holdAppends() {
        holdsAppends = true;
    }

    public void releaseAppends() {
        holdsAppends = false;
        while (!heldAppends.isEmpty()) heldAppends.remove().run();
    }

    public void holdCommits() {
        holdsCommits = true;
    }

    public void releaseCommits() {
        holdsCommits = false;
        while (!heldCommits.isEmpty()) heldCommits.remove().run();
    }

    public void holdReplay() {
        holdsReplay = true;
    }

    public void releaseReplay() {
        holdsReplay = false;
        CoordinatorLog.ReplayListener listener = heldReplay;
        heldReplay = null;
        if (listener != null) replayTo(listener);
    }
}
