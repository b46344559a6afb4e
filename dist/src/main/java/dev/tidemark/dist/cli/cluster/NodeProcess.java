package dev.tidemark.dist.cli.cluster;

import java.io.File;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// A broker's process and what it prints, which goes into a file of its own: so it outlives this one if need be.
final class NodeProcess {
    private static final String READY = "Transitioning from RECOVERY to RUNNING";
    private static final int LAST_LINES = 5;
    private static final int CHUNK_BYTES = 1 << 16;

    private final LocalCluster.Node node;
    private final Process process;
    private final StringBuilder unfinished = new StringBuilder();
    private final List<String> lastLines = new ArrayList<>();
    private long position;
    private boolean ready;

    private NodeProcess(LocalCluster.Node node, Process process, long position) {
        this.node = node;
        this.process = process;
        this.position = position;
    }

    static NodeProcess start(LocalCluster.Node node) throws IOException {
        node.writeProperties();
        List<String> command = new ArrayList<>(launcher());
        command.addAll(List.of("start", node.propertiesFile().toString()));
        Path output = node.output();
        long position = Files.exists(output) ? Files.size(output) : 0;
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectInput(ProcessBuilder.Redirect.from(new File("/dev/null")))
                .redirectOutput(ProcessBuilder.Redirect.appendTo(output.toFile()))
                .redirectErrorStream(true);
        return new NodeProcess(node, builder.start(), position);
    }

    /// `./tidemark`, which becomes the broker, with its cache; without it, this JVM again.
    private static List<String> launcher() {
        String launcher = System.getProperty("tidemark.launcher", "");
        if (!launcher.isEmpty()) return List.of(launcher);
        return List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                "dev.tidemark.dist.Main");
    }

    LocalCluster.Node node() {
        return node;
    }

    Process process() {
        return process;
    }

    boolean isReady() {
        return ready;
    }

    /// What it said last, for the reader who wonders why it ended.
    List<String> lastLines() {
        return lastLines;
    }

    /// Takes note of what it has printed since the last time; gives each line to `out` where there is one.
    void readOutput(Lines out) throws IOException {
        try (FileChannel file = FileChannel.open(node.output())) {
            ByteBuffer chunk = ByteBuffer.allocate(CHUNK_BYTES);
            while (file.read(chunk.clear(), position) > 0) {
                position += chunk.position();
                unfinished.append(StandardCharsets.UTF_8.decode(chunk.flip()));
                takeLines(out);
            }
        }
    }

    private void takeLines(Lines out) {
        int start = 0;
        for (int end = unfinished.indexOf("\n"); end >= 0; end = unfinished.indexOf("\n", start)) {
            String line = unfinished.substring(start, end);
            if (line.contains(READY)) ready = true;
            lastLines.add(line);
            if (lastLines.size() > LAST_LINES) lastLines.removeFirst();
            out.onLine(node.id(), line);
            start = end + 1;
        }
        unfinished.delete(0, start);
    }

    /// Where the nodes' lines go.
    @FunctionalInterface
    interface Lines {
        Lines NOWHERE = (node, line) -> {};

        void onLine(int node, String line);

        /// `[2] …`
        static Lines prefixed(PrintStream out) {
            return (node, line) -> out.println("[" + node + "] " + line);
        }
    }
}
