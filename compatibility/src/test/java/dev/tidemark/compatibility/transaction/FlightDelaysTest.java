package dev.tidemark.compatibility.transaction;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.compatibility.Flights;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.LongStream;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Each flight counts exactly once in what an application makes of it, while brokers, coordinators and the application
/// itself are killed.
///
/// `-Dexcluded.groups= -Dgroups=cluster-long -Ddelays.runs=20` for many runs, each with faults in an order of its
/// own, again and again while flights come, and every fourth in transaction version 1; `-Ddelays.seed=S` for one of
/// them again. `-Dflights.file=FILE` takes more flights than the sample has, `-Ddelays.rate=R` so many a second.
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class FlightDelaysTest {
    private static final int RECORDS_PER_SECOND = Integer.getInteger("delays.rate", 200);

    static LongStream seeds() {
        Long only = Long.getLong("delays.seed");
        return only != null ? LongStream.of(only) : LongStream.rangeClosed(1, Integer.getInteger("delays.runs", 2));
    }

    @Test
    void eachFlightCountsOnceThroughKills() throws Exception {
        run(
                "short",
                2,
                Flights.read(Flights.sample()).subList(0, 1_500),
                List.of(Fault.APPLICATION, Fault.COORDINATOR, Fault.COORDINATOR_STOP),
                0);
    }

    @ParameterizedTest
    @MethodSource("seeds")
    @Tag("cluster-long")
    void eachFlightCountsOnceThroughManyKills(long seed) throws Exception {
        List<Fault> faults = new ArrayList<>(List.of(Fault.values()));
        faults.add(Fault.APPLICATION);
        Collections.shuffle(faults, new Random(seed));
        run("seed-" + seed, seed % 4 == 0 ? 1 : 2, Flights.read(Flights.chosen()), faults, (int) (seed % 3));
    }

    private static void run(String name, int transactionVersion, List<String> lines, List<Fault> faults, int which)
            throws Exception {
        try (DelaysRun run = DelaysRun.start(name, transactionVersion)) {
            Future<Void> feeding = feed(run.bootstrap(), lines);
            run.awaitRead(lines.size() / 20);
            int struck = 0;
            while (struck < faults.size() || !feeding.isDone()) {
                strike(run, name, faults.get(struck % faults.size()), (which + struck) % 3);
                struck++;
            }
            feeding.get();
            run.awaitRead(lines.size());
            System.out.println("delays: " + name + ": " + lines.size() + " flights, " + struck
                    + " faults, applications ended " + run.endsOfApplications() + " times");
            run.closeApplications();

            assertThat(Delays.read(run.bootstrap(), "delays", 3)).isEqualTo(Delays.of(lines));
        }
    }

    private static void strike(DelaysRun run, String name, Fault fault, int which) throws Exception {
        long startNs = System.nanoTime();
        run.strike(fault, which);
        System.out.println("delays: " + name + ": " + fault + ", " + (System.nanoTime() - startNs) / 1_000_000 + " ms");
    }

    /// Steadily, so that there is work to do all the time.
    private static Future<Void> feed(String bootstrap, List<String> lines) {
        CompletableFuture<Void> done = new CompletableFuture<>();
        Thread.ofPlatform().daemon().name("feeder").start(() -> {
            AtomicInteger acknowledged = new AtomicInteger();
            try (KafkaProducer<String, String> producer = new KafkaProducer<>(
                    Map.of("bootstrap.servers", bootstrap, "acks", "all", "delivery.timeout.ms", 180_000),
                    new StringSerializer(),
                    new StringSerializer())) {
                long startNs = System.nanoTime();
                for (int i = 0; i < lines.size(); i++) {
                    long leftNs = startNs + i * (1_000_000_000L / RECORDS_PER_SECOND) - System.nanoTime();
                    if (leftNs > 0) TimeUnit.NANOSECONDS.sleep(leftNs);
                    String origin = Delays.Flight.of(lines.get(i)).origin();
                    var _ = producer.send(new ProducerRecord<>("flights", origin, lines.get(i)), (_, failure) -> {
                        if (failure == null) acknowledged.incrementAndGet();
                    });
                }
                producer.flush();
                assertThat(acknowledged.get()).isEqualTo(lines.size());
                done.complete(null);
            } catch (Exception | AssertionError failure) {
                done.completeExceptionally(failure);
            }
        });
        return done;
    }
}
