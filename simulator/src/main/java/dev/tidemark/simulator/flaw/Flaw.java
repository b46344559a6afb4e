package dev.tidemark.simulator.flaw;

/// A bug that somebody could make, as it shows at a broker's seams.
public enum Flaw {
    NONE,
    /// A leader answers acks=all once it has the records itself.
    ACKS_BEFORE_REPLICATION,
    /// A follower's log is not cut where it departs from its leader's.
    NO_TRUNCATION_BY_EPOCH,
    /// A leader takes another ISR for agreed without the controller.
    ISR_WITHOUT_CONTROLLER,
    /// A controller's writes check neither its epoch nor versions.
    CONTROLLER_WITHOUT_FENCE,
    /// A broker does not say that it was not stopped cleanly.
    UNCLEAN_STOP_UNTOLD,
    /// The disk says that it has forced what it has not.
    FORCE_LIES,
    /// Sequences of producers are not looked at.
    SEQUENCES_IGNORED,
    /// A coordinator answers a commit before its log has it on all replicas.
    COMMIT_BEFORE_REPLICATION,
    /// A follower says that it has what it has not written yet, so that the high watermark gets above the ISR.
    HIGH_WATERMARK_ABOVE_ISR,
    /// A broker that leads no more answers a produce as if it did.
    STALE_LEADER_SERVES,
    /// A marker that comes late closes a later transaction of its producer.
    LATE_MARKER_TAKEN,
    /// A coordinator takes the markers for written that it sends to other brokers.
    MARKERS_LOST,
    /// A reader of committed records is not told what was aborted.
    ABORTED_SHOWN,
    /// A producer that was put out is taken for the one that put it out.
    FENCED_PRODUCER_ACCEPTED,
    /// The offsets of a transaction are committed, and its output on other brokers is aborted.
    OFFSETS_WITHOUT_OUTPUT,
    /// A heartbeat of a group's member is taken that was sent over a connection which the member has given up.
    LATE_HEARTBEAT_TAKEN,
    /// Compaction takes the keys of different records for one.
    KEYS_TAKEN_FOR_ONE
}
