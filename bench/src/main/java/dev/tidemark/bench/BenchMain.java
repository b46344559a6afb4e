package dev.tidemark.bench;

import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// `tidemark bench`: measures Tidemark beside Apache Kafka in one run.
@Command(
        name = "bench",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = "Measures Tidemark and Apache Kafka alternately under the same load and prints the ratios.",
        footer = {
            "",
            "Examples:",
            "  tidemark bench --against kafka                        all rows, 3 rounds, into docs/benchmarks",
            "  tidemark bench --against kafka --quick --rounds 1     a first look in a few minutes",
            "  tidemark bench --rows produce-cpu,consume-cpu         only these rows",
            "  tidemark bench --only tidemark --rows single --profile  one product, with a flight recording"
        })
public final class BenchMain implements Callable<Integer> {
    @Option(names = "--against", defaultValue = "kafka", description = "The other product: kafka.")
    private String against = "kafka";

    @Option(names = "--kafka-version", defaultValue = "4.4.0", description = "Default: ${DEFAULT-VALUE}.")
    private String kafkaVersion = "";

    @Option(names = "--only", description = "Run one product only: kafka or tidemark.")
    private @Nullable String only;

    @Option(names = "--rounds", defaultValue = "3", description = "Default: ${DEFAULT-VALUE}.")
    private int rounds;

    @Option(
            names = "--rows",
            split = ",",
            description = "Only rows whose name starts with one of these, e.g. start,idle,create-1000.")
    private List<String> rows = List.of();

    @Option(names = "--quick", description = "Less work per row; for a first look.")
    private boolean quick;

    @Option(names = "--data", description = "Folder on a disk for the brokers' data. Default: /var/tmp.")
    private @Nullable Path data;

    @Option(names = "--tmpfs", description = "Allow a data folder that lies in memory.")
    private boolean tmpfs;

    @Option(names = "--profile", description = "Record Tidemark with the flight recorder, beside the report.")
    private boolean profile;

    @Option(
            names = "--output",
            description = "Folder of the report. Default: docs/benchmarks for a full run, else bench/target/report.")
    private @Nullable Path output;

    public static void main(String[] args) {
        System.exit(new CommandLine(new BenchMain())
                .setExecutionExceptionHandler((e, commandLine, _) -> {
                    commandLine.getErr().println("bench: " + e.getMessage());
                    return 1;
                })
                .execute(args));
    }

    @Override
    public Integer call() throws Exception {
        if (!against.equals("kafka")) throw new IllegalArgumentException("--against knows only kafka, not " + against);
        if (only != null && !List.of("kafka", "tidemark").contains(only)) {
            throw new IllegalArgumentException("--only takes kafka or tidemark, not " + only);
        }
        BenchPlan plan = new BenchPlan(kafkaVersion, only, rounds, rows, quick, data, tmpfs, profile, output);
        return new BenchRun(plan).run();
    }
}
