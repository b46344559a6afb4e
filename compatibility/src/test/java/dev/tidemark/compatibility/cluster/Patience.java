package dev.tidemark.compatibility.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/// Waits for what a cluster does in its own time, and fails when it takes too long.
final class Patience {
    static final Duration LIMIT = Duration.ofSeconds(60);
    private static final long PAUSE_MS = 50;

    private Patience() {}

    static void await(String what, Callable<Boolean> condition) throws Exception {
        await(() -> what, LIMIT, condition);
    }

    /// @param what is asked for when it has failed
    /// @param condition asks again when an admin client's answer is an error
    static void await(Supplier<String> what, Duration limit, Callable<Boolean> condition) throws Exception {
        long startNs = System.nanoTime();
        while (!isNow(condition)) {
            assertThat(Duration.ofNanos(System.nanoTime() - startNs)).as(what).isLessThan(limit);
            TimeUnit.MILLISECONDS.sleep(PAUSE_MS);
        }
    }

    private static boolean isNow(Callable<Boolean> condition) throws Exception {
        try {
            return condition.call();
        } catch (ExecutionException notNow) {
            return false;
        }
    }
}
