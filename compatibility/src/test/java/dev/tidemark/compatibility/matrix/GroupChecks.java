package dev.tidemark.compatibility.matrix;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.GroupType;
import org.apache.kafka.common.TopicPartition;

/// Groups: offsets, rebalances, and what an operator asks of them.
final class GroupChecks {
    private static final int PARTITIONS = 4;

    private GroupChecks() {}

    static void commits(ClientSession session) throws Exception {
        String topic = session.freshName("commits");
        String group = session.freshName("group");
        session.reference().createTopic(topic, 1);
        List<Rec> records = Rec.many(30, 1, "commits");
        session.reference().produce(topic, "none", records);

        List<Rec> first = groupConsume(session, topic, group, 10);
        List<Rec> second = groupConsume(session, topic, group, 20);

        List<Rec> both = new ArrayList<>(first);
        both.addAll(second);
        assertThat(Rec.byPartition(both)).isEqualTo(Rec.byPartition(records));
        OffsetAndMetadata committed = session.reference()
                .admin()
                .listConsumerGroupOffsets(group)
                .partitionsToOffsetAndMetadata()
                .get()
                .get(new TopicPartition(topic, 0));
        assertThat(committed.offset()).isEqualTo(30);
    }

    private static List<Rec> groupConsume(ClientSession session, String topic, String group, int count) {
        return Rec.ofAnswer(session.call("group_consume", Map.of("topic", topic, "group", group, "count", count)));
    }

    static void committed(ClientSession session) throws Exception {
        String topic = session.freshName("committed");
        String group = session.freshName("group");
        session.reference().createTopic(topic, 1);
        TopicPartition partition = new TopicPartition(topic, 0);
        session.reference()
                .admin()
                .alterConsumerGroupOffsets(group, Map.of(partition, new OffsetAndMetadata(17)))
                .all()
                .get();

        assertThat(session.call("committed", Map.of("group", group, "topic", topic, "p", 0))
                        .asLong())
                .isEqualTo(17);
    }

    /// One member has all partitions, a second one joins and both share them, records come once each, the first one
    /// leaves and the second has all.
    static void rebalance(ClientSession session, String strategy) throws Exception {
        String topic = session.freshName("rebalance-" + strategy);
        String group = session.freshName("group-" + strategy);
        session.reference().createTopic(topic, PARTITIONS);
        Set<String> all = names(topic);
        try (GroupMember first = new GroupMember(session.openAnother(), topic, group, strategy)) {
            GroupMember.await(
                    "the first member has all",
                    List.of(first),
                    () -> first.assigned().equals(all));
            try (GroupMember second = new GroupMember(session.openAnother(), topic, group, strategy)) {
                List<GroupMember> both = List.of(first, second);
                GroupMember.await("both share the partitions", both, () -> isShared(first, second, all));

                List<Rec> records = Rec.many(200, PARTITIONS, strategy);
                session.reference().produce(topic, "none", records);
                GroupMember.await(
                        "all records arrive", both, () -> received(both).size() >= records.size());
                assertThat(Rec.byPartition(received(both))).isEqualTo(Rec.byPartition(records));

                first.leave();
                GroupMember.await(
                        "the second member has all",
                        List.of(second),
                        () -> second.assigned().equals(all));
                second.leave();
            }
        }
    }

    /// A static member that closes does not leave; when it comes back it has what it had, and the other noticed
    /// nothing.
    static void staticMember(ClientSession session, String strategy) throws Exception {
        String topic = session.freshName("static-" + strategy);
        String group = session.freshName("group-static-" + strategy);
        session.reference().createTopic(topic, PARTITIONS);
        Set<String> all = names(topic);
        try (GroupMember stays = GroupMember.ofInstance(session.openAnother(), topic, group, strategy, "stays")) {
            Set<String> hers;
            try (GroupMember goes = GroupMember.ofInstance(session.openAnother(), topic, group, strategy, "goes")) {
                GroupMember.await("both share the partitions", List.of(stays, goes), () -> isShared(stays, goes, all));
                hers = goes.assigned();
                goes.leave();
            }
            Set<String> kept = stays.assigned();
            try (GroupMember back = GroupMember.ofInstance(session.openAnother(), topic, group, strategy, "goes")) {
                GroupMember.await(
                        "it has what it had",
                        List.of(stays, back),
                        () -> back.assigned().equals(hers));
                assertThat(stays.assigned()).isEqualTo(kept);
                back.leave();
            }
            stays.leave();
        }
    }

