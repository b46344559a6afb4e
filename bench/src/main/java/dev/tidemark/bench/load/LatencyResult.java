package dev.tidemark.bench.load;

import dev.tidemark.bench.broker.JavaHome;
import java.io.IOException;
import java.util.List;
import org.HdrHistogram.Histogram;

/// Percentiles in milliseconds: of send to acknowledgement, and of send to the consumer's `poll` that returns it.
public record LatencyResult(
        double produceP50,
        double produceP99,
        double produceP999,
        double endToEndP50,
        double endToEndP99,
        double endToEndP999) {
    private static final String PREFIX = "latency-ms ";

    /// Runs the probe in a JVM of its own, on the class path of this one.
    public static LatencyResult measure(
            String bootstrap, String topic, String acks, int perSecond, int warmupSeconds, int measuredSeconds)
            throws IOException, InterruptedException {
        String printed = ToolProcess.run(List.of(
                JavaHome.java(),
                "-Xmx256M",
                "-cp",
                System.getProperty("java.class.path"),
                LatencyProbe.class.getName(),
                bootstrap,
                topic,
                acks,
                String.valueOf(perSecond),
                String.valueOf(warmupSeconds),
                String.valueOf(measuredSeconds)));
        return printed.lines()
                .filter(line -> line.startsWith(PREFIX))
                .findFirst()
                .map(LatencyResult::ofLine)
                .orElseThrow(() -> new IOException("the probe gave no result:\n" + printed));
    }

    static LatencyResult of(Histogram produce, Histogram endToEnd) {
        return new LatencyResult(
                produce.getValueAtPercentile(50) / 1000.0,
                produce.getValueAtPercentile(99) / 1000.0,
                produce.getValueAtPercentile(99.9) / 1000.0,
                endToEnd.getValueAtPercentile(50) / 1000.0,
                endToEnd.getValueAtPercentile(99) / 1000.0,
                endToEnd.getValueAtPercentile(99.9) / 1000.0);
    }

    String toLine() {
        return PREFIX + produceP50 + " " + produceP99 + " " + produceP999 + " " + endToEndP50 + " " + endToEndP99 + " "
                + endToEndP999;
    }

    static LatencyResult ofLine(String line) {
        String[] f = line.substring(PREFIX.length()).split(" ");
        return new LatencyResult(
                Double.parseDouble(f[0]),
                Double.parseDouble(f[1]),
                Double.parseDouble(f[2]),
                Double.parseDouble(f[3]),
                Double.parseDouble(f[4]),
                Double.parseDouble(f[5]));
    }
}
