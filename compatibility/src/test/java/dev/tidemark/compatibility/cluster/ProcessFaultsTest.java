package dev.tidemark.compatibility.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.bench.broker.RunningBroker;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Processes of a cluster are killed, paused and started again under load.
@Timeout(value = 4, unit = TimeUnit.MINUTES)
class ProcessFaultsTest {
    /// Generous, for a machine that does other things too; the figures stand in the benchmarks.
    private static final Duration SOON = Duration.ofSeconds(20);

    @Test
    void aKilledLeader() throws Exception {
        try (FaultRun run = FaultRun.start("kill-leader")) {
            int leader = run.leader(0);
            run.mark();
            run.broker(leader).kill9();
            assertThat(run.recovered()).isLessThan(SOON);
            run.restart(leader);
            run.check();
        }
    }

    @Test
    @Tag("cluster-long")
    void aKilledController() throws Exception {
        try (FaultRun run = FaultRun.start("kill-controller")) {
            int controller = run.controller();
            run.mark();
            run.broker(controller).kill9();
            assertThat(run.recovered()).isLessThan(SOON);
            run.restart(controller);
            run.check();
        }
    }

    /// What a group has committed is known to the next coordinator, and to the one after it.
    @Test
    @Tag("cluster")
    void aBrokerThatIsLeaderControllerAndCoordinator() throws Exception {
        try (FaultRun run = FaultRun.start("kill-all-parts")) {
            for (int round = 0; round < 2; round++) {
                int killed = run.controller();
                GroupWatch group = run.watchGroup(run.groupCoordinatedBy(killed));
                group.awaitProgress(FaultRun.PARTITIONS, SOON);
                run.mark();
                run.broker(killed).kill9();
                assertThat(run.recovered()).isLessThan(SOON);
                group.awaitProgress(FaultRun.PARTITIONS, FaultRun.RECOVERY);
                run.restart(killed);
            }
            run.check();
        }
    }

    @Test
    @Tag("cluster-long")
    void allKilledAtOnce() throws Exception {
        try (FaultRun run = FaultRun.start("kill-all")) {
            run.mark();
            for (RunningBroker broker : run.cluster().brokers()) broker.kill9();
            run.cluster().launchAll();
            run.cluster().awaitWhole();
            run.recovered();
            run.awaitAllInSync();
            run.check();
        }
    }

    @Test
    @Tag("cluster-long")
    void aRollingRestart() throws Exception {
        try (FaultRun run = FaultRun.start("roll")) {
            for (int id = 1; id <= 3; id++) {
                run.mark();
                assertThat(run.broker(id).stop())
                        .as("broker %d ends by itself", id)
                        .isTrue();
                run.recovered();
                run.restart(id);
            }
            run.check();
        }
    }

    @Test
    @Tag("cluster-long")
    void leadersKilledOneAfterTheOther() throws Exception {
        try (FaultRun run = FaultRun.start("kill-in-turn")) {
            for (int round = 0; round < 4; round++) {
                int leader = run.leader(round % FaultRun.PARTITIONS);
                run.mark();
                run.broker(leader).kill9();
                run.recovered();
                run.restart(leader);
            }
            run.check();
        }
    }

    @Test
    @Tag("cluster-long")
    void aLeaderPausedForLessThanItsSession() throws Exception {
        pause("pause-short", Duration.ofSeconds(3));
    }

    @Test
    @Tag("cluster-long")
    void aLeaderPausedForLongerThanItsSession() throws Exception {
        pause("pause-long", Duration.ofSeconds(15));
    }

    private static void pause(String name, Duration time) throws Exception {
        try (FaultRun run = FaultRun.start(name)) {
            RunningBroker leader = run.broker(run.leader(0));
            run.mark();
            leader.pause();
            TimeUnit.MILLISECONDS.sleep(time.toMillis());
            leader.resume();
            run.recovered();
            run.awaitAllInSync();
            run.check();
        }
    }

    @Test
    @Tag("cluster-long")
    void aPausedController() throws Exception {
        try (FaultRun run = FaultRun.start("pause-controller")) {
            RunningBroker controller = run.broker(run.controller());
            run.mark();
            controller.pause();
            TimeUnit.SECONDS.sleep(12);
            controller.resume();
            run.recovered();
            run.awaitAllInSync();
            run.check();
        }
    }

    @Test
    @Tag("cluster-long")
    void aBrokerThatLostItsLogFolder() throws Exception {
        try (FaultRun run = FaultRun.start("lost-folder")) {
            int id = run.leader(1);
            run.mark();
            run.broker(id).kill9();
            run.recovered();
            dev.tidemark.bench.broker.TempFolder.delete(run.broker(id).node().data());
            run.restart(id);
            run.check();
        }
    }

    @Test
    @Tag("cluster-long")
    void flushBeforeAckThroughAKillOfAll() throws Exception {
        try (FaultRun run = FaultRun.start("flush-kill-all", Map.of("log.flush.before.ack", "true"))) {
            run.mark();
            for (RunningBroker broker : run.cluster().brokers()) broker.kill9();
            run.cluster().launchAll();
            run.cluster().awaitWhole();
            run.recovered();
            run.check();
        }
    }
}
