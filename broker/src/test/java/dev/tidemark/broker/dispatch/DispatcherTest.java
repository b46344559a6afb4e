package dev.tidemark.broker.dispatch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.broker.ManualLoop;
import dev.tidemark.broker.TestConnection;
import dev.tidemark.broker.handler.ApiHandler;
import dev.tidemark.broker.handler.ApiVersionsHandler;
import dev.tidemark.protocol.ApiKey;
import dev.tidemark.protocol.ErrorCode;
import dev.tidemark.protocol.message.ApiVersionsRequest;
import dev.tidemark.protocol.message.ApiVersionsResponse;
import dev.tidemark.protocol.message.ListGroupsRequest;
import dev.tidemark.protocol.message.ListGroupsResponse;
import dev.tidemark.protocol.message.MetadataRequest;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class DispatcherTest {
    private final TestConnection client = new TestConnection(new ManualLoop());
    private final AtomicReference<Handlers> handlers = new AtomicReference<>();
    private final ApiVersionsHandler apiVersions = new ApiVersionsHandler(
            handlers::get,
            () -> List.of(new ApiVersionsHandler.Feature("group.version", (short) 0, (short) 1, (short) 1)),
            () -> new ApiVersionsHandler.Identity("cluster", 1));
    private final Dispatcher dispatcher;

    DispatcherTest() {
        handlers.set(new Handlers(List.of(
                apiVersions,
                new ApiHandler<>(
                        ApiKey.LIST_GROUPS,
                        ListGroupsRequest.class,
                        (request, call) ->
                                call.reply(ListGroupsResponse.builder().build())))));
        dispatcher = new Dispatcher(handlers.get(), apiVersions, List.of());
    }

    private void send(ByteBuffer frame) {
        dispatcher.onRequest(client.exchange(frame));
    }

    @Test
    void aRequestReachesItsHandler() {
        send(TestConnection.frame(ListGroupsRequest.builder().build(), (short) 0));

        assertThat(client.replies).hasSize(1).first().isInstanceOf(ListGroupsResponse.class);
    }

    @Test
    void anApiThatIsNotServedCostsTheConnection() {
        send(TestConnection.frame(MetadataRequest.builder().build(), (short) 9));

        assertThat(client.closedBecause).singleElement().asString().contains("METADATA");
        assertThat(client.replies).isEmpty();
    }

    @Test
    void anUnknownApiVersionsVersionIsAnsweredSoThatTheClientCanChooseAgain() {
        ByteBuffer frame = ByteBuffer.allocate(8)
                .putShort(ApiKey.API_VERSIONS.id())
                .putShort((short) 99)
                .putInt(1)
                .flip();

        send(frame);

        ApiVersionsResponse reply = client.lastReply(ApiVersionsResponse.class);
        assertThat(reply.errorCode()).isEqualTo(ErrorCode.UNSUPPORTED_VERSION.code());
        assertThat(reply.apiKeys())
                .singleElement()
                .satisfies(served -> assertThat(served.apiKey()).isEqualTo(ApiKey.API_VERSIONS.id()));
    }

    @Test
    void anUnknownVersionOfAnyOtherApiCostsTheConnection() {
        send(ByteBuffer.allocate(8)
                .putShort(ApiKey.LIST_GROUPS.id())
                .putShort((short) 99)
                .putInt(1)
                .flip());

        assertThat(client.closedBecause).singleElement().asString().contains("version 99", "0 to");
    }

    @Test
    void everyCutOfAFrameIsRefusedAndNoneEscapesAsAnException() {
        ByteBuffer whole = TestConnection.frame(
                ApiVersionsRequest.builder()
                        .clientSoftwareName("test")
                        .clientSoftwareVersion("1.0")
                        .build(),
                (short) 3);
        for (int length = 0; length < whole.limit(); length++) {
            TestConnection cutOff = new TestConnection(new ManualLoop());
            dispatcher.onRequest(cutOff.exchange(whole.slice(0, length)));
            assertThat(cutOff.closedBecause).as("cut at %d", length).hasSize(1);
        }
    }

    @Test
    void bytesBehindTheRequestAreRefused() {
        ByteBuffer frame = TestConnection.frame(ListGroupsRequest.builder().build(), (short) 0);
        ByteBuffer longer =
                ByteBuffer.allocate(frame.remaining() + 3).put(frame).position(0);

        send(longer);

        assertThat(client.closedBecause).singleElement().asString().contains("3 bytes behind the end");
    }

    @Test
    void anotherClustersClientIsToldToLookForItsOwn() {
        send(TestConnection.frame(
                ApiVersionsRequest.builder()
                        .clientSoftwareName("test")
                        .clientSoftwareVersion("1.0")
                        .clusterId("another")
                        .nodeId(1)
                        .build(),
                (short) 5));

        assertThat(client.lastReply(ApiVersionsResponse.class).errorCode())
                .isEqualTo(ErrorCode.REBOOTSTRAP_REQUIRED.code());
    }

    /// An API that only brokers may ask for.
    private static final class ForBrokers implements Handler<ListGroupsRequest> {
        @Override
        public ApiKey api() {
            return ApiKey.LIST_GROUPS;
        }

        @Override
        public Class<ListGroupsRequest> requestType() {
            return ListGroupsRequest.class;
        }

        @Override
        public boolean isForBrokers() {
            return true;
        }

        @Override
        public void handle(ListGroupsRequest request, Call call) {
            call.reply(ListGroupsResponse.builder().build());
        }
    }

    @Test
    void whatIsForBrokersIsThereOnTheirListenerOnly() {
        ByteBuffer frame = TestConnection.frame(ListGroupsRequest.builder().build(), (short) 0);
        String here = client.listener();
        Handlers hidden = new Handlers(List.of(apiVersions, new ForBrokers()), listener -> !listener.equals(here));
        Handlers shown = new Handlers(List.of(apiVersions, new ForBrokers()), here::equals);
        TestConnection other = new TestConnection(new ManualLoop());

        new Dispatcher(hidden, apiVersions, List.of()).onRequest(client.exchange(frame.duplicate()));
        new Dispatcher(shown, apiVersions, List.of()).onRequest(other.exchange(frame.duplicate()));

        assertThat(client.closedBecause).hasSize(1);
        assertThat(client.replies).isEmpty();
        assertThat(other.replies).hasSize(1);
        assertThat(hidden.all(here)).hasSize(1);
        assertThat(shown.all(here)).hasSize(2);
    }
}
