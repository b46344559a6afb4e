package dev.tidemark.compatibility.driver;

/// What a client may offer, in the words of the table.
public enum Feature {
    TOPICS("create, list and delete topics"),
    PARTITIONS("add partitions"),
    CONFIGS("read and change a topic's configuration"),
    RECORDS_NONE("records both ways, uncompressed"),
    RECORDS_GZIP("records both ways, gzip"),
    RECORDS_SNAPPY("records both ways, snappy"),
    RECORDS_LZ4("records both ways, lz4"),
    RECORDS_ZSTD("records both ways, zstd"),
    HEADERS("headers, null keys and null values"),
    TIMESTAMPS("timestamps set by the producer"),
    ACKS("acks 0, 1 and all"),
    IDEMPOTENCE("idempotent producer"),
    TRANSACTIONS("transactions: commit, abort, offsets, fencing, read_committed"),
    LARGE_RECORDS("records of 900 kB, and the refusal of 1.5 MB"),
    AUTO_CREATION("topic made by its first use"),
    OFFSETS("earliest and latest offsets"),
    TIMES("offset of a timestamp"),
    DELETE_RECORDS("delete records"),
    COMMITS("group goes on where it committed"),
    COMMITTED("read committed offsets"),
    REBALANCE_EAGER("group with an eager rebalance"),
    REBALANCE_COOPERATIVE("group with a cooperative rebalance"),
    REBALANCE_CONSUMER("group of the consumer protocol (KIP-848)"),
    STATIC_MEMBERS("static member comes back without a rebalance"),
    STATIC_MEMBERS_CONSUMER("the same, in the consumer protocol"),
    MIGRATION("live group moves to the consumer protocol and back"),
    PATTERNS("subscription to a pattern notices a new topic"),
    GROUPS("list, describe and delete groups"),
    GROUPS_READ("list and describe groups");

    private final String title;

    Feature(String title) {
        this.title = title;
    }

    public String title() {
        return title;
    }
}
