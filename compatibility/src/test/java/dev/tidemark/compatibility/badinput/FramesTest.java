package dev.tidemark.compatibility.badinput;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.compatibility.badinput.RawClient.Outcome;
import dev.tidemark.compatibility.badinput.Wire.Out;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.kafka.common.message.ApiVersionsRequestData;
import org.apache.kafka.common.message.MetadataRequestData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Sizes, headers and the edges of bodies.
@ExtendWith(Victim.Shared.class)
final class FramesTest {
    private static final int METADATA = 3;
    private static final int REQUEST_BYTES_MAX = 100 << 20;

    private final Victim victim;

    FramesTest(Victim victim) {
        this.victim = victim;
    }

    @ParameterizedTest
    @ValueSource(
            ints = {-1, Integer.MIN_VALUE, 0, 1, 2, 3, 4, 5, 6, 7, REQUEST_BYTES_MAX + 1, Integer.MAX_VALUE, 0x16030100
            })
    void aSizeThatNoRequestHasCostsTheConnection(int size) throws Exception {
        try (RawClient client = victim.connect()) {
            client.send(new Out().int32(size).raw(new byte[16]).toBytes());
            assertThat(client.outcome()).isEqualTo(Outcome.CLOSED);
            Rows.assertOneLine(victim, "size " + size, client);
        }
    }

    @Test
    void announcedFramesHoldNoMemory() throws Exception {
        long before = victim.residentBytes();
        List<RawClient> clients = new ArrayList<>();
        for (int i = 0; i < 300; i++) {
            clients.add(victim.connect()
                    .send(new Out().int32(REQUEST_BYTES_MAX).int16(METADATA).toBytes()));
        }
        victim.assertUnharmed(clients.size());
        assertThat(victim.residentBytes() - before).isLessThan(150L << 20);
        for (RawClient client : clients) client.close();
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, -32768, 4, 5, 6, 7, 94, 999, 32767})
    void anUnknownApiCostsTheConnection(int key) throws Exception {
        Rows.assertCloses(
                victim, "api " + key, Wire.header(key, 0, false).int32(0).toBytes());
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, -32768, 14, 99, 32767})
    void anUnknownVersionCostsTheConnection(int version) throws Exception {
        Rows.assertCloses(
                victim,
                "version " + version,
                Wire.header(METADATA, version, false).int32(0).toBytes());
    }

    @ParameterizedTest
    @ValueSource(ints = {6, 99, 32767})
    void apiVersionsAloneAnswersAVersionThatIsTooNew(int version) throws Exception {
        try (RawClient client = victim.connect()) {
            client.frame(Wire.header(18, version, true).raw(new byte[20]).toBytes());
            ByteBuffer reply = client.receive();
            assertThat(reply.getInt()).isEqualTo(Wire.CORRELATION_ID);
            assertThat(reply.getShort()).isEqualTo((short) 35);
            int count = reply.getInt();
            assertThat(count).isPositive();
            assertThat(reply.remaining()).isEqualTo(count * 6);
            client.frame(Wire.frame(ApiKeys.API_VERSIONS, 0, new ApiVersionsRequestData()));
            assertThat(client.outcome()).isEqualTo(Outcome.ANSWERED);
        }
    }

    @Test
    void aHeaderAloneCostsTheConnection() throws Exception {
        byte[] whole = Wire.header(METADATA, 4, false).toBytes();
        Rows.assertCloses(victim, "no body", whole);
        for (int length = 8; length < whole.length; length++)
            Rows.assertCloses(victim, "header cut at " + length, Arrays.copyOf(whole, length));
    }

    @Test
    void aCutBodyCostsTheConnection() throws Exception {
        for (int version : new int[] {4, 12}) {
            MetadataRequestData body = new MetadataRequestData()
                    .setTopics(List.of(new MetadataRequestData.MetadataRequestTopic().setName("some-topic")));
            byte[] whole = Wire.frame(ApiKeys.METADATA, version, body);
            for (int length = 16; length < whole.length; length++)
                Rows.assertCloses(victim, "v" + version + " cut at " + length, Arrays.copyOf(whole, length));
        }
    }

    @Test
    void bytesBehindTheBodyCostTheConnection() throws Exception {
        byte[] whole = Wire.frame(ApiKeys.METADATA, 12, new MetadataRequestData().setTopics(null));
        Rows.assertCloses(victim, "one more byte", Arrays.copyOf(whole, whole.length + 1));
        Rows.assertCloses(victim, "many more bytes", Arrays.copyOf(whole, whole.length + 100_000));
    }

    @Test
    void strangeClientIdsDoNoHarm() throws Exception {
        byte[] null16 = new Out()
                .int16(METADATA)
                .int16(4)
                .int32(1)
                .int16(-1)
                .int32(0)
                .int8(0)
                .toBytes();
        assertThat(Rows.assertAnsweredOrClosed(victim, "null", null16)).isEqualTo(Outcome.ANSWERED);
        clientId("long", "x".repeat(32_767).getBytes(java.nio.charset.StandardCharsets.UTF_8));
        clientId("empty", new byte[0]);
        clientId("not UTF-8", (byte) 0xC3, (byte) 0x28, (byte) 0xFF, (byte) 0xFE);
        clientId("control characters", (byte) 27, (byte) '[', (byte) '3', (byte) '1', (byte) 'm', (byte) 10, (byte) 0);
        byte[] tooLong = new Out()
                .int16(METADATA)
                .int16(4)
                .int32(1)
                .int16(30_000)
                .raw(new byte[10])
                .toBytes();
        Rows.assertCloses(victim, "longer than the frame", tooLong);
        byte[] negative = new Out()
                .int16(METADATA)
                .int16(4)
                .int32(1)
                .int16(-2)
                .int32(0)
                .int8(0)
                .toBytes();
        Rows.assertCloses(victim, "length -2", negative);
    }

    private void clientId(String what, byte... id) throws IOException {
        byte[] frame = new Out()
                .int16(METADATA)
                .int16(4)
                .int32(1)
                .int16(id.length)
                .raw(id)
                .int32(0)
                .int8(0)
                .toBytes();
        Rows.assertAnsweredOrClosed(victim, "client id " + what, frame);
    }
}
