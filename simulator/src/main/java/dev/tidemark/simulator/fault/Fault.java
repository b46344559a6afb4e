package dev.tidemark.simulator.fault;

/// Kinds of faults; the names are those of the list of faults to survive.
public enum Fault {
    /// `kill -9` of one broker, and its start after a while.
    KILL,
    /// Of all brokers.
    KILL_ALL,
    /// A clean stop and start, of one after the other without waiting.
    ROLL,
    /// SIGSTOP, shorter or longer than the session timeout.
    PAUSE,
    /// Nobody can copy from a broker that clients still reach; then it is killed.
    LAG_KILL,
    /// The controller is killed, and its successor, and theirs, within a session timeout.
    CONTROLLER_FLAP,
    /// One broker is cut from the others, or one way only; what was sent arrives late.
    PARTITION,
    /// A client is cut from a broker.
    CLIENT_PARTITION,
    /// A connection stands and is silent.
    HALF_OPEN,
    /// One connection stalls; what was sent over it arrives after what was sent over a later one.
    LATE,
    /// A connection breaks.
    RESET,
    /// A path is slow.
    SLOW,
    /// A machine loses its power, and the disk what was not forced.
    POWER_CUT,
    /// Of a broker that was killed, the tails of logs are gone or garbage, or files that can be made anew are gone or
    /// empty.
    CORRUPT,
    /// The disk stalls for seconds.
    DISK_STALL,
    /// The disk refuses to work, for a while.
    DISK_ERROR,
    /// The disk is full, for a while.
    DISK_FULL,
    /// A wall clock jumps.
    CLOCK_JUMP,
    /// A session with the store ends, or the way to the store is cut.
    STORE_SESSION,
    /// The store's ensemble loses its majority, for seconds.
    STORE_QUORUM,
    /// The controller is killed, and while another takes over the store's ensemble changes its leader: all are
    /// disconnected for a moment, and what they were writing is done or not.
    STORE_LEADER,
    /// What the store tells comes late, or its answer to a write is lost.
    STORE_SLOW,
    /// Administrators move partitions and take that back, elect the preferred leaders, delete a topic and make it anew,
    /// and change configurations, while the rest goes on; sometimes the leader of what moves is killed.
    ADMIN;

    /// Whether it makes sense in a cluster of so many.
    public boolean worksWith(int brokers) {
        return switch (this) {
            case PARTITION, ROLL, LAG_KILL, CONTROLLER_FLAP, STORE_LEADER -> brokers > 1;
            case KILL,
                    KILL_ALL,
                    PAUSE,
                    CLIENT_PARTITION,
                    HALF_OPEN,
                    LATE,
                    RESET,
                    SLOW,
                    POWER_CUT,
                    CORRUPT,
                    DISK_STALL,
                    DISK_ERROR,
                    DISK_FULL,
                    CLOCK_JUMP,
                    STORE_SESSION,
                    STORE_QUORUM,
                    STORE_SLOW,
                    ADMIN -> true;
        };
    }
}
