package dev.tidemark.bench.load;

import dev.tidemark.bench.broker.JavaHome;
import java.io.IOException;
import java.util.List;

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
        String printed = ToolProcess.run(List.of(
                JavaHome.java(),
                "-Xmx256M",
                "-cp",
                System.getProperty("java.class.path"),
                TransactionProbe.class.getName(),
                bootstrap,
                topic,
                String.valueOf(partitions),
                String.valueOf(records),
                String.valueOf(transactional),
                String.valueOf(warmupSeconds),
                String.valueOf(measuredSeconds)));
        return printed.lines()
                .filter(line -> line.startsWith(PREFIX))
                .findFirst()
                .map(TransactionResult::ofLine)
                .orElseThrow(() -> new IOException("the probe gave no result:\n" + printed));
    }

    String toLine() {
        return PREFIX + perSecond + " " + commitP99;
    }

    static TransactionResult ofLine(String line) {
        String[] f = line.substring(PREFIX.length()).split(" ", -1);
        return new TransactionResult(Double.parseDouble(f[0]), Double.parseDouble(f[1]));
    }
}
