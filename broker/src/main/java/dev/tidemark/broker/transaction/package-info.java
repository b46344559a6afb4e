/// Transactions in the broker: the coordinator's APIs and log, markers on their way into partitions, and the question
/// whether a producer's transaction is open.
@NullMarked
package dev.tidemark.broker.transaction;

import org.jspecify.annotations.NullMarked;
