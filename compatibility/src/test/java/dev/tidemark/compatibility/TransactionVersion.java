package dev.tidemark.compatibility;

import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.FeatureUpdate;
import org.apache.kafka.clients.admin.FeatureUpdate.UpgradeType;
import org.apache.kafka.clients.admin.UpdateFeaturesOptions;

/// The feature `transaction.version` of a cluster: 2 (KIP-890), or 1, as clients before 4.0 speak it.
public final class TransactionVersion {
    private TransactionVersion() {}

    /// Producers that are made from now on speak so.
    public static void speak(Admin admin, int version) throws ExecutionException, InterruptedException {
        UpgradeType type = version == 2 ? UpgradeType.UPGRADE : UpgradeType.SAFE_DOWNGRADE;
        admin.updateFeatures(
                        Map.of("transaction.version", new FeatureUpdate((short) version, type)),
                        new UpdateFeaturesOptions())
                .all()
                .get();
    }
}
