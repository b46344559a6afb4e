package dev.tidemark.coordinator.runtime;

/// What a shard's machine has to tell other parts of the cluster. What becomes of a message
/// comes back as an input.
public interface Outbox {
    /// For machines that have nothing to tell.
    Outbox NONE = (_, _, _) -> {};

    /// Immutable.
    interface Message {}

    /// Called in the shard's serial, when what the message follows from is committed: must be quick and must not
    /// block. The message is lost when this broker goes; the machine gives it again after a load.
    ///
    /// @param leaderEpoch in which the shard is led
    void send(int leaderEpoch, String key, Message message);
}
