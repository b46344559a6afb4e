package dev.tidemark.bench.load;

import dev.tidemark.bench.broker.JavaHome;
import dev.tidemark.bench.broker.MavenFolder;
import dev.tidemark.bench.broker.ProjectRoot;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Kafka's own perf tools, `kafka-producer-perf-test` and `kafka-consumer-perf-test`, on kafka-clients 4.4.0.
public final class PerfTools {
    private static final Pattern RECORDS_PER_SECOND = Pattern.compile("(\\d+) records sent, ([0-9.]+) records/sec");
    private static final String TOOLS_PACKAGE = "org.apache.kafka.tools.";

    private final String classPath;

    private PerfTools(String classPath) {
        this.classPath = classPath;
    }

    /// Fetches the tools into `bench/target` on the first use.
    public static PerfTools resolve(String clientsVersion) throws IOException, InterruptedException {
        Path bench = ProjectRoot.find().resolve("bench");
        return new PerfTools(MavenFolder.classPath(
                bench.resolve("tools/pom.xml"),
                bench.resolve("target/tools-" + clientsVersion),
                Map.of("kafka.clients.version", clientsVersion)));
    }

    /// @param properties of the producer, over its defaults
    /// @return records per second
    public double produce(String bootstrap, String topic, long records, int recordBytes, Map<String, String> properties)
            throws IOException, InterruptedException {
        List<String> arguments = new ArrayList<>(List.of(
                "--bootstrap-server",
                bootstrap,
                "--topic",
                topic,
                "--num-records",
                String.valueOf(records),
                "--record-size",
                String.valueOf(recordBytes),
                "--throughput",
                "-1",
                "--command-property"));
        properties.forEach((key, value) -> arguments.add(key + "=" + value));
        return lastRate(run("ProducerPerformance", arguments), records);
    }

    /// @return records per second from the first fetch on, without the time to join the group
    public double consume(String bootstrap, String topic, long records) throws IOException, InterruptedException {
        String printed = run(
                "ConsumerPerformance",
                List.of(
                        "--bootstrap-server",
                        bootstrap,
                        "--topic",
                        topic,
                        "--num-records",
                        String.valueOf(records),
                        "--timeout",
                        "60000",
                        "--hide-header"));
        String[] fields = printed.strip().lines().toList().getLast().split(", ");
        if (fields.length != 10 || Long.parseLong(fields[4]) < records) {
            throw new IOException("did not consume " + records + " records:\n" + printed);
        }
        return Double.parseDouble(fields[9]);
    }

    private String run(String tool, List<String> arguments) throws IOException, InterruptedException {
        // The heap of kafka-run-class.sh's tools, doubled: 500 partitions of 16 KiB batches and 32 MB of buffer.
        List<String> command =
                new ArrayList<>(List.of(JavaHome.java(), "-Xmx512M", "-cp", classPath, TOOLS_PACKAGE + tool));
        command.addAll(arguments);
        return ToolProcess.run(command);
    }

    static double lastRate(String printed, long records) throws IOException {
        Matcher matcher = RECORDS_PER_SECOND.matcher(printed);
        double rate = -1;
        while (matcher.find()) {
            if (Long.parseLong(matcher.group(1)) == records) rate = Double.parseDouble(matcher.group(2));
        }
        if (rate < 0 || printed.contains("Exception")) {
            throw new IOException("did not produce " + records + " records:\n" + printed);
        }
        return rate;
    }
}
