package dev.tidemark.compatibility.cluster;

import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// The network between the brokers fails under load, while clients and ZooKeeper reach them all.
@Tag("cluster-long")
@Timeout(value = 4, unit = TimeUnit.MINUTES)
class NetworkFaultsTest {
    /// A replica that cannot copy leaves the in-sync set soon, and a request that is not answered is given up.
    private static final Map<String, String> IMPATIENT = Map.of(
            "replica.lag.time.max.ms", "5000",
            "replica.socket.timeout.ms", "5000",
            "controller.socket.timeout.ms", "5000");

    /// What happens to the broker `id`, of three.
    private interface Fault {
        void come(FaultRun run, BrokerLinks links, int id) throws Exception;
    }

    private static void run(String name, boolean leads, int seconds, Fault fault) throws Exception {
        try (BrokerLinks links = new BrokerLinks();
                FaultRun run = FaultRun.start(name, IMPATIENT, links)) {
            int leader = run.leader(0);
            int id = leads ? leader : leader % 3 + 1;
            run.mark();
            fault.come(run, links, id);
            TimeUnit.SECONDS.sleep(seconds);
            links.heal();
            run.recovered();
            run.awaitAllInSync();
            run.check();
        }
    }

    @Test
    void anIsolatedLeader() throws Exception {
        run("isolate-leader", true, 12, (_, links, id) -> links.isolate(id, 3));
    }

    @Test
    void anIsolatedFollower() throws Exception {
        run("isolate-follower", false, 12, (_, links, id) -> links.isolate(id, 3));
    }

    @Test
    void aLeaderThatOthersDoNotReach() throws Exception {
        run("one-way-in", true, 12, (_, links, id) -> {
            for (int other = 1; other <= 3; other++) if (other != id) links.hold(other, id);
        });
    }

    @Test
    void aLeaderThatReachesNobody() throws Exception {
        run("one-way-out", true, 12, (_, links, id) -> {
            for (int other = 1; other <= 3; other++) if (other != id) links.hold(id, other);
        });
    }

    /// Its machine is gone without a word: connections stay open, new ones are not refused, and nothing answers. Only
    /// its ZooKeeper session tells.
    @Test
    void aLeaderThatIsGoneBehindOpenConnections() throws Exception {
        run("half-open", true, 0, (run, links, id) -> {
            links.isolate(id, 3);
            run.broker(id).kill9();
            run.recovered();
            links.heal();
            run.restart(id);
        });
    }

    /// The others speak into connections to a process that is no more, while its next one works already.
    @Test
    void aBrokerThatIsBackBeforeOthersLoseTheirConnections() throws Exception {
        run("half-open-restart", true, 0, (run, links, id) -> {
            links.isolate(id, 3);
            run.broker(id).kill9();
            run.broker(id).launch();
            run.broker(id).awaitFirstAnswer();
        });
    }

    @Test
    void connectionsThatBreakAgainAndAgain() throws Exception {
        run("resets", true, 1, (_, links, id) -> {
            for (int i = 0; i < 20; i++) {
                links.reset(id);
                TimeUnit.MILLISECONDS.sleep(200);
            }
        });
    }

    @Test
    void brokersThatSeeOnlyOneOther() throws Exception {
        run("chain", true, 12, (_, links, id) -> {
            int one = id % 3 + 1;
            int other = one % 3 + 1;
            links.hold(one, other);
            links.hold(other, one);
        });
    }
}
