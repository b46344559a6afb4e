package dev.tidemark.simulator.client;

import dev.tidemark.protocol.ApiKey;

/// How clients take part in transactions: as those before 4.0, which tell the coordinator first what is to be a part,
/// and keep their epoch from one transaction to the next; or as newer ones (KIP-890).
public enum TransactionVersion {
    ONE,
    TWO;

    /// The highest version of a request that such a client knows, where the brokers know higher ones.
    short highest(ApiKey api) {
        if (this == TWO) return Short.MAX_VALUE;
        return switch (api) {
            case ADD_PARTITIONS_TO_TXN -> 3;
            case END_TXN, TXN_OFFSET_COMMIT -> 4;
            case PRODUCE -> 11;
            default -> Short.MAX_VALUE;
        };
    }
}
