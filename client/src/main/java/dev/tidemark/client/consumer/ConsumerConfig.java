package dev.tidemark.client.consumer;

import dev.tidemark.client.ClientConfig;
import org.jspecify.annotations.Nullable;

/// How a consumer reads.
///
/// @param groupId null for one that is in no group and commits nothing
/// @param instanceId makes the member a static one (KIP-345)
/// @param autoCommitIntervalMs how often [Consumer#poll] commits what earlier polls returned; 0 for never
/// @param pollRecordsMax how many records a poll returns at most
/// @param pollIntervalMsMax a member that does not poll for so long leaves its group
/// @param fetchMinBytes a broker waits for so much, up to `fetchMaxWaitMs`
/// @param isReadCommitted leaves out records of open and aborted transactions
/// @param rackId reads from a replica in this rack where there is one
public record ConsumerConfig(
        ClientConfig client,
        @Nullable String groupId,
        @Nullable String instanceId,
        GroupProtocol protocol,
        OffsetReset offsetReset,
        int autoCommitIntervalMs,
        int pollRecordsMax,
        int pollIntervalMsMax,
        int sessionTimeoutMs,
        int heartbeatIntervalMs,
        int fetchMinBytes,
        int fetchMaxWaitMs,
        int fetchBytesMax,
        int partitionBytesMax,
        boolean isReadCommitted,
        String rackId) {

    public static ConsumerConfig of(ClientConfig client) {
        return new ConsumerConfig(
                client,
                null,
                null,
                GroupProtocol.AUTO,
                OffsetReset.LATEST,
                5_000,
                500,
                300_000,
                45_000,
                3_000,
                1,
                500,
                50 << 20,
                1 << 20,
                false,
                "");
    }

    public ConsumerConfig withGroup(String groupId, GroupProtocol protocol) {
        return new ConsumerConfig(
                client,
                groupId,
                instanceId,
                protocol,
                offsetReset,
                autoCommitIntervalMs,
                pollRecordsMax,
                pollIntervalMsMax,
                sessionTimeoutMs,
                heartbeatIntervalMs,
                fetchMinBytes,
                fetchMaxWaitMs,
                fetchBytesMax,
                partitionBytesMax,
                isReadCommitted,
                rackId);
    }

    public ConsumerConfig withInstanceId(String instanceId) {
        return new ConsumerConfig(
                client,
                groupId,
                instanceId,
                protocol,
                offsetReset,
                autoCommitIntervalMs,
                pollRecordsMax,
                pollIntervalMsMax,
                sessionTimeoutMs,
                heartbeatIntervalMs,
                fetchMinBytes,
                fetchMaxWaitMs,
                fetchBytesMax,
                partitionBytesMax,
                isReadCommitted,
                rackId);
    }

    public ConsumerConfig withOffsetReset(OffsetReset offsetReset) {
        return new ConsumerConfig(
                client,
                groupId,
                instanceId,
                protocol,
                offsetReset,
                autoCommitIntervalMs,
                pollRecordsMax,
                pollIntervalMsMax,
                sessionTimeoutMs,
                heartbeatIntervalMs,
                fetchMinBytes,
                fetchMaxWaitMs,
                fetchBytesMax,
                partitionBytesMax,
                isReadCommitted,
                rackId);
    }

    /// 0 leaves committing to the caller.
    public ConsumerConfig withAutoCommitIntervalMs(int autoCommitIntervalMs) {
        return new ConsumerConfig(
                client,
                groupId,
                instanceId,
                protocol,
                offsetReset,
                autoCommitIntervalMs,
                pollRecordsMax,
                pollIntervalMsMax,
                sessionTimeoutMs,
                heartbeatIntervalMs,
                fetchMinBytes,
                fetchMaxWaitMs,
                fetchBytesMax,
                partitionBytesMax,
                isReadCommitted,
                rackId);
    }

    public ConsumerConfig withPolling(int pollRecordsMax, int pollIntervalMsMax) {
        return new ConsumerConfig(
                client,
                groupId,
                instanceId,
                protocol,
                offsetReset,
                autoCommitIntervalMs,
                pollRecordsMax,
                pollIntervalMsMax,
                sessionTimeoutMs,
                heartbeatIntervalMs,
                fetchMinBytes,
                fetchMaxWaitMs,
                fetchBytesMax,
                partitionBytesMax,
                isReadCommitted,
                rackId);
    }

    public ConsumerConfig withReadCommitted(boolean isReadCommitted) {
        return new ConsumerConfig(
                client,
                groupId,
                instanceId,
                protocol,
                offsetReset,
                autoCommitIntervalMs,
                pollRecordsMax,
                pollIntervalMsMax,
                sessionTimeoutMs,
                heartbeatIntervalMs,
                fetchMinBytes,
                fetchMaxWaitMs,
                fetchBytesMax,
                partitionBytesMax,
                isReadCommitted,
                rackId);
    }
}
