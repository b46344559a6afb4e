package dev.tidemark.storage.index;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.base.disk.DiskOperation;
import dev.tidemark.storage.TestWorld;
import dev.tidemark.storage.segment.FileNames;
import dev.tidemark.storage.segment.PartitionFolder;
import dev.tidemark.storage.segment.SegmentFile;
import java.io.IOException;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class OffsetIndexTest {
    private static final long BASE = 1_000_000;

    private final TestWorld world = new TestWorld();
    /// What the index under test holds.
    private final TreeMap<Long, Integer> positions = new TreeMap<>();

    private OffsetIndex index() throws IOException {
        return new OffsetIndex(new SegmentFile(folder(), BASE, FileNames.INDEX), BASE, 0);
    }

    private PartitionFolder folder() throws IOException {
        return world.log().folder();
    }

    private void add(OffsetIndex index, long offset, int position) {
        index.append(offset, position);
        positions.put(offset, position);
    }

    private int expectedAt(long offset) {
        Map.Entry<Long, Integer> floor = positions.floorEntry(offset);
        return floor == null ? 0 : floor.getValue();
    }

    private int expectedStart(int position) {
        return positions.values().stream()
                .filter(at -> at <= position)
                .max(Integer::compare)
                .orElse(0);
    }

    @Test
    void findsWhatASearchOfAllFindsHoweverEntriesLie() throws IOException {
        for (int seed = 0; seed < 60; seed++) {
            Random random = new Random(seed);
            positions.clear();
            OffsetIndex index = index();
            int count = random.nextInt(3_000);
            long offset = BASE + random.nextInt(3);
            int position = random.nextInt(2);
            int steep = random.nextInt(count + 1);
            for (int i = 0; i < count; i++) {
                add(index, offset, position);
                boolean isFlat = i < steep; // Small batches first, then large ones.
                offset += 1 + random.nextInt(isFlat ? 3 : 2_000);
                position += 1 + random.nextInt(isFlat ? 100 : 50_000);
                if (random.nextInt(500) == 0) index.writeBack();
            }
            for (int i = 0; i < 300; i++) {
                long asked = BASE + random.nextLong(offset - BASE + 10) - 2;
                int at = random.nextInt(position + 10);
                assertThat(index.positionAtOrBefore(asked)).as("seed %s", seed).isEqualTo(expectedAt(asked));
                assertThat(index.batchStartAtOrBefore(at)).as("seed %s", seed).isEqualTo(expectedStart(at));
            }
            index.delete();
        }
    }

    @Test
    void looksAtFewPlacesOfAFile() throws IOException {
        OffsetIndex index = index();
        Random random = new Random(1);
        for (int i = 0; i < 50_000; i++)
            add(index, BASE + i * 14L + random.nextInt(14), i * 16_000 + random.nextInt(16_000));
        index.writeBack();
        AtomicInteger reads = new AtomicInteger();
        world.memory().hook((operation, path, bytes) -> {
            if (operation == DiskOperation.READ) reads.incrementAndGet();
        });

        for (int i = 0; i < 100; i++) {
            long offset = BASE + random.nextInt(700_000);
            assertThat(index.positionAtOrBefore(offset)).isEqualTo(expectedAt(offset));
        }

        assertThat(reads).hasValueLessThanOrEqualTo(200);
    }
}
