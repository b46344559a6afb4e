package dev.tidemark.broker.partition;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.base.TopicPartition;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class IsrNewsTest {
    private static IsrNews.Change change(int partition, List<Integer> before, List<Integer> after) {
        return new IsrNews.Change(new TopicPartition("flights", partition), before, after, 7);
    }

    @Test
    void aFewAreToldOneByOne() {
        assertThat(IsrNews.lines(List.of(
                        change(0, List.of(1, 2, 3), List.of(1, 3)), change(4, List.of(1, 3), List.of(1, 2, 3)))))
                .containsExactly(
                        "flights-0 has the ISR [1, 3] (partition epoch 7).",
                        "flights-4 has the ISR [1, 2, 3] (partition epoch 7).");
    }

    @Test
    void manyAreToldForEachBroker() {
        List<IsrNews.Change> gathered = new ArrayList<>();
        for (int i = 0; i < 2_000; i++) gathered.add(change(i, List.of(1, 2, 3), List.of(1, 3)));
        for (int i = 0; i < 2; i++) gathered.add(change(i, List.of(1, 3), List.of(1, 3, 4)));

        assertThat(IsrNews.lines(gathered))
                .containsExactly(
                        "Broker 2 left the ISR of 2000 partitions: flights-0, flights-1, flights-2 and others.",
                        "Broker 4 joined the ISR of flights-0, flights-1.");
    }

    @Test
    void nothingIsToldOfNothing() {
        assertThat(IsrNews.lines(List.of())).isEmpty();
    }
}
