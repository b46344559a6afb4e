package dev.tidemark.network;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// The reader alone, fed by hand.
final class FrameReaderTest {
    private static final int FRAME_BYTES_MAX = 1 << 20;

    private static final MemoryBudget.Waiter NOBODY = new Nobody();

    private static final class Nobody implements MemoryBudget.Waiter {
        @Override
        public long wantedBytes() {
            return 0;
        }

        @Override
        public void onMemory() {}
    }

    private final MemoryBudget budget = new MemoryBudget(1 << 30);
    private final LoopMemory loop = new LoopMemory(budget);
    private final Collected sink = new Collected();
    private final FrameReader reader = new FrameReader(sink, loop, budget, NOBODY, FRAME_BYTES_MAX);

    /// Copies the frames; takes `room` of them.
    private static final class Collected implements FrameReader.Sink {
        final List<byte[]> frames = new ArrayList<>();
        final List<FrameMemory> kept = new ArrayList<>();
        int room = Integer.MAX_VALUE;
        boolean keeps;
        String malformed = "";
        int memoryWanted;

        @Override
        public boolean wantsFrame() {
            return room > 0;
        }

        @Override
        public void onFrame(FrameMemory memory, int from, int size) {
            room--;
            byte[] copy = new byte[size];
            memory.view(from, size).get(copy);
            frames.add(copy);
            if (keeps) {
                memory.retain();
                kept.add(memory);
            }
        }

        @Override
        public void onMalformed(String what) {
            malformed = what;
        }

        @Override
        public void onMemoryWanted() {
            memoryWanted++;
        }
    }

    @AfterEach
    void givesBackAllMemory() {
        reader.close();
        sink.kept.forEach(FrameMemory::release);
        loop.close();
        assertThat(budget.usedBytes()).isZero();
        assertThat(loop.allocator().metric().directArenas().getFirst().numActiveAllocations())
                .isZero();
    }

    /// Gives `bytes` as a socket that holds them would, which fills each buffer as far as it can.
    private void feed(byte[] bytes, int from, int to) {
        int at = from;
        while (at < to) {
            ByteBuf buffer = reader.nextBuffer();
            int count = Math.min(buffer.writableBytes(), to - at);
            assertThat(count).isPositive();
            buffer.writeBytes(bytes, at, count);
            at += count;
            reader.onRead(buffer, count);
        }
    }

