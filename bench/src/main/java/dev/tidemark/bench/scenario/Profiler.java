package dev.tidemark.bench.scenario;

import dev.tidemark.bench.broker.JavaHome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Flight recordings of the measured stretches, with the hottest methods beside them as text. Without a folder it
/// records nothing. A recording costs the broker a little, so the figures of such a run are not for the record.
public final class Profiler {
    private static final String NAME = "bench";

    private final @Nullable Path folder;

    public Profiler(@Nullable Path folder) {
        this.folder = folder;
    }

    /// Ends the recording.
    public interface Recording extends AutoCloseable {
        @Override
        void close() throws IOException;
    }

    public Recording record(long pid, String name) throws IOException {
        if (folder == null) return () -> {};
        Files.createDirectories(folder);
        Path file = folder.resolve(name + ".jfr");
        run(List.of(JavaHome.tool("jcmd"), String.valueOf(pid), "JFR.start", "name=" + NAME, "settings=profile"), null);
        return () -> {
            run(
                    List.of(JavaHome.tool("jcmd"), String.valueOf(pid), "JFR.stop", "name=" + NAME, "filename=" + file),
                    null);
            for (String view : List.of("hot-methods", "allocation-by-site", "gc-pauses")) {
                Path text = folder.resolve(name + "." + view + ".txt");
                run(List.of(JavaHome.tool("jfr"), "view", "--width", "140", view, file.toString()), text);
            }
        };
    }

    private static void run(List<String> command, @Nullable Path output) throws IOException {
        ProcessBuilder.Redirect to =
                output == null ? ProcessBuilder.Redirect.DISCARD : ProcessBuilder.Redirect.to(output.toFile());
        int exit = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(to)
                .start()
                .onExit()
                .join()
                .exitValue();
        if (exit != 0) throw new IOException("exit code " + exit + " of " + command);
    }
}
