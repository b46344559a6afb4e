package dev.tidemark.compatibility.badinput;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.compatibility.badinput.RawClient.Outcome;
import dev.tidemark.compatibility.badinput.Wire.Out;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.FutureTask;
import org.apache.kafka.common.message.ApiVersionsRequestData;
import org.apache.kafka.common.message.FetchRequestData;
import org.apache.kafka.common.message.MetadataRequestData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// Connections that are slow, silent, many, or greedy.
@ExtendWith(Victim.Shared.class)
final class ConnectionsTest {
    private final Victim victim;

    ConnectionsTest(Victim victim) {
        this.victim = victim;
    }

    private static byte[] apiVersions() {
        byte[] frame = Wire.frame(ApiKeys.API_VERSIONS, 0, new ApiVersionsRequestData());
        return new Out().int32(frame.length).raw(frame).toBytes();
    }

    @Test
    void bytesThatTrickleAndBytesThatNeverComeRunOutOfTime() throws Exception {
        try (RawClient silent = victim.connect();
                RawClient half = victim.connect().send(new byte[] {0, 0});
                RawClient trickling = victim.connect()) {
            Thread drip = Thread.ofVirtual().start(() -> {
                try {
                    for (byte one : apiVersions()) {
                        trickling.send(new byte[] {one});
                        Thread.sleep(1_000);
                    }
                } catch (IOException | InterruptedException end) {
                    Thread.currentThread().interrupt();
                }
            });
            List<FutureTask<Outcome>> ends = new ArrayList<>();
            for (RawClient client : List.of(silent, half, trickling)) {
                FutureTask<Outcome> end =
                        new FutureTask<>(() -> client.patience(60_000).outcome());
                ends.add(end);
                Thread.ofVirtual().start(end);
            }
            for (FutureTask<Outcome> end : ends) {
                // The neighbour works on: its connection must not become an idle one too.
                while (!end.isDone()) victim.assertUnharmed(3);
                assertThat(end.get()).isEqualTo(Outcome.CLOSED);
            }
            drip.interrupt();
            drip.join();
        }
    }

    @Test
    void otherProtocolsAreShownOut() throws Exception {
        byte[] tlsHello = new Out()
                .int8(22)
                .int16(0x0301)
                .int16(512)
                .int8(1)
                .raw(new byte[511])
                .toBytes();
        byte[] http = "GET / HTTP/1.1\r\nHost: broker\r\n\r\n".getBytes(java.nio.charset.StandardCharsets.US_ASCII);
        for (byte[] bytes : List.of(tlsHello, http)) {
            try (RawClient client = victim.connect()) {
                assertThat(client.send(bytes).outcome()).isEqualTo(Outcome.CLOSED);
                Rows.assertOneLine(victim, "another protocol", client);
            }
        }
    }

    @Test
    void aFloodFromOneAddressIsCutAtItsLimit() throws Exception {
        InetAddress address = RawClient.freshAddress();
        List<RawClient> flood = new ArrayList<>();
        int refused = 0;
        for (int i = 0; i < 500; i++) {
            RawClient client = new RawClient(victim.endpoint(), address, 0);
            flood.add(client.send(apiVersions()));
        }
        for (RawClient client : flood) if (client.outcome() == Outcome.CLOSED) refused++;
        assertThat(refused).isEqualTo(100);
        victim.assertUnharmed(400);
        for (RawClient client : flood) client.close();
    }

    @Test
    void connectionsThatCloseAtOnce() throws Exception {
        for (int i = 0; i < 1_000; i++) victim.connect().close();
    }

    @Test
    void aHundredThousandRequestsWithoutReading() throws Exception {
        int count = 100_000;
        byte[] one = apiVersions();
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (int i = 0; i < count; i++) all.writeBytes(one);
        long before = victim.residentBytes();
        try (RawClient client = new RawClient(victim.endpoint(), RawClient.freshAddress(), 16 << 10)) {
            Thread sender = Thread.ofVirtual().start(() -> {
                try {
                    client.send(all.toByteArray());
                } catch (IOException closed) {
                    // seen on the other side
                }
            });
            victim.assertUnharmed(1);
            assertThat(victim.residentBytes() - before).isLessThan(150L << 20);
            for (int i = 0; i < count; i++) {
                ByteBuffer reply = client.receive();
                assertThat(reply.getInt()).isEqualTo(Wire.CORRELATION_ID);
            }
            sender.join();
        }
    }

    @Test
    void repliesThatNobodyReadsHoldNoMemory() throws Exception {
        FetchRequestData fetch = new FetchRequestData()
                .setMaxWaitMs(0)
                .setMinBytes(0)
                .setMaxBytes(1 << 20)
                .setTopics(List.of(new FetchRequestData.FetchTopic()
                        .setTopic(Neighbour.TOPIC)
                        .setPartitions(List.of(new FetchRequestData.FetchPartition()
                                .setPartition(0)
                                .setPartitionMaxBytes(1 << 20)))));
        byte[] frame = Wire.frame(ApiKeys.FETCH, 12, fetch);
        byte[] metadata = Wire.frame(ApiKeys.METADATA, 12, new MetadataRequestData().setTopics(null));
        long before = victim.residentBytes();
        List<RawClient> sleepers = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            RawClient client = new RawClient(victim.endpoint(), RawClient.freshAddress(), 4 << 10);
            for (int k = 0; k < 200; k++) client.frame(frame).frame(metadata);
            sleepers.add(client);
        }
        victim.assertUnharmed(sleepers.size());
        assertThat(victim.residentBytes() - before).isLessThan(200L << 20);
        for (RawClient client : sleepers) client.close();
    }
}
