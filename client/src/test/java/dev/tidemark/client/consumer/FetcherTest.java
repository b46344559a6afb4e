package dev.tidemark.client.consumer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.base.TopicPartition;
import dev.tidemark.base.time.Clock;
import dev.tidemark.base.time.Loop;
import dev.tidemark.client.BrokerAddress;
import dev.tidemark.client.ClientConfig;
import dev.tidemark.client.ClientException;
import dev.tidemark.client.cluster.ClusterClient;
import dev.tidemark.client.network.Call;
import dev.tidemark.client.network.Transport;
import dev.tidemark.protocol.ErrorCode;
import dev.tidemark.protocol.message.FetchRequest;
import dev.tidemark.protocol.message.FetchResponse;
import dev.tidemark.protocol.message.MetadataResponse;
import dev.tidemark.protocol.message.Response;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Whom a consumer asks, and what it makes of errors, against brokers 1 (the leader), 2 and 3 that answer when told to.
final class FetcherTest {
    private static final TopicPartition T = new TopicPartition("t", 0);

    private final Brokers brokers = new Brokers();
    private final StillLoop loop = new StillLoop();
    private final Positions positions = new Positions();
    private final List<String> events = new ArrayList<>();
    private final ConsumerConfig config = ConsumerConfig.of(ClientConfig.of("h1:1"));
    private final ClusterClient cluster = new ClusterClient(config.client(), brokers);
    private final Fetcher fetcher = new Fetcher(config, cluster, loop, Runnable::run, positions, new Recorded());

    private record Asked(int broker, FetchRequest request, CompletableFuture<FetchResponse> answer) {
        FetchRequest.FetchPartition partition() {
            return request.topics().getFirst().partitions().getFirst();
        }
    }

    private static final class Brokers implements Transport {
        final List<Asked> asked = new ArrayList<>();

        @Override
        public <R extends Response> CompletableFuture<R> send(BrokerAddress to, Lane lane, Call<R> call) {
            if (call.responseType() == MetadataResponse.class)
                return CompletableFuture.completedFuture(call.responseType().cast(metadata()));
            FetchRequest request = (FetchRequest) call.body().apply((short) call.highestVersion());
            CompletableFuture<FetchResponse> answer = new CompletableFuture<>();
            asked.add(new Asked(Integer.parseInt(to.host().substring(1)), request, answer));
            return answer.thenApply(call.responseType()::cast);
        }

        private static MetadataResponse metadata() {
            List<MetadataResponse.MetadataResponseBroker> nodes = new ArrayList<>();
            for (int id = 1; id <= 2; id++)
                nodes.add(MetadataResponse.MetadataResponseBroker.builder()
                        .nodeId(id)
                        .host("h" + id)
                        .port(id)
                        .build());
            return MetadataResponse.builder()
                    .brokers(nodes)
                    .topics(List.of(MetadataResponse.MetadataResponseTopic.builder()
                            .name("t")
                            .partitions(List.of(MetadataResponse.MetadataResponsePartition.builder()
                                    .leaderId(1)
                                    .leaderEpoch(4)
                                    .build()))
                            .build()))
                    .build();
        }

        @Override
        public void close() {}
    }

    private static final class StillLoop implements Loop {
        private long nowMs;

        @Override
        public void run(Runnable task) {
            task.run();
        }

        @Override
        public Timer runAfter(long delayMs, Runnable task) {
            return () -> {};
        }

        @Override
        public Clock clock() {
            return new Clock() {
                @Override
                public long wallMs() {
                    return nowMs;
                }

                @Override
                public long monotonicNs() {
                    return nowMs * 1_000_000;
                }
            };
        }
    }

    private final class Recorded implements Fetcher.Events {
        @Override
        public void onRecords() {
            events.add("records");
        }

        @Override
        public void onStaleMetadata() {
            events.add("stale");
        }

        @Override
        public void onOutOfRange(TopicPartition partition, long offset) {
            events.add("out of range " + offset);
        }

        @Override
        public void onTruncated(TopicPartition partition, long offset, int epoch, long endOffset) {
            events.add("truncated " + offset + " to " + endOffset + " of " + epoch);
        }

        @Override
        public void onFailure(ClientException failure) {
            events.add(failure.toString());
        }
    }

    @BeforeEach
    void readFromTen() {
        var _ = cluster.refresh(List.of("t"), false).join();
        positions.assign(List.of(T));
        positions.seek(T, 10, 3);
        fetcher.fetch();
    }

    private Asked last() {
        return brokers.asked.getLast();
    }

    private void answer(FetchResponse.PartitionData data, FetchResponse.NodeEndpoint... endpoints) {
        Asked asked = last();
        asked.answer.complete(FetchResponse.builder()
                .responses(List.of(FetchResponse.FetchableTopicResponse.builder()
                        .topic("t")
                        .partitions(List.of(data))
                        .build()))
                .nodeEndpoints(List.of(endpoints))
                .build());
    }

    private static FetchResponse.PartitionData.Builder data() {
        return FetchResponse.PartitionData.builder().highWatermark(20);
    }

    @Test
    void tellsTheEpochOfWhatItReadLast() {
        assertThat(last().broker).isEqualTo(1);
        assertThat(last().partition().lastFetchedEpoch()).isEqualTo(3);
        assertThat(last().partition().currentLeaderEpoch()).isEqualTo(4);
    }

    @Test
    void noticesThatTheLogWasCut() {
        answer(data().divergingEpoch(FetchResponse.EpochEndOffset.builder()
                        .epoch(2)
                        .endOffset(7)
                        .build())
                .build());

        assertThat(events).containsExactly("truncated 10 to 7 of 2");
    }

    @Test
    void readsFromTheReplicaThatTheLeaderNamesForAWhile() {
        answer(data().preferredReadReplica(2).build());
        assertThat(last().broker).isEqualTo(2);

        loop.nowMs += config.client().metadataMaxAgeMs();
        answer(data().build());

        assertThat(last().broker).isEqualTo(1);
    }

    @Test
    void goesBackToTheLeaderWhenTheReplicaCannotServe() {
        answer(data().preferredReadReplica(2).build());
        answer(data().errorCode(ErrorCode.OFFSET_OUT_OF_RANGE).build());
        loop.nowMs += 10_000;
        fetcher.fetch();

        assertThat(events).isEmpty();
        assertThat(last().broker).isEqualTo(1);
    }

    @Test
    void asksTheLeaderThatIsNamedAtOnce() {
        answer(
                data().errorCode(ErrorCode.NOT_LEADER_OR_FOLLOWER)
                        .currentLeader(FetchResponse.LeaderIdAndEpoch.builder()
                                .leaderId(3)
                                .leaderEpoch(5)
                                .build())
                        .build(),
                FetchResponse.NodeEndpoint.builder()
                        .nodeId(3)
                        .host("h3")
                        .port(3)
                        .build());

        assertThat(events).isEmpty();
        assertThat(last().broker).isEqualTo(3);
        assertThat(last().partition().currentLeaderEpoch()).isEqualTo(5);
    }

    @Test
    void asksTheClusterWhereNobodyNamesALeader() {
        answer(data().errorCode(ErrorCode.NOT_LEADER_OR_FOLLOWER).build());

        assertThat(events).containsExactly("stale");
    }
}
