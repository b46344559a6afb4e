package dev.tidemark.coordinator.group;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.coordinator.group.consumer.ConsumerGroup;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class LargeGroupTest {
    private final World world = new World();

    @Test
    void manyMembersThatComeAtOnceGetTheirTargetsTogether() {
        world.topics.create("t", 600);
        List<TestClient> clients = new ArrayList<>();
        for (int i = 0; i < 300; i++) {
            TestClient client = new TestClient("c" + i, world);
            client.memberId = client.name;
            client.topics = List.of("t");
            clients.add(client);
            client.heartbeat(0, true, client.topics, null, null).join();
            world.loop.advance(1);
        }
        world.loop.advance(1_000);
        ConsumerGroup started = group();
        assertThat(started.groupEpoch()).isEqualTo(300);
        assertThat(started.assignmentEpoch()).isEqualTo(300);
        assertThat(timesAssigned()).isLessThan(110);

        for (int round = 0; round < 4; round++)
            for (TestClient client : clients)
                client.heartbeat(client.epoch, false, null, null, null).join();

        assertThat(group().stateLabel()).isEqualTo("Stable");
        assertThat(clients)
                .allSatisfy(client -> assertThat(client.owned.get("t")).hasSize(2));
    }

    private ConsumerGroup group() {
        GroupEntry entry = world.live().entry("g");
        assertThat(entry).isNotNull();
        ConsumerGroup group = entry.consumer();
        assertThat(group).isNotNull();
        return group;
    }

    private long timesAssigned() {
        return world.log.batches().stream()
                .flatMap(batch -> batch.records().stream())
                .map(RecordReader::read)
                .filter(read -> read != null && read.fact() instanceof GroupFact.TargetEpochSet)
                .count();
    }
}
