package dev.tidemark.dist.cli.cluster;

import java.io.IOException;
import java.io.Reader;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;

/// `cluster.properties` in a cluster's folder: which processes ran last, so that other commands find them.
///
/// @param supervisor the process of `cluster start`
/// @param nodes by id
record ClusterFile(ProcessMark supervisor, TreeMap<Integer, NodeMark> nodes) {
    private static final String NAME = "cluster.properties";

    /// A process, for good: ids are given out again, but not with the same start.
    record ProcessMark(long pid, long startedMs) {
        static ProcessMark of(ProcessHandle process) {
            return new ProcessMark(process.pid(), startedMs(process));
        }

        Optional<ProcessHandle> find() {
            return ProcessHandle.of(pid).filter(ProcessHandle::isAlive).filter(found -> startedMs(found) == startedMs);
        }

        private static long startedMs(ProcessHandle process) {
            return process.info()
                    .startInstant()
                    .map(java.time.Instant::toEpochMilli)
                    .orElse(0L);
        }

        private String text() {
            return pid + " " + startedMs;
        }

        private static ProcessMark parse(String text) {
            String[] words = text.split(" ");
            return new ProcessMark(Long.parseLong(words[0]), Long.parseLong(words[1]));
        }
    }

    record NodeMark(int port, ProcessMark process) {}

    void write(Path folder) throws IOException {
        StringBuilder text = new StringBuilder("# Kept by `tidemark cluster`.\n");
        text.append("supervisor=").append(supervisor.text()).append('\n');
        nodes.forEach((id, node) -> text.append("node.")
                .append(id)
                .append('=')
                .append(node.port())
                .append(' ')
                .append(node.process().text())
                .append('\n'));
        Path temporary = folder.resolve(NAME + ".tmp");
        Files.writeString(temporary, text);
        Files.move(
                temporary, folder.resolve(NAME), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    static Optional<ClusterFile> read(Path folder) throws IOException {
        Path file = folder.resolve(NAME);
        if (!Files.exists(file)) return Optional.empty();
        Properties properties = new Properties();
        try (Reader reader = new StringReader(Files.readString(file))) {
            properties.load(reader);
            TreeMap<Integer, NodeMark> nodes = new TreeMap<>();
            for (String key : properties.stringPropertyNames()) {
                if (!key.startsWith("node.")) continue;
                String[] words = properties.getProperty(key).split(" ", 2);
                nodes.put(
                        Integer.parseInt(key.substring("node.".length())),
                        new NodeMark(Integer.parseInt(words[0]), ProcessMark.parse(words[1])));
            }
            return Optional.of(new ClusterFile(ProcessMark.parse(properties.getProperty("supervisor", "0 0")), nodes));
        } catch (NumberFormatException | ArrayIndexOutOfBoundsException e) {
            throw new IOException(file + " is not as `tidemark cluster start` writes it", e);
        }
    }

    /// All of its processes that still run, the supervisor first; also nodes that were started by themselves again.
    List<ProcessHandle> living(Path folder) {
        Set<ProcessHandle> living = new LinkedHashSet<>();
        supervisor.find().ifPresent(living::add);
        nodes.forEach((id, node) -> process(folder, id).ifPresent(living::add));
        return List.copyOf(living);
    }

    /// The node's process: the one that `cluster start` made, or one whose command line ends in
    /// `start DIR/node-N/server.properties`.
    Optional<ProcessHandle> process(Path folder, int id) {
        NodeMark mark = nodes.get(id);
        Optional<ProcessHandle> known =
                mark == null ? Optional.empty() : mark.process().find();
        if (known.isPresent()) return known;
        String properties =
                folder.resolve("node-" + id).resolve("server.properties").toString();
        return ProcessHandle.allProcesses()
                .filter(each -> startsWith(each, properties))
                .findFirst();
    }

    private static boolean startsWith(ProcessHandle process, String properties) {
        List<String> arguments = List.of(process.info().arguments().orElse(new String[0]));
        int last = arguments.size() - 1;
        return last > 0
                && arguments.get(last).equals(properties)
                && arguments.get(last - 1).equals("start");
    }
}
