package dev.tidemark.protocol.record;

import dev.tidemark.base.Bytes;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/// Records with all that may vary: nulls, empty and large values, headers, times that go back.
final class RandomRecords {
    private static final long SOME_TIME = 1_790_000_000_000L;

    private final Random random;

    RandomRecords(long seed) {
        random = new Random(seed);
    }

    /// Offsets begin at `baseOffset` and have no gaps.
    List<Record> list(long baseOffset) {
        int count = 1 + random.nextInt(random.nextInt(5) == 0 ? 300 : 8);
        List<Record> records = new ArrayList<>();
        for (int i = 0; i < count; i++)
            records.add(new Record(
                    baseOffset + i, SOME_TIME + random.nextInt(100_000) - 50_000, bytes(), bytes(), headers()));
        return records;
    }

    private @Nullable Bytes bytes() {
        int kind = random.nextInt(20);
        if (kind == 0) return null;
        byte[] bytes = new byte[kind == 1 ? random.nextInt(40_000) : random.nextInt(100)];
        // Half of the values compress well.
        if (random.nextBoolean()) random.nextBytes(bytes);
        return Bytes.wrap(bytes);
    }

    private List<Record.Header> headers() {
        List<Record.Header> headers = new ArrayList<>();
        for (int i = random.nextInt(10) - 6; i > 0; i--)
            headers.add(new Record.Header(random.nextBoolean() ? "trace" : "größe-" + i, bytes()));
        return headers;
    }
}
