package dev.tidemark.dist.cli;

/// What `tidemark start` calls: runs a broker in this process.
@FunctionalInterface
public interface BrokerStarter {
    /// Returns when the broker has stopped, with the process's exit code.
    int run(BrokerStart start);
}
