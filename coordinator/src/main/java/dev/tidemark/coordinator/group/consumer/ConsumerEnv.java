package dev.tidemark.coordinator.group.consumer;

import dev.tidemark.coordinator.group.GroupCoordinatorConfig;
import dev.tidemark.coordinator.group.GroupSettings;
import dev.tidemark.coordinator.group.MetadataView;

/// What a decision on a consumer group may look at besides the group.
///
/// @param nowMs wall clock
public record ConsumerEnv(
        String groupId, MetadataView metadata, GroupCoordinatorConfig config, GroupSettings settings, long nowMs) {}
