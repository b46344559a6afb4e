package dev.tidemark.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.simulator.cluster.SimulatedBroker;
import dev.tidemark.simulator.cluster.SimulatedCluster;
import dev.tidemark.simulator.flaw.Flaw;
import dev.tidemark.simulator.world.World;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// A broker was killed, so that it may have lost records. Nobody may rely on its logs before the
/// controller knows that, however often it is started and stopped meanwhile.
class InterruptedStartTest {
    private static final Path CLEAN_STOP = Path.of("/broker-1/data/.kafka_cleanshutdown");

    private final World world = new World(1);
    private final SimulatedCluster cluster = new SimulatedCluster(world, 3, Map.of(), Flaw.NONE);
    private final SimulatedBroker broker = cluster.broker(1);

    private void killWhenAllIsUp() {
        cluster.start();
        world.run(20_000);
        assertThat(broker.isServing()).isTrue();
        broker.kill();
    }

    private void stop() {
        broker.stop(60_000);
        world.run(20_000);
        assertThat(broker.isRunning()).isFalse();
    }

    @Test
    void aStopBeforeTheControllerKnowsIsNoCleanOne() {
        killWhenAllIsUp();
        broker.start();
        broker.storeReachable(false);
        world.run(5_000);

        stop();

        assertThat(broker.disk().exists(CLEAN_STOP)).isFalse();
    }

    @Test
    void aStopAfterwardsIsAsCleanAsAny() {
        killWhenAllIsUp();
        broker.start();
        world.run(20_000);

        stop();

        assertThat(broker.disk().exists(CLEAN_STOP)).isTrue();
    }
}
