package dev.tidemark.simulator.client;

import dev.tidemark.protocol.ErrorCode;
import dev.tidemark.protocol.message.FindCoordinatorRequest;
import dev.tidemark.protocol.message.FindCoordinatorResponse;
import dev.tidemark.protocol.message.Request;
import dev.tidemark.protocol.message.Response;
import java.util.List;
import java.util.function.Consumer;

/// The coordinator of a group or of a transactional id, looked for when it is needed, and again when it is another.
final class Coordinator {
    static final byte GROUP = 0;
    static final byte TRANSACTION = 1;
    private static final int UNKNOWN = -1;
    private static final long TIMEOUT_MS = 5_000;

    private final ClientHost host;
    private final byte type;
    private final String key;
    private int broker = UNKNOWN;

    Coordinator(ClientHost host, byte type, String key) {
        this.host = host;
        this.type = type;
        this.key = key;
    }

    /// Whether it is this one, as far as is known.
    boolean is(int id) {
        return broker == id;
    }

    /// Asks the coordinator; `failed` runs where there was no answer of it.
    <R extends Response> void call(
            Request request, Class<R> type, long timeoutMs, Consumer<R> answered, Runnable failed) {
        if (broker == UNKNOWN) {
            find(() -> call(request, type, timeoutMs, answered, failed), failed);
            return;
        }
        host.call(broker, request, type, timeoutMs, answered, _ -> {
            broker = UNKNOWN;
            failed.run();
        });
    }

    private void find(Runnable found, Runnable failed) {
        FindCoordinatorRequest request = FindCoordinatorRequest.builder()
                .keyType(type)
                .coordinatorKeys(List.of(key))
                .build();
        host.call(
                host.anyBroker(),
                request,
                FindCoordinatorResponse.class,
                TIMEOUT_MS,
                response -> {
                    var answer = response.coordinators().getFirst();
                    if (answer.errorCode() == 0) {
                        broker = answer.nodeId();
                        found.run();
                    } else {
                        failed.run();
                    }
                },
                _ -> failed.run());
    }

    /// Looks for it anew where the error says that it is another.
    void learn(ErrorCode error) {
        if (error == ErrorCode.NOT_COORDINATOR || error == ErrorCode.COORDINATOR_NOT_AVAILABLE) broker = UNKNOWN;
    }
}
