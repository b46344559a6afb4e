package dev.tidemark.compatibility.transaction;

/// What may happen to an application and the brokers that it works with.
enum Fault {
    /// kill -9 of a process of the application.
    APPLICATION,
    /// kill -9 of the broker that coordinates its transactions.
    COORDINATOR,
    /// A stop of that broker that hands the coordinator over to another one.
    COORDINATOR_STOP,
    /// kill -9 of the broker that coordinates its group.
    GROUP_COORDINATOR,
    /// kill -9 of the leader of a partition that it writes.
    OUTPUT_LEADER,
    /// kill -9 of any broker.
    BROKER
}
