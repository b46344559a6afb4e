package dev.tidemark.bench.broker;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/// Tidemark as its user starts it: `./tidemark start server.properties`, ZooKeeper embedded; in a cluster each node
/// hosts a member of the ensemble.
public final class Tidemark implements BrokerUnderTest {
    private final Path launcher;
    private boolean built;

    private Tidemark(Path launcher) {
        this.launcher = launcher;
    }

    /// The launcher of this source tree, or another that `-Dtidemark.launcher` names.
    public static Tidemark ofThisTree() {
        String named = System.getProperty("tidemark.launcher");
        return new Tidemark(named != null ? Path.of(named) : ProjectRoot.find().resolve("tidemark"));
    }

    @Override
    public String name() {
        return "tidemark";
    }

    @Override
    public String version() {
        return "Tidemark " + commit();
    }

    @Override
    public void prepare(Node node, List<Node> cluster) throws IOException, InterruptedException {
        buildOnce();
        Files.createDirectories(node.folder());
        Map<String, String> own = new HashMap<>();
        own.put("broker.id", String.valueOf(node.id()));
        own.put("log.dirs", node.data().toString());
        if (!node.settings().containsKey("listeners")) own.put("listeners", "PLAINTEXT://" + node.bootstrap());
        if (cluster.size() > 1 && !node.settings().containsKey("zookeeper.connect")) {
            own.put("tidemark.zookeeper.ensemble", ensemble(cluster));
        }
        Files.writeString(node.properties(), node.propertiesText(own));
    }

    private static String ensemble(List<Node> cluster) {
        return cluster.stream()
                .map(node -> node.id() + "@" + Node.HOST + ":" + node.controllerPort() + ":" + node.peerPort() + ":"
                        + node.electionPort())
                .collect(Collectors.joining(","));
    }

    @Override
    public List<String> command(Node node) {
        return List.of(launcher.toString(), "start", node.properties().toString());
    }

    /// The launcher builds on its first use, which is no part of a broker's start.
    private void buildOnce() throws IOException, InterruptedException {
        if (built) return;
        Process help = LiveProcesses.start(new ProcessBuilder(launcher.toString(), "--help")
                .redirectErrorStream(true)
                .redirectInput(new File("/dev/null")));
        String printed = new String(help.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (help.waitFor() != 0) throw new IOException(launcher + " --help failed:\n" + printed);
        built = true;
    }

    private String commit() {
        try {
            Process git = new ProcessBuilder("git", "describe", "--always", "--dirty")
                    .directory(ProjectRoot.find().toFile())
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            return new String(git.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
        } catch (IOException e) {
            return "of this tree";
        }
    }
}
