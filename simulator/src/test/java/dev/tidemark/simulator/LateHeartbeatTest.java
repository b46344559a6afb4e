package dev.tidemark.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.simulator.client.ClientHost;
import dev.tidemark.simulator.client.HandledMember;
import dev.tidemark.simulator.client.SimulatedAdmin;
import dev.tidemark.simulator.cluster.SimulatedCluster;
import dev.tidemark.simulator.flaw.Flaw;
import dev.tidemark.simulator.network.Machine;
import dev.tidemark.simulator.world.World;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// A member's first heartbeat stalls on its way; the member gives that connection up, joins over another one, and works
/// on what it is given when the first one arrives.
class LateHeartbeatTest {
    private final World world = new World(1);

    @ParameterizedTest
    @EnumSource(
            value = Flaw.class,
            names = {"NONE", "LATE_HEARTBEAT_TAKEN"})
    void takesNothingFromTheMember(Flaw flaw) {
        SimulatedCluster cluster = new SimulatedCluster(world, 3, Map.of(), flaw);
        cluster.start();
        boolean[] isThere = {false};
        new SimulatedAdmin(new ClientHost(cluster, 0, "admin")).create("a", 2, 3, Map.of(), () -> isThere[0] = true);
        for (int i = 0; i < 60 && !isThere[0]; i++) world.run(1_000);
        HandledMember first = new HandledMember(new ClientHost(cluster, 1, "first"), "a");
        HandledMember second = new HandledMember(new ClientHost(cluster, 2, "second"), "a");
        find(first);
        find(second);

        first.connect();
        world.run(1_000);
        Machine coordinator = cluster.broker(first.coordinator()).machine();
        cluster.network().stall(first.machine(), coordinator);
        first.join();
        world.run(1_000);
        first.hangUp();
        first.join();
        world.run(1_000);
        assertThat(first.holds()).containsExactly(0, 1);
        second.join();
        world.run(1_000);
        cluster.network().unstall(first.machine(), coordinator);
        world.run(1_000);
        second.beat();
        world.run(1_000);

        assertThat(first.holds()).containsExactly(0, 1);
        // Nobody has told the first one to give anything up.
        if (flaw == Flaw.NONE) assertThat(second.holds()).isEmpty();
        else assertThat(second.holds()).hasSize(1);
    }

    private void find(HandledMember member) {
        for (int i = 0; i < 60 && member.coordinator() < 0; i++) {
            member.find();
            world.run(1_000);
        }
    }
}
