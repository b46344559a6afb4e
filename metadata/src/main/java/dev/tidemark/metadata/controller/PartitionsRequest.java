package dev.tidemark.metadata.controller;

import java.util.List;

/// A topic that is to have more partitions.
///
/// @param count how many it is to have in all
/// @param assignments the replicas of each new partition, empty where the controller is to choose
public record PartitionsRequest(String topic, int count, List<List<Integer>> assignments) {}
