package dev.tidemark.compatibility.matrix;

import dev.tidemark.bench.broker.ProjectRoot;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Assumptions;

/// What came out of every check of this run, in the order in which they ran: the tables of `docs/compatibility.md`.
///
/// Every run writes them to `target/compatibility.md`; `-Dcompatibility.write=true` writes the page in `docs` too.
public final class Outcomes {
    private static final String PASSED = "✓";
    private static final String FAILED = "✗";
    private static final String SKIPPED = "skipped";
    private static final String ABSENT = "–";

    private static final Outcomes OF_THIS_RUN = new Outcomes();

    private final Map<String, String> versions = new LinkedHashMap<>();
    private final Map<String, Map<String, String>> matrix = new LinkedHashMap<>();
    private final Map<String, String> tools = new LinkedHashMap<>();
    /// As it was before the page was written, which changes the tree.
    private @Nullable String broker;

    public static Outcomes ofThisRun() {
        return OF_THIS_RUN;
    }

    /// A skip is a failure where `CI=true`: there everything must be installed.
    public static void requirePresent(String missing) {
        if ("true".equals(System.getenv("CI"))) Assertions.fail("skipped, which CI does not allow: " + missing);
        Assumptions.abort("skipped: " + missing);
    }

    synchronized void version(String client, String version) {
        versions.put(client, version);
    }

    synchronized void skipped(String feature, String client) {
        put(feature, client, SKIPPED);
    }

    private void put(String feature, String client, String outcome) {
        matrix.computeIfAbsent(feature, _ -> new LinkedHashMap<>()).put(client, outcome);
    }

    /// Runs a check of the matrix and notes how it ended.
    void check(String feature, String client, Callable<?> check) throws Exception {
        boolean passed = false;
        try {
            check.call();
            passed = true;
        } finally {
            synchronized (this) {
                put(feature, client, passed ? PASSED : FAILED);
            }
        }
    }

    /// The same for a tool or a whole job, which has a line of its own.
    public void check(String tool, Callable<?> check) throws Exception {
        boolean passed = false;
        try {
            check.call();
            passed = true;
        } finally {
            synchronized (this) {
                tools.put(tool, passed ? PASSED : FAILED);
            }
        }
    }

    public synchronized void write(String brokerNow) throws IOException {
        if (broker == null) broker = brokerNow;
        Path root = ProjectRoot.find();
        Path target = root.resolve("compatibility/target/compatibility.md");
        Files.createDirectories(target.getParent());
        Files.writeString(target, toMarkdown());
        if (Boolean.getBoolean("compatibility.write")) {
            Files.writeString(root.resolve("docs/compatibility.md"), toMarkdown());
        }
    }

    private String toMarkdown() {
        StringBuilder text = new StringBuilder("# Compatibility\n\n");
        text.append("Other people's clients on a running broker, one test for each cell, from a run on ");
        text.append(broker)
                .append(". ✓ passed, ✗ failed, – the client has no such thing. kafka-clients 4.4.0 stands at ");
        text.append("the other end of each check.\n\n");
        text.append("Written by `./mvnw -pl compatibility verify -Dcompatibility.write=true`; ");
        text.append("`-Dcompatibility.broker=kafka` runs the same tests on Apache Kafka 4.4.0.\n\n");
        if (!versions.isEmpty()) appendMatrix(text);
        if (!tools.isEmpty()) appendTools(text);
        return text.toString();
    }

    private void appendMatrix(StringBuilder text) {
        List<String> clients = new ArrayList<>(versions.keySet());
        text.append("| |");
        clients.forEach(client -> text.append(' ').append(client).append(" |"));
        text.append("\n|---|").append(":-:|".repeat(clients.size())).append("\n| version |");
        clients.forEach(client -> text.append(' ').append(versions.get(client)).append(" |"));
        text.append('\n');
        matrix.forEach((feature, outcomes) -> {
            text.append("| ").append(feature).append(" |");
            clients.forEach(client -> text.append(' ')
                    .append(outcomes.getOrDefault(client, ABSENT))
                    .append(" |"));
            text.append('\n');
        });
    }

    private void appendTools(StringBuilder text) {
        text.append("\n## Apache's console tools (4.3.1) and whole jobs\n\n| | |\n|---|:-:|\n");
        tools.forEach((tool, outcome) ->
                text.append("| ").append(tool).append(" | ").append(outcome).append(" |\n"));
    }
}
