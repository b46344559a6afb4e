package dev.tidemark.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidemark.base.disk.Disk;
import dev.tidemark.base.disk.DiskOperation;
import dev.tidemark.base.disk.FileDisk;
import dev.tidemark.base.disk.MemoryDisk;
import dev.tidemark.base.time.Clock;
import dev.tidemark.protocol.ApiKey;
import dev.tidemark.protocol.codec.Reader;
import dev.tidemark.protocol.message.FetchResponse;
import dev.tidemark.protocol.record.MemoryRecords;
import dev.tidemark.protocol.record.RecordBytes;
import dev.tidemark.storage.segment.FileRecords;
import dev.tidemark.storage.segment.OpenFile;
import dev.tidemark.storage.segment.OpenFiles;
import dev.tidemark.storage.segment.PartitionFolder;
import dev.tidemark.storage.segment.SegmentFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Records on their way from files to sockets.
final class SendRecordsTest {
    private static final short VERSION = 12;
    private static final int FILE_BYTES = 8 << 20;
    private static final int[] SIZES = {0, 1, 100, 20_000, 24 << 10, 100_000, 5, 3_000_000, 40};

    @TempDir
    Path folder;

    private final byte[] content = new byte[FILE_BYTES];

    private SegmentFile segment(Disk disk, Path path) throws IOException {
        new Random(11).nextBytes(content);
        disk.createDirectories(path);
        SegmentFile segment = new SegmentFile(new PartitionFolder(new OpenFiles(disk, 10), path), 0, ".log");
        segment.write(ByteBuffer.wrap(content), 0);
        return segment;
    }

    /// One partition for each size, the records one behind the other from `from`.
    private static FetchResponse fetch(SegmentFile segment, int from, int... sizes) throws IOException {
        List<FetchResponse.PartitionData> partitions = new ArrayList<>();
        int at = from;
        for (int i = 0; i < sizes.length; i++) {
            RecordBytes records =
                    sizes[i] == 0 ? FileRecords.EMPTY : new FileRecords(segment.acquireForRead(), at, sizes[i]);
            at += sizes[i];
            partitions.add(FetchResponse.PartitionData.builder()
                    .partitionIndex(i)
                    .highWatermark(1_000 + i)
                    .records(records)
                    .build());
        }
        return FetchResponse.builder()
                .responses(List.of(FetchResponse.FetchableTopicResponse.builder()
                        .topic("flights")
                        .partitions(partitions)
                        .build()))
                .build();
    }

    private void assertSame(ByteBuffer reply, int correlationId, int from, int... sizes) {
        assertThat(reply.getInt()).isEqualTo(correlationId);
        assertThat(reply.get()).isZero();
        FetchResponse response = FetchResponse.read(new Reader(reply), VERSION);
        int at = from;
        for (int i = 0; i < sizes.length; i++) {
            FetchResponse.PartitionData partition =
                    response.responses().getFirst().partitions().get(i);
            assertThat(partition.highWatermark()).isEqualTo(1_000 + i);
            ByteBuffer records = partition.records() instanceof MemoryRecords memory ? memory.buffer() : null;
            assertThat(records).isEqualTo(ByteBuffer.wrap(content, at, sizes[i]));
            at += sizes[i];
        }
    }

