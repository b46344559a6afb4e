package dev.tidemark.coordinator.transaction;

import dev.tidemark.base.Bytes;
import dev.tidemark.base.TopicPartition;
import dev.tidemark.coordinator.runtime.LogRecord;
import dev.tidemark.coordinator.runtime.VersionedMessage;
import dev.tidemark.protocol.codec.Reader;
import dev.tidemark.protocol.internaltopic.TransactionLogKey;
import dev.tidemark.protocol.internaltopic.TransactionLogValue;
import dev.tidemark.protocol.internaltopic.TransactionLogValue.PartitionsSchema;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// Facts as records of the transaction topic, in Kafka's schema.
final class TransactionRecords {
    private static final short KEY_VERSION = 0;
    private static final short VALUE_VERSION = 1;

    private TransactionRecords() {}

    record Read(String transactionalId, TransactionFact fact) {}

    static List<LogRecord> encode(String transactionalId, TransactionFact fact) {
        return switch (fact) {
            case TransactionFact.Saved(var next) ->
                List.of(new LogRecord(key(transactionalId), VersionedMessage.write(VALUE_VERSION, value(next))));
            case TransactionFact.Moved _ -> List.of();
            case TransactionFact.Forgotten() -> List.of(new LogRecord(key(transactionalId), null));
        };
    }

    private static Bytes key(String transactionalId) {
        return VersionedMessage.write(KEY_VERSION, new TransactionLogKey(transactionalId));
    }

    private static TransactionLogValue value(Transaction transaction) {
        SortedMap<String, List<Integer>> byTopic = new TreeMap<>();
        for (TopicPartition partition : transaction.partitions())
            byTopic.computeIfAbsent(partition.topic(), _ -> new ArrayList<>()).add(partition.partition());
        List<PartitionsSchema> partitions = new ArrayList<>();
        byTopic.forEach((topic, indexes) -> partitions.add(new PartitionsSchema(topic, indexes)));
        return TransactionLogValue.builder()
                .producerId(transaction.producerId())
                .previousProducerId(transaction.previousProducerId())
                .nextProducerId(transaction.nextProducerId())
                .nextProducerEpoch(transaction.nextEpoch())
                .producerEpoch(transaction.epoch())
                .transactionTimeoutMs(transaction.timeoutMs())
                .transactionStatus(transaction.state().id())
                .transactionPartitions(transaction.state() == TransactionState.EMPTY ? null : partitions)
                .transactionLastUpdateTimestampMs(transaction.updatedMs())
                .transactionStartTimestampMs(transaction.startMs())
                .clientTransactionVersion(transaction.clientVersion())
                .build();
    }

    /// Null where the record is of a type that is not ours to know.
    ///
    /// @throws dev.tidemark.protocol.codec.MalformedException if it is damaged
    static @Nullable Read read(LogRecord record) {
        Reader key = new Reader(record.key().asByteBuffer());
        if (key.readShort() != KEY_VERSION) return null;
        String transactionalId = TransactionLogKey.read(key, KEY_VERSION).transactionalId();
        Bytes value = record.value();
        if (value == null) return new Read(transactionalId, new TransactionFact.Forgotten());
        Reader reader = new Reader(value.asByteBuffer());
        TransactionLogValue read = TransactionLogValue.read(reader, reader.readShort());
        return new Read(transactionalId, new TransactionFact.Saved(transaction(read)));
    }

    /// Before KIP-939 there was no such field: a producer's next id began with the first epoch.
    private static short nextEpoch(TransactionLogValue value) {
        boolean isMissing = value.nextProducerEpoch() == Transaction.NO_EPOCH
                && value.nextProducerId() != Transaction.NO_PRODUCER_ID;
        return isMissing ? 0 : value.nextProducerEpoch();
    }

    private static Transaction transaction(TransactionLogValue value) {
        SortedSet<TopicPartition> partitions = new TreeSet<>();
        List<PartitionsSchema> topics = value.transactionPartitions();
        if (topics != null)
            for (PartitionsSchema topic : topics)
                for (int index : topic.partitionIds()) partitions.add(new TopicPartition(topic.topic(), index));
        return new Transaction(
                value.producerId(),
                value.previousProducerId(),
                value.nextProducerId(),
                nextEpoch(value),
                value.producerEpoch(),
                Transaction.NO_EPOCH,
                value.transactionTimeoutMs(),
                TransactionState.of(value.transactionStatus()),
                partitions,
                value.transactionStartTimestampMs(),
                value.transactionLastUpdateTimestampMs(),
                value.clientTransactionVersion());
    }
}
