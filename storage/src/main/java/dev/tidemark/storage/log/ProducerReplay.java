package dev.tidemark.storage.log;

import dev.tidemark.protocol.record.BatchHeader;
import dev.tidemark.storage.producer.ProducerBatches;
import dev.tidemark.storage.producer.ProducerHistory;
import dev.tidemark.storage.producer.ProducerStates;
import dev.tidemark.storage.segment.BatchCursor;
import dev.tidemark.storage.segment.LogSegment;
import java.io.IOException;
import java.util.List;

/// Makes the producers' state as of an offset from the newest snapshot before it and the headers of the batches since.
public final class ProducerReplay {
    private ProducerReplay() {}

    /// @param startOffset where the oldest segment begins
    /// @param wallMs counts as the time when each producer was here
    public static ProducerStates upTo(
            List<LogSegment> segments, ProducerHistory history, long startOffset, long offset, long wallMs)
            throws IOException {
        ProducerStates states = history.latest(startOffset, offset, wallMs);
        for (int i = 0; i < segments.size() && states.endOffset() < offset; i++) {
            boolean isBefore = i + 1 < segments.size() && segments.get(i + 1).baseOffset() <= states.endOffset();
            if (!isBefore && !segments.get(i).isEmpty()) replay(segments.get(i), states, offset, wallMs);
        }
        states.advanceTo(offset);
        return states;
    }

    private static void replay(LogSegment segment, ProducerStates states, long offset, long wallMs) throws IOException {
        BatchCursor cursor = segment.seek(states.endOffset(), segment.sizeInBytes());
        if (cursor.size() == 0) return;
        do {
            BatchHeader batch = cursor.header();
            if (batch.baseOffset() >= offset) return;
            // The transaction index knows what these aborted.
            ProducerBatches.apply(states, batch.isControl() ? cursor.whole() : batch, wallMs);
        } while (cursor.next());
    }
}
