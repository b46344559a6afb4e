package dev.tidemark.compatibility.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.bench.broker.FreePorts;
import dev.tidemark.bench.broker.JavaHome;
import dev.tidemark.bench.broker.LiveProcesses;
import dev.tidemark.bench.broker.MavenFolder;
import dev.tidemark.bench.broker.Node;
import dev.tidemark.bench.broker.ProjectRoot;
import dev.tidemark.bench.broker.TempFolder;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/// An outside ensemble: Apache ZooKeeper's own server program, each server a process that may be killed and started
/// again on its folder. Owner: the test's thread.
final class ZooKeeperServers implements AutoCloseable {
    private static final String VERSION = "3.9.5";
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final int SOCKET_MS = 2_000;
    private static final int PORTS = 3;

    /// @param clientPort where brokers come in
    record Server(int id, Path folder, int clientPort, int peerPort, int electionPort) {
        Path config() {
            return folder.resolve("zoo.cfg");
        }

        Path output() {
            return folder.resolve("server.out");
        }

        String address() {
            return Node.HOST + ":" + clientPort;
        }
    }

    private final String name;
    private final TempFolder folder;
    private final String classPath;
    private final List<Server> servers = new ArrayList<>();
    private final Map<Integer, Process> running = new HashMap<>();

    private ZooKeeperServers(String name, TempFolder folder, String classPath) {
        this.name = name;
        this.folder = folder;
        this.classPath = classPath;
    }

    /// Starts `count` servers with the ids from 1 on, and waits until all of them serve.
    ///
    /// @param name of the run, for what they print
    static ZooKeeperServers start(String name, int count) throws IOException, InterruptedException {
        Path module = ProjectRoot.find().resolve("compatibility");
        String classPath = MavenFolder.classPath(
                module.resolve("zookeeper/pom.xml"),
                module.resolve("target/zookeeper-" + VERSION),
                Map.of("zookeeper.version", VERSION));
        ZooKeeperServers ensemble =
                new ZooKeeperServers(name, TempFolder.create(null, "tidemark-zookeeper-"), classPath);
        try {
            ensemble.prepare(count);
            ensemble.launchAll();
            return ensemble;
        } catch (IOException | InterruptedException | AssertionError e) {
            ensemble.close();
            throw e;
        }
    }

    private void prepare(int count) throws IOException {
        int[] ports = FreePorts.take(PORTS * count);
        for (int id = 1; id <= count; id++) {
            int first = PORTS * (id - 1);
            servers.add(new Server(
                    id, folder.path().resolve("server-" + id), ports[first], ports[first + 1], ports[first + 2]));
        }
        for (Server server : servers) {
            Path data = server.folder().resolve("data");
            Files.createDirectories(data);
            Files.writeString(data.resolve("myid"), String.valueOf(server.id()));
            Files.writeString(server.config(), configuration(server, data));
        }
    }

    private String configuration(Server server, Path data) {
        List<String> lines = new ArrayList<>(List.of(
                "tickTime=500",
                "initLimit=20",
                "syncLimit=6",
                "dataDir=" + data,
                "clientPort=" + server.clientPort(),
                "clientPortAddress=" + Node.HOST,
                "maxClientCnxns=0",
                "admin.enableServer=false",
                "4lw.commands.whitelist=srvr"));
        // One alone stands for itself; servers that know each other make a quorum.
        if (servers.size() > 1) {
            for (Server each : servers) {
                lines.add("server." + each.id() + "=" + Node.HOST + ":" + each.peerPort() + ":" + each.electionPort());
            }
        }
        return String.join("\n", lines) + "\n";
    }

    /// `zookeeper.connect` for brokers.
    ///
    /// @param chroot begins with a slash, or is empty
    String connect(String chroot) {
        return servers.stream().map(Server::address).collect(Collectors.joining(",")) + chroot;
    }

    List<Server> servers() {
        return servers;
    }

