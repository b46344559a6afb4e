package dev.tidemark.compatibility;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.bench.broker.RunningBroker;
import dev.tidemark.compatibility.driver.Command;
import dev.tidemark.compatibility.matrix.Outcomes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.NewTopic;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// The main job on real input: flights, keyed by their origin, go in through kcat and come back equal and in order per
/// key through a group of two Java consumers, and once more after kill -9 and a restart.
class FlightsTest {
    private static final String TOPIC = "flights";
    private static final int PARTITIONS = 6;

    /// The sample, and what `-Dflights.file=` names beside it.
    static Stream<Path> files() {
        return Stream.of(Flights.sample(), Flights.chosen()).distinct();
    }

    @AfterAll
    static void writeTable() throws IOException, InterruptedException {
        Outcomes.ofThisRun().write(SharedBroker.product().version());
    }

    @ParameterizedTest
    @MethodSource("files")
    void comeBackEqualAndInOrderAlsoAfterAKill(Path file) throws Exception {
        if (!Files.isExecutable(Path.of("/usr/bin/kcat"))) Outcomes.requirePresent("kcat is not installed");
        List<String> lines = Flights.read(file);
        String job = "flights by kcat in, by a group of two out, kill -9 between (" + lines.size() + " records)";
        Outcomes.ofThisRun().check(job, () -> {
            run(lines);
            return true;
        });
    }

    private static void run(List<String> lines) throws Exception {
        Map<String, List<String>> expected = Flights.byOrigin(lines);
        try (SharedBroker.Started started = SharedBroker.start()) {
            RunningBroker broker = started.broker();
            try (Reference reference = new Reference(broker.bootstrap())) {
                NewTopic topic = new NewTopic(TOPIC, PARTITIONS, (short) 1);
                reference.admin().createTopics(List.of(topic)).all().get();
            }
            produce(broker, expected, lines);
            assertThat(FlightsGroup.read(broker.bootstrap(), TOPIC, "before", lines.size()))
                    .isEqualTo(expected);

            broker.kill9();
            broker.launch();
            broker.awaitFirstAnswer();

            assertThat(FlightsGroup.read(broker.bootstrap(), TOPIC, "after", lines.size()))
                    .isEqualTo(expected);
            // What the first group committed was not forgotten: there is nothing left for it.
            assertThat(FlightsGroup.committed(broker.bootstrap(), "before")).isEqualTo(lines.size());
        }
    }

    private static void produce(RunningBroker broker, Map<String, List<String>> expected, List<String> lines)
            throws Exception {
        StringBuilder input = new StringBuilder();
        for (String line : lines) input.append(Flights.keyed(line));
        List<String> kcat = List.of("kcat", "-P", "-b", broker.bootstrap(), "-t", TOPIC, "-K", "|", "-z", "lz4");
        Command.Result result = Command.run(kcat, input.toString());
        assertThat(result.exitCode()).as(result.errors()).isZero();
        assertThat(expected).hasSizeGreaterThan(50);
    }
}
