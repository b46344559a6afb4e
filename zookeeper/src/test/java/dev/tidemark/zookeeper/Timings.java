package dev.tidemark.zookeeper;

import dev.tidemark.base.Uuid;
import dev.tidemark.base.time.Clock;
import dev.tidemark.base.time.Loop;
import dev.tidemark.metadata.control.ControlPlane;
import dev.tidemark.metadata.control.ControlPlaneSettings;
import dev.tidemark.metadata.controller.ConfigRules;
import dev.tidemark.metadata.controller.ControllerInput;
import dev.tidemark.metadata.controller.ControllerInput.Origin;
import dev.tidemark.metadata.controller.ControllerInput.TopicSelector;
import dev.tidemark.metadata.controller.ControllerSettings;
import dev.tidemark.metadata.controller.TopicRequest;
import dev.tidemark.metadata.image.BrokerEndpoint;
import dev.tidemark.metadata.image.BrokerRegistration;
import dev.tidemark.metadata.store.MetadataStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/// Prints how long the control plane's large steps take on a real embedded ZooKeeper, in a fresh process. Not a test:
/// run it by its main method.
final class Timings {
    private Timings() {}

    public static void main(String[] arguments) throws Exception {
        Path folder = arguments.length > 0 ? Path.of(arguments[0]) : Files.createTempDirectory("timings");
        int partitions = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 10_000;
        long begin = System.nanoTime();
        EmbeddedZooKeeper server = EmbeddedZooKeeper.start(new EmbeddedZooKeeperSettings(folder, 0, 40_000));
        long at = print("embedded server started", begin);
        MetadataStore store = CuratorMetadataStore.connect(
                        new ZooKeeperSettings(server.connectString(), 18_000, 18_000), _ -> {})
                .get();
        at = print("connected", at);
        ExecutorLoop loop = new ExecutorLoop();
        ControlPlane plane = new ControlPlane(
                new ControlPlaneSettings(
                        1,
                        Optional.empty(),
                        "iVMYaHiCTmOX4Bkk7QRTfA",
                        server::isFromBeforeStart,
                        () -> false,
                        30_000,
                        ControllerSettings.DEFAULTS),
                ConfigRules.ANYTHING,
                store,
                loop);
        var image = plane.load().get();
        at = print("image loaded, partitions: " + image.topics().partitionCount(), at);
        plane.register(new BrokerRegistration(
                        1,
                        -1,
                        List.of(new BrokerEndpoint("PLAINTEXT", "localhost", 9092, "PLAINTEXT")),
                        null,
                        new TreeMap<>(),
                        true))
                .get();
        at = print("joined, epoch " + plane.image().controller().epoch(), at);
        print("start in all", begin);
        String name = "t" + System.nanoTime();
        at = System.nanoTime();
        var reply = plane.createTopics(new ControllerInput.CreateTopics(
                        List.of(TopicRequest.of(name, Uuid.random(new Random()), partitions, 1)),
                        false,
                        Origin.CLIENT,
                        0))
                .get();
        at = print("created " + reply.topics().getFirst().outcome() + " " + partitions, at);
        plane.createTopics(new ControllerInput.CreateTopics(
                        List.of(TopicRequest.of(name + "-small", Uuid.random(new Random()), 1, 1)),
                        false,
                        Origin.CLIENT,
                        0))
                .get();
        at = print("created 1", at);
        if (arguments.length > 2) {
            plane.deleteTopics(new ControllerInput.DeleteTopics(List.of(TopicSelector.byName(name)), Origin.CLIENT))
                    .get();
            at = print("deleted (marked)", at);
            while (!plane.image().topics().deleting().isEmpty()) Thread.sleep(1);
            at = print("purged", at);
        }
        if (arguments.length > 3) Runtime.getRuntime().halt(1);
        plane.stop().get();
        at = print("stopped the plane", at);
        server.close();
        print("stopped the server", at);
        loop.executor.shutdownNow();
    }

    private static long print(String what, long since) {
        long now = System.nanoTime();
        System.out.println(String.format(Locale.ROOT, "%8.1f ms  %s", (now - since) / 1e6, what));
        return now;
    }

    /// One thread as a loop.
    static final class ExecutorLoop implements Loop {
        final ScheduledExecutorService executor = new ScheduledThreadPoolExecutor(1, task -> {
            Thread thread = new Thread(task, "loop");
            thread.setDaemon(true);
            return thread;
        });

        @Override
        public void run(Runnable task) {
            executor.execute(task);
        }

        @Override
        public Timer runAfter(long delayMs, Runnable task) {
            var future = executor.schedule(task, delayMs, TimeUnit.MILLISECONDS);
            return () -> future.cancel(false);
        }

        @Override
        public Clock clock() {
            return Clock.SYSTEM;
        }
    }
}
