package dev.tidemark.protocol.codec;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidemark.protocol.ApiKey;
import dev.tidemark.protocol.message.ApiVersionsRequest;
import dev.tidemark.protocol.message.FetchRequest;
import dev.tidemark.protocol.message.MetadataRequest;
import dev.tidemark.protocol.message.ProduceRequest;
import java.nio.ByteBuffer;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Bytes that no honest peer sends: refused with a text, before anything is allocated for them.
class ReaderTest {
    @ParameterizedTest
    @ValueSource(strings = {"80", "8080808080", "ffffffffff", "ffffffff1f", "808080808001"})
    void unsignedVarintTooLongOrCutOff(String hex) {
        assertRefused(hex, Reader::readUnsignedVarint);
    }

    @ParameterizedTest
    @ValueSource(strings = {"80808080808080808080", "ffffffffffffffffff02", "80808080808080808001ff", "80"})
    void varlongTooLongOrCutOff(String hex) {
        Reader in = new Reader(bytes(hex));
        if (hex.length() == 22) assertThat(in.readVarlong()).isNotZero();
        else assertThatThrownBy(in::readVarlong).isInstanceOf(MalformedException.class);
    }

    @Test
    void largestVarints() {
        assertThat(new Reader(bytes("ffffffff0f")).readUnsignedVarint()).isEqualTo(-1);
        assertThat(new Reader(bytes("ffffffff0f")).readVarint()).isEqualTo(Integer.MIN_VALUE);
        assertThat(new Reader(bytes("ffffffffffffffffff01")).readVarlong()).isEqualTo(Long.MIN_VALUE);
    }

    @ParameterizedTest
    @ValueSource(strings = {"fffe", "8000", "7fff", "0001", "00", "ffff"})
    void stringLengths(String hex) {
        assertRefused(hex, in -> in.readString(false));
    }

    @ParameterizedTest
    @ValueSource(strings = {"00", "02", "ffffffff0f", "808080800801", "8080808008"})
    void compactStringLengths(String hex) {
        assertRefused(hex, in -> in.readString(true));
    }

    @Test
    void stringsLongerThanTheProtocolAllows() {
        ByteBuffer buffer = ByteBuffer.allocate(40_000).put(0, bytes("818002"), 0, 3);

        assertThatThrownBy(() -> new Reader(buffer).readString(true))
                .isInstanceOf(MalformedException.class)
                .hasMessageContaining("32768");
    }

    @ParameterizedTest
    @ValueSource(strings = {"0001ff", "0002c328", "0003eda080", "0002c080"})
    void stringsThatAreNotUtf8(String hex) {
        assertRefused(hex, in -> in.readString(false));
        ByteBuffer direct = ByteBuffer.allocateDirect(hex.length() / 2);
        direct.put(bytes(hex)).flip();
        assertThatThrownBy(() -> new Reader(direct).readString(false)).hasMessageContaining("UTF-8");
    }

    @Test
    void theReplacementCharacterItselfIsFine() {
        ByteBuffer buffer = ByteBuffer.wrap("\0\3\uFFFD".getBytes(UTF_8));

        assertThat(new Reader(buffer).readString(false)).isEqualTo("\uFFFD");
    }

    @ParameterizedTest
    @ValueSource(strings = {"fffffffe", "80000000", "7fffffff", "00000002aa", "ffffffff"})
    void bytesAndRecordsLengths(String hex) {
        assertRefused(hex, in -> in.readBytes(false));
        assertRefused(hex, in -> in.readRecords(false));
    }

    @ParameterizedTest
    @ValueSource(strings = {"fffffffe", "80000000", "7fffffff", "000f424100", "0000000200000000", "ffffffff"})
    void arrayCounts(String hex) {
        assertRefused(hex, in -> in.readIntList(false));
        assertRefused(hex, in -> in.readList(false, 5, (short) 0, (reader, _) -> reader.readInt()));
    }

    @Test
    void aMillionElementsAreTakenAndNotOneMore() {
        ByteBuffer million = ByteBuffer.allocate(4 + 1_000_001).putInt(0, 1_000_000);
        assertThat(new Reader(million).readElements(false, 1, Reader::readByte)).hasSize(1_000_000);

        ByteBuffer more = ByteBuffer.allocate(4 + 1_000_001).putInt(0, 1_000_001);
        assertThatThrownBy(() -> new Reader(more).readElements(false, 1, Reader::readByte))
                .isInstanceOf(MalformedException.class)
                .hasMessageContaining("1000000");
    }

