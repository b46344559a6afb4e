package dev.tidemark.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidemark.broker.dispatch.Exchange;
import dev.tidemark.broker.peer.PeerConnection;
import dev.tidemark.broker.peer.PeerException;
import dev.tidemark.broker.peer.PeerException.Reason;
import dev.tidemark.broker.peer.PeerReply;
import dev.tidemark.metadata.image.BrokerEndpoint;
import dev.tidemark.protocol.ApiKey;
import dev.tidemark.protocol.ErrorCode;
import dev.tidemark.protocol.codec.Reader;
import dev.tidemark.protocol.message.ApiVersionsRequest;
import dev.tidemark.protocol.message.ApiVersionsResponse;
import dev.tidemark.protocol.message.ApiVersionsResponse.ApiVersion;
import dev.tidemark.protocol.message.FetchRequest;
import dev.tidemark.protocol.message.FetchResponse;
import dev.tidemark.protocol.message.HeartbeatRequest;
import dev.tidemark.protocol.message.RequestHeader;
import dev.tidemark.protocol.record.MemoryRecords;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Brokers as each other's clients, over real sockets.
final class NettyPeerTransportTest {
    private static final long LONG_MS = 60_000;
    private static final short FETCH_VERSION = 13;

    private Served served;
    private NettyPeerTransport peers;
    private final Heard heard = new Heard();

    /// What a connection's listener hears, and whether it hears it on the loop.
    private final class Heard implements PeerConnection.Listener {
        final CompletableFuture<Boolean> connectedOnLoop = new CompletableFuture<>();
        final CompletableFuture<PeerException> ended = new CompletableFuture<>();

        @Override
        public void onConnected() {
            connectedOnLoop.complete(loop().isCurrent());
        }

        @Override
        public void onEnded(PeerException why) {
            ended.complete(why);
        }
    }

    @BeforeEach
    void start() throws IOException {
        served = new Served();
        served.processor.script = this::answer;
        peers = new NettyPeerTransport(served.loops, new PeerConfig(20_000, 8 << 20, 16 << 20, -1));
    }

    @AfterEach
    void stop() throws Exception {
        peers.close();
        served.processor.letGo();
        Served.await("all replies given back", () -> peers.memoryBytes() == 0);
        served.close();
    }

    private NettyLoop loop() {
        return served.loops.all().getFirst();
    }

    private PeerConnection connect(int port) {
        return connect("127.0.0.1", port);
    }

    private PeerConnection connect(String host, int port) {
        BrokerEndpoint endpoint = new BrokerEndpoint("PLAINTEXT", host, port, "PLAINTEXT");
        return peers.connect(7, endpoint, "broker-1-fetch", loop(), heard);
    }

    private void answer(Exchange exchange) {
        ByteBuffer frame = exchange.frame();
        ApiKey api = ApiKey.forId(frame.getShort(frame.position()));
        short version = frame.getShort(frame.position() + 2);
        Reader reader = new Reader(frame);
        RequestHeader header = RequestHeader.read(reader, api.requestHeaderVersion(version));
        switch (api) {
            case API_VERSIONS -> {
                ApiVersionsRequest asked = (ApiVersionsRequest) api.readRequest(reader, version);
                exchange.reply(api, version, header.correlationId(), versions(asked));
            }
            case FETCH -> {
                FetchRequest asked = (FetchRequest) api.readRequest(reader, version);
                exchange.reply(api, version, header.correlationId(), fetched(asked));
            }
            case HEARTBEAT -> served.processor.hold(exchange);
            default -> exchange.closeConnection("not expected");
        }
    }

    private ApiVersionsResponse versions(ApiVersionsRequest asked) {
        assertThat(asked.nodeId()).isEqualTo(7);
        return ApiVersionsResponse.builder()
                .apiKeys(List.of(
                        new ApiVersion(ApiKey.FETCH.id(), (short) 4, FETCH_VERSION),
                        new ApiVersion(ApiKey.HEARTBEAT.id(), (short) 0, (short) 4)))
                .build();
    }

