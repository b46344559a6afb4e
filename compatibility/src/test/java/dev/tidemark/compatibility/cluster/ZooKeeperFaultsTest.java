package dev.tidemark.compatibility.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.protocol.Errors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// ZooKeeper goes away under load, in part or whole, and comes back: existing leaders go on serving while that is safe,
/// and no broker needs to be started again for it.
@Tag("cluster")
@Timeout(value = 4, unit = TimeUnit.MINUTES)
class ZooKeeperFaultsTest {
    private static final int SESSION_MS = 4_000;
    private static final int LONGER_THAN_A_SESSION_S = 9;

    private interface Scenario {
        void play(ZooKeeperServers servers, FaultRun run) throws Exception;
    }

    /// With three servers of their own processes; in the end all is well, with the same broker processes.
    private static void run(String name, Scenario scenario) throws Exception {
        try (ZooKeeperServers servers = ZooKeeperServers.start(name, 3);
                FaultRun run = FaultRun.start(
                        name,
                        Map.of(
                                "zookeeper.connect",
                                servers.connect("/tidemark"),
                                "zookeeper.session.timeout.ms",
                                String.valueOf(SESSION_MS)))) {
            List<Long> pids = run.pids();
            scenario.play(servers, run);
            run.awaitChange("made-afterwards");
            run.mark();
            run.recovered();
            run.awaitAllInSync();
            assertThat(run.pids()).isEqualTo(pids);
            run.check();
        }
    }

    /// Every partition has a record acknowledged now, and again when any session would have ended.
    private static void serveBeyondASession(FaultRun run) throws Exception {
        run.mark();
        run.recovered();
        TimeUnit.SECONDS.sleep(LONGER_THAN_A_SESSION_S);
        run.mark();
        run.recovered();
    }

    @Test
    void mostServersKilled() throws Exception {
        run("zookeeper-minority", (servers, run) -> {
            servers.kill9(1);
            servers.kill9(2);
            serveBeyondASession(run);
            servers.launchAll();
        });
    }

    @Test
    void allServersStoppedForLongerThanASession() throws Exception {
        run("zookeeper-gone", (servers, run) -> {
            servers.killAll();
            serveBeyondASession(run);
            servers.launchAll();
            run.awaitChange("made-when-back");

            // Who leads can change again.
            int leader = run.leader(0);
            SideTopic side = SideTopic.create(run, "side", leader);
            run.broker(leader).pause();
            int other = run.others(leader).getFirst();
            side.awaitLeader(other, now -> now > 0 && now != leader);
            run.broker(leader).resume();
        });
    }

    @Test
    void serversStartedAgainOneAfterTheOther() throws Exception {
        run("zookeeper-roll", (servers, run) -> {
            for (int id = 1; id <= 3; id++) {
                run.mark();
                servers.kill9(id);
                run.recovered();
                servers.launch(id);
                servers.awaitServing(id);
            }
        });
    }

    /// Two of three brokers die, and with them the majority of the ensemble that they host.
    @Test
    void membersOfTheEmbeddedEnsembleKilledWithTheirBrokers() throws Exception {
        try (FaultRun run = FaultRun.start(
                "zookeeper-embedded", Map.of("zookeeper.session.timeout.ms", String.valueOf(SESSION_MS)))) {
            int survivor = run.others(run.controller()).getFirst();
            SideTopic side = SideTopic.create(run, "side", survivor);
            side.write(survivor, "before");
            long pid = run.broker(survivor).pid();
            run.mark();
            for (int id : run.others(survivor)) run.broker(id).kill9();

            assertThat(side.read(survivor)).containsExactly("before");
            assertThat(side.writeAt(survivor, "alone")).isNotEqualTo(Errors.NONE);
            TimeUnit.SECONDS.sleep(LONGER_THAN_A_SESSION_S);
            assertThat(side.read(survivor)).containsExactly("before");
            assertThat(side.writeAt(survivor, "still alone")).isNotEqualTo(Errors.NONE);

            for (int id : run.others(survivor)) run.broker(id).launch();
            for (int id : run.others(survivor)) run.broker(id).awaitFirstAnswer();
            run.recovered();
            run.awaitAllInSync();
            side.write(survivor, "after");
            assertThat(run.broker(survivor).pid()).isEqualTo(pid);
            run.broker(survivor).failIfEnded();
            side.check(survivor);
            run.check();
        }
    }
}
