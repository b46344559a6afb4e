package dev.tidemark.coordinator.group.offsets;

import dev.tidemark.base.Uuid;
import dev.tidemark.coordinator.group.GroupFact;
import dev.tidemark.coordinator.group.MetadataView;
import dev.tidemark.coordinator.group.Plan;
import dev.tidemark.protocol.ErrorCode;
import dev.tidemark.protocol.message.OffsetDeleteRequest;
import dev.tidemark.protocol.message.OffsetDeleteResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;

/// Forgets offsets: on demand, with their topic, with their group, or with age.
public final class OffsetDelete {
    private OffsetDelete() {}

    /// OffsetDelete: not for topics that a member of the group consumes.
    public static OffsetDeleteResponse delete(
            Plan plan, GroupOffsets offsets, OffsetDeleteRequest request, Predicate<String> isSubscribed) {
        List<OffsetDeleteResponse.OffsetDeleteResponseTopic> topics = new ArrayList<>();
        for (OffsetDeleteRequest.OffsetDeleteRequestTopic topic : request.topics()) {
            boolean isUsed = isSubscribed.test(topic.name());
            List<OffsetDeleteResponse.OffsetDeleteResponsePartition> partitions = new ArrayList<>();
            for (OffsetDeleteRequest.OffsetDeleteRequestPartition partition : topic.partitions()) {
                int index = partition.partitionIndex();
                if (!isUsed && offsets.get(topic.name(), index) != null)
                    plan.fact(new GroupFact.OffsetForgotten(topic.name(), index));
                partitions.add(OffsetDeleteResponse.OffsetDeleteResponsePartition.builder()
                        .partitionIndex(index)
                        .errorCode(isUsed ? ErrorCode.GROUP_SUBSCRIBED_TO_TOPIC : ErrorCode.NONE)
                        .build());
            }
            topics.add(OffsetDeleteResponse.OffsetDeleteResponseTopic.builder()
                    .name(topic.name())
                    .partitions(partitions)
                    .build());
        }
        return OffsetDeleteResponse.builder().topics(topics).build();
    }

    public static void deleteAll(Plan plan, GroupOffsets offsets) {
        for (String topic : offsets.topicNames()) deleteTopic(plan, offsets, topic);
    }

    public static void deleteTopics(Plan plan, GroupOffsets offsets, Set<String> topics) {
        for (String topic : topics) deleteTopic(plan, offsets, topic);
    }

    private static void deleteTopic(Plan plan, GroupOffsets offsets, String topic) {
        for (int partition : offsets.partitions(topic).keySet())
            plan.fact(new GroupFact.OffsetForgotten(topic, partition));
    }

    /// What an open transaction may still change stays: its end could not bring back what came after it in the log.
    ///
    /// @param idleSinceMs since when the group has no members; counts where it is later than the commit. -1 for
    ///     the commit's own time
    /// @return whether none is left
    public static boolean deleteExpired(
            Plan plan,
            GroupOffsets offsets,
            PendingOffsets pending,
            Predicate<String> isSubscribed,
            MetadataView metadata,
            long idleSinceMs,
            long retentionMs,
            long nowMs) {
        boolean noneLeft = true;
        for (String topic : offsets.topicNames()) {
            boolean isKept = isSubscribed.test(topic);
            MetadataView.Topic current = metadata.topic(topic);
            Uuid id = current == null ? Uuid.ZERO : current.id();
            for (var one : offsets.partitions(topic).entrySet()) {
                boolean isOver = one.getValue().isOfAnother(id)
                        || (!isKept && isExpired(one.getValue(), idleSinceMs, retentionMs, nowMs));
                if (isOver && !pending.has(topic, one.getKey()))
                    plan.fact(new GroupFact.OffsetForgotten(topic, one.getKey()));
                else noneLeft = false;
            }
        }
        return noneLeft;
    }

    private static boolean isExpired(CommittedOffset offset, long idleSinceMs, long retentionMs, long nowMs) {
        if (offset.expireTimestampMs() != CommittedOffset.NO_TIMESTAMP) return nowMs >= offset.expireTimestampMs();
        long sinceMs = Math.max(idleSinceMs, offset.commitTimestampMs());
        return nowMs - sinceMs >= retentionMs;
    }
}
