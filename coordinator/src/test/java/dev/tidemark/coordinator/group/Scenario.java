package dev.tidemark.coordinator.group;

import dev.tidemark.coordinator.runtime.LogBatch;
import dev.tidemark.coordinator.runtime.LogRecord;
import dev.tidemark.protocol.ErrorCode;
import dev.tidemark.protocol.message.ConsumerGroupDescribeRequest;
import dev.tidemark.protocol.message.DeleteGroupsRequest;
import dev.tidemark.protocol.message.DescribeGroupsRequest;
import dev.tidemark.protocol.message.ListGroupsRequest;
import dev.tidemark.protocol.message.OffsetCommitRequest;
import dev.tidemark.protocol.message.OffsetDeleteRequest;
import dev.tidemark.protocol.message.OffsetFetchRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// Runs the commands of a scenario and tells what comes of them. The files under `scenarios` show the commands.
final class Scenario {
    private static final short FETCH_VERSION = 9;

    private final World world = new World();
    private final Map<String, TestClient> clients = new TreeMap<>();
    private final List<CompletableFuture<Void>> pending = new ArrayList<>();
    private final StringBuilder output = new StringBuilder();
    private int logRead;

    /// What was told since the last command.
    String run(String line) {
        output.setLength(0);
        Words words = Words.parse(line);
        switch (words.word(0)) {
            case "config" -> configure(words);
            case "topic" -> world.topics.create(words.word(1), words.number(2));
            case "grow" -> world.topics.grow(words.word(1), words.number(2));
            case "delete-topic" -> deleteTopic(words.word(1));
            case "join" -> join(words);
            case "sync" -> sync(words);
            case "beat" -> hear(client(words), client(words).beat(), reply -> error(reply.errorCode()));
            case "leave" -> leave(words);
            case "hb" -> heartbeat(words);
            case "tick" -> world.loop.advance(words.number(1));
            case "describe" -> describe(words.word(1));
            case "list" -> list(words);
            case "delete" -> delete(words.word(1));
            case "commit" -> commit(words);
            case "fetch" -> fetch(words);
            case "forget" -> forget(words);
            case "reload" -> reload();
            case "log" -> tellLog();
            case "refuse" -> world.log.refuse(words.word(1).equals("-") ? null : ErrorCode.valueOf(words.word(1)));
            case "hold-commits" -> world.log.holdCommits();
            case "release-commits" -> world.log.releaseCommits();
            case "hold-replay" -> world.log.holdReplay();
            case "release-replay" -> world.log.releaseReplay();
            default -> throw new IllegalArgumentException("unknown command: " + line);
        }
        world.loop.settle();
        pending.stream().filter(CompletableFuture::isDone).forEach(CompletableFuture::join);
        pending.removeIf(CompletableFuture::isDone);
        return output.toString();
    }

    private void tell(String text) {
        output.append(text.replace("00000000-0000-0000-0000-", "#").replaceAll("#0+", "#"))
                .append('\n');
    }

    private <T> void hear(TestClient client, CompletableFuture<T> answer, Function<T, String> text) {
        when(answer, reply -> tell(client.name + ": " + text.apply(reply)));
    }

    private <T> void when(CompletableFuture<T> answer, Consumer<T> then) {
        pending.add(answer.thenAccept(then));
    }

    private static String error(short code) {
        ErrorCode error = ErrorCode.forCode(code);
        return error == ErrorCode.NONE ? "ok" : error.toString();
    }

    private TestClient client(Words words) {
        TestClient client = clients.computeIfAbsent(words.word(1), name -> new TestClient(name, world));
        client.group = words.text("group", client.group);
        client.topics = words.names("topics", client.topics);
        client.protocols = words.names("protocols", client.protocols);
        client.sessionMs = words.number("session", client.sessionMs);
        client.rebalanceMs = words.number("rebalance", client.rebalanceMs);
        client.version = (short) words.number("version", client.version);
        if (words.has("instance")) client.instanceId = words.text("instance");
        if (words.has("id")) client.memberId = words.text("id", "").equals("-") ? "" : words.text("id", "");
        client.connection = words.number("connection", (int) client.connection);
        if (words.has("generation")) client.generation = words.number("generation", 0);
        if (words.has("owned")) client.hold(Words.partitions(words.text("owned", "-")));
        return client;
    }

    private void configure(Words words) {
        GroupCoordinatorConfig.Classic classic = world.config.classic();
        GroupCoordinatorConfig.Consumer consumer = world.config.consumer();
        world.config = World.base(
                new GroupCoordinatorConfig.Classic(
                        words.number("size", classic.groupSizeMax()),
                        words.number("initial-delay", classic.initialRebalanceDelayMs()),
                        classic.sessionTimeoutMinMs(),
                        classic.sessionTimeoutMaxMs()),
                new GroupCoordinatorConfig.Consumer(
                        words.number("size", consumer.groupSizeMax()),
                        words.number("session", consumer.sessionTimeoutMs()),
                        consumer.heartbeatIntervalMs(),
                        words.names("assignors", consumer.assignors()),
                        MigrationPolicy.valueOf(words.text(
                                "migration", consumer.migrationPolicy().name())),
                        consumer.regexRefreshIntervalMs()));
    }

