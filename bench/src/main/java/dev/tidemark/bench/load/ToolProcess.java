package dev.tidemark.bench.load;

import dev.tidemark.bench.broker.LiveProcesses;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// A program of the load side that runs to its end in a process of its own.
final class ToolProcess {
    private static final long LIMIT_MINUTES = 15;

    private ToolProcess() {}

    /// @return what it printed, standard error included
    /// @throws IOException when it failed or did not end
    static String run(List<String> command) throws IOException, InterruptedException {
        Process process = LiveProcesses.start(new ProcessBuilder(command).redirectErrorStream(true));
        process.getOutputStream().close();
        // Read by another thread, so that the limit holds for a tool that prints nothing too.
        StringBuilder printed = new StringBuilder();
        Thread reader = Thread.ofVirtual().start(() -> readAll(process, printed));
        if (!process.waitFor(LIMIT_MINUTES, TimeUnit.MINUTES)) {
            process.destroyForcibly().waitFor();
            throw new IOException("did not end within " + LIMIT_MINUTES + " minutes: " + command);
        }
        reader.join();
        if (process.exitValue() != 0) {
            throw new IOException("exit code " + process.exitValue() + " of " + command + ":\n" + printed);
        }
        return printed.toString();
    }

    private static void readAll(Process process, StringBuilder printed) {
        try {
            printed.append(new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8));
        } catch (IOException e) {
            printed.append(e);
        }
    }
}
