package dev.tidemark.simulator.fault;

/// Which kinds of faults a scenario may have.
public enum Theme {
    ANY,
    NONE,
    /// Processes end, stop and wait.
    PROCESS,
    NETWORK,
    POWER,
    DISK,
    STORE,
    /// Administrators at work while processes end and paths break.
    ADMIN;

    public boolean has(Fault fault) {
        return switch (this) {
            case ANY -> true;
            case NONE -> false;
            case PROCESS ->
                fault == Fault.KILL
                        || fault == Fault.KILL_ALL
                        || fault == Fault.ROLL
                        || fault == Fault.PAUSE
                        || fault == Fault.LAG_KILL
                        || fault == Fault.CONTROLLER_FLAP;
            case NETWORK ->
                fault == Fault.PARTITION
                        || fault == Fault.CLIENT_PARTITION
                        || fault == Fault.HALF_OPEN
                        || fault == Fault.LATE
                        || fault == Fault.RESET
                        || fault == Fault.SLOW;
            case POWER -> fault == Fault.POWER_CUT || fault == Fault.CORRUPT || fault == Fault.KILL;
            case DISK ->
                fault == Fault.DISK_STALL
                        || fault == Fault.DISK_ERROR
                        || fault == Fault.DISK_FULL
                        || fault == Fault.KILL;
            case STORE ->
                fault == Fault.STORE_SESSION
                        || fault == Fault.STORE_QUORUM
                        || fault == Fault.STORE_LEADER
                        || fault == Fault.STORE_SLOW
                        || fault == Fault.PAUSE;
            case ADMIN -> fault == Fault.ADMIN || fault == Fault.KILL || fault == Fault.PARTITION;
        };
    }

    /// A seed takes one in so many of them.
    public int oneIn() {
        return this == ANY ? 3 : 2;
    }
}
