package dev.tidemark.metadata.controller;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.base.TopicPartition;
import dev.tidemark.base.Uuid;
import dev.tidemark.metadata.controller.ControllerInput.AlterPartition;
import dev.tidemark.metadata.controller.ControllerInput.IsrChange;
import dev.tidemark.metadata.controller.ControllerInput.IsrMember;
import dev.tidemark.metadata.controller.ControllerInput.Origin;
import dev.tidemark.metadata.controller.ControllerReply.PartitionsAltered;
import dev.tidemark.metadata.controller.ControllerReply.TopicCreation;
import dev.tidemark.metadata.controller.ControllerReply.TopicsCreated;
import dev.tidemark.metadata.image.BrokerEndpoint;
import dev.tidemark.metadata.image.BrokerRegistration;
import dev.tidemark.metadata.image.ClusterImage;
import dev.tidemark.metadata.image.ConfigResource;
import dev.tidemark.metadata.image.MetadataChange;
import dev.tidemark.metadata.image.PartitionRegistration;
import dev.tidemark.protocol.ErrorCode;
import java.util.List;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// A cluster in the head: an image, and a controller whose facts are applied at once.
final class Cluster {
    final Controller controller;
    ClusterImage image = ClusterImage.EMPTY;
    private long lastId;

    Cluster(int brokers) {
        this(ControllerSettings.DEFAULTS, brokers);
    }

    Cluster(ControllerSettings settings, int brokers) {
        controller = new Controller(settings, ConfigRules.ANYTHING);
        for (int id = 1; id <= brokers; id++) register(id, id, null, true);
    }

    void register(int id, long epoch, @Nullable String rack, boolean stoppedCleanly) {
        image = image.with(new MetadataChange.BrokerRegistered(broker(id, epoch, rack, stoppedCleanly)));
    }

    static BrokerRegistration broker(int id, long epoch, @Nullable String rack, boolean stoppedCleanly) {
        BrokerEndpoint endpoint = new BrokerEndpoint("PLAINTEXT", "host" + id, 9092, "PLAINTEXT");
        return new BrokerRegistration(id, epoch, List.of(endpoint), rack, new TreeMap<>(), stoppedCleanly);
    }

    void lose(int id) {
        image = image.with(new MetadataChange.BrokerGone(id));
    }

    /// Decides and applies.
    ControllerReply run(ControllerInput input) {
        Decision decision = controller.decide(image, input);
        for (MetadataChange fact : decision.facts()) {
            if (fact instanceof MetadataChange.PartitionChanged changed) checkIsOneWrite(changed);
            image = image.with(fact);
        }
        return decision.reply();
    }

    /// The partition's epoch is its znode's version: one fact is one write.
    private void checkIsOneWrite(MetadataChange.PartitionChanged changed) {
        PartitionRegistration before =
                image.topics().partition(changed.partition()).orElseThrow();
        PartitionRegistration after = changed.registration();
        boolean sameLeadership = before.withAssignment(after).equals(after);
        assertThat(after.partitionEpoch()).isEqualTo(before.partitionEpoch() + (sameLeadership ? 0 : 1));
    }

    Uuid newId() {
        return new Uuid(1, ++lastId);
    }

    TopicCreation create(String name, int partitions, int replicationFactor) {
        return create(TopicRequest.of(name, newId(), partitions, replicationFactor));
    }

    TopicCreation create(TopicRequest request) {
        var reply = run(new ControllerInput.CreateTopics(List.of(request), false, Origin.CLIENT, 0));
        return ((TopicsCreated) reply).topics().getFirst();
    }

    /// A topic with these replicas of its partitions, from 0 on.
    @SafeVarargs
    final Uuid createOn(String name, List<Integer>... replicas) {
        var assignments = new TreeMap<Integer, List<Integer>>();
        for (List<Integer> each : replicas) assignments.put(assignments.size(), each);
        return create(new TopicRequest(name, newId(), -1, -1, assignments, new TreeMap<>()))
                .id();
    }

    void configure(String topic, String key, String value) {
        configure(ConfigResource.topic(topic), key, value);
    }

    void configure(ConfigResource resource, String key, String value) {
        var entry = new ConfigAlteration.Entry(key, ConfigAlteration.Operation.SET, value);
        var alteration = new ConfigAlteration(resource, false, List.of(entry));
        run(new ControllerInput.AlterConfigs(List.of(alteration), false));
    }

    /// What the leader of the topic's partition 0 is told when it proposes this ISR.
    ErrorCode proposeIsr(String topic, int leader, Integer... isr) {
        PartitionRegistration now = partition(topic, 0);
        List<IsrMember> members =
                List.of(isr).stream().map(id -> new IsrMember(id, -1)).toList();
        Uuid id = image.topics().topic(topic).orElseThrow().id();
        var reply = (PartitionsAltered) run(new AlterPartition(
                leader,
                image.broker(leader).orElseThrow().epoch(),
                List.of(new IsrChange(id, 0, now.leaderEpoch(), now.partitionEpoch(), members))));
        return reply.partitions().getFirst().error();
    }

    PartitionRegistration partition(String topic, int index) {
        return image.topics().partition(new TopicPartition(topic, index)).orElseThrow();
    }
}
