package dev.tidemark.metadata.control;

import dev.tidemark.metadata.controller.ControllerSettings;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.LongPredicate;

/// What a broker brings to the control plane.
///
/// @param brokerId its id
/// @param expectedClusterId the cluster that its data folders belong to, where they belong to one already
/// @param newClusterId the id that a new cluster gets
/// @param ownPastSession whether a store session was certainly one of an earlier process of this same broker, so that
///     its ephemeral nodes may be removed at once instead of being waited for
/// @param hostsStoreLeader whether the store's leader runs in this broker's process, so that both would die together
/// @param registrationWaitMs how long to wait for another session's registration under this broker's id to go
public record ControlPlaneSettings(
        int brokerId,
        Optional<String> expectedClusterId,
        String newClusterId,
        LongPredicate ownPastSession,
        BooleanSupplier hostsStoreLeader,
        long registrationWaitMs,
        ControllerSettings controller) {}