    private void deleteTopic(String name) {
        world.topics.delete(name);
        world.coordinator.onTopicsDeleted(List.of(name));
    }

    private void join(Words words) {
        TestClient client = client(words);
        hear(client, client.join(), TestReplies::of);
    }

    /// `sync A A=t:0 B=t:1`: members by the names of the clients.
    private void sync(Words words) {
        TestClient client = client(words);
        Map<String, Map<String, List<Integer>>> byMember = new TreeMap<>();
        words.pairs().forEach((key, value) -> {
            TestClient member = clients.get(key);
            if (member != null) byMember.put(member.memberId, Words.partitions(value));
        });
        hear(client, client.sync(byMember), TestReplies::of);
    }

    private void leave(Words words) {
        TestClient client = client(words);
        hear(
                client,
                client.leave(),
                reply -> reply.members().isEmpty()
                        ? error(reply.errorCode())
                        : error(reply.members().getFirst().errorCode()));
    }

    private void heartbeat(Words words) {
        TestClient client = client(words);
        if (client.memberId.isEmpty()) client.memberId = client.name;
        int epoch = words.number("epoch", client.epoch);
        boolean joins = epoch == 0;
        if (joins) client.owned = new TreeMap<>();
        List<String> topics = words.has("topics") || (joins && !words.has("regex")) ? client.topics : null;
        String regex = words.text("regex");
        hear(
                client,
                client.heartbeat(
                        epoch,
                        joins || words.has("rebalance"),
                        topics,
                        "-".equals(regex) ? "" : regex,
                        words.text("assignor")),
                reply -> TestReplies.of(reply, world));
    }

    private void describe(String groupId) {
        ClientContext client = new ClientContext("admin", "/1.1.1.1", (short) 6);
        when(
                world.coordinator.consumerGroupDescribe(
                        client,
                        ConsumerGroupDescribeRequest.builder()
                                .groupIds(List.of(groupId))
                                .build()),
                reply -> {
                    var group = reply.groups().getFirst();
                    if (group.errorCode() != ErrorCode.GROUP_ID_NOT_FOUND.code()) tell(TestReplies.of(group));
                    else describeClassic(client, groupId);
                });
    }

    private void describeClassic(ClientContext client, String groupId) {
        when(
                world.coordinator.describeGroups(
                        client,
                        DescribeGroupsRequest.builder().groups(List.of(groupId)).build()),
                reply -> tell(TestReplies.of(reply.groups().getFirst())));
    }

    private void list(Words words) {
        ListGroupsRequest request = ListGroupsRequest.builder()
                .statesFilter(words.names("states", List.of()))
                .typesFilter(words.names("types", List.of()))
                .build();
        when(world.coordinator.listGroups(new ClientContext("admin", "/1.1.1.1", (short) 5), request), reply -> {
            if (reply.errorCode() != 0) tell(error(reply.errorCode()));
            reply.groups().stream()
                    .map(group -> group.groupId() + " " + group.groupState() + " " + group.groupType() + " "
                            + group.protocolType())
                    .sorted()
                    .forEach(this::tell);
        });
    }

    private void delete(String groupId) {
        DeleteGroupsRequest request =
                DeleteGroupsRequest.builder().groupsNames(List.of(groupId)).build();
        when(
                world.coordinator.deleteGroups(new ClientContext("admin", "/1.1.1.1", (short) 2), request),
                reply -> tell(error(reply.results().getFirst().errorCode())));
    }

    /// `commit A t:0=5 t:1=7`.
    private void commit(Words words) {
        TestClient client = client(words);
        List<OffsetCommitRequest.OffsetCommitRequestTopic> topics = new ArrayList<>();
        words.pairs().forEach((key, value) -> {
            if (!key.contains(":")) return;
            topics.add(OffsetCommitRequest.OffsetCommitRequestTopic.builder()
                    .name(key.split(":")[0])
                    .partitions(List.of(OffsetCommitRequest.OffsetCommitRequestPartition.builder()
                            .partitionIndex(Integer.parseInt(key.split(":")[1]))
                            .committedOffset(Long.parseLong(value))
                            .committedMetadata(words.text("metadata", ""))
                            .build()))
                    .build());
        });
        boolean isMember = !client.memberId.isEmpty();
        int now = client.generation >= 0 ? client.generation : client.epoch;
        OffsetCommitRequest request = OffsetCommitRequest.builder()
                .groupId(client.group)
                .memberId(client.memberId)
                .groupInstanceId(client.instanceId)
                .generationIdOrMemberEpoch(words.number("epoch", isMember ? now : -1))
                .topics(topics)
                .build();
        hear(
                client,
                world.coordinator.offsetCommit(client.context((short) 9), request),
                reply -> reply.topics().stream()
                        .map(topic -> topic.name() + ":"
                                + topic.partitions().getFirst().partitionIndex() + " "
                                + error(topic.partitions().getFirst().errorCode()))
                        .collect(Collectors.joining(", ")));
    }