    /// Starts the server (again) and does not wait for it: without a majority it cannot serve.
    void launch(int id) throws IOException {
        Server server = servers.get(id - 1);
        ProcessBuilder builder = new ProcessBuilder(
                        JavaHome.java(),
                        "-Xmx128M",
                        "-XX:+UseSerialGC",
                        "-XX:TieredStopAtLevel=1",
                        "-Dzookeeper.jmx.log4j.disable=true",
                        "-cp",
                        classPath,
                        "org.apache.zookeeper.server.quorum.QuorumPeerMain",
                        server.config().toString())
                .redirectErrorStream(true)
                .redirectInput(new java.io.File("/dev/null"))
                .redirectOutput(ProcessBuilder.Redirect.appendTo(server.output().toFile()));
        running.put(id, LiveProcesses.start(builder));
    }

    void launchAll() throws IOException, InterruptedException {
        for (Server server : servers) if (!isAlive(server.id())) launch(server.id());
        for (Server server : servers) awaitServing(server.id());
    }

    private boolean isAlive(int id) {
        Process process = running.get(id);
        return process != null && process.isAlive();
    }

    void awaitServing(int id) throws IOException, InterruptedException {
        Server server = servers.get(id - 1);
        long startNs = System.nanoTime();
        while (!serves(server)) {
            if (!isAlive(id) || System.nanoTime() - startNs > LIMIT.toNanos()) {
                throw new IOException(
                        "ZooKeeper server " + id + " does not serve:\n" + Files.readString(server.output()));
            }
            TimeUnit.MILLISECONDS.sleep(20);
        }
    }

    /// It names its part only when it has one.
    private static boolean serves(Server server) {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), server.clientPort()), SOCKET_MS);
            socket.setSoTimeout(SOCKET_MS);
            socket.getOutputStream().write("srvr".getBytes(StandardCharsets.US_ASCII));
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII).contains("Mode: ");
        } catch (IOException notYet) {
            return false;
        }
    }

    /// SIGKILL.
    void kill9(int id) throws InterruptedException {
        Process process = running.remove(id);
        if (process != null) process.destroyForcibly().waitFor();
    }

    void killAll() throws InterruptedException {
        for (Server server : servers) kill9(server.id());
    }

    /// The names below a path, as ZooKeeper's own shell lists them: `[a, b]`.
    String list(String path) throws IOException, InterruptedException {
        Path printed = folder.path().resolve("shell.out");
        Process shell = LiveProcesses.start(new ProcessBuilder(
                        JavaHome.java(),
                        "-XX:TieredStopAtLevel=1",
                        "-Dorg.slf4j.simpleLogger.defaultLogLevel=off",
                        "-cp",
                        classPath,
                        "org.apache.zookeeper.ZooKeeperMain",
                        "-server",
                        connect(""),
                        "ls",
                        path)
                .redirectErrorStream(true)
                .redirectOutput(printed.toFile()));
        boolean ended = shell.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS);
        shell.destroyForcibly();
        List<String> lines = Files.readAllLines(printed);
        assertThat(ended && shell.exitValue() == 0)
                .as("ls %s printed %s", path, lines)
                .isTrue();
        return lines.stream()
                .filter(line -> line.startsWith("["))
                .reduce((_, last) -> last)
                .orElse("");
    }

    private void keepOutput() throws IOException {
        Path target = ProjectRoot.find().resolve("compatibility/target");
        for (Server server : servers) {
            if (!Files.exists(server.output())) continue;
            Files.copy(
                    server.output(),
                    target.resolve("cluster-" + name + "-zookeeper-" + server.id() + ".log"),
                    StandardCopyOption.REPLACE_EXISTING);
        }
    }

    @Override
    public void close() throws IOException {
        for (Process process : running.values()) {
            process.destroyForcibly();
            process.onExit().join();
        }
        keepOutput();
        folder.close();
    }
}