    private static void assertReleased(SegmentFile segment, OpenFile file) throws IOException {
        segment.close();
        file.release();
        assertThatThrownBy(file.file()::sizeBytes).isInstanceOf(IOException.class);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void sendsWhatLiesInTheFile(boolean epoll) throws Exception {
        SegmentFile segment = segment(new FileDisk(), folder);
        OpenFile file = segment.acquireForRead();
        try (Served served = new Served(epoll, config -> config);
                Client client = served.connect()) {
            served.processor.script = exchange -> {
                int id = Scripted.correlationId(exchange);
                exchange.reply(ApiKey.FETCH, VERSION, id, unchecked(() -> fetch(segment, id, SIZES)));
            };
            for (int i = 0; i < 5; i++) client.send(Client.request(i, 0));
            for (int i = 0; i < 5; i++) assertSame(client.receive(), i, i, SIZES);
        }
        assertReleased(segment, file);
    }

    @Test
    void sendsFromADiskWithoutChannels() throws Exception {
        SegmentFile segment = segment(new MemoryDisk(Clock.SYSTEM), Path.of("/logs"));
        try (Served served = new Served();
                Client client = served.connect()) {
            served.processor.script =
                    exchange -> exchange.reply(ApiKey.FETCH, VERSION, 9, unchecked(() -> fetch(segment, 0, SIZES)));
            client.send(Client.request(9, 0));
            assertSame(client.receive(), 9, 0, SIZES);
        }
    }

    @Test
    void readsColdRecordsElsewhereThanOnTheLoop() throws Exception {
        MemoryDisk disk = new MemoryDisk(Clock.SYSTEM);
        SegmentFile segment = segment(disk, Path.of("/logs"));
        List<String> readers = Collections.synchronizedList(new ArrayList<>());
        Set<String> loops = ConcurrentHashMap.newKeySet();
        disk.hook((operation, _, _) -> {
            if (operation == DiskOperation.READ) {
                readers.add(Thread.currentThread().getName());
                LockSupport.parkNanos(4_000_000);
            }
        });
        try (Served served = new Served();
                Client client = served.connect()) {
            served.processor.script = exchange -> {
                loops.add(Thread.currentThread().getName());
                exchange.reply(ApiKey.FETCH, VERSION, 9, unchecked(() -> fetch(segment, 0, 1_000)));
            };
            client.send(Client.request(9, 0));
            assertSame(client.receive(), 9, 0, 1_000);
            assertThat(readers).allMatch(loops::contains);
            readers.clear();
            client.send(Client.request(9, 0));
            assertSame(client.receive(), 9, 0, 1_000);
            assertThat(readers.getFirst()).isEqualTo("tidemark-cold-reads");
        }
    }

    @Test
    void releasesWhatADeadPeerDoesNotRead() throws Exception {
        SegmentFile segment = segment(new FileDisk(), folder);
        OpenFile file = segment.acquireForRead();
        try (Served served = new Served(config -> config.sendBufferBytes(16 << 10))) {
            served.processor.script = exchange ->
                    exchange.reply(ApiKey.FETCH, VERSION, 1, unchecked(() -> fetch(segment, 0, 4_000_000, 4_000_000)));
            try (Client client = new Client(served.port(), 16 << 10)) {
                for (int i = 0; i < 20; i++) client.send(Client.request(i, 0));
                client.receiveSome(1_000);
                assertThat(served.server.queuedBytes()).isLessThan(100_000);
            }
            Served.await("the end is noticed", () -> served.processor.disconnects.get() == 1);
        }
        assertReleased(segment, file);
    }

    @Test
    void closesTheConnectionWhereTheFileIsTooShort() throws Exception {
        SegmentFile segment = segment(new FileDisk(), folder);
        OpenFile file = segment.acquireForRead();
        try (Served served = new Served()) {
            for (int bytes : new int[] {100, 100_000}) {
                served.processor.script = exchange -> exchange.reply(
                        ApiKey.FETCH, VERSION, 1, unchecked(() -> fetch(segment, FILE_BYTES - 10, bytes)));
                try (Client client = served.connect()) {
                    client.send(Client.request(1, 0));
                    assertThatThrownBy(client::receive).isInstanceOf(IOException.class);
                }
            }
            assertThat(served.hasStackTrace()).isFalse();
        }
        assertReleased(segment, file);
    }

    private interface Fetch {
        FetchResponse get() throws IOException;
    }

    private static FetchResponse unchecked(Fetch fetch) {
        try {
            return fetch.get();
        } catch (IOException failure) {
            throw new AssertionError(failure);
        }
    }
}
