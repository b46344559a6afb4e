package dev.tidemark.broker.produce;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.broker.produce.ProducerIds.Block;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class ProducerIdsTest {
    private final List<CompletableFuture<Block>> asked = new ArrayList<>();
    private final ProducerIds ids = new ProducerIds(() -> {
        CompletableFuture<Block> block = new CompletableFuture<>();
        asked.add(block);
        return block;
    });

    @Test
    void thoseWhoComeWhileABlockIsOnItsWayShareIt() {
        CompletableFuture<Long> first = ids.next();
        CompletableFuture<Long> second = ids.next();
        assertThat(asked).hasSize(1);

        asked.getFirst().complete(new Block(1_000, 1_000));

        assertThat(first.join()).isEqualTo(1_000);
        assertThat(second.join()).isEqualTo(1_001);
        assertThat(ids.next().join()).isEqualTo(1_002);
    }

    @Test
    void aBlockThatIsTooSmallForAllIsFollowedByTheNext() {
        CompletableFuture<Long> first = ids.next();
        CompletableFuture<Long> second = ids.next();
        asked.getFirst().complete(new Block(5, 1));
        assertThat(first).isCompletedWithValue(5L);
        assertThat(second).isNotDone();

        asked.get(1).complete(new Block(9, 1));

        assertThat(second).isCompletedWithValue(9L);
    }

    @Test
    void aFailureIsToldAndTheNextOneAsksAgain() {
        CompletableFuture<Long> failed = ids.next();
        asked.getFirst().completeExceptionally(new IllegalStateException("no ZooKeeper"));
        assertThat(failed).isCompletedExceptionally();

        CompletableFuture<Long> again = ids.next();

        assertThat(asked).hasSize(2);
        assertThat(again).isNotDone();
    }
}