    /// A member of the consumer protocol joins a classic one; then it leaves, and the group is classic again.
    static void migration(ClientSession session) throws Exception {
        String topic = session.freshName("migration");
        String group = session.freshName("group-migration");
        session.reference().createTopic(topic, PARTITIONS);
        Set<String> all = names(topic);
        try (GroupMember classic = new GroupMember(session.openAnother(), topic, group, "cooperative")) {
            GroupMember.await(
                    "the classic member has all",
                    List.of(classic),
                    () -> classic.assigned().equals(all));
            try (GroupMember modern = new GroupMember(session.openAnother(), topic, group, "consumer")) {
                List<GroupMember> both = List.of(classic, modern);
                GroupMember.await("both share the partitions", both, () -> isShared(classic, modern, all));
                assertThat(type(session, group)).isEqualTo(GroupType.CONSUMER);

                List<Rec> records = Rec.many(100, PARTITIONS, "migration");
                session.reference().produce(topic, "none", records);
                GroupMember.await(
                        "all records arrive", both, () -> received(both).size() >= records.size());
                assertThat(Rec.byPartition(received(both))).isEqualTo(Rec.byPartition(records));
                modern.leave();
            }
            GroupMember.await(
                    "the classic member has all again",
                    List.of(classic),
                    () -> classic.assigned().equals(all));
            assertThat(type(session, group)).isEqualTo(GroupType.CLASSIC);
            classic.leave();
        }
    }

    private static GroupType type(ClientSession session, String group) throws Exception {
        return session.reference()
                .admin()
                .describeConsumerGroups(List.of(group))
                .describedGroups()
                .get(group)
                .get()
                .type();
    }

    private static Set<String> names(String topic) {
        return IntStream.range(0, PARTITIONS).mapToObj(i -> topic + "-" + i).collect(Collectors.toSet());
    }

    private static boolean isShared(GroupMember first, GroupMember second, Set<String> all) {
        Set<String> a = first.assigned();
        Set<String> b = second.assigned();
        Set<String> union = new TreeSet<>(a);
        union.addAll(b);
        return !a.isEmpty() && !b.isEmpty() && a.size() + b.size() == all.size() && union.equals(all);
    }

    private static List<Rec> received(List<GroupMember> members) {
        return members.stream().flatMap(member -> member.records().stream()).toList();
    }

    static void pattern(ClientSession session) throws Exception {
        String prefix = session.freshName("pattern");
        String group = session.freshName("group");
        session.reference().createTopic(prefix + "-one", 1);
        try (GroupMember member = new GroupMember(session.openAnother(), "^" + prefix + "-.*", group, "eager")) {
            GroupMember.await(
                    "it has the topic that matches",
                    List.of(member),
                    () -> member.assigned().equals(Set.of(prefix + "-one-0")));

            session.reference().createTopic(prefix + "-two", 1);

            GroupMember.await(
                    "it notices the second topic",
                    List.of(member),
                    () -> member.assigned().equals(Set.of(prefix + "-one-0", prefix + "-two-0")));
            member.leave();
        }
    }

    static void describe(ClientSession session, boolean delete) throws Exception {
        String topic = session.freshName("described");
        String group = session.freshName("described");
        session.reference().createTopic(topic, PARTITIONS);
        try (GroupMember member = new GroupMember(session.openAnother(), topic, group, "eager")) {
            GroupMember.await(
                    "the member has all",
                    List.of(member),
                    () -> member.assigned().equals(names(topic)));

            assertThat(listed(session)).contains(group);
            JsonNode described = session.call("describe_group", Map.of("group", group));
            assertThat(described.get("state").asText()).isEqualToIgnoringCase("stable");
            assertThat(described.get("members").asInt()).isEqualTo(1);
            member.leave();
        }
        if (!delete) return;
        session.call("delete_group", Map.of("group", group));
        assertThat(listed(session)).doesNotContain(group);
    }

    private static List<String> listed(ClientSession session) {
        List<String> groups = new ArrayList<>();
        session.call("list_groups", Map.of()).forEach(group -> groups.add(group.asText()));
        return groups;
    }
}
