package dev.tidemark.dist.cli;

import dev.tidemark.client.BrokerAddress;
import dev.tidemark.client.ClientConfig;
import dev.tidemark.client.UnreachableException;
import dev.tidemark.client.admin.AdminClient;
import dev.tidemark.dist.cli.output.Terminal;
import dev.tidemark.zookeeper.EmbeddedEnsembleMember;
import dev.tidemark.zookeeper.Ensemble;
import dev.tidemark.zookeeper.EnsembleMemberSettings;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/// What the launcher runs to fill the ahead-of-time caches: a typical life, which the JVM records.
///
/// `train broker COMMAND…` starts a broker on a free port with a folder that is deleted afterwards, and runs COMMAND, a
/// JVM of its own, with `train cli HOST:PORT`: that one runs each command once, and then puts the broker under load. So
/// each cache holds what its kind needs.
public final class Training {
    private static final int READY_MS_MAX = 30_000;
    private static final int COMMANDS_S_MAX = 120;

    private Training() {}

    /// @return 0 where there is something worth keeping
    public static int run(String[] arguments, BrokerStarter starter) throws IOException, InterruptedException {
        List<String> rest = Arrays.asList(arguments).subList(1, arguments.length);
        return switch (rest.isEmpty() ? "" : rest.getFirst()) {
            case "broker" -> trainBroker(rest.subList(1, rest.size()), starter);
            case "cli" -> trainCommands(rest.size() > 1 ? rest.get(1) : "localhost:1");
            default -> ExitCode.USAGE;
        };
    }

    private static int trainBroker(List<String> command, BrokerStarter starter)
            throws IOException, InterruptedException {
        BrokerAddress address = new BrokerAddress("127.0.0.1", freePort());
        Path folder = Files.createTempDirectory("tidemark-training");
        Runtime.getRuntime().addShutdownHook(new Thread(() -> delete(folder)));
        Thread.ofPlatform()
                .daemon()
                .name("tidemark-broker")
                .start(() -> starter.run(new BrokerStart(
                        null,
                        Map.of(
                                "listeners",
                                "PLAINTEXT://" + address,
                                "advertised.listeners",
                                "PLAINTEXT://" + address,
                                "log.dirs",
                                folder.resolve("logs").toString(),
                                "tidemark.zookeeper.data.dir",
                                folder.resolve("zookeeper").toString()))));
        boolean isReady = isReady(address);
        if (isReady) trainMember(folder);
        List<String> line = new ArrayList<>(command);
        line.addAll(List.of("train", "cli", address.toString()));
        Process commands = new ProcessBuilder(line).inheritIO().start();
        if (!commands.waitFor(COMMANDS_S_MAX, TimeUnit.SECONDS)) commands.destroy();
        return isReady ? ExitCode.OK : ExitCode.FAILED;
    }

    /// What a broker loads besides that hosts a member of an ensemble.
    private static void trainMember(Path folder) throws IOException {
        Ensemble alone = Ensemble.parse(List.of("1@127.0.0.1:" + freePort() + ":" + freePort() + ":" + freePort()));
        EnsembleMemberSettings settings =
                new EnsembleMemberSettings(folder.resolve("member"), alone, 1, 500, 20, 6, 60_000);
        try (EmbeddedEnsembleMember member = EmbeddedEnsembleMember.start(settings)) {
            var _ = member.serving()
                    .completeOnTimeout(null, READY_MS_MAX, TimeUnit.MILLISECONDS)
                    .join();
        }
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    private static boolean isReady(BrokerAddress address) throws InterruptedException {
        long deadlineNs = System.nanoTime() + READY_MS_MAX * 1_000_000L;
        while (System.nanoTime() < deadlineNs) {
            try (AdminClient admin = AdminClient.create(ClientConfig.of(address.toString()))) {
                admin.cluster().describe();
                return true;
            } catch (UnreachableException notYet) {
                Thread.sleep(100);
            }
        }
        return false;
    }

    /// Each command once, on what the ones before made. Their output goes nowhere, and a failure does no harm.
    private static int trainCommands(String broker) throws InterruptedException {
        String records = "{\"key\":\"a\",\"n\":1}\n{\"key\":\"b\",\"n\":2}\n";
        List<String> lines = List.of(
                "--help",
                "--version",
                "topic create training --partitions 2 --config retention.ms=100000",
                "produce training --key-field key",
                "produce training --compression lz4 --acks 1",
                "topic list",
                "topic list -o json",
                "topic describe training",
                "topic alter training --config retention.ms=200000",
                "consume training --from beginning --exit",
                "consume training --from -1h -o json --exit",
                "consume training --from beginning --exit --group training",
                "group list",
                "group describe training",
                "group reset training --to-earliest --execute",
                "group delete training",
                "config describe topic training",
                "config set topic training retention.ms=300000",
                "cluster describe",
                "topic create --help",
                "topic delete training",
                "topic delete training",
                "topic create " + TrainingLoad.TOPIC + " --partitions " + TrainingLoad.PARTITIONS,
                "topic create " + TrainingLoad.SPREAD_TOPIC + " --partitions " + TrainingLoad.SPREAD_PARTITIONS);
        for (String line : lines) {
            List<String> words = new ArrayList<>(Arrays.asList(line.split(" ")));
            if (!line.contains("--help") && !line.equals("--version"))
                words.addAll(List.of("-b", broker, "--timeout-ms", "10000"));
            InputStream input = new ByteArrayInputStream(records.getBytes(StandardCharsets.UTF_8));
            PrintStream nowhere = new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8);
            Terminal terminal = new Terminal(input, nowhere, nowhere, Map.of(), Set.of());
            int exitCode = new Cli(terminal, start -> ExitCode.FAILED).run(words.toArray(String[]::new));
            System.out.println(exitCode + "  " + line);
        }
        new TrainingLoad(broker).run();
        return ExitCode.OK;
    }

    private static void delete(Path folder) {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) Files.deleteIfExists(file);
        } catch (IOException leftBehind) {
            // A few bytes in the temporary folder.
        }
    }
}
