package dev.tidemark.protocol.message;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.protocol.codec.Message;
import dev.tidemark.protocol.codec.Reader;
import dev.tidemark.protocol.codec.Writer;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// For every message, in every version: what we write, Apache Kafka's own classes read as the same values and write as
/// the same bytes, which we read back as the same values. Random messages; a failure names the seed.
class MessagesEqualKafkasTest {
    private static final int SEEDS_PER_VERSION = Integer.getInteger("tidemark.message.seeds", 6);

    static Stream<Class<? extends Message>> messages() {
        return GeneratedMessages.all().stream();
    }

    @Test
    void allMessagesAreFound() {
        List<String> names = messages().map(Class::getSimpleName).toList();

        assertThat(names).contains("ProduceRequest", "FetchResponse", "RequestHeader", "OffsetCommitValue");
        assertThat(names).contains("TransactionLogValue", "ConsumerProtocolAssignment", "EndTxnMarker");
        assertThat(names.size()).isGreaterThan(220);
    }

    @ParameterizedTest
    @MethodSource("messages")
    void bytesAndValuesAreTheSameBothWays(Class<? extends Message> type) throws Exception {
        KafkaTwin twin = KafkaTwin.of(type);
        Random seeds = new Random();
        short highest = GeneratedMessages.constant(type, "HIGHEST_VERSION");
        for (short version = GeneratedMessages.constant(type, "LOWEST_VERSION"); version <= highest; version++) {
            for (int i = 0; i < SEEDS_PER_VERSION; i++) {
                long seed = seeds.nextLong();
                try {
                    compare(type, twin, version, seed);
                } catch (AssertionError | RuntimeException e) {
                    throw new AssertionError(type.getSimpleName() + " v" + version + " seed " + seed, e);
                }
            }
        }
    }

    private static void compare(Class<? extends Message> type, KafkaTwin twin, short version, long seed)
            throws Exception {
        Message ours = (Message) new RandomMessages(seed).message(type, twin.schema(version));
        ByteBuffer written = write(ours, version);

        org.apache.kafka.common.protocol.Message kafkas = twin.read(written, version);
        ByteBuffer writtenByKafka = KafkaTwin.write(kafkas, version);

        assertThat(written).isEqualTo(writtenByKafka);
        JsonComparison.assertSame((Record) ours, twin.json(kafkas, version));
        assertThat(read(type, writtenByKafka, version)).isEqualTo(ours);
        assertThat(read(type, direct(writtenByKafka), version)).isEqualTo(ours);
    }

    private static ByteBuffer write(Message message, short version) {
        Writer out = new Writer();
        message.write(out, version);
        return out.toBuffer();
    }

    private static Object read(Class<?> type, ByteBuffer bytes, short version) throws ReflectiveOperationException {
        Reader in = new Reader(bytes.duplicate());
        Object message = type.getMethod("read", Reader.class, short.class).invoke(null, in, version);
        in.expectEnd();
        return message;
    }

    private static ByteBuffer direct(ByteBuffer bytes) {
        return ByteBuffer.allocateDirect(bytes.remaining())
                .put(bytes.duplicate())
                .flip();
    }
}
