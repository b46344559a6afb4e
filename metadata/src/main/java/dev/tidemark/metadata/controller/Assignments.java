package dev.tidemark.metadata.controller;

import dev.tidemark.metadata.controller.ControllerReply.Outcome;
import dev.tidemark.metadata.image.ClusterImage;
import dev.tidemark.protocol.ErrorCode;
import java.util.HashSet;
import java.util.List;

/// Whether replicas that a client chose by hand can be.
final class Assignments {
    private Assignments() {}

    static Outcome check(List<Integer> replicas, int expectedSize, ClusterImage image) {
        if (replicas.isEmpty()) return refused("A partition's replica list is empty.");
        if (replicas.size() != expectedSize) {
            return refused("All partitions must have the same number of replicas: found " + expectedSize + " and "
                    + replicas.size() + ".");
        }
        if (new HashSet<>(replicas).size() != replicas.size()) {
            return refused("A replica list names a broker twice: " + replicas + ".");
        }
        for (int broker : replicas) {
            if (!image.isAlive(broker)) return refused("Broker " + broker + " of a replica list is not registered.");
        }
        return Outcome.OK;
    }

    private static Outcome refused(String message) {
        return Outcome.refused(ErrorCode.INVALID_REPLICA_ASSIGNMENT, message);
    }
}