    /// As many bytes as were asked for, in an order that tells them apart.
    private static FetchResponse fetched(FetchRequest asked) {
        return FetchResponse.builder()
                .sessionId(asked.sessionId())
                .responses(List.of(FetchResponse.FetchableTopicResponse.builder()
                        .partitions(List.of(FetchResponse.PartitionData.builder()
                                .records(new MemoryRecords(content(asked.sessionId(), asked.maxBytes())))
                                .build()))
                        .build()))
                .build();
    }

    private static ByteBuffer content(int seed, int bytes) {
        byte[] content = new byte[bytes];
        new Random(seed).nextBytes(content);
        return ByteBuffer.wrap(content);
    }

    private static FetchRequest fetch(int number, int bytes) {
        return FetchRequest.builder().sessionId(number).maxBytes(bytes).build();
    }

    private static Reason reason(CompletableFuture<?> failed) {
        try {
            failed.get(LONG_MS, TimeUnit.MILLISECONDS);
        } catch (Exception failure) {
            return ((PeerException) failure.getCause()).reason();
        }
        throw new AssertionError("it was answered");
    }

    private static MemoryRecords records(FetchResponse response) {
        var data = response.responses().getFirst().partitions().getFirst();
        return (MemoryRecords) data.records();
    }

    @Test
    void repliesComeInOrderWithTheirRecordsInPlace() throws Exception {
        PeerConnection connection = connect(served.port());
        int[] sizes = {10, 5_000, 40_000, 300_000, 70_000, 1_000_000, 3_000_000, 20};
        List<CompletableFuture<PeerReply>> sent = new ArrayList<>();
        for (int i = 0; i < sizes.length; i++) sent.add(connection.send(fetch(i, sizes[i]), LONG_MS));
        assertThat(heard.connectedOnLoop.get(LONG_MS, TimeUnit.MILLISECONDS)).isTrue();
        for (int i = 0; i < sizes.length; i++) {
            PeerReply reply = sent.get(i).get(LONG_MS, TimeUnit.MILLISECONDS);
            FetchResponse response = reply.response(FetchResponse.class);
            assertThat(reply.version()).isEqualTo(FETCH_VERSION);
            assertThat(response.sessionId()).isEqualTo(i);
            assertThat(records(response).buffer().isDirect()).isTrue();
            assertThat(records(response).buffer()).isEqualTo(content(i, sizes[i]));
            reply.release();
        }
        connection.close();
        assertThat(heard.ended.get(LONG_MS, TimeUnit.MILLISECONDS).reason()).isEqualTo(Reason.CLOSED);
    }

    @Test
    void heldRepliesKeepTheirMemoryWhileOthersCome() throws Exception {
        PeerConnection connection = connect(served.port());
        List<PeerReply> held = new ArrayList<>();
        for (int i = 0; i < 50; i++)
            held.add(connection.send(fetch(i, 7_000), LONG_MS).get(LONG_MS, TimeUnit.MILLISECONDS));
        for (int i = 0; i < held.size(); i++) {
            FetchResponse response = held.get(i).response(FetchResponse.class);
            assertThat(records(response).buffer()).isEqualTo(content(i, 7_000));
        }
        held.forEach(PeerReply::release);
        assertThatThrownBy(held.getFirst()::release).hasMessageContaining("twice");
    }

    @Test
    void aPortWhereNobodyListensRefuses() throws Exception {
        int port;
        try (ServerSocket free = new ServerSocket(0)) {
            port = free.getLocalPort();
        }
        CompletableFuture<PeerReply> sent = connect(port).send(fetch(1, 1), LONG_MS);
        assertThat(reason(sent)).isEqualTo(Reason.REFUSED);
        assertThat(heard.ended.get().reason()).isEqualTo(Reason.REFUSED);
    }

    @Test
    void anUnknownHostIsUnreachable() {
        // No name has so long a part: no name server has to be there to say so.
        String unknown = "x".repeat(64) + ".invalid";
        CompletableFuture<PeerReply> sent = connect(unknown, 9092).send(fetch(1, 1), LONG_MS);
        assertThat(reason(sent)).isEqualTo(Reason.UNREACHABLE);
    }

