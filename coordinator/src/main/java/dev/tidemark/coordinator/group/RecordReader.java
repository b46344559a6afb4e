package dev.tidemark.coordinator.group;

import dev.tidemark.base.Bytes;
import dev.tidemark.coordinator.group.consumer.ResolvedRegex;
import dev.tidemark.coordinator.runtime.LogRecord;
import dev.tidemark.protocol.codec.MalformedException;
import dev.tidemark.protocol.codec.Reader;
import dev.tidemark.protocol.codec.UnsupportedVersionException;
import dev.tidemark.protocol.internaltopic.ConsumerGroupCurrentMemberAssignmentKey;
import dev.tidemark.protocol.internaltopic.ConsumerGroupCurrentMemberAssignmentValue;
import dev.tidemark.protocol.internaltopic.ConsumerGroupMemberMetadataKey;
import dev.tidemark.protocol.internaltopic.ConsumerGroupMemberMetadataValue;
import dev.tidemark.protocol.internaltopic.ConsumerGroupMetadataKey;
import dev.tidemark.protocol.internaltopic.ConsumerGroupMetadataValue;
import dev.tidemark.protocol.internaltopic.ConsumerGroupRegularExpressionKey;
import dev.tidemark.protocol.internaltopic.ConsumerGroupRegularExpressionValue;
import dev.tidemark.protocol.internaltopic.ConsumerGroupTargetAssignmentMemberKey;
import dev.tidemark.protocol.internaltopic.ConsumerGroupTargetAssignmentMemberValue;
import dev.tidemark.protocol.internaltopic.ConsumerGroupTargetAssignmentMetadataKey;
import dev.tidemark.protocol.internaltopic.ConsumerGroupTargetAssignmentMetadataValue;
import dev.tidemark.protocol.internaltopic.GroupMetadataKey;
import dev.tidemark.protocol.internaltopic.GroupMetadataValue;
import dev.tidemark.protocol.internaltopic.OffsetCommitKey;
import dev.tidemark.protocol.internaltopic.OffsetCommitValue;
import org.jspecify.annotations.Nullable;

/// Records of the offsets topic as facts.
final class RecordReader {
    /// Kafka's first records of offsets, written long ago: the same key and value under another type.
    private static final short OLD_OFFSET_TYPE = 0;

    private static final short V0 = 0;

    private RecordReader() {}

    /// A fact, and the group that it is about. `type` is the record's type.
    record Read(String groupId, GroupFact fact) {}

    /// What the record says; null where it is of a type that is not ours to know.
    ///
    /// @throws MalformedException if the record is damaged
    /// @throws UnsupportedVersionException if a newer version wrote it
    static @Nullable Read read(LogRecord record) {
        Reader key = new Reader(record.key().asByteBuffer());
        short type = key.readShort();
        Bytes value = record.value();
        return switch (type) {
            case OLD_OFFSET_TYPE, OffsetCommitKey.RECORD_TYPE -> offset(OffsetCommitKey.read(key, V0), value);
            case GroupMetadataKey.RECORD_TYPE -> classic(GroupMetadataKey.read(key, V0), value);
            case ConsumerGroupMetadataKey.RECORD_TYPE -> epoch(ConsumerGroupMetadataKey.read(key, V0), value);
            case ConsumerGroupMemberMetadataKey.RECORD_TYPE ->
                member(ConsumerGroupMemberMetadataKey.read(key, V0), value);
            case ConsumerGroupTargetAssignmentMetadataKey.RECORD_TYPE ->
                targetEpoch(ConsumerGroupTargetAssignmentMetadataKey.read(key, V0), value);
            case ConsumerGroupTargetAssignmentMemberKey.RECORD_TYPE ->
                target(ConsumerGroupTargetAssignmentMemberKey.read(key, V0), value);
            case ConsumerGroupCurrentMemberAssignmentKey.RECORD_TYPE ->
                current(ConsumerGroupCurrentMemberAssignmentKey.read(key, V0), value);
            case ConsumerGroupRegularExpressionKey.RECORD_TYPE ->
                regex(ConsumerGroupRegularExpressionKey.read(key, V0), value);
            default -> null;
        };
    }

