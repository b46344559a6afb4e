package dev.tidemark.bench.load;

import dev.tidemark.bench.broker.JavaHome;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/// A probe of this module in a JVM of its own, on the class path of this one.
final class ProbeProcess {
    private ProbeProcess() {}

    /// @return the line with the result, which is the first one that begins with `prefix`
    static String run(Class<?> probe, String prefix, Object... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(
                List.of(JavaHome.java(), "-Xmx256M", "-cp", System.getProperty("java.class.path"), probe.getName()));
        for (Object argument : arguments) command.add(String.valueOf(argument));
        String printed = ToolProcess.run(command);
        return printed.lines()
                .filter(line -> line.startsWith(prefix))
                .findFirst()
                .orElseThrow(() -> new IOException("the probe gave no result:\n" + printed));
    }
}
