package dev.tidemark.storage.cleaner;

import dev.tidemark.base.TopicPartition;
import dev.tidemark.storage.log.LogConfig;
import dev.tidemark.storage.log.LogSnapshot;
import dev.tidemark.storage.log.PartitionLog;
import dev.tidemark.storage.log.ProducerEnd;
import dev.tidemark.storage.segment.LogSegment;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;

/// A log that is to be compacted, and the way to its writer's turn. Any thread.
final class CleanableLog {
    private final PartitionLog log;
    private final Executor turn;

    /// @param turn runs what changes the log, in its writer's turn: `serial::execute`
    CleanableLog(PartitionLog log, Executor turn) {
        this.log = log;
        this.turn = turn;
    }

    PartitionLog log() {
        return log;
    }

    TopicPartition topicPartition() {
        return log.topicPartition();
    }

    LogConfig config() {
        return log.config();
    }

    LogSnapshot snapshot() {
        return log.snapshot();
    }

    List<LogSegment> segments() {
        return log.snapshot().segments();
    }

    /// Records from here on stay as they are: they are not replicated, or belong to open transactions.
    long firstUncleanableOffset() {
        return log.lastStableOffset();
    }

    /// What each remembered producer wrote last.
    CompletableFuture<Map<Long, ProducerEnd>> producerEnds() {
        return inTurn(log::producerEnds);
    }

    /// To be compared with what it was before the log was read.
    long truncations() {
        return log.forcing().truncations();
    }

    /// Puts `cleaned`, whose replacement was announced, into the place of `replaced`.
    ///
    /// @param truncationsBefore as of before `replaced` were read: a truncation may have cut one of
    ///     them, and others may have been appended to it since
    /// @return false if the log has no longer all of `replaced` as they were, or was closed: nothing
    ///     was done
    CompletableFuture<Boolean> replace(List<LogSegment> replaced, LogSegment cleaned, long truncationsBefore) {
        return inTurn(() -> {
            boolean isUnchanged =
                    truncations() == truncationsBefore && segments().containsAll(replaced);
            if (log.isClosed() || !isUnchanged) return false;
            log.replaceSegments(cleaned, replaced);
            return true;
        });
    }

    /// Whether a failure says nothing of the disk: the log was deleted meanwhile, or files of segments that it had
    /// `before`.
    boolean explains(IOException failure, List<LogSegment> before) {
        if (log.isClosed()) return true;
        return failure instanceof NoSuchFileException && !segments().containsAll(before);
    }

    private <T> CompletableFuture<T> inTurn(Callable<T> change) {
        CompletableFuture<T> result = new CompletableFuture<>();
        turn.execute(() -> {
            try {
                result.complete(change.call());
            } catch (IOException failure) {
                result.completeExceptionally(failure);
            } catch (Exception bug) {
                result.completeExceptionally(bug);
                throw bug instanceof RuntimeException unchecked ? unchecked : new IllegalStateException(bug);
            }
        });
        return result;
    }
}
