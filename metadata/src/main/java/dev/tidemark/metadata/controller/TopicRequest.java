package dev.tidemark.metadata.controller;

import dev.tidemark.base.Uuid;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/// A topic to be created.
///
/// @param id the new topic's id, chosen by the caller; it also tells a repetition of the same wish from a second wish
/// @param partitions [#DEFAULT] for the cluster's default or where `assignments` says it
/// @param replicationFactor [#DEFAULT] for the cluster's default or where `assignments` says it
/// @param assignments the replicas of each partition, empty where the controller is to choose
/// @param configs the topic's own configs; a null value is refused
public record TopicRequest(
        String name,
        Uuid id,
        int partitions,
        int replicationFactor,
        SortedMap<Integer, List<Integer>> assignments,
        SortedMap<String, String> configs) {

    public static final int DEFAULT = -1;

    public static TopicRequest of(String name, Uuid id, int partitions, int replicationFactor) {
        return new TopicRequest(name, id, partitions, replicationFactor, new TreeMap<>(), new TreeMap<>());
    }
}
