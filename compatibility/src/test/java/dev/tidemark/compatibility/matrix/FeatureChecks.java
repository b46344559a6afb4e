package dev.tidemark.compatibility.matrix;

import dev.tidemark.compatibility.driver.Feature;

/// Which check proves which feature.
final class FeatureChecks {
    private FeatureChecks() {}

    static void run(Feature feature, ClientSession session) throws Exception {
        switch (feature) {
            case TOPICS -> AdminChecks.topics(session);
            case PARTITIONS -> AdminChecks.partitions(session);
            case CONFIGS -> AdminChecks.configs(session);
            case RECORDS_NONE -> RecordChecks.bothWays(session, "none");
            case RECORDS_GZIP -> RecordChecks.bothWays(session, "gzip");
            case RECORDS_SNAPPY -> RecordChecks.bothWays(session, "snappy");
            case RECORDS_LZ4 -> RecordChecks.bothWays(session, "lz4");
            case RECORDS_ZSTD -> RecordChecks.bothWays(session, "zstd");
            case HEADERS -> RecordChecks.headersAndNulls(session);
            case TIMESTAMPS -> RecordChecks.timestamps(session);
            case ACKS -> RecordChecks.acks(session);
            case IDEMPOTENCE -> RecordChecks.idempotent(session);
            case TRANSACTIONS -> TransactionChecks.all(session);
            case LARGE_RECORDS -> RecordChecks.large(session);
            case AUTO_CREATION -> RecordChecks.autoCreation(session);
            case OFFSETS -> AdminChecks.offsets(session);
            case TIMES -> AdminChecks.times(session);
            case DELETE_RECORDS -> AdminChecks.deleteRecords(session);
            case COMMITS -> GroupChecks.commits(session);
            case COMMITTED -> GroupChecks.committed(session);
            case REBALANCE_EAGER -> GroupChecks.rebalance(session, "eager");
            case REBALANCE_COOPERATIVE -> GroupChecks.rebalance(session, "cooperative");
            case REBALANCE_CONSUMER -> GroupChecks.rebalance(session, "consumer");
            case STATIC_MEMBERS -> GroupChecks.staticMember(session, "eager");
            case STATIC_MEMBERS_CONSUMER -> GroupChecks.staticMember(session, "consumer");
            case MIGRATION -> GroupChecks.migration(session);
            case PATTERNS -> GroupChecks.pattern(session);
            case GROUPS -> GroupChecks.describe(session, true);
            case GROUPS_READ -> GroupChecks.describe(session, false);
        }
    }
}
