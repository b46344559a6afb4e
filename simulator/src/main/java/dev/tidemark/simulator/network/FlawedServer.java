package dev.tidemark.simulator.network;

import dev.tidemark.protocol.ApiKey;
import dev.tidemark.protocol.message.OffsetCommitRequest;
import dev.tidemark.protocol.message.ProduceRequest;
import dev.tidemark.protocol.message.Response;
import dev.tidemark.simulator.flaw.Flaw;
import dev.tidemark.simulator.flaw.FlawedReplies;
import dev.tidemark.simulator.flaw.FlawedRequests;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.UnaryOperator;

/// What the flaw of the brokers of a network makes of requests that come, and of their answers.
final class FlawedServer {
    private final Flaw flaw;
    /// Of the producers that any broker was asked by.
    private final Map<Long, Short> newestEpochs = new TreeMap<>();

    FlawedServer(Flaw flaw) {
        this.flaw = flaw;
    }

    /// A request as the broker understands it.
    byte[] understood(byte[] frame) {
        return switch (flaw) {
            case ACKS_BEFORE_REPLICATION -> produce(frame, FlawedRequests::withoutWaiting);
            case SEQUENCES_IGNORED -> produce(frame, FlawedRequests::withoutSequences);
            case FENCED_PRODUCER_ACCEPTED ->
                produce(frame, request -> FlawedRequests.withNewestEpochs(request, newestEpochs));
            case KEYS_TAKEN_FOR_ONE -> produce(frame, FlawedRequests::withOneKey);
            default -> frame;
        };
    }

    /// The number of a connection, for those who ask which of two is the older one.
    long numbered(long number) {
        return flaw == Flaw.LATE_HEARTBEAT_TAKEN ? 0 : number;
    }

    private static byte[] produce(byte[] frame, UnaryOperator<ProduceRequest> change) {
        if (!FlawedRequests.isOf(ApiKey.PRODUCE, frame)) return frame;
        FlawedRequests.Opened opened = FlawedRequests.open(frame);
        String clientId = opened.header().clientId();
        return Frames.request(
                change.apply((ProduceRequest) opened.request()),
                opened.version(),
                opened.header().correlationId(),
                clientId == null ? "" : clientId);
    }

    /// Answers at once what it was asked, where the broker does not wait as it must.
    void answerTooEarly(byte[] frame, ServerExchange exchange) {
        if (flaw != Flaw.COMMIT_BEFORE_REPLICATION || !FlawedRequests.isOf(ApiKey.OFFSET_COMMIT, frame)) return;
        FlawedRequests.Opened opened = FlawedRequests.open(frame);
        exchange.reply(
                opened.api(),
                opened.version(),
                opened.header().correlationId(),
                FlawedReplies.committed((OffsetCommitRequest) opened.request()));
    }

    /// An answer as the broker sends it.
    Response answered(Response response) {
        return FlawedReplies.changed(flaw, response);
    }
}