    private static Reader reader(Bytes value) {
        return new Reader(value.asByteBuffer());
    }

    private static Read offset(OffsetCommitKey key, @Nullable Bytes value) {
        if (value == null) return new Read(key.group(), new GroupFact.OffsetForgotten(key.topic(), key.partition()));
        Reader reader = reader(value);
        OffsetCommitValue offset = OffsetCommitValue.read(reader, reader.readShort());
        return new Read(
                key.group(), new GroupFact.OffsetCommitted(key.topic(), key.partition(), RecordValues.offset(offset)));
    }

    private static Read classic(GroupMetadataKey key, @Nullable Bytes value) {
        if (value == null) return new Read(key.group(), new GroupFact.ClassicForgotten());
        Reader reader = reader(value);
        GroupMetadataValue group = GroupMetadataValue.read(reader, reader.readShort());
        return new Read(key.group(), new GroupFact.ClassicSaved(RecordValues.group(group)));
    }

    private static Read epoch(ConsumerGroupMetadataKey key, @Nullable Bytes value) {
        if (value == null) return new Read(key.groupId(), new GroupFact.ConsumerForgotten());
        Reader reader = reader(value);
        ConsumerGroupMetadataValue epoch = ConsumerGroupMetadataValue.read(reader, reader.readShort());
        return new Read(key.groupId(), new GroupFact.EpochBumped(epoch.epoch(), epoch.metadataHash()));
    }

    private static Read member(ConsumerGroupMemberMetadataKey key, @Nullable Bytes value) {
        if (value == null) return new Read(key.groupId(), new GroupFact.MemberForgotten(key.memberId()));
        Reader reader = reader(value);
        ConsumerGroupMemberMetadataValue member = ConsumerGroupMemberMetadataValue.read(reader, reader.readShort());
        return new Read(key.groupId(), new GroupFact.MemberSubscribed(key.memberId(), RecordValues.member(member)));
    }

    private static Read targetEpoch(ConsumerGroupTargetAssignmentMetadataKey key, @Nullable Bytes value) {
        if (value == null) return new Read(key.groupId(), new GroupFact.TargetEpochForgotten());
        Reader reader = reader(value);
        ConsumerGroupTargetAssignmentMetadataValue epoch =
                ConsumerGroupTargetAssignmentMetadataValue.read(reader, reader.readShort());
        return new Read(
                key.groupId(), new GroupFact.TargetEpochSet(epoch.assignmentEpoch(), epoch.assignmentTimestamp()));
    }

    private static Read target(ConsumerGroupTargetAssignmentMemberKey key, @Nullable Bytes value) {
        if (value == null) return new Read(key.groupId(), new GroupFact.TargetForgotten(key.memberId()));
        Reader reader = reader(value);
        ConsumerGroupTargetAssignmentMemberValue target =
                ConsumerGroupTargetAssignmentMemberValue.read(reader, reader.readShort());
        return new Read(key.groupId(), new GroupFact.TargetSet(key.memberId(), RecordValues.target(target)));
    }

    private static Read current(ConsumerGroupCurrentMemberAssignmentKey key, @Nullable Bytes value) {
        if (value == null) return new Read(key.groupId(), new GroupFact.CurrentForgotten(key.memberId()));
        Reader reader = reader(value);
        ConsumerGroupCurrentMemberAssignmentValue current =
                ConsumerGroupCurrentMemberAssignmentValue.read(reader, reader.readShort());
        return new Read(key.groupId(), new GroupFact.CurrentSet(key.memberId(), RecordValues.current(current)));
    }

    private static Read regex(ConsumerGroupRegularExpressionKey key, @Nullable Bytes value) {
        if (value == null) return new Read(key.groupId(), new GroupFact.RegexForgotten(key.regularExpression()));
        Reader reader = reader(value);
        ConsumerGroupRegularExpressionValue regex =
                ConsumerGroupRegularExpressionValue.read(reader, reader.readShort());
        return new Read(
                key.groupId(),
                new GroupFact.RegexSet(
                        key.regularExpression(),
                        new ResolvedRegex(regex.topics(), regex.version(), regex.timestamp())));
    }
}
