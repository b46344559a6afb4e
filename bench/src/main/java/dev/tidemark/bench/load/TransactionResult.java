package dev.tidemark.bench.load;

import java.io.IOException;

/// @param perSecond transactions
/// @param commitP99 milliseconds that the call to commit takes, with what is still to be sent
public record TransactionResult(double perSecond, double commitP99) {
    private static final String PREFIX = "transactions ";

    /// Runs the probe in a JVM of its own, on the class path of this one.
    public static TransactionResult measure(
            String bootstrap,
            String topic,
            int partitions,
            int records,
            boolean transactional,
            int warmupSeconds,
            int measuredSeconds)
            throws IOException, InterruptedException {
        return ofLine(ProbeProcess.run(
                TransactionProbe.class,
                PREFIX,
                bootstrap,
                topic,
                partitions,
                records,
                transactional,
                warmupSeconds,
                measuredSeconds));
    }

    String toLine() {
        return PREFIX + perSecond + " " + commitP99;
    }

    static TransactionResult ofLine(String line) {
        String[] f = line.substring(PREFIX.length()).split(" ", -1);
        return new TransactionResult(Double.parseDouble(f[0]), Double.parseDouble(f[1]));
    }
}
