package dev.tidemark.base.serial;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidemark.base.time.Clock;
import dev.tidemark.base.time.Loop;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class SerialTest {
    private final List<Throwable> failures = new ArrayList<>();
    private final QueueLoop loop = new QueueLoop();
    private final Serial serial = new Serial(loop, failures::add);

    /// A loop that runs its tasks when the test says so.
    private static final class QueueLoop implements Loop {
        final Queue<Runnable> tasks = new ArrayDeque<>();

        @Override
        public synchronized void run(Runnable task) {
            tasks.add(task);
        }

        @Override
        public Timer runAfter(long delayMs, Runnable task) {
            throw new AssertionError("a serial needs no timer");
        }

        @Override
        public Clock clock() {
            return Clock.SYSTEM;
        }

        synchronized Runnable next() {
            return tasks.poll();
        }

        void runAll() {
            Runnable task;
            while ((task = next()) != null) task.run();
        }
    }

    @Test
    void anIdleSerialRunsAtOnceOnTheCallersThread() {
        List<Thread> ranOn = new ArrayList<>();

        serial.execute(() -> ranOn.add(Thread.currentThread()));

        assertThat(ranOn).containsExactly(Thread.currentThread());
    }

    @Test
    void workGivenFromInsideRunsAfterTheCurrentTaskInOrder() {
        List<String> order = new ArrayList<>();

        serial.execute(() -> {
            serial.execute(() -> order.add("second"));
            serial.execute(() -> order.add("third"));
            order.add("first");
        });

        assertThat(order).containsExactly("first", "second", "third");
    }

    @Test
    void aLongRunIsHandedToTheLoopAndKeepsItsOrder() {
        List<Integer> order = new ArrayList<>();
        serial.execute(() -> {
            for (int i = 0; i < 1_000; i++) {
                int number = i;
                serial.execute(() -> order.add(number));
            }
        });
        assertThat(order).hasSizeLessThan(100);

        loop.runAll();

        assertThat(order).hasSize(1_000).isSorted();
    }

    @Test
    void workThatComesWhileTheRestWaitsForTheLoopStaysBehindIt() {
        List<Integer> order = new ArrayList<>();
        serial.execute(() -> {
            for (int i = 0; i < 100; i++) {
                int number = i;
                serial.execute(() -> order.add(number));
            }
        });

        serial.execute(() -> order.add(100));
        loop.runAll();

        assertThat(order).hasSize(101).isSorted();
    }

    @Test
    void aFailedTaskStopsTheSerialForGood() {
        RuntimeException bug = new IllegalStateException("half changed");
        List<String> ran = new ArrayList<>();

        serial.execute(() -> {
            serial.execute(() -> ran.add("queued behind the failure"));
            throw bug;
        });

        assertThat(failures).containsExactly(bug);
        assertThatThrownBy(() -> serial.execute(() -> ran.add("later"))).isInstanceOf(Serial.StoppedException.class);
        loop.runAll();
        assertThat(ran).isEmpty();
    }

    @Test
    void whoWaitsForRefusedWorkIsToldOnce() {
        List<String> told = new ArrayList<>();

        serial.execute(() -> {
            for (int i = 0; i < 2; i++) serial.execute(refusable("queued " + i, told));
            throw new IllegalStateException("half changed");
        });

        assertThat(told).containsExactly("queued 0", "queued 1");
        assertThatThrownBy(() -> serial.execute(refusable("later", told))).isInstanceOf(Serial.StoppedException.class);
        assertThat(told).hasSize(2);
    }

    private static Serial.Refusable refusable(String name, List<String> told) {
        return new Serial.Refusable() {
            @Override
            public void run() {
                told.add(name + " ran");
            }

            @Override
            public void onRefused() {
                told.add(name);
            }
        };
    }

    @Test
    void threadsNeverMeetInsideAndEachThreadsWorkKeepsItsOrder() throws InterruptedException {
        int threads = 4;
        int tasksEach = 20_000;
        int[] unguarded = new int[1];
        List<List<Integer>> seen = new ArrayList<>();
        for (int t = 0; t < threads; t++) seen.add(new ArrayList<>());
        CountDownLatch done = new CountDownLatch(threads * tasksEach);
        ExecutorService pool = Executors.newFixedThreadPool(threads);
        for (int t = 0; t < threads; t++) {
            List<Integer> mine = seen.get(t);
            pool.execute(() -> {
                for (int i = 0; i < tasksEach; i++) {
                    int number = i;
                    serial.execute(() -> {
                        unguarded[0]++;
                        mine.add(number);
                        done.countDown();
                    });
                    Runnable rest = loop.next();
                    if (rest != null) rest.run();
                }
            });
        }

        pool.shutdown();
        pool.awaitTermination(30, TimeUnit.SECONDS);
        loop.runAll();

        assertThat(done.getCount()).isZero();
        assertThat(unguarded[0]).isEqualTo(threads * tasksEach);
        assertThat(seen).allSatisfy(mine -> assertThat(mine).hasSize(tasksEach).isSorted());
    }
}
