package dev.tidemark.broker.forward;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.broker.ManualLoop;
import dev.tidemark.broker.TestConnection;
import dev.tidemark.broker.TestTransport;
import dev.tidemark.broker.dispatch.Dispatcher;
import dev.tidemark.broker.dispatch.Handlers;
import dev.tidemark.broker.handler.ApiHandler;
import dev.tidemark.broker.handler.ApiVersionsHandler;
import dev.tidemark.broker.peer.PeerException.Reason;
import dev.tidemark.broker.peer.Peers;
import dev.tidemark.metadata.control.ControllerGateway;
import dev.tidemark.metadata.image.BrokerEndpoint;
import dev.tidemark.metadata.image.BrokerRegistration;
import dev.tidemark.metadata.image.ControllerImage;
import dev.tidemark.protocol.ApiKey;
import dev.tidemark.protocol.ErrorCode;
import dev.tidemark.protocol.codec.Writer;
import dev.tidemark.protocol.message.DeleteTopicsRequest;
import dev.tidemark.protocol.message.DeleteTopicsResponse;
import dev.tidemark.protocol.message.DeleteTopicsResponse.DeletableTopicResult;
import dev.tidemark.protocol.message.RequestHeader;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/// Requests that only the controller can answer, at a broker that may be the controller or not.
final class ForwardingHandlerTest {
    private static final short VERSION = 5;

    private final ManualLoop loop = new ManualLoop();
    private final TestTransport transport = new TestTransport();
    private final TestConnection client = new TestConnection(loop);
    private ControllerImage controller = new ControllerImage(2, 1, 1);
    private boolean isLocal;
    private boolean isDeposedMeanwhile;
    private int servedHere;

    private final Dispatcher dispatcher = dispatcher();

    private Dispatcher dispatcher() {
        Peers peers = new Peers(1, "INNER", transport, ForwardingHandlerTest::registration, number -> loop);
        var way = new ForwardingHandler.Way(new Address(), peers, new PeerCalls("INNER"), 1, 30_000);
        var local = new ApiHandler<>(ApiKey.DELETE_TOPICS, DeleteTopicsRequest.class, (request, call) -> {
            servedHere++;
            if (isDeposedMeanwhile) isLocal = false;
            call.reply(response(isLocal ? ErrorCode.NONE : ErrorCode.NOT_CONTROLLER));
        });
        Handlers handlers = new Handlers(List.of(new ForwardingHandler<>(local, way)));
        var versions =
                new ApiVersionsHandler(() -> handlers, List::of, () -> new ApiVersionsHandler.Identity("cluster", 1));
        return new Dispatcher(handlers, versions, List.of());
    }

    private static Optional<BrokerRegistration> registration(int id) {
        BrokerEndpoint endpoint = new BrokerEndpoint("INNER", "127.0.0.1", 9_000 + id, "PLAINTEXT");
        return Optional.of(new BrokerRegistration(id, id, List.of(endpoint), null, new TreeMap<>(), true));
    }

    private final class Address implements ControllerAddress {
        @Override
        public ControllerImage controller() {
            return controller;
        }

        @Override
        public boolean isLocal() {
            return isLocal;
        }

        @Override
        public ControllerGateway local() {
            throw new AssertionError("not asked here");
        }

        @Override
        public long brokerEpoch() {
            return 1;
        }
    }

    private static DeleteTopicsResponse response(ErrorCode error) {
        return DeleteTopicsResponse.builder()
                .responses(List.of(DeletableTopicResult.builder()
                        .name("flights")
                        .errorCode(error)
                        .build()))
                .build();
    }

    private void ask(String clientId) {
        DeleteTopicsRequest request = DeleteTopicsRequest.builder()
                .topicNames(List.of("flights"))
                .timeoutMs(2_000)
                .build();
        dispatcher.onRequest(client.exchange(frame(request, clientId)));
        loop.settle();
    }

    private static ByteBuffer frame(DeleteTopicsRequest request, String clientId) {
        Writer writer = new Writer();
        RequestHeader.builder()
                .requestApiKey(ApiKey.DELETE_TOPICS.id())
                .requestApiVersion(VERSION)
                .correlationId(1)
                .clientId(clientId)
                .build()
                .write(writer, ApiKey.DELETE_TOPICS.requestHeaderVersion(VERSION));
        request.write(writer, VERSION);
        return writer.toBuffer();
    }

    private ErrorCode told() {
        assertThat(client.replies).hasSize(1);
        DeleteTopicsResponse reply = client.lastReply(DeleteTopicsResponse.class);
        return ErrorCode.forCode(reply.responses().getFirst().errorCode());
    }

    private void answer(ErrorCode error) {
        transport.last().sent.getLast().answer(response(error));
        loop.settle();
    }

    @Test
    void theControllersAnswerIsGivenBackInTheClientsVersion() {
        ask("an admin");
        assertThat(transport.last().nodeId).isEqualTo(2);
        assertThat(transport.last().clientId).isEqualTo("broker-1-forward");
        assertThat(transport.last().sent.getLast().highestVersion()).isEqualTo(VERSION);
        answer(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION);
        assertThat(told()).isEqualTo(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION);
        assertThat(servedHere).isZero();
    }

    @Test
    void theControllerItselfNeedsNoConnection() {
        isLocal = true;
        ask("an admin");
        assertThat(told()).isEqualTo(ErrorCode.NONE);
        assertThat(transport.dialled).isEmpty();
    }

    @Test
    void whileTheControllershipMovesItIsTriedAgain() {
        ask("an admin");
        answer(ErrorCode.NOT_CONTROLLER);
        controller = new ControllerImage(ControllerImage.NONE, 1, 1);
        loop.pass(100);
        controller = new ControllerImage(3, 2, 2);
        loop.pass(200);
        assertThat(transport.last().nodeId).isEqualTo(3);
        transport.last().ended(Reason.CLOSED);
        loop.pass(300);
        assertThat(client.replies).isEmpty();
        answer(ErrorCode.NONE);
        assertThat(told()).isEqualTo(ErrorCode.NONE);
    }

    @Test
    void whenTheTimeIsOverTheClientHearsThatThereIsNoController() {
        controller = new ControllerImage(ControllerImage.NONE, 1, 1);
        ask("an admin");
        loop.pass(1_900);
        assertThat(client.replies).isEmpty();
        loop.pass(400);
        assertThat(told()).isEqualTo(ErrorCode.NOT_CONTROLLER);
    }

    @Test
    void whatABrokerHasSentOnIsNotSentOnAgain() {
        ask("broker-3-forward");
        assertThat(told()).isEqualTo(ErrorCode.NOT_CONTROLLER);
        assertThat(transport.dialled).isEmpty();
    }

    @Test
    void whoIsDeposedWhileItServesSendsTheRequestOn() {
        isLocal = true;
        isDeposedMeanwhile = true;
        ask("an admin");
        assertThat(client.replies).isEmpty();
        loop.pass(50);
        answer(ErrorCode.NONE);
        assertThat(servedHere).isEqualTo(1);
        assertThat(told()).isEqualTo(ErrorCode.NONE);
    }
}
