package dev.tidemark.protocol.message;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.tidemark.base.Bytes;
import dev.tidemark.protocol.ApiKey;
import dev.tidemark.protocol.codec.MalformedException;
import dev.tidemark.protocol.codec.Message;
import dev.tidemark.protocol.codec.Reader;
import dev.tidemark.protocol.codec.Writer;
import dev.tidemark.protocol.record.BatchHeader;
import dev.tidemark.protocol.record.BatchValidator;
import dev.tidemark.protocol.record.Compression;
import dev.tidemark.protocol.record.CompressionType;
import dev.tidemark.protocol.record.Record;
import dev.tidemark.protocol.record.RecordBatchBuilder;
import dev.tidemark.protocol.record.RecordReader;
import dev.tidemark.protocol.record.Validation;
import dev.tidemark.protocol.record.ValidationRules;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/// Bytes of any kind are either refused, or a message that can be written and read again, or a batch whose records can
/// all be read. Jazzer runs it briefly in the build, longer on request; see the README. One test for both, as
/// the start takes longer than the run.
class WireFuzzTest {
    private static final List<ApiKey> APIS = List.of(ApiKey.values());
    /// What a broker allows a stranger's frame.
    private static final int ELEMENTS_MAX = 100_000;

    private static final int BYTES_MAX = 1 << 20;
    private static final ValidationRules LOOKS_INSIDE =
            new ValidationRules(true, BYTES_MAX, true, null, false, Long.MAX_VALUE, Long.MAX_VALUE, BYTES_MAX);
    /// The first byte of an input that is a batch; others are an API's place in [#APIS].
    private static final byte BATCH = -1;

    static Stream<Arguments> seeds() {
        Stream<byte[]> batches = Arrays.stream(CompressionType.values()).map(WireFuzzTest::batchSeed);
        return Stream.concat(batches, messageSeeds()).map(seed -> Arguments.of((Object) seed));
    }

    private static byte[] batchSeed(CompressionType type) {
        Record.Header header = new Record.Header("trace", Bytes.utf8("0123"));
        ByteBuffer batch = new RecordBatchBuilder(Compression.of(type))
                .add(1_000, Bytes.utf8("key"), Bytes.utf8("value, value, value"))
                .add(1_001, null, null, List.of(header, header))
                .build();
        return ByteBuffer.allocate(1 + batch.remaining()).put(BATCH).put(batch).array();
    }

    private static Stream<byte[]> messageSeeds() {
        Random random = new Random(1);
        return APIS.stream()
                .flatMap(api -> Stream.of(true, false).map(request -> {
                    int offset = random.nextInt(api.highestUnstableVersion() - api.lowestVersion() + 1);
                    return messageSeed(api, request, offset);
                }));
    }

    /// The input's first bytes choose API, direction and version.
    private static byte[] messageSeed(ApiKey api, boolean request, int versionOffset) {
        short version = (short) (api.lowestVersion() + versionOffset);
        Class<?> type = type(api, request);
        KafkaTwin twin = KafkaTwin.of(type.asSubclass(Message.class));
        Message message = (Message) new RandomMessages(api.id()).message(type, twin.schema(version));
        Writer out = new Writer();
        out.writeByte((byte) APIS.indexOf(api));
        out.writeBoolean(request);
        out.writeByte((byte) versionOffset);
        message.write(out, version);
        byte[] seed = new byte[out.toBuffer().remaining()];
        out.toBuffer().get(seed);
        return seed;
    }

    private static Class<?> type(ApiKey api, boolean request) {
        Class<?>[] all = request ? Request.class.getPermittedSubclasses() : Response.class.getPermittedSubclasses();
        String name = api.apiName() + (request ? "Request" : "Response");
        return Arrays.stream(all)
                .filter(type -> type.getSimpleName().equals(name))
                .findFirst()
                .orElseThrow();
    }

    @MethodSource("seeds")
    @FuzzTest
    void decode(byte[] input) {
        if (input == null || input.length < 3) return;
        if (input[0] == BATCH) decodeBatch(Arrays.copyOfRange(input, 1, input.length));
        else decodeMessage(input);
    }

    private static void decodeBatch(byte[] bytes) {
        if (bytes.length < BatchHeader.BYTES) return;
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        BatchHeader batch = BatchHeader.of(buffer);
        // Else hardly anything would pass the first checks.
        buffer.putInt(8, bytes.length - BatchHeader.PREFIX_BYTES).put(16, BatchHeader.MAGIC);
        batch.writeCrc();

        Validation validation = BatchValidator.validate(buffer, LOOKS_INSIDE, 0);
        try {
            int read = RecordReader.readAll(batch, BYTES_MAX).size();
            assertThat(read).isEqualTo(batch.recordCount());
        } catch (MalformedException e) {
            assertThat(validation).isInstanceOf(Validation.Invalid.class);
        }
    }

    private static void decodeMessage(byte[] input) {
        ApiKey api = APIS.get((input[0] & 0xFF) % APIS.size());
        boolean request = (input[1] & 1) != 0;
        int versions = api.highestUnstableVersion() - api.lowestVersion() + 1;
        short version = (short) (api.lowestVersion() + (input[2] & 0xFF) % versions);
        Message message;
        try {
            message = read(api, request, version, ByteBuffer.wrap(input, 3, input.length - 3));
        } catch (MalformedException e) {
            return;
        }
        Writer out = new Writer();
        message.write(out, version);
        assertThat(read(api, request, version, out.toBuffer())).isEqualTo(message);
    }

    private static Message read(ApiKey api, boolean request, short version, ByteBuffer bytes) {
        Reader in = new Reader(bytes, ELEMENTS_MAX);
        return request ? api.readRequest(in, version) : api.readResponse(in, version);
    }
}