    private static byte[] stream(int... fills) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (int i = 0; i < fills.length; i++) all.writeBytes(Client.request(i, fills[i]));
        return all.toByteArray();
    }

    private void assertFrames(int... fills) {
        assertThat(sink.frames).hasSize(fills.length);
        for (int i = 0; i < fills.length; i++) {
            byte[] whole = Client.request(i, fills[i]);
            assertThat(sink.frames.get(i)).hasSize(whole.length - 4);
            assertThat(java.util.Arrays.equals(sink.frames.get(i), 0, whole.length - 4, whole, 4, whole.length))
                    .isTrue();
        }
    }

    @Test
    void cutsTheSameFramesWhereverTheBytesAreSplit() {
        byte[] bytes = stream(0, 3, 100, 0);
        for (int split = 0; split <= bytes.length; split++) {
            sink.frames.clear();
            feed(bytes, 0, split);
            feed(bytes, split, bytes.length);
            assertFrames(0, 3, 100, 0);
        }
    }

    @Test
    void cutsFramesThatComeByteByByte() {
        byte[] bytes = stream(0, 3, 100, 0);
        for (int i = 0; i < bytes.length; i++) feed(bytes, i, i + 1);
        assertFrames(0, 3, 100, 0);
    }

    @Test
    void cutsSmallAndLargeFramesInRandomPieces() {
        Random random = new Random(42);
        for (int round = 0; round < 50; round++) {
            sink.frames.clear();
            int[] fills = random.ints(8, 0, 150_000).toArray();
            if (round % 2 == 0) fills[3] = 5;
            byte[] bytes = stream(fills);
            int at = 0;
            while (at < bytes.length) {
                int to = Math.min(bytes.length, at + 1 + random.nextInt(60_000));
                feed(bytes, at, to);
                at = to;
            }
            assertFrames(fills);
        }
    }

    @Test
    void keepsFramesInPlaceWhileOthersHoldThem() {
        sink.keeps = true;
        byte[] bytes = stream(10, 20, 60_000, 30, 100_000, 40);
        feed(bytes, 0, bytes.length);
        assertFrames(10, 20, 60_000, 30, 100_000, 40);
    }

    @Test
    void stashesWhatMayNotBeHandedOverYet() {
        int[] fills = {10, 50_000, 20, 0, 100};
        byte[] bytes = stream(fills);
        sink.room = 1;
        feed(bytes, 0, 50_100);
        assertThat(sink.frames).hasSize(1);
        assertThat(reader.hasStash()).isTrue();
        feed(bytes, 50_100, bytes.length); // as after the peer's end
        assertThat(sink.frames).hasSize(1);
        while (reader.hasStash()) {
            sink.room = 1;
            reader.resume();
        }
        assertFrames(fills);
    }

    @Test
    void growsTheMemoryOfAFrameOnlyAsItsBytesCome() {
        byte[] bytes = stream(900_000);
        feed(bytes, 0, 100);
        assertThat(budget.usedBytes()).isLessThanOrEqualTo(64 << 10);
        feed(bytes, 100, 200_000);
        assertThat(budget.usedBytes()).isLessThanOrEqualTo(256 << 10);
        feed(bytes, 200_000, bytes.length);
        assertFrames(900_000);
    }

    @Test
    void allocatesAtOnceWhatTheConnectionHasShownToSend() {
        byte[] bytes = stream(900_000, 900_000);
        feed(bytes, 0, 900_012);
        ByteBuf prefix = reader.nextBuffer();
        assertThat(prefix.writableBytes()).isEqualTo(4);
        prefix.release();
        feed(bytes, 900_012, 900_016);
        ByteBuf whole = reader.nextBuffer();
        assertThat(whole.writableBytes()).isEqualTo(900_008);
        whole.release();
        feed(bytes, 900_016, bytes.length);
        assertFrames(900_000, 900_000);
    }

    @Test
    void refusesSizesThatNoFrameHas() {
        for (int size : new int[] {-1, Integer.MIN_VALUE, 0, 7, FRAME_BYTES_MAX + 1, Integer.MAX_VALUE}) {
            FrameReader fresh = new FrameReader(sink, loop, budget, NOBODY, FRAME_BYTES_MAX);
            sink.malformed = "";
            ByteBuf buffer = fresh.nextBuffer();
            buffer.writeInt(size).writeLong(0);
            fresh.onRead(buffer, 12);
            assertThat(sink.malformed).contains(String.valueOf(size));
            assertThat(sink.frames).isEmpty();
            assertThat(budget.usedBytes()).isZero();
            fresh.close();
        }
    }

    @Test
    void asksForMemoryOnceItIsUsedUp() {
        MemoryBudget small = new MemoryBudget(100_000);
        MemoryBudget.Waiter other = new Nobody();
        small.take(100_000);
        assertThat(small.tryTake(other, 1)).isTrue(); // the privilege is gone
        LoopMemory poorLoop = new LoopMemory(small);
        FrameReader poor = new FrameReader(sink, poorLoop, small, NOBODY, FRAME_BYTES_MAX);
        byte[] bytes = stream(200_000);
        ByteBuf buffer = poor.nextBuffer();
        buffer.writeBytes(bytes, 0, 60_000);
        poor.onRead(buffer, 60_000);
        assertThat(sink.memoryWanted).isEqualTo(1);
        assertThat(poor.grow()).isFalse();
        small.settle(other);
        assertThat(poor.grow()).isTrue();
        poor.close();
        poorLoop.close();
    }
}
