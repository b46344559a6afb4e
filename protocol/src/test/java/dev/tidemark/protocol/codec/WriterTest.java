package dev.tidemark.protocol.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidemark.protocol.message.CreateTopicsRequest;
import dev.tidemark.protocol.message.FetchRequest;
import dev.tidemark.protocol.message.FetchResponse;
import dev.tidemark.protocol.message.MetadataRequest;
import dev.tidemark.protocol.record.MemoryRecords;
import dev.tidemark.protocol.record.RecordBytes;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class WriterTest {
    /// Records that lie in a file, say.
    private record Elsewhere(int sizeInBytes) implements RecordBytes {}

    @Test
    void recordsThatLieElsewhereAreInsertedInTheirPlace() {
        Elsewhere first = new Elsewhere(1_000_000);
        Elsewhere second = new Elsewhere(17);
        Writer out = new Writer();

        response(first, second).write(out, (short) 12);

        List<Writer.Part> parts = out.parts();
        assertThat(parts).hasSize(5);
        assertThat(parts.get(1)).isEqualTo(new Writer.Part.Inserted(first));
        assertThat(parts.get(3)).isEqualTo(new Writer.Part.Inserted(second));
        long sum = parts.stream().mapToLong(Writer.Part::sizeInBytes).sum();
        assertThat(sum).isEqualTo(out.sizeInBytes()).isGreaterThan(1_000_017);
    }

    @Test
    void partsTogetherAreWhatCopiesWouldBe() {
        MemoryRecords first = new MemoryRecords(ByteBuffer.allocate(300).putInt(0, 77));
        MemoryRecords second = new MemoryRecords(ByteBuffer.allocate(5).putInt(0, 78));
        Writer copied = new Writer();
        response(first, second).write(copied, (short) 12);
        Writer inserted = new Writer();
        response(new Elsewhere(300), new Elsewhere(5)).write(inserted, (short) 12);

        ByteBuffer joined = ByteBuffer.allocate((int) inserted.sizeInBytes());
        List<MemoryRecords> records = new ArrayList<>(List.of(first, second));
        for (Writer.Part part : inserted.parts()) {
            switch (part) {
                case Writer.Part.Memory(ByteBuffer memory) -> joined.put(memory);
                case Writer.Part.Inserted _ ->
                    joined.put(records.removeFirst().buffer().duplicate());
            }
        }
        assertThat(joined.flip()).isEqualTo(copied.toBuffer());
    }

    @Test
    void memoryGrowsAndGoesBackToItsSource() {
        Set<ByteBuffer> out = Collections.newSetFromMap(new IdentityHashMap<>());
        BufferSource source = new BufferSource() {
            @Override
            public ByteBuffer acquire(int capacityMin) {
                ByteBuffer buffer = ByteBuffer.allocateDirect(capacityMin);
                out.add(buffer);
                return buffer;
            }

            @Override
            public void release(ByteBuffer buffer) {
                assertThat(out.remove(buffer)).isTrue();
            }
        };
        Writer writer = new Writer(source, 4);
        for (int i = 0; i < 1000; i++) writer.writeInt(i);
        writer.patchInt(8, -1);

        ByteBuffer written = writer.toBuffer();

        assertThat(written.remaining()).isEqualTo(4000);
        assertThat(written.getInt(8)).isEqualTo(-1);
        assertThat(written.getInt(3996)).isEqualTo(999);
        assertThat(out).hasSize(1);
        writer.release();
        assertThat(out).isEmpty();
    }

    @Test
    void aTaggedFieldOfAnySizeIsClosed() {
        for (int size : new int[] {0, 1, 126, 127, 128, 129, 16_382, 16_383, 16_384, 16_385, 3_000_000}) {
            Writer out = new Writer();
            int mark = out.beginTag(5);
            out.writeRaw(new byte[size]);
            out.endTag(mark);
            Reader in = new Reader(out.toBuffer());
            assertThat(in.readTag(-1)).isEqualTo(5);
            in.skipTag(in.readTagEnd());
            in.expectEnd();
        }
    }

    @Test
    void valuesThatAVersionCannotCarry() {
        CreateTopicsRequest onlyValidated =
                CreateTopicsRequest.builder().validateOnly(true).build();
        onlyValidated.write(new Writer(), (short) 2);

        FetchRequest forgotten = FetchRequest.builder()
                .forgottenTopicsData(
                        List.of(FetchRequest.ForgottenTopic.builder().topic("t").build()))
                .build();
        assertThatThrownBy(() -> forgotten.write(new Writer(), (short) 6))
                .isInstanceOf(UnsupportedVersionException.class)
                .hasMessageContaining("FetchRequest.forgottenTopicsData");

        MetadataRequest all = MetadataRequest.builder().topics(null).build();
        all.write(new Writer(), (short) 1);
        assertThatThrownBy(() -> all.write(new Writer(), (short) 0))
                .isInstanceOf(UnsupportedVersionException.class)
                .hasMessageContaining("null");
    }

    @Test
    void ignorableValuesAreLeftOut() {
        FetchRequest request = FetchRequest.builder().rackId("r1").sessionId(9).build();
        Writer out = new Writer();

        request.write(out, (short) 6);

        FetchRequest read = FetchRequest.read(new Reader(out.toBuffer()), (short) 6);
        assertThat(read.rackId()).isEmpty();
        assertThat(read.sessionId()).isZero();
    }

    @Test
    void buildersRefuseWhatDoesNotFit() {
        assertThatThrownBy(() -> FetchRequest.builder().isolationLevel(128)).hasMessageContaining("8 bits");
        assertThatThrownBy(() -> FetchResponse.builder().errorCode(40_000)).hasMessageContaining("16 bits");
    }

    @Test
    void builtListsAreCopies() {
        List<FetchRequest.FetchTopic> topics = new ArrayList<>();
        FetchRequest request = FetchRequest.builder().topics(topics).build();

        topics.add(FetchRequest.FetchTopic.builder().build());

        assertThat(request.topics()).isEmpty();
        assertThat(request.toBuilder().build()).isEqualTo(request);
    }

    private static FetchResponse response(RecordBytes... records) {
        List<FetchResponse.PartitionData> partitions = new ArrayList<>();
        for (RecordBytes each : records)
            partitions.add(FetchResponse.PartitionData.builder().records(each).build());
        return FetchResponse.builder()
                .responses(List.of(FetchResponse.FetchableTopicResponse.builder()
                        .topic("t")
                        .partitions(partitions)
                        .build()))
                .build();
    }
}
