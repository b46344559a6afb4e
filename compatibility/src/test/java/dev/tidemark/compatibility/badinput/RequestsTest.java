package dev.tidemark.compatibility.badinput;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.errors.ApiException;
import org.apache.kafka.common.message.FetchRequestData;
import org.apache.kafka.common.message.FetchResponseData;
import org.apache.kafka.common.message.HeartbeatRequestData;
import org.apache.kafka.common.message.JoinGroupRequestData;
import org.apache.kafka.common.message.MetadataRequestData;
import org.apache.kafka.common.message.OffsetCommitRequestData;
import org.apache.kafka.common.message.OffsetFetchRequestData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.FetchResponse;
import org.apache.kafka.common.requests.HeartbeatResponse;
import org.apache.kafka.common.requests.JoinGroupResponse;
import org.apache.kafka.common.requests.MetadataResponse;
import org.apache.kafka.common.requests.OffsetCommitResponse;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Requests that are well formed and ask for what nobody may have.
@ExtendWith(Victim.Shared.class)
final class RequestsTest {
    private final Victim victim;

    RequestsTest(Victim victim) {
        this.victim = victim;
    }

    private void cannotCreate(String what, NewTopic topic) {
        assertThatThrownBy(
                        () -> victim.admin().createTopics(List.of(topic)).all().get())
                .as(what)
                .isInstanceOf(ExecutionException.class)
                .hasCauseInstanceOf(ApiException.class);
    }

