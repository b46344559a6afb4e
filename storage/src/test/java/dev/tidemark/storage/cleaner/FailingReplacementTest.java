package dev.tidemark.storage.cleaner;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.base.disk.DiskOperation;
import dev.tidemark.storage.TestWorld;
import dev.tidemark.storage.log.LogConfig;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// The disk fails in the midst of putting a cleaned segment in the place of the ones it was made from.
class FailingReplacementTest {
    private static final Map<String, String> TABLE = Map.of("a", "5", "b", "5", "last", "1");

    private CompactedLog log;
    private boolean hasFailed;

    /// Three segments, with an aborted transaction, and the active one.
    private void write() throws IOException {
        log = new CompactedLog(
                new TestWorld(), CompactedLog.config().segmentBytes(4000).build());
        for (int i = 0; i < 6; i++) {
            log.put("a=" + i, "b=" + i);
            log.putInTransaction(7, "a=aborted");
            log.end(7, false);
            if (i % 2 == 1) log.roll();
        }
        log.put("last=1");
    }

    /// @param survived so many renames in the log's folder work
    private void cleanWhileRenamesFail(int survived) {
        int[] left = {survived};
        String folder = log.log.folder().path().toString();
        log.world.memory().hook((operation, path, _) -> {
            boolean isRename = operation == DiskOperation.RENAME && path.startsWith(folder);
            if (isRename && left[0]-- <= 0) throw new IOException("Input/output error");
        });
        hasFailed = false;
        try {
            log.cleanSealed(1 << 16);
        } catch (IOException failure) {
            hasFailed = true;
            log.world.directory().onDiskFailure(failure); // As the cleaner's listener does.
        }
    }

    private void heal() {
        log.world.memory().hook((_, _, _) -> {});
        log.world.settle(2 * LogConfig.DEFAULT.fileDeleteDelayMs());
        assertThat(log.world.directory().isOnline()).isTrue();
    }

    private List<String> marked() throws IOException {
        return log.world.disk.list(log.log.folder().path()).stream()
                .filter(name -> name.endsWith(".deleted") || name.endsWith(".swap"))
                .toList();
    }

    @Test
    void readersAreServedAndTheRestIsDoneWhenTheDiskWorks() throws IOException {
        int failures = 0;
        for (int survived = 0; ; survived++) {
            write();
            cleanWhileRenamesFail(survived);
            if (!hasFailed) break;
            failures++;
            assertThat(log.committedTable()).as("after %d renames", survived).isEqualTo(TABLE);

            heal();

            assertThat(log.committedTable()).as("after %d renames", survived).isEqualTo(TABLE);
            log.cleanSealed(1 << 16);
            log.world.settle(2 * LogConfig.DEFAULT.fileDeleteDelayMs());
            assertThat(log.committedTable()).as("after %d renames", survived).isEqualTo(TABLE);
            assertThat(marked()).as("after %d renames", survived).isEmpty();
            log.log = log.world.killAndReopen();
            log.log.onHighWatermark(log.log.snapshot().logEndOffset());
            assertThat(log.committedTable()).as("after %d renames", survived).isEqualTo(TABLE);
        }
        assertThat(failures).isGreaterThan(12);
    }

    @Test
    void whatIsCutAfterwardsDoesNotComeBack() throws IOException {
        for (int survived = 0; ; survived++) {
            write();
            cleanWhileRenamesFail(survived);
            if (!hasFailed) break;
            heal();

            log.world.truncate(log.log, 16);
            log.put("new=1");
            List<String> records = log.records();
            assertThat(records).as("after %d renames", survived).endsWith("16:new=1");

            log.log = log.world.killAndReopen();
            assertThat(log.records()).as("after %d renames", survived).isEqualTo(records);
        }
    }
}
