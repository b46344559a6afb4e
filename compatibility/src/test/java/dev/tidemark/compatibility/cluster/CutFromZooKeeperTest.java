package dev.tidemark.compatibility.cluster;

import static dev.tidemark.compatibility.cluster.Patience.await;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.MetadataResponse;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// One broker alone loses ZooKeeper, while clients and the other brokers still reach it.
@Tag("cluster")
@Timeout(value = 4, unit = TimeUnit.MINUTES)
class CutFromZooKeeperTest {
    private interface Scenario {
        void play(ZooKeeperLinks links, FaultRun run) throws Exception;
    }

    /// When all is whole again the broker processes are the same as before.
    private static void run(String name, Scenario scenario) throws Exception {
        try (ZooKeeperServers servers = ZooKeeperServers.start(name, 1);
                ZooKeeperLinks links = new ZooKeeperLinks(servers);
                FaultRun run = FaultRun.start(name, id -> settings(links, id), null)) {
            List<Long> pids = run.pids();
            scenario.play(links, run);
            run.recovered();
            run.awaitAllInSync();
            assertThat(run.pids()).isEqualTo(pids);
            run.check();
        }
    }

    private static Map<String, String> settings(ZooKeeperLinks links, int id) {
        Map<String, String> settings = new HashMap<>();
        settings.put("zookeeper.session.timeout.ms", "4000");
        settings.put("replica.lag.time.max.ms", "10000");
        try {
            settings.put("zookeeper.connect", links.connect(id));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return settings;
    }

    /// It does not hear that others lead by now: what it takes then must not be acknowledged.
    @Test
    void aLeaderThatHearsNothingMore() throws Exception {
        run("zookeeper-cut-leader", (links, run) -> {
            int cut = run.others(run.controller()).getFirst();
            SideTopic side = SideTopic.create(run, "side", cut);
            side.write(cut, "before");
            run.mark();
            links.hold(cut);

            for (int other : run.others(cut)) side.awaitLeader(other, now -> now > 0 && now != cut);
            assertThat(side.writeAt(cut, "late")).isNotEqualTo(Errors.NONE);
            side.write(run.others(cut).getFirst(), "meanwhile");

            links.heal();
            side.awaitLeader(cut, now -> now > 0 && now != cut);
            side.write(cut, "after");
            assertThat(side.check(cut)).containsExactly("before", "meanwhile", "after");
        });
    }

    @Test
    void aControllerWhoseConnectionsEnd() throws Exception {
        run("zookeeper-cut-controller", (links, run) -> {
            int cut = run.controller();
            int other = run.others(cut).getFirst();
            run.mark();
            links.cut(cut);

            awaitOtherController(run, other, cut);
            SideTopic side = SideTopic.createWithout(run, "made-meanwhile", cut);
            side.write(other, "meanwhile");

            links.heal();
            side.awaitLeader(cut, now -> now > 0);
            assertThat(side.check(cut)).containsExactly("meanwhile");
            awaitOtherController(run, cut, cut);
        });
    }

    /// Shorter than a session: nobody is taken for dead.
    @Test
    void aMomentWithoutIt() throws Exception {
        run("zookeeper-moments", (links, run) -> {
            List<Integer> before = leaderEpochs(run);
            run.mark();
            for (int round = 0; round < 3; round++) {
                for (int id = 1; id <= 3; id++) links.cut(id);
                TimeUnit.MILLISECONDS.sleep(700);
                links.heal();
                run.awaitChange("made-" + round);
            }
            assertThat(leaderEpochs(run)).isEqualTo(before);
        });
    }

    private static List<Integer> leaderEpochs(FaultRun run) throws IOException {
        return run.toldBy(1, FaultRun.TOPIC).topicMetadata().stream()
                .flatMap(topic -> topic.partitionMetadata().stream())
                .sorted(Comparator.comparingInt(MetadataResponse.PartitionMetadata::partition))
                .map(partition -> partition.leaderEpoch.orElse(-1))
                .toList();
    }

    /// Waits until the broker names a controller, and not the former one.
    private static void awaitOtherController(FaultRun run, int toldBy, int former) throws Exception {
        await("broker " + toldBy + " names another controller", () -> {
            int now = controller(run, toldBy);
            return now >= 0 && now != former;
        });
    }

    private static int controller(FaultRun run, int toldBy) throws IOException {
        Node named = run.toldBy(toldBy, FaultRun.TOPIC).controller();
        return named == null ? -1 : named.id();
    }
}