    @Test
    void aPeerThatAcceptsAndSaysNothingTimesOut() throws Exception {
        try (ServerSocket silent = new ServerSocket(0)) {
            CompletableFuture<PeerReply> sent = connect(silent.getLocalPort()).send(fetch(1, 1), 100);
            assertThat(reason(sent)).isEqualTo(Reason.TIMED_OUT);
        }
    }

    @Test
    void anAnswerThatIsMissingEndsTheConnectionForAll() throws Exception {
        PeerConnection connection = connect(served.port());
        connection
                .send(fetch(1, 1), LONG_MS)
                .get(LONG_MS, TimeUnit.MILLISECONDS)
                .release();
        HeartbeatRequest heartbeat = HeartbeatRequest.builder().build();
        CompletableFuture<PeerReply> patient = connection.send(heartbeat, LONG_MS);
        CompletableFuture<PeerReply> hasty = connection.send(heartbeat, 50);
        assertThat(reason(hasty)).isEqualTo(Reason.TIMED_OUT);
        assertThat(reason(patient)).isEqualTo(Reason.CLOSED);
        assertThat(reason(connection.send(heartbeat, LONG_MS))).isEqualTo(Reason.TIMED_OUT);
    }

    @Test
    void aPeerThatClosesFailsWhatIsUnderWay() throws Exception {
        PeerConnection connection = connect(served.port());
        CompletableFuture<PeerReply> sent =
                connection.send(HeartbeatRequest.builder().build(), LONG_MS);
        served.processor.takeHeld().closeConnection("as the test wants");
        assertThat(reason(sent)).isEqualTo(Reason.CLOSED);
    }

    @Test
    void aVersionAboveTheClientsIsNotChosen() throws Exception {
        PeerReply reply =
                connect(served.port()).send(fetch(1, 9), (short) 11, LONG_MS).get();
        assertThat(reply.version()).isEqualTo((short) 11);
        reply.release();
    }

    @Test
    void anApiThatThePeerDoesNotServeIsRefusedAndTheConnectionGoesOn() throws Exception {
        PeerConnection connection = connect(served.port());
        var unknown = connection.send(
                dev.tidemark.protocol.message.ListGroupsRequest.builder().build(), LONG_MS);
        assertThat(reason(unknown)).isEqualTo(Reason.UNSUPPORTED_VERSION);
        connection
                .send(fetch(1, 1), LONG_MS)
                .get(LONG_MS, TimeUnit.MILLISECONDS)
                .release();
    }

    @Test
    void aPeerOfAnotherKindIsAskedForItsVersionsAgain() throws Exception {
        served.processor.script = exchange -> {
            ByteBuffer frame = exchange.frame();
            short version = frame.getShort(frame.position() + 2);
            if (frame.getShort(frame.position()) == ApiKey.API_VERSIONS.id() && version > 0) {
                var refusal = ApiVersionsResponse.builder().errorCode(ErrorCode.UNSUPPORTED_VERSION);
                exchange.reply(ApiKey.API_VERSIONS, (short) 0, Scripted.correlationId(exchange), refusal.build());
            } else if (version == 0) {
                var told = ApiVersionsResponse.builder()
                        .apiKeys(List.of(new ApiVersion(ApiKey.FETCH.id(), (short) 4, FETCH_VERSION)));
                exchange.reply(ApiKey.API_VERSIONS, version, Scripted.correlationId(exchange), told.build());
            } else {
                answer(exchange);
            }
        };
        connect(served.port())
                .send(fetch(3, 30), LONG_MS)
                .get(LONG_MS, TimeUnit.MILLISECONDS)
                .release();
    }

    @Test
    void completionsRunOnTheLoop() throws Exception {
        PeerConnection connection = connect(served.port());
        CompletableFuture<Boolean> onLoop = new CompletableFuture<>();
        loop().run(() -> {
            var _ = connection.send(fetch(1, 1), LONG_MS).whenComplete((reply, failure) -> {
                onLoop.complete(loop().isCurrent());
                reply.release();
            });
        });
        assertThat(onLoop.get(LONG_MS, TimeUnit.MILLISECONDS)).isTrue();
        connection.close();
        CompletableFuture<PeerReply> late = connection.send(fetch(2, 1), LONG_MS);
        assertThatThrownBy(late::join).isInstanceOf(CompletionException.class).hasMessageContaining("ended here");
    }
}
