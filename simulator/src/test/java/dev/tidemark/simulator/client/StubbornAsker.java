package dev.tidemark.simulator.client;

import dev.tidemark.protocol.ErrorCode;
import dev.tidemark.protocol.message.FindCoordinatorRequest;
import dev.tidemark.protocol.message.FindCoordinatorResponse;
import dev.tidemark.protocol.message.OffsetFetchRequest;
import dev.tidemark.protocol.message.OffsetFetchRequest.OffsetFetchRequestGroup;
import dev.tidemark.protocol.message.OffsetFetchResponse;
import java.util.List;
import java.util.Optional;

/// Asks the broker that coordinated a group at first for its offsets, whatever becomes of it.
public final class StubbornAsker {
    private static final long EVERY_MS = 50;
    private static final String GROUP = "asked";

    private final ClientHost host;
    private int broker = -1;
    private ErrorCode lastError = ErrorCode.NONE;
    private long lastToldMs = -1;

    public StubbornAsker(ClientHost host) {
        this.host = host;
        tick();
    }

    /// The broker that is asked; empty until the first coordinator is known and has told something.
    public Optional<Integer> broker() {
        return lastToldMs < 0 ? Optional.empty() : Optional.of(broker);
    }

    /// What the last answer was.
    public ErrorCode lastError() {
        return lastError;
    }

    public long sinceLastToldMs() {
        return host.nowMs() - lastToldMs;
    }

    private void tick() {
        if (broker < 0) find();
        else ask();
        host.after(EVERY_MS, this::tick);
    }

    private void find() {
        FindCoordinatorRequest request = FindCoordinatorRequest.builder()
                .keyType(Coordinator.GROUP)
                .coordinatorKeys(List.of(GROUP))
                .build();
        host.call(
                host.anyBroker(),
                request,
                FindCoordinatorResponse.class,
                2_000,
                response -> {
                    var answer = response.coordinators().getFirst();
                    if (answer.errorCode() == 0 && broker < 0) broker = answer.nodeId();
                },
                _ -> {});
    }

    private void ask() {
        OffsetFetchRequest request = OffsetFetchRequest.builder()
                .groups(List.of(OffsetFetchRequestGroup.builder()
                        .groupId(GROUP)
                        .topics(null)
                        .build()))
                .build();
        host.call(broker, request, OffsetFetchResponse.class, 2_000, this::onResponse, _ -> {});
    }

    private void onResponse(OffsetFetchResponse response) {
        lastError = ErrorCode.forCode(response.groups().getFirst().errorCode());
        if (lastError == ErrorCode.NONE) lastToldMs = host.nowMs();
    }
}
