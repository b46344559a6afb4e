package dev.tidemark.base.config;

/// Why a key of Kafka's is accepted but changes nothing here.
public enum NoEffect {
    KRAFT("it belongs to KRaft, and Tidemark's control plane is ZooKeeper"),
    FOLDER_MOVES("replicas are not moved between the folders of a broker yet"),
    SECURITY("TLS, SASL and authorization are not there yet"),
    QUOTAS("quotas are not there yet"),
    TIERED_STORAGE("tiered storage is not there yet"),
    SHARE_GROUPS("share groups are not there yet"),
    STREAMS_GROUPS("streams groups are not there yet"),
    PLUGINS("classes of others are not loaded"),
    METRICS("metrics are not there yet"),
    BUILT_OTHERWISE("what it tunes in Kafka is built otherwise here"),
    OLD_KAFKA("Kafka itself has dropped it");

    private final String reason;

    NoEffect(String reason) {
        this.reason = reason;
    }

    public String reason() {
        return reason;
    }
}