    @Test
    void topicsThatCannotBe() {
        cannotCreate("a million partitions", new NewTopic("million", 1_000_000, (short) 1));
        cannotCreate("2^31-1 partitions", new NewTopic("most", Integer.MAX_VALUE, (short) 1));
        cannotCreate("no partition", new NewTopic("none", 0, (short) 1));
        cannotCreate("-2 partitions", new NewTopic("negative", -2, (short) 1));
        for (int factor : new int[] {0, -2, 2, 32_767})
            cannotCreate("replication factor " + factor, new NewTopic("factor", 1, (short) factor));
        cannotCreate("an unknown broker", new NewTopic("assigned", Map.of(0, List.of(99))));
        cannotCreate("a broker twice", new NewTopic("assigned", Map.of(0, List.of(1, 1))));
        cannotCreate("no broker", new NewTopic("assigned", Map.of(0, List.of())));
        cannotCreate("partitions not from 0", new NewTopic("assigned", Map.of(5, List.of(1))));
        cannotCreate(
                "an unknown config", new NewTopic("configured", 1, (short) 1).configs(Map.of("no.such.config", "1")));
        cannotCreate(
                "a bad config value", new NewTopic("configured", 1, (short) 1).configs(Map.of("retention.ms", "soon")));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                ".",
                "..",
                "a/b",
                "../../etc/passwd",
                "a\\b",
                "a\u0000b",
                "a b",
                "ä",
                "a\nb",
                "a:b",
                "\u001b[31m"
            })
    void topicNamesThatCannotBe(String name) throws Exception {
        cannotCreate("name", new NewTopic(name, 1, (short) 1));
        MetadataRequestData request = new MetadataRequestData()
                .setTopics(List.of(new MetadataRequestData.MetadataRequestTopic().setName(name)))
                .setAllowAutoTopicCreation(true);
        MetadataResponse response = Rows.ask(victim, ApiKeys.METADATA, 8, request, MetadataResponse.class);
        assertThat(response.errors().values()).containsExactly(Errors.INVALID_TOPIC_EXCEPTION);
    }

    @Test
    void topicNamesThatAreTooLongOrTaken() throws Exception {
        cannotCreate("250 characters", new NewTopic("x".repeat(250), 1, (short) 1));
        victim.admin()
                .createTopics(List.of(new NewTopic("clash.of", 1, (short) 1)))
                .all()
                .get();
        cannotCreate("the same", new NewTopic("clash.of", 1, (short) 1));
        cannotCreate("the same to metrics", new NewTopic("clash_of", 1, (short) 1));
        cannotCreate("internal", new NewTopic("__consumer_offsets", 1, (short) 1));
    }

    @Test
    void metadataForAHundredThousandNames() throws Exception {
        List<MetadataRequestData.MetadataRequestTopic> topics = new ArrayList<>();
        for (int i = 0; i < 100_000; i++)
            topics.add(new MetadataRequestData.MetadataRequestTopic().setName("no-such-topic-" + i));
        MetadataRequestData request =
                new MetadataRequestData().setTopics(topics).setAllowAutoTopicCreation(false);
        Rows.assertAnsweredOrClosed(victim, "100,000 names", Wire.frame(ApiKeys.METADATA, 12, request));
    }

    @Test
    void fetchOfManyPartitions() throws Exception {
        List<FetchRequestData.FetchPartition> partitions = new ArrayList<>();
        for (int i = 0; i < 300_000; i++) partitions.add(new FetchRequestData.FetchPartition().setPartition(i));
        FetchRequestData request = fetch().setTopics(List.of(
                new FetchRequestData.FetchTopic().setTopic(Neighbour.TOPIC).setPartitions(partitions)));
        for (int i = 0; i < 3; i++)
            Rows.assertAnsweredOrClosed(victim, "300,000 partitions", Wire.frame(ApiKeys.FETCH, 12, request));
    }

    private static FetchRequestData fetch() {
        return new FetchRequestData().setMaxWaitMs(0).setMinBytes(0).setMaxBytes(1 << 20);
    }

    private FetchResponseData.PartitionData fetchOne(long offset, int leaderEpoch, int maxBytes) throws IOException {
        FetchRequestData request = fetch().setMaxBytes(maxBytes)
                .setTopics(List.of(new FetchRequestData.FetchTopic()
                        .setTopic(Neighbour.TOPIC)
                        .setPartitions(List.of(new FetchRequestData.FetchPartition()
                                .setPartition(0)
                                .setFetchOffset(offset)
                                .setCurrentLeaderEpoch(leaderEpoch)
                                .setPartitionMaxBytes(maxBytes)))));
        FetchResponse response = Rows.ask(victim, ApiKeys.FETCH, 12, request, FetchResponse.class);
        return response.data().responses().getFirst().partitions().getFirst();
    }

    @Test
    void fetchesFromWhereNothingIs() throws Exception {
        for (long offset : new long[] {-1, Long.MIN_VALUE, 1L << 40, Long.MAX_VALUE})
            assertThat(Errors.forCode(fetchOne(offset, -1, 1 << 20).errorCode()))
                    .as("offset " + offset)
                    .isEqualTo(Errors.OFFSET_OUT_OF_RANGE);
        assertThat(Errors.forCode(fetchOne(0, 1_000, 1 << 20).errorCode())).isEqualTo(Errors.UNKNOWN_LEADER_EPOCH);
        for (int maxBytes : new int[] {0, 1, Integer.MAX_VALUE})
            assertThat(Errors.forCode(fetchOne(0, -1, maxBytes).errorCode()))
                    .as("max bytes " + maxBytes)
                    .isEqualTo(Errors.NONE);
    }

    @Test
    void fetchSessionsOfOthersAndAsReplica() throws Exception {
        for (int session : new int[] {1, 12_345, Integer.MAX_VALUE}) {
            FetchRequestData request = fetch().setSessionId(session).setSessionEpoch(3);
            FetchResponse response = Rows.ask(victim, ApiKeys.FETCH, 12, request, FetchResponse.class);
            assertThat(response.error()).isIn(Errors.FETCH_SESSION_ID_NOT_FOUND, Errors.INVALID_FETCH_SESSION_EPOCH);
        }
        for (int replica : new int[] {0, 1, 2, -3, Integer.MAX_VALUE}) {
            FetchRequestData request = fetch().setReplicaId(replica);
            Rows.assertAnsweredOrClosed(victim, "replica " + replica, Wire.frame(ApiKeys.FETCH, 12, request));
        }
    }

    private static JoinGroupRequestData join(String group, String member) {
        JoinGroupRequestData.JoinGroupRequestProtocolCollection protocols =
                new JoinGroupRequestData.JoinGroupRequestProtocolCollection();
        protocols.add(new JoinGroupRequestData.JoinGroupRequestProtocol()
                .setName("range")
                .setMetadata(new byte[4]));
        return new JoinGroupRequestData()
                .setGroupId(group)
                .setMemberId(member)
                .setSessionTimeoutMs(6_000)
                .setRebalanceTimeoutMs(6_000)
                .setProtocolType("consumer")
                .setProtocols(protocols);
    }

    @Test
    void groupIdsThatCannotBe() throws Exception {
        JoinGroupResponse empty = Rows.ask(victim, ApiKeys.JOIN_GROUP, 5, join("", ""), JoinGroupResponse.class);
        assertThat(empty.error()).isEqualTo(Errors.INVALID_GROUP_ID);
        for (String id : List.of("x".repeat(32_000), "\u001b[31mred\n", "\u0000", "a\tb")) {
            Rows.assertAnsweredOrClosed(victim, "group id", Wire.frame(ApiKeys.JOIN_GROUP, 5, join(id, "")));
            Rows.assertAnsweredOrClosed(victim, "member id", Wire.frame(ApiKeys.JOIN_GROUP, 5, join("g", id)));
        }
    }

    @Test
    void joinsThatAreTooBig() throws Exception {
        JoinGroupRequestData request = join("big", "");
        request.protocols().iterator().next().setMetadata(new byte[50 << 20]);
        Rows.assertAnsweredOrClosed(victim, "50 MiB of metadata", Wire.frame(ApiKeys.JOIN_GROUP, 5, request));
        for (int timeout : new int[] {-1, 0, 1, Integer.MAX_VALUE}) {
            JoinGroupResponse response = Rows.ask(
                    victim,
                    ApiKeys.JOIN_GROUP,
                    5,
                    join("timed", "").setSessionTimeoutMs(timeout),
                    JoinGroupResponse.class);
            assertThat(response.error()).as("session timeout " + timeout).isEqualTo(Errors.INVALID_SESSION_TIMEOUT);
        }
    }

    @Test
    void manyGroupsAndMembers() throws Exception {
        try (RawClient client = victim.connect()) {
            for (int i = 0; i < 2_000; i++) {
                client.frame(Wire.frame(ApiKeys.JOIN_GROUP, 5, join("many-" + i % 1_000, "")));
                client.receive();
            }
        }
    }

    @Test
    void heartbeatsOfStrangers() throws Exception {
        HeartbeatRequestData request = new HeartbeatRequestData()
                .setGroupId("neighbours")
                .setMemberId("somebody")
                .setGenerationId(1);
        HeartbeatResponse response = Rows.ask(victim, ApiKeys.HEARTBEAT, 3, request, HeartbeatResponse.class);
        assertThat(response.error()).isEqualTo(Errors.UNKNOWN_MEMBER_ID);
    }

    /// Again while the group's coordinator comes up.
    private Errors commit(String group, int generation, String topic, int partition, long offset, String metadata)
            throws IOException {
        while (true) {
            Errors error = commitOnce(group, generation, topic, partition, offset, metadata);
            if (error != Errors.COORDINATOR_LOAD_IN_PROGRESS && error != Errors.NOT_COORDINATOR) return error;
        }
    }

    private Errors commitOnce(String group, int generation, String topic, int partition, long offset, String metadata)
            throws IOException {
        OffsetCommitRequestData request = new OffsetCommitRequestData()
                .setGroupId(group)
                .setGenerationIdOrMemberEpoch(generation)
                .setMemberId("")
                .setTopics(List.of(new OffsetCommitRequestData.OffsetCommitRequestTopic()
                        .setName(topic)
                        .setPartitions(List.of(new OffsetCommitRequestData.OffsetCommitRequestPartition()
                                .setPartitionIndex(partition)
                                .setCommittedOffset(offset)
                                .setCommittedMetadata(metadata)))));
        OffsetCommitResponse response = Rows.ask(victim, ApiKeys.OFFSET_COMMIT, 8, request, OffsetCommitResponse.class);
        return Errors.forCode(
                response.data().topics().getFirst().partitions().getFirst().errorCode());
    }

    @Test
    void commitsThatCannotBe() throws Exception {
        assertThat(commit("free", -1, "no-such-topic", 0, 5, "")).isEqualTo(Errors.UNKNOWN_TOPIC_OR_PARTITION);
        assertThat(commit("free", -1, Neighbour.TOPIC, 99, 5, "")).isEqualTo(Errors.UNKNOWN_TOPIC_OR_PARTITION);
        assertThat(commit("free", -1, Neighbour.TOPIC, 0, 5, "x".repeat(30_000)))
                .isEqualTo(Errors.OFFSET_METADATA_TOO_LARGE);
        assertThat(commit("neighbours", -1, Neighbour.TOPIC, 0, 0, ""))
                .as("into a live group from outside")
                .isEqualTo(Errors.UNKNOWN_MEMBER_ID);
        assertThat(commit("neighbours", 1_000, Neighbour.TOPIC, 0, 0, "")).isEqualTo(Errors.UNKNOWN_MEMBER_ID);
    }

    @Test
    void offsetsOfManyGroupsAndPartitions() throws Exception {
        List<OffsetFetchRequestData.OffsetFetchRequestGroup> groups = new ArrayList<>();
        for (int i = 0; i < 20_000; i++)
            groups.add(new OffsetFetchRequestData.OffsetFetchRequestGroup()
                    .setGroupId("no-such-group-" + i)
                    .setTopics(null));
        OffsetFetchRequestData request = new OffsetFetchRequestData().setGroups(groups);
        Rows.assertAnsweredOrClosed(victim, "20,000 groups", Wire.frame(ApiKeys.OFFSET_FETCH, 8, request));
    }

    /// Those that brokers and controllers send each other are not for clients; an empty one of each is refused or
    /// answered with an error, and changes nothing.
    @Test
    void requestsBetweenBrokers() throws Exception {
        List<ApiKeys> inner = List.of(
                ApiKeys.WRITE_TXN_MARKERS,
                ApiKeys.VOTE,
                ApiKeys.BEGIN_QUORUM_EPOCH,
                ApiKeys.END_QUORUM_EPOCH,
                ApiKeys.ALTER_PARTITION,
                ApiKeys.ENVELOPE,
                ApiKeys.FETCH_SNAPSHOT,
                ApiKeys.BROKER_REGISTRATION,
                ApiKeys.BROKER_HEARTBEAT,
                ApiKeys.CONTROLLER_REGISTRATION,
                ApiKeys.ASSIGN_REPLICAS_TO_DIRS,
                ApiKeys.ALLOCATE_PRODUCER_IDS);
        for (ApiKeys api : inner) {
            byte[] frame =
                    Wire.frame(api, api.messageType.highestSupportedVersion(false), api.messageType.newRequest());
            Rows.assertAnsweredOrClosed(victim, api.name(), frame);
        }
    }
}