    @Test
    void aReaderOfStrangersBoundsAllArraysTogether() {
        ByteBuffer frame = write(
                MetadataRequest.builder()
                        .topics(Collections.nCopies(
                                11,
                                MetadataRequest.MetadataRequestTopic.builder()
                                        .name("t")
                                        .build()))
                        .build(),
                12);

        assertThat(MetadataRequest.read(new Reader(frame.duplicate(), 11), (short) 12)
                        .topics())
                .hasSize(11);
        assertThatThrownBy(() -> MetadataRequest.read(new Reader(frame.duplicate(), 10), (short) 12))
                .isInstanceOf(MalformedException.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "02000100", // one tag cut off
                "0201000100", // the same tag twice
                "0205000100", // tags out of order
                "0100ff01", // size beyond the rest
                "0100ffffffff0f", // size of 2^32-1
                "01ffffffff0f00", // a tag of 2^32-1
                "914e", // 10,001 tags
                "ffffffff0f", // 2^32-1 tags
                "80"
            })
    void taggedFields(String hex) {
        assertRefused(hex, in -> {
            in.skipTags();
            return in;
        });
    }

    @Test
    void tenThousandTagsAreTaken() {
        Writer out = new Writer();
        out.writeUnsignedVarint(10_000);
        for (int tag = 0; tag < 10_000; tag++) {
            out.writeUnsignedVarint(tag);
            out.writeUnsignedVarint(0);
        }
        Reader in = new Reader(out.toBuffer());

        in.skipTags();

        assertThat(in.remaining()).isZero();
    }

    @Test
    void aKnownTagMustFillItsSize() {
        FetchRequest request = FetchRequest.builder().clusterId("abc").build();
        ByteBuffer written = write(request, 18);
        // Ends with: one tag, its number, its size 4, the string's length, its 3 bytes.
        int sizeAt = written.limit() - 5;
        assertThat(written.get(sizeAt)).isEqualTo((byte) 4);

        written.put(sizeAt, (byte) 3);

        assertThatThrownBy(() -> FetchRequest.read(new Reader(written), (short) 18))
                .isInstanceOf(MalformedException.class)
                .hasMessageContaining("off its size");
    }

    @Test
    void unknownTagsAreSkipped() {
        ByteBuffer written =
                write(ApiVersionsRequest.builder().clientSoftwareName("x").build(), 3);
        ByteBuffer tagged = ByteBuffer.allocate(written.limit() + 4);
        tagged.put(written)
                .put(tagged.position() - 1, (byte) 1)
                .put(new byte[] {99, 2, 7, 7})
                .flip();
        Reader in = new Reader(tagged);

        assertThat(ApiVersionsRequest.read(in, (short) 3).clientSoftwareName()).isEqualTo("x");
        in.expectEnd();
    }

    @Test
    void bytesBehindTheEnd() {
        Reader in = new Reader(ByteBuffer.allocate(3));
        in.readShort();

        assertThatThrownBy(in::expectEnd).isInstanceOf(MalformedException.class).hasMessageContaining("1 bytes");
    }

    @Test
    void aRequestCutOffAtAnyByteIsRefused() {
        ProduceRequest.PartitionProduceData partition = ProduceRequest.PartitionProduceData.builder()
                .index(3)
                .records(new dev.tidemark.protocol.record.MemoryRecords(ByteBuffer.allocate(100)))
                .build();
        ProduceRequest request = ProduceRequest.builder()
                .transactionalId("tx")
                .topicData(List.of(ProduceRequest.TopicProduceData.builder()
                        .name("topic")
                        .partitionData(List.of(partition, partition))
                        .build()))
                .build();
        for (short version = 3; version <= 13; version++) {
            ByteBuffer whole = write(request, version);
            short current = version;
            for (int length = 0; length < whole.limit(); length++) {
                Reader in = new Reader(whole.slice(0, length));
                assertThatThrownBy(() -> ApiKey.PRODUCE.readRequest(in, current))
                        .isInstanceOf(MalformedException.class);
            }
            Reader in = new Reader(whole);
            assertThat(ApiKey.PRODUCE.readRequest(in, version)).isInstanceOf(ProduceRequest.class);
            in.expectEnd();
        }
    }

    @Test
    void versionsThatAMessageDoesNotHave() {
        for (int version : new int[] {-1, 2, 14, Short.MAX_VALUE, Short.MIN_VALUE})
            assertThatThrownBy(() -> ProduceRequest.read(new Reader(ByteBuffer.allocate(100)), (short) version))
                    .isInstanceOf(UnsupportedVersionException.class);
    }

    private static void assertRefused(String hex, Function<Reader, Object> read) {
        assertThatThrownBy(() -> read.apply(new Reader(bytes(hex))))
                .isInstanceOf(MalformedException.class)
                .hasMessageMatching("[ -~]+");
    }

    private static ByteBuffer bytes(String hex) {
        return ByteBuffer.wrap(HexFormat.of().parseHex(hex));
    }

    private static ByteBuffer write(Message message, int version) {
        Writer out = new Writer();
        message.write(out, (short) version);
        return out.toBuffer();
    }
}
