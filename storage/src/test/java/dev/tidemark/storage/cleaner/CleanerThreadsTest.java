package dev.tidemark.storage.cleaner;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.Deque;
import org.junit.jupiter.api.Test;

class CleanerThreadsTest {
    private final Deque<Runnable> started = new ArrayDeque<>();

    @Test
    void startsNoMoreThanAllowedAndTheNextWhenOneEnds() {
        CleanerThreads threads = new CleanerThreads(started::add, 2);

        for (int i = 0; i < 4; i++) threads.execute(() -> {});
        assertThat(started).hasSize(2);

        started.removeFirst().run();
        assertThat(started).hasSize(2);
    }

    @Test
    void moreAreStartedAtOnceWhenMoreAreAllowed() {
        CleanerThreads threads = new CleanerThreads(started::add, 1);
        for (int i = 0; i < 4; i++) threads.execute(() -> {});

        threads.max(3);

        assertThat(started).hasSize(3);
    }
}
