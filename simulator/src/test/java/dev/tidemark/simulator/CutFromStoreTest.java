package dev.tidemark.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.protocol.ErrorCode;
import dev.tidemark.simulator.client.ClientHost;
import dev.tidemark.simulator.client.SimulatedAdmin;
import dev.tidemark.simulator.client.StubbornAsker;
import dev.tidemark.simulator.client.StubbornWriter;
import dev.tidemark.simulator.cluster.SimulatedBroker;
import dev.tidemark.simulator.cluster.SimulatedCluster;
import dev.tidemark.simulator.flaw.Flaw;
import dev.tidemark.simulator.world.World;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Leaders that do not reach the store, though they reach each other and their clients reach them.
class CutFromStoreTest {
    private static final long SESSION_MS = 6_000;

    private SimulatedCluster cluster;
    private StubbornWriter writer;
    private StubbornAsker asker;

    private void begin(long seed) {
        World world = new World(seed);
        Map<String, String> configs = Map.of("zookeeper.session.timeout.ms", Long.toString(SESSION_MS));
        cluster = new SimulatedCluster(world, 3, configs, Flaw.NONE);
        cluster.start();
        boolean[] isThere = {false};
        new SimulatedAdmin(new ClientHost(cluster, 0, "admin"))
                .create("a", 1, 3, Map.of("min.insync.replicas", "2"), () -> isThere[0] = true);
        for (int i = 0; i < 60 && !isThere[0]; i++) world.run(1_000);
        writer = new StubbornWriter(new ClientHost(cluster, 1, "writer"), "a");
        asker = new StubbornAsker(new ClientHost(cluster, 2, "asker"));
        world.run(5_000);
        assertThat(writer.acknowledged()).isPositive();
        assertThat(asker.broker()).isPresent();
    }

    private SimulatedBroker leader() {
        return cluster.broker(writer.broker().orElseThrow());
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4})
    void aLeaderThatHasBeenReplacedTakesNothingMore(long seed) {
        begin(seed);

        leader().storeReachable(false);
        cluster.world().run(SESSION_MS);
        assertThat(writer.sinceLastTakenMs())
                .as("while nobody can have taken its place")
                .isLessThan(500);
        cluster.world().run(3_000);
        long taken = writer.acknowledged();
        cluster.world().run(20_000);

        assertThat(writer.lastError()).isEqualTo(ErrorCode.NOT_LEADER_OR_FOLLOWER);
        assertThat(writer.acknowledged()).isEqualTo(taken);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4})
    void aCoordinatorThatHasBeenReplacedTellsNothingMore(long seed) {
        begin(seed);

        cluster.broker(asker.broker().orElseThrow()).storeReachable(false);
        cluster.world().run(SESSION_MS);
        assertThat(asker.sinceLastToldMs())
                .as("while nobody can have taken its place")
                .isLessThan(500);
        cluster.world().run(3_000);
        assertThat(asker.lastError()).isEqualTo(ErrorCode.NOT_COORDINATOR);
        cluster.world().run(20_000);

        assertThat(asker.lastError()).isEqualTo(ErrorCode.NOT_COORDINATOR);
        assertThat(asker.sinceLastToldMs()).isGreaterThan(20_000);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2})
    void allGoOnWhileTheStoreHasNoQuorum(long seed) {
        begin(seed);

        cluster.ensemble().loseQuorum();
        cluster.world().run(60_000);

        assertThat(writer.lastError()).isEqualTo(ErrorCode.NONE);
        assertThat(writer.sinceLastTakenMs()).isLessThan(500);
        assertThat(asker.sinceLastToldMs()).isLessThan(500);
        cluster.ensemble().regainQuorum();
        cluster.world().run(20_000);
        assertThat(writer.lastError()).isEqualTo(ErrorCode.NONE);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2})
    void whoComesBackInTimeHasLostNothing(long seed) {
        begin(seed);

        leader().storeReachable(false);
        cluster.world().run(SESSION_MS - 2_000);
        leader().storeReachable(true);
        cluster.world().run(20_000);

        assertThat(writer.lastError()).isEqualTo(ErrorCode.NONE);
        assertThat(writer.sinceLastTakenMs()).isLessThan(500);
    }
}
