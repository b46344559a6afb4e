package dev.tidemark.simulator.cluster;

import dev.tidemark.base.TopicPartition;
import dev.tidemark.base.time.Loop;
import dev.tidemark.broker.core.BrokerCore;
import dev.tidemark.metadata.image.ClusterImage;
import dev.tidemark.metadata.json.Parsed;
import dev.tidemark.metadata.json.PartitionStateJson;
import dev.tidemark.metadata.json.Znodes;
import dev.tidemark.metadata.store.InMemoryEnsemble;
import dev.tidemark.simulator.flaw.Flaw;
import dev.tidemark.simulator.network.SimulatedNetwork;
import dev.tidemark.simulator.world.SimulatedProcess;
import dev.tidemark.simulator.world.World;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// A cluster: machines with brokers, the network between them, and the ensemble of the store, which never dies but may
/// be unreachable.
public final class SimulatedCluster {
    private static final int STORE_NUMBER = 900_000;

    private final World world;
    private final SimulatedNetwork network;
    private final InMemoryEnsemble ensemble;
    private final List<SimulatedBroker> brokers = new ArrayList<>();
    private int storeLeaderMoves;

    /// @param configs what all brokers are configured with
    public SimulatedCluster(World world, int brokerCount, Map<String, String> configs, Flaw flaw) {
        this.world = world;
        this.network = new SimulatedNetwork(world, flaw);
        SimulatedProcess store = new SimulatedProcess(world, STORE_NUMBER, "store");
        Loop loop = store.newLoop();
        this.ensemble = new InMemoryEnsemble(loop);
        for (int id = 1; id <= brokerCount; id++) {
            Map<String, String> texts = new TreeMap<>(configs);
            texts.put("node.id", Integer.toString(id));
            texts.put("log.dirs", "/broker-" + id + "/data");
            brokers.add(new SimulatedBroker(world, id, texts, network, ensemble, loop));
        }
        moveStoreLeader();
    }

    public World world() {
        return world;
    }

    public SimulatedNetwork network() {
        return network;
    }

    public InMemoryEnsemble ensemble() {
        return ensemble;
    }

    /// The ensemble's leader runs beside another broker from now on.
    private void moveStoreLeader() {
        int index = storeLeaderMoves++ % brokers.size();
        ensemble.leadBeside(brokers.get(index).id());
    }

    /// The ensemble has its majority again, under another leader.
    public void regainStoreQuorum() {
        moveStoreLeader();
        ensemble.regainQuorum();
    }

    public List<SimulatedBroker> brokers() {
        return brokers;
    }

    public SimulatedBroker broker(int id) {
        return brokers.get(id - 1);
    }

    public void start() {
        brokers.forEach(SimulatedBroker::start);
    }

    /// Ends whatever still runs, when all is told.
    public void leave() {
        brokers.forEach(SimulatedBroker::leave);
    }

    /// A partition's leadership and ISR as they are stored: what is true, whoever knows it.
    public Optional<PartitionStateJson.State> stored(TopicPartition partition) {
        return ensemble.look(Znodes.partitionState(partition.topic(), partition.partition()))
                .map(node -> PartitionStateJson.parse(node.data()))
                .flatMap(parsed -> parsed instanceof Parsed.Good<PartitionStateJson.State>(var state)
                        ? Optional.of(state)
                        : Optional.empty());
    }

    /// Who is the controller: of those who think that they are it, the one of the newest epoch.
    public Optional<SimulatedBroker> controller() {
        return brokers.stream()
                .filter(SimulatedCluster::isController)
                .max(Comparator.comparingInt(broker -> broker.core()
                        .map(core -> core.plane().image().controller().epoch())
                        .orElse(-1)));
    }

    private static boolean isController(SimulatedBroker broker) {
        return broker.core()
                .filter(core -> core.isJoined() && core.plane().isController())
                .isPresent();
    }

    /// What the controller knows: of those who think that they are it, the one of the newest epoch.
    public Optional<ClusterImage> image() {
        return brokers.stream()
                .flatMap(broker -> broker.core().stream())
                .filter(core -> core.isJoined())
                .map(BrokerCore::plane)
                .filter(plane -> plane.isController())
                .map(plane -> plane.image())
                .max(Comparator.comparingInt(image -> image.controller().epoch()));
    }
}
