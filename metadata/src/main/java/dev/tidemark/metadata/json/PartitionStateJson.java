package dev.tidemark.metadata.json;

import dev.tidemark.base.Bytes;
import dev.tidemark.metadata.image.PartitionRegistration;
import java.util.List;

/// `/brokers/topics/T/partitions/N/state`.
public final class PartitionStateJson {
    private PartitionStateJson() {}

    /// Leadership as it is stored; the replicas stand in the topic's znode.
    public record State(int leader, int leaderEpoch, List<Integer> isr, int controllerEpoch) {}

    public static Bytes write(PartitionRegistration partition, int controllerEpoch) {
        return new JsonText()
                .open()
                .field("controller_epoch", controllerEpoch)
                .field("leader", partition.leader())
                .field("version", 1)
                .field("leader_epoch", partition.leaderEpoch())
                .numbers("isr", partition.isr())
                .close()
                .toBytes();
    }

    public static Parsed<State> parse(Bytes data) {
        return Parsed.ofObject(data, json -> {
            json.version(1);
            return new State(
                    json.number("leader", PartitionRegistration.NO_LEADER, Integer.MAX_VALUE),
                    json.number("leader_epoch", 0, Integer.MAX_VALUE),
                    json.brokerIds("isr"),
                    json.number("controller_epoch", 0, Integer.MAX_VALUE));
        });
    }
}
