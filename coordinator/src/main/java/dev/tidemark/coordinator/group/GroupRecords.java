package dev.tidemark.coordinator.group;

import dev.tidemark.base.Bytes;
import dev.tidemark.coordinator.runtime.LogRecord;
import dev.tidemark.coordinator.runtime.VersionedMessage;
import dev.tidemark.protocol.codec.Message;
import dev.tidemark.protocol.internaltopic.ConsumerGroupCurrentMemberAssignmentKey;
import dev.tidemark.protocol.internaltopic.ConsumerGroupMemberMetadataKey;
import dev.tidemark.protocol.internaltopic.ConsumerGroupMetadataKey;
import dev.tidemark.protocol.internaltopic.ConsumerGroupMetadataValue;
import dev.tidemark.protocol.internaltopic.ConsumerGroupRegularExpressionKey;
import dev.tidemark.protocol.internaltopic.ConsumerGroupRegularExpressionValue;
import dev.tidemark.protocol.internaltopic.ConsumerGroupTargetAssignmentMemberKey;
import dev.tidemark.protocol.internaltopic.ConsumerGroupTargetAssignmentMetadataKey;
import dev.tidemark.protocol.internaltopic.ConsumerGroupTargetAssignmentMetadataValue;
import dev.tidemark.protocol.internaltopic.GroupMetadataKey;
import dev.tidemark.protocol.internaltopic.OffsetCommitKey;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Facts as records of the offsets topic, in Kafka's schemas and in the versions that Kafka 4.4 writes.
final class GroupRecords {
    private static final short V0 = 0;
    private static final short OFFSET_VERSION = 4;

    /// The only version that knows a time of expiry.
    private static final short OFFSET_WITH_EXPIRY_VERSION = 1;

    private static final short GROUP_VERSION = 3;

    private GroupRecords() {}

    /// None for a soft fact.
    static List<LogRecord> encode(String groupId, GroupFact fact) {
        LogRecord record = record(groupId, fact);
        return record == null ? List.of() : List.of(record);
    }

    private static @Nullable LogRecord record(String groupId, GroupFact fact) {
        return switch (fact) {
            case GroupFact.OffsetCommitted committed -> offset(groupId, committed);
            case GroupFact.OffsetPending(var _, var topic, var partition, var offset) ->
                offset(groupId, new GroupFact.OffsetCommitted(topic, partition, offset));
            case GroupFact.OffsetForgotten(var topic, var partition) -> tombstone(offsetKey(groupId, topic, partition));
            case GroupFact.ClassicMoved(var _), GroupFact.SoftChanged(var _) -> null;
            case GroupFact.ClassicSaved(var group) ->
                value(classicKey(groupId), GROUP_VERSION, RecordValues.group(group));
            case GroupFact.ClassicForgotten() -> tombstone(classicKey(groupId));
            case GroupFact.MemberSubscribed(var memberId, var subscription) ->
                value(memberKey(groupId, memberId), V0, RecordValues.member(subscription));
            case GroupFact.MemberForgotten(var memberId) -> tombstone(memberKey(groupId, memberId));
            case GroupFact.EpochBumped(var epoch, var hash) ->
                value(
                        epochKey(groupId),
                        V0,
                        ConsumerGroupMetadataValue.builder()
                                .epoch(epoch)
                                .metadataHash(hash)
                                .build());
            case GroupFact.ConsumerForgotten() -> tombstone(epochKey(groupId));
            case GroupFact.TargetSet(var memberId, var target) ->
                value(targetKey(groupId, memberId), V0, RecordValues.target(target));
            case GroupFact.TargetForgotten(var memberId) -> tombstone(targetKey(groupId, memberId));
            case GroupFact.TargetEpochSet(var epoch, var timestampMs) ->
                value(
                        targetEpochKey(groupId),
                        V0,
                        ConsumerGroupTargetAssignmentMetadataValue.builder()
                                .assignmentEpoch(epoch)
                                .assignmentTimestamp(timestampMs)
                                .build());
            case GroupFact.TargetEpochForgotten() -> tombstone(targetEpochKey(groupId));
            case GroupFact.CurrentSet(var memberId, var current) ->
                value(currentKey(groupId, memberId), V0, RecordValues.current(current));
            case GroupFact.CurrentForgotten(var memberId) -> tombstone(currentKey(groupId, memberId));
            case GroupFact.RegexSet(var regex, var resolved) ->
                value(
                        regexKey(groupId, regex),
                        V0,
                        ConsumerGroupRegularExpressionValue.builder()
                                .topics(resolved.topics())
                                .version(resolved.metadataVersion())
                                .timestamp(resolved.timestampMs())
                                .build());
            case GroupFact.RegexForgotten(var regex) -> tombstone(regexKey(groupId, regex));
        };
    }

    private static LogRecord offset(String groupId, GroupFact.OffsetCommitted fact) {
        boolean expires = fact.offset().expireTimestampMs() >= 0;
        return value(
                offsetKey(groupId, fact.topic(), fact.partition()),
                expires ? OFFSET_WITH_EXPIRY_VERSION : OFFSET_VERSION,
                RecordValues.offset(fact.offset()));
    }

    private static LogRecord value(Bytes key, short version, Message value) {
        return new LogRecord(key, VersionedMessage.write(version, value));
    }

    private static LogRecord tombstone(Bytes key) {
        return new LogRecord(key, null);
    }

    private static Bytes offsetKey(String groupId, String topic, int partition) {
        return VersionedMessage.write(OffsetCommitKey.RECORD_TYPE, new OffsetCommitKey(groupId, topic, partition), V0);
    }

    private static Bytes classicKey(String groupId) {
        return VersionedMessage.write(GroupMetadataKey.RECORD_TYPE, new GroupMetadataKey(groupId), V0);
    }

    private static Bytes epochKey(String groupId) {
        return VersionedMessage.write(ConsumerGroupMetadataKey.RECORD_TYPE, new ConsumerGroupMetadataKey(groupId), V0);
    }

    private static Bytes memberKey(String groupId, String memberId) {
        return VersionedMessage.write(
                ConsumerGroupMemberMetadataKey.RECORD_TYPE, new ConsumerGroupMemberMetadataKey(groupId, memberId), V0);
    }

    private static Bytes targetEpochKey(String groupId) {
        return VersionedMessage.write(
                ConsumerGroupTargetAssignmentMetadataKey.RECORD_TYPE,
                new ConsumerGroupTargetAssignmentMetadataKey(groupId),
                V0);
    }

    private static Bytes targetKey(String groupId, String memberId) {
        return VersionedMessage.write(
                ConsumerGroupTargetAssignmentMemberKey.RECORD_TYPE,
                new ConsumerGroupTargetAssignmentMemberKey(groupId, memberId),
                V0);
    }

    private static Bytes currentKey(String groupId, String memberId) {
        return VersionedMessage.write(
                ConsumerGroupCurrentMemberAssignmentKey.RECORD_TYPE,
                new ConsumerGroupCurrentMemberAssignmentKey(groupId, memberId),
                V0);
    }

    private static Bytes regexKey(String groupId, String regex) {
        return VersionedMessage.write(
                ConsumerGroupRegularExpressionKey.RECORD_TYPE,
                new ConsumerGroupRegularExpressionKey(groupId, regex),
                V0);
    }
}
