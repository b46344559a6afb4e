package dev.tidemark.bench.broker;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.kafka.common.Uuid;

/// Apache Kafka from Maven Central, in KRaft mode, broker and controller in one process, with the JVM options that its
/// own start script `kafka-server-start.sh` passes, and its log settings (INFO to standard output and to files).
public final class ApacheKafka implements BrokerUnderTest {
    /// What `kafka-run-class.sh` and `kafka-server-start.sh` set when the environment says nothing else.
    private static final List<String> JVM_OPTIONS = List.of(
            "-Xmx1G",
            "-Xms1G",
            "-server",
            "-XX:+UseG1GC",
            "-XX:MaxGCPauseMillis=20",
            "-XX:InitiatingHeapOccupancyPercent=35",
            "-XX:+ExplicitGCInvokesConcurrent",
            "-XX:MaxInlineLevel=15",
            "-Djava.awt.headless=true",
            "-Dcom.sun.management.jmxremote",
            "-Dcom.sun.management.jmxremote.authenticate=false",
            "-Dcom.sun.management.jmxremote.ssl=false");

    private final String version;
    private final Path libs;

    private ApacheKafka(String version, Path libs) {
        this.version = version;
        this.libs = libs;
    }

    /// Fetches the broker into `bench/target` on the first use.
    public static ApacheKafka version(String version) throws IOException, InterruptedException {
        Path bench = ProjectRoot.find().resolve("bench");
        Path libs = MavenFolder.resolve(
                bench.resolve("kafka/pom.xml"),
                bench.resolve("target/kafka-" + version),
                Map.of("kafka.version", version));
        return new ApacheKafka(version, libs);
    }

    @Override
    public String name() {
        return "kafka";
    }

    @Override
    public String version() {
        return "Apache Kafka " + version;
    }

    @Override
    public void prepare(Node node, List<Node> cluster) throws IOException, InterruptedException {
        Files.createDirectories(logs(node));
        Files.writeString(node.properties(), node.propertiesText(settings(node, cluster)));
        try (var log4j = ApacheKafka.class.getResourceAsStream("/kafka-log4j2.yaml")) {
            if (log4j == null) throw new IOException("kafka-log4j2.yaml is not on the class path");
            Files.write(node.folder().resolve("log4j2.yaml"), log4j.readAllBytes());
        }
        format(node, cluster);
    }

    @Override
    public List<String> command(Node node) {
        List<String> command = new ArrayList<>();
        command.add(JavaHome.java());
        command.addAll(JVM_OPTIONS);
        command.add("-Xlog:gc*:file=" + logs(node) + "/kafkaServer-gc.log:time,tags:filecount=10,filesize=100M");
        command.add("-Dkafka.logs.dir=" + logs(node));
        command.add("-Dlog4j2.configurationFile=" + node.folder().resolve("log4j2.yaml"));
        command.addAll(
                List.of("-cp", libs + "/*", "kafka.Kafka", node.properties().toString()));
        return command;
    }

    private static Map<String, String> settings(Node node, List<Node> cluster) {
        String voters = cluster.stream()
                .map(voter -> voter.id() + "@" + Node.HOST + ":" + voter.controllerPort())
                .collect(Collectors.joining(","));
        return Map.of(
                "process.roles",
                "broker,controller",
                "node.id",
                String.valueOf(node.id()),
                "controller.quorum.voters",
                voters,
                "listeners",
                "PLAINTEXT://" + node.bootstrap() + ",CONTROLLER://" + Node.HOST + ":" + node.controllerPort(),
                "advertised.listeners",
                "PLAINTEXT://" + node.bootstrap(),
                "controller.listener.names",
                "CONTROLLER",
                "listener.security.protocol.map",
                "CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT",
                "log.dirs",
                node.data().toString());
    }

    private void format(Node node, List<Node> cluster) throws IOException, InterruptedException {
        // The same id on every node of a cluster: made from the first one's controller port.
        Uuid clusterId = new Uuid(0x7469_6465_6d61_726bL, cluster.getFirst().controllerPort());
        List<String> command = List.of(
                JavaHome.java(),
                "-Xmx256M",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                libs + "/*",
                "kafka.tools.StorageTool",
                "format",
                "-t",
                clusterId.toString(),
                "-c",
                node.properties().toString());
        Path output = node.folder().resolve("format.out");
        int exit = LiveProcesses.start(
                        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output.toFile()))
                .waitFor();
        if (exit != 0) throw new IOException("kafka-storage format failed:\n" + Files.readString(output));
    }

    private static Path logs(Node node) {
        return node.folder().resolve("logs");
    }
}
