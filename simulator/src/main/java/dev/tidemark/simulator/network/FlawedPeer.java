package dev.tidemark.simulator.network;

import dev.tidemark.base.time.Loop;
import dev.tidemark.protocol.message.AlterPartitionRequest;
import dev.tidemark.protocol.message.FetchRequest;
import dev.tidemark.protocol.message.FetchResponse;
import dev.tidemark.protocol.message.Request;
import dev.tidemark.protocol.message.Response;
import dev.tidemark.protocol.message.WriteTxnMarkersRequest;
import dev.tidemark.simulator.flaw.Flaw;
import dev.tidemark.simulator.flaw.FlawedReplies;
import dev.tidemark.simulator.flaw.FlawedRequests;
import java.util.function.Consumer;

/// What the flaw of a broker makes of its requests to another one, and of the answers.
record FlawedPeer(Flaw flaw, RequestChannel channel, Loop loop) {
    private static final long LATE_MS = 300;
    private static final byte[] NO_FRAME = {};
    private static final RequestChannel.Answer UNHEARD = new RequestChannel.Answer() {
        @Override
        public void onResponse(Response response, short version, byte[] frame) {}

        @Override
        public void onFailed(RequestChannel.End why) {}
    };

    void send(Request request, short highestVersion, long timeoutMs, RequestChannel.Answer answer) {
        switch (request) {
            case FetchRequest fetch
            when flaw == Flaw.NO_TRUNCATION_BY_EPOCH ->
                channel.send(FlawedRequests.agreeing(fetch), highestVersion, timeoutMs, answer);
            case FetchRequest fetch
            when flaw == Flaw.HIGH_WATERMARK_ABOVE_ISR -> {
                Consumer<FetchRequest> ahead = next -> channel.send(next, highestVersion, timeoutMs, UNHEARD);
                channel.send(fetch, highestVersion, timeoutMs, new TooEarly(answer, fetch, ahead, loop));
            }
            case AlterPartitionRequest alter
            when flaw == Flaw.ISR_WITHOUT_CONTROLLER ->
                loop.run(() -> answer.onResponse(FlawedReplies.agreed(alter), highestVersion, NO_FRAME));
            case WriteTxnMarkersRequest markers
            when flaw == Flaw.MARKERS_LOST ->
                loop.run(() -> answer.onResponse(FlawedReplies.written(markers), highestVersion, NO_FRAME));
            case WriteTxnMarkersRequest markers
            when flaw == Flaw.OFFSETS_WITHOUT_OUTPUT ->
                channel.send(FlawedRequests.withoutOutput(markers), highestVersion, timeoutMs, answer);
            case WriteTxnMarkersRequest markers
            when flaw == Flaw.LATE_MARKER_TAKEN -> {
                channel.send(markers, highestVersion, timeoutMs, answer);
                Request late = FlawedRequests.late(markers);
                var _ = loop.runAfter(LATE_MS, () -> channel.send(late, highestVersion, timeoutMs, UNHEARD));
            }
            default -> channel.send(request, highestVersion, timeoutMs, answer);
        }
    }

    /// Tells the leader that the follower has what came, and the follower itself some time later,
    /// if it lives till then.
    private record TooEarly(
            RequestChannel.Answer follower, FetchRequest request, Consumer<FetchRequest> sender, Loop loop)
            implements RequestChannel.Answer {
        @Override
        public void onResponse(Response response, short version, byte[] frame) {
            if (response instanceof FetchResponse fetched) {
                FetchRequest ahead = FlawedRequests.ahead(request, fetched);
                if (!ahead.topics().isEmpty()) {
                    sender.accept(ahead);
                    var _ = loop.runAfter(LATE_MS, () -> follower.onResponse(response, version, frame));
                    return;
                }
            }
            follower.onResponse(response, version, frame);
        }

        @Override
        public void onFailed(RequestChannel.End why) {
            follower.onFailed(why);
        }
    }
}
