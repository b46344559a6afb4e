package dev.tidemark.bench.load;

import java.io.IOException;
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
        return ofLine(ProbeProcess.run(
                LatencyProbe.class, PREFIX, bootstrap, topic, acks, perSecond, warmupSeconds, measuredSeconds));
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
