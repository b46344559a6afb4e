package dev.tidemark.bench;

import dev.tidemark.bench.broker.ApacheKafka;
import dev.tidemark.bench.broker.BrokerUnderTest;
import dev.tidemark.bench.broker.TempFolder;
import dev.tidemark.bench.broker.Tidemark;
import dev.tidemark.bench.load.PerfTools;
import dev.tidemark.bench.report.Machine;
import dev.tidemark.bench.report.Report;
import dev.tidemark.bench.report.ReportFiles;
import dev.tidemark.bench.report.Row;
import dev.tidemark.bench.report.Samples;
import dev.tidemark.bench.scenario.Profiler;
import dev.tidemark.bench.scenario.Scenario;
import dev.tidemark.bench.scenario.Stage;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/// One run: rounds of scenarios, each on both products one right after the other, the first of them in turns, so that
/// a machine that gets slower or busier does so for both.
final class BenchRun {
    private static final String CLIENTS_VERSION = "4.4.0";

    private final BenchPlan plan;
    private final Set<Row> wanted;
    private final Map<BrokerUnderTest, Samples> samples = new LinkedHashMap<>();
    private final List<String> failures = new ArrayList<>();

    BenchRun(BenchPlan plan) {
        this.plan = plan;
        this.wanted = plan.wantedRows();
    }

    int run() throws IOException, InterruptedException {
        PerfTools tools = PerfTools.resolve(CLIENTS_VERSION);
        if (plan.runs("kafka")) samples.put(ApacheKafka.version(plan.kafkaVersion()), new Samples());
        if (plan.runs("tidemark")) samples.put(Tidemark.ofThisTree(), new Samples());
        Map<String, String> facts;
        try (TempFolder data = TempFolder.create(plan.data(), "tidemark-bench-")) {
            data.requireDisk(plan.sizes().diskBytes(), plan.tmpfs());
            facts = facts(data.path());
            for (int round = 1; round <= plan.rounds(); round++) runRound(round, data.path(), tools);
        }
        Report report = report(facts);
        ReportFiles.write(report, plan.reportFolder());
        System.out.println(report.toText());
        System.out.println("Report: " + plan.reportFolder().resolve("latest.md"));
        return failures.isEmpty() ? 0 : 1;
    }

    private void runRound(int round, Path data, PerfTools tools) throws IOException, InterruptedException {
        for (Scenario scenario : Scenario.all()) {
            if (Collections.disjoint(scenario.rows(), wanted)) continue;
            List<BrokerUnderTest> order = new ArrayList<>(samples.keySet());
            if (round % 2 == 0) Collections.reverse(order);
            for (BrokerUnderTest product : order) runScenario(round, scenario, product, data, tools);
        }
    }

    private void runScenario(int round, Scenario scenario, BrokerUnderTest product, Path data, PerfTools tools)
            throws IOException, InterruptedException {
        Path folder = data.resolve(product.name() + "-" + scenario.name() + "-" + round);
        boolean profiled = plan.profile() && product.name().equals("tidemark");
        Profiler profiler = new Profiler(profiled ? plan.reportFolder().resolve("profile-" + round) : null);
        Samples into = samples.getOrDefault(product, new Samples());
        long startNs = System.nanoTime();
        System.err.printf("round %d of %d: %s on %s … ", round, plan.rounds(), scenario.name(), product.name());
        try {
            scenario.run(new Stage(product, folder, tools, plan.sizes(), wanted, into, profiler));
            System.err.printf("%d s%n", (System.nanoTime() - startNs) / 1_000_000_000);
        } catch (IOException | RuntimeException e) {
            // The other rows are worth having all the same.
            System.err.println("failed: " + cause(e));
            failures.add(scenario.name() + " on " + product.name() + ": " + cause(e));
        } finally {
            if (!scenario.keepsFolder()) TempFolder.delete(folder);
        }
    }

    /// What is to be told of a failure at once: its first lines, and the kind where it has no text.
    private static String cause(Exception failure) {
        String message = failure.getMessage();
        if (message == null || message.isBlank()) return failure.toString();
        return message.lines().limit(12).collect(Collectors.joining("\n    "));
    }

    private Map<String, String> facts(Path data) throws IOException {
        Map<String, String> facts = new HashMap<>(Machine.facts(data));
        samples.keySet().forEach(product -> facts.put("broker " + product.name(), product.version()));
        facts.put("load", "Kafka's perf tools 4.3.1 on kafka-clients " + CLIENTS_VERSION + ", beside the broker");
        facts.put("sizes", plan.sizes().toString());
        if (plan.quick()) {
            facts.put(
                    "quick run",
                    "less work for each row, and a compiler that is still warming up; before the kill -9 only "
                            + plan.sizes().restartRecords() / 1000 + " MB are written");
        }
        return facts;
    }

    private Report report(Map<String, String> facts) {
        Map<String, Samples> byName = new TreeMap<>();
        samples.forEach((product, values) -> byName.put(product.name(), values));
        return new Report(
                Instant.now(),
                byName.getOrDefault("kafka", new Samples()),
                byName.getOrDefault("tidemark", new Samples()),
                facts,
                plan.command(),
                plan.rounds(),
                List.copyOf(failures));
    }
}
