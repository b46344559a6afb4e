package dev.tidemark.compatibility.matrix;

import dev.tidemark.bench.broker.ProjectRoot;
import dev.tidemark.compatibility.Reference;
import dev.tidemark.compatibility.driver.Feature;
import dev.tidemark.compatibility.driver.ForeignClient;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicContainer;
import org.junit.jupiter.api.DynamicNode;
import org.junit.jupiter.api.DynamicTest;

/// The tests of all clients: a container for each, in it a test for each feature that it offers.
public final class ClientMatrix {
    private ClientMatrix() {}

    /// `-Dcompatibility.clients=kcat,kafkajs` runs only these, `-Dcompatibility.features=acks` only features so named.
    public static Stream<DynamicNode> of(List<ForeignClient> clients, String bootstrap) {
        List<String> wanted =
                List.of(System.getProperty("compatibility.clients", "").split(","));
        return clients.stream()
                .filter(client -> wanted.stream().anyMatch(client.name()::contains))
                .map(client -> DynamicContainer.dynamicContainer(client.name(), tests(client, bootstrap)));
    }

    private static Stream<DynamicNode> tests(ForeignClient client, String bootstrap) {
        String wanted = System.getProperty("compatibility.features", "");
        List<Feature> features = client.features().stream()
                .filter(feature ->
                        feature.name().toLowerCase(java.util.Locale.ROOT).contains(wanted))
                .toList();
        if (client.missing().isPresent()) return features.stream().map(feature -> absent(client, feature));
        Path logs = ProjectRoot.find().resolve("compatibility/target");
        Reference reference = new Reference(bootstrap);
        ClientSession session = new ClientSession(client, bootstrap, logs, reference);
        List<DynamicNode> tests = new ArrayList<>();
        tests.add(DynamicTest.dynamicTest(
                client.name() + ": starts", () -> Outcomes.ofThisRun().version(client.name(), session.version())));
        features.forEach(feature -> tests.add(DynamicTest.dynamicTest(
                client.name() + ": " + feature.title(),
                () -> Outcomes.ofThisRun().check(feature.title(), client.name(), () -> {
                    FeatureChecks.run(feature, session);
                    return true;
                }))));
        return tests.stream().onClose(() -> {
            session.close();
            reference.close();
        });
    }

    private static DynamicNode absent(ForeignClient client, Feature feature) {
        return DynamicTest.dynamicTest(client.name() + ": " + feature.title(), () -> {
            Outcomes.ofThisRun().skipped(feature.title(), client.name());
            Outcomes.requirePresent(client.missing().orElseThrow());
        });
    }
}
