package dev.tidemark.dist.cli;

import dev.tidemark.client.BrokerAddress;
import dev.tidemark.client.ClientConfig;
import dev.tidemark.client.UnreachableException;
import dev.tidemark.client.admin.AdminClient;
import dev.tidemark.dist.cli.output.Terminal;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
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
/// `train broker FOLDER COMMAND…` unpacks native code to FOLDER, starts a broker alone and a cluster of three, on
/// free ports with folders that are deleted afterwards, and runs COMMAND, a JVM of its own, with `train cli HOST:PORT
/// HOST:PORT`: that one runs each command once, and then puts the broker and the cluster under load. So each cache
/// holds what its kind needs.
public final class Training {
    private static final int READY_MS_MAX = 30_000;
    private static final int COMMANDS_S_MAX = 120;

    private Training() {}

    /// @return 0 where there is something worth keeping
    public static int run(String[] arguments, BrokerStarter starter) {
        List<String> rest = Arrays.asList(arguments).subList(1, arguments.length);
        try {
            return switch (rest.isEmpty() ? "" : rest.getFirst()) {
                case "broker" -> rest.size() > 2 ? trainBroker(rest.subList(1, rest.size()), starter) : ExitCode.USAGE;
                case "cli" -> rest.size() == 3 ? trainCommands(rest.get(1), rest.get(2)) : ExitCode.USAGE;
                default -> ExitCode.USAGE;
            };
        } catch (IOException | InterruptedException failure) {
            return ExitCode.FAILED;
        }
    }

    private static int trainBroker(List<String> arguments, BrokerStarter starter)
            throws IOException, InterruptedException {
        unpackNative(Path.of(arguments.getFirst()));
        List<String> command = arguments.subList(1, arguments.size());
        Path folder = Files.createTempDirectory("tidemark-training");
        Runtime.getRuntime().addShutdownHook(new Thread(() -> delete(folder)));
        TrainingNodes nodes = new TrainingNodes(folder, starter);
        BrokerAddress alone = nodes.startAlone();
        boolean isReady = isReady(alone, 1);
        List<BrokerAddress> three = nodes.startCluster();
        for (BrokerAddress node : three) isReady &= isReady(node, three.size());
        List<String> line = new ArrayList<>(command);
        line.addAll(List.of("train", "cli", alone.toString(), three.getFirst().toString()));
        Process commands = new ProcessBuilder(line).inheritIO().start();
        if (!commands.waitFor(COMMANDS_S_MAX, TimeUnit.SECONDS)) commands.destroy();
        return isReady ? ExitCode.OK : ExitCode.FAILED;
    }

    /// Puts Netty's native code where each start finds it, as the library path leads there.
    private static void unpackNative(Path folder) throws IOException {
        Files.createDirectories(folder);
        for (String architecture : List.of("x86_64", "aarch_64")) {
            String name = "libnetty_transport_native_epoll_" + architecture + ".so";
            try (InputStream packed = Training.class.getResourceAsStream("/META-INF/native/" + name)) {
                if (packed != null) Files.copy(packed, folder.resolve(name), StandardCopyOption.REPLACE_EXISTING);
            }
        }
    }

    /// Whether it soon knows as many brokers.
    private static boolean isReady(BrokerAddress address, int brokers) throws InterruptedException {
        long deadlineNs = System.nanoTime() + READY_MS_MAX * 1_000_000L;
        while (System.nanoTime() < deadlineNs) {
            try (AdminClient admin = AdminClient.create(ClientConfig.of(address.toString()))) {
                if (admin.cluster().describe().brokers().size() == brokers) return true;
            } catch (UnreachableException notYet) {
                // It starts.
            }
            Thread.sleep(100);
        }
        return false;
    }

    private static int trainCommands(String broker, String cluster) throws InterruptedException {
        runCommands(broker);
        run(
                "topic create " + TrainingLoad.TOPIC + " --replication-factor 3 --partitions "
                        + TrainingLoad.PARTITIONS,
                cluster);
        // Its leaders change when the brokers stop.
        run(
                "topic create training-failover --replication-factor 3 --partitions " + TrainingLoad.SPREAD_PARTITIONS,
                cluster);
        new TrainingLoad(broker).run();
        new TrainingLoad(cluster).runReplicated();
        return ExitCode.OK;
    }

    /// Each command once, on what the ones before made.
    private static void runCommands(String broker) {
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
        for (String line : lines) run(line, broker);
    }

    /// Its output goes nowhere, and a failure does no harm.
    private static void run(String line, String broker) {
        String records = "{\"key\":\"a\",\"n\":1}\n{\"key\":\"b\",\"n\":2}\n";
        List<String> words = new ArrayList<>(Arrays.asList(line.split(" ")));
        if (!line.contains("--help") && !line.equals("--version"))
            words.addAll(List.of("-b", broker, "--timeout-ms", "10000"));
        InputStream input = new ByteArrayInputStream(records.getBytes(StandardCharsets.UTF_8));
        PrintStream nowhere = new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8);
        Terminal terminal = new Terminal(input, nowhere, nowhere, Map.of(), Set.of());
        int exitCode = new Cli(terminal, start -> ExitCode.FAILED).run(words.toArray(String[]::new));
        System.out.println(exitCode + "  " + line);
    }

    private static void delete(Path folder) {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) Files.deleteIfExists(file);
        } catch (IOException leftBehind) {
            // A few bytes in the temporary folder.
        }
    }
}
