package dev.tidemark.metadata.controller;

import dev.tidemark.metadata.controller.ControllerInput.FeatureUpdate;
import dev.tidemark.metadata.controller.ControllerInput.UpdateFeatures;
import dev.tidemark.metadata.controller.ControllerInput.UpgradeType;
import dev.tidemark.metadata.controller.ControllerReply.FeatureOutcome;
import dev.tidemark.metadata.controller.ControllerReply.FeaturesUpdated;
import dev.tidemark.metadata.controller.ControllerReply.Outcome;
import dev.tidemark.metadata.image.BrokerRegistration;
import dev.tidemark.metadata.image.ClusterImage;
import dev.tidemark.metadata.image.FeatureRange;
import dev.tidemark.metadata.image.FeaturesImage;
import dev.tidemark.metadata.image.MetadataChange;
import dev.tidemark.protocol.ErrorCode;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.pcollections.TreePMap;

/// Decides [UpdateFeatures] (KIP-584): all of the updates, or none of them.
final class FeatureUpdater {
    private final ClusterImage image;

    FeatureUpdater(ClusterImage image) {
        this.image = image;
    }

    Decision decide(UpdateFeatures input) {
        FeaturesImage before = image.features();
        SortedMap<String, FeatureRange> finalized = new TreeMap<>(before.finalized());
        List<FeatureOutcome> outcomes = new ArrayList<>(input.updates().size());
        Set<String> seen = new HashSet<>();
        boolean ok = true;
        for (FeatureUpdate update : input.updates()) {
            Outcome outcome = seen.add(update.feature())
                    ? check(update, before.level(update.feature()))
                    : Outcome.refused(ErrorCode.INVALID_REQUEST, "The feature is named more than once.");
            ok &= outcome.isOk();
            outcomes.add(new FeatureOutcome(update.feature(), outcome));
            if (update.level() == 0) finalized.remove(update.feature());
            else finalized.put(update.feature(), new FeatureRange(update.level(), update.level()));
        }
        boolean written = ok && !input.validateOnly() && !finalized.equals(before.finalized());
        FeaturesImage after = new FeaturesImage(TreePMap.from(finalized), before.epoch() + 1);
        return Decision.of(
                written ? List.of(new MetadataChange.FeaturesChanged(after)) : List.of(),
                new FeaturesUpdated(List.copyOf(outcomes)));
    }

    private Outcome check(FeatureUpdate update, int now) {
        if (update.feature().isEmpty()) {
            return Outcome.refused(ErrorCode.INVALID_REQUEST, "A feature's name cannot be empty.");
        }
        if (update.level() < 0 || update.level() > Short.MAX_VALUE) {
            return refused(update, "a feature's level is between 0 and " + Short.MAX_VALUE);
        }
        if (update.type() == UpgradeType.UPGRADE && update.level() < now) {
            return refused(update, "it is at " + now + ", and the request does not allow a downgrade");
        }
        if (update.type() != UpgradeType.UPGRADE && update.level() > now) {
            return refused(update, "it is at " + now + ", and the request is for a downgrade");
        }
        if (update.level() == 0) return Outcome.OK;
        for (BrokerRegistration broker : image.brokers().values()) {
            FeatureRange range = broker.features().get(update.feature());
            if (range == null) return refused(update, "broker " + broker.id() + " does not support this feature");
            if (update.level() < range.minVersion() || update.level() > range.maxVersion()) {
                return refused(
                        update,
                        "broker " + broker.id() + " supports " + range.minVersion() + " to " + range.maxVersion());
            }
        }
        return Outcome.OK;
    }

    private static Outcome refused(FeatureUpdate update, String why) {
        return Outcome.refused(
                ErrorCode.INVALID_UPDATE_VERSION,
                "Feature '" + printable(update.feature()) + "' cannot be set to " + update.level() + ": " + why + ".");
    }

    private static String printable(String name) {
        String shown = name.length() <= 100 ? name : name.substring(0, 100) + "…";
        return shown.replaceAll("\\p{Cntrl}", "?");
    }
}