    private void fetch(Words words) {
        OffsetFetchRequest request = OffsetFetchRequest.builder()
                .groups(List.of(OffsetFetchRequest.OffsetFetchRequestGroup.builder()
                        .groupId(words.word(1))
                        .topics(words.has("of") ? asked(words.text("of", "-")) : null)
                        .build()))
                .build();
        when(world.coordinator.offsetFetch(new ClientContext("admin", "/1.1.1.1", FETCH_VERSION), request), reply -> {
            var group = reply.groups().getFirst();
            if (group.errorCode() != 0) tell(error(group.errorCode()));
            for (var topic : group.topics())
                for (var partition : topic.partitions())
                    tell(topic.name() + ":" + partition.partitionIndex() + "=" + partition.committedOffset()
                            + (partition.metadata() == null
                                            || partition.metadata().isEmpty()
                                    ? ""
                                    : " " + partition.metadata()));
        });
    }

    private static List<OffsetFetchRequest.OffsetFetchRequestTopics> asked(String text) {
        List<OffsetFetchRequest.OffsetFetchRequestTopics> topics = new ArrayList<>();
        Words.partitions(text)
                .forEach((topic, partitions) -> topics.add(OffsetFetchRequest.OffsetFetchRequestTopics.builder()
                        .name(topic)
                        .partitionIndexes(partitions)
                        .build()));
        return topics;
    }

    /// `forget g of=t:0`: OffsetDelete.
    private void forget(Words words) {
        List<OffsetDeleteRequest.OffsetDeleteRequestTopic> topics = new ArrayList<>();
        Words.partitions(words.text("of", "-"))
                .forEach((topic, partitions) -> topics.add(new OffsetDeleteRequest.OffsetDeleteRequestTopic(
                        topic,
                        partitions.stream()
                                .map(OffsetDeleteRequest.OffsetDeleteRequestPartition::new)
                                .toList())));
        OffsetDeleteRequest request = OffsetDeleteRequest.builder()
                .groupId(words.word(1))
                .topics(topics)
                .build();
        when(world.coordinator.offsetDelete(new ClientContext("admin", "/1.1.1.1", (short) 0), request), reply -> {
            if (reply.errorCode() != 0) tell(error(reply.errorCode()));
            for (var topic : reply.topics())
                for (var partition : topic.partitions())
                    tell(topic.name() + ":" + partition.partitionIndex() + " " + error(partition.errorCode()));
        });
    }

    private void reload() {
        world.coordinator.onResigned(0, world.log.leaderEpoch());
        world.elect();
    }

    private void tellLog() {
        List<LogBatch> batches = world.log.batches();
        for (LogBatch batch : batches.subList(logRead, batches.size())) {
            for (LogRecord record : batch.records()) {
                RecordReader.Read read = RecordReader.read(record);
                if (read != null) tell(describe(read));
            }
            tell("--");
        }
        logRead = batches.size();
    }

    private static String describe(RecordReader.@Nullable Read read) {
        if (read == null) return "?";
        return switch (read.fact()) {
            case GroupFact.ClassicSaved(var group) ->
                "ClassicSaved " + group.state() + " generation=" + group.generationId() + " members="
                        + group.members().keySet();
            case GroupFact.MemberSubscribed(var memberId, var subscription) ->
                "MemberSubscribed " + memberId + " " + subscription.topics()
                        + (subscription.hasRegex() ? " regex=" + subscription.regex() : "");
            case GroupFact.EpochBumped(var epoch, var _) -> "EpochBumped " + epoch;
            case GroupFact.TargetSet(var memberId, var target) -> "TargetSet " + memberId + " size=" + target.size();
            case GroupFact.TargetEpochSet(var epoch, var _) -> "TargetEpochSet " + epoch;
            case GroupFact.CurrentSet(var memberId, var current) ->
                "CurrentSet " + memberId + " " + current.state() + " epoch=" + current.memberEpoch() + " assigned="
                        + current.assigned().partitions().size() + " pending="
                        + current.pendingRevocation().partitions().size();
            case GroupFact.OffsetCommitted(var topic, var partition, var offset) ->
                "OffsetCommitted " + topic + ":" + partition + "=" + offset.offset();
            case GroupFact.RegexSet(var regex, var resolved) -> "RegexSet " + regex + " " + resolved.topics();
            case GroupFact fact -> fact.toString();
        };
    }
}
