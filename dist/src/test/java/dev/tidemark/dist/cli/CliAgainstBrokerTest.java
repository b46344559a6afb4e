package dev.tidemark.dist.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.dist.broker.RunningBroker;
import dev.tidemark.dist.cli.output.Terminal;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The command line and the clients beneath it against a broker in this process. Each test has topics of its own.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class CliAgainstBrokerTest {
    private static final String FLIGHTS = """
            {"origin":"DTW","n":1}
            {"origin":"LAS","n":2}
            {"origin":"DTW","n":3}
            {"origin":"HNL","n":4}
            """;

    private final RunningBroker broker;
    private final String address;

    CliAgainstBrokerTest(@TempDir Path folder) throws Exception {
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            address = "127.0.0.1:" + free.getLocalPort();
        }
        broker = RunningBroker.start(Map.of(
                "listeners",
                "PLAINTEXT://" + address,
                "log.dirs",
                folder.resolve("logs").toString(),
                "offsets.topic.num.partitions",
                "2",
                "transaction.state.log.num.partitions",
                "2",
                "tidemark.zookeeper.data.dir",
                folder.resolve("zookeeper").toString()));
    }

    @AfterAll
    void stop() {
        broker.stop();
    }

    private CliRun run(String line) throws IOException {
        return run(line, "");
    }

    private CliRun run(String line, String input) throws IOException {
        return CliRun.with(input, Map.of("TIDEMARK_BOOTSTRAP", address), line.split(" "));
    }

    private static Stream<String> lines(String text) {
        return Arrays.stream(text.split("\n")).filter(line -> !line.isEmpty()).sorted();
    }

    @Test
    void topicsAreMadeShownGrownAndDeleted() throws IOException {
        assertThat(run("topic create life -p 2 -c retention.ms=100000").out())
                .isEqualTo("created topic life with 2 partitions, replication factor 1\n");
        assertThat(run("topic create life").err()).contains("TOPIC_ALREADY_EXISTS");
        assertThat(run("topic create life --if-not-exists").exitCode()).isZero();
        assertThat(run("topic list").out()).contains("life").startsWith("TOPIC");
        assertThat(run("topic alter life -p 3 --config retention.ms=200000").exitCode())
                .isZero();
        assertThat(run("topic describe life").out()).contains("retention.ms=200000", "PARTITION  LEADER");
        assertThat(run("topic describe life -o json").out()).contains("\"partition\": 2", "\"endOffset\": 0");
        assertThat(run("topic alter life --config retention.ms=x").err()).contains("topic life: ");
        assertThat(run("topic delete life").out()).isEqualTo("deleted topic life\n");
        assertThat(run("topic delete life --if-exists").out()).isEqualTo("there is no topic life\n");

        CliRun gone = run("topic describe life");
        assertThat(gone.exitCode()).isEqualTo(ExitCode.NOT_FOUND);
        assertThat(gone.err()).contains("topic life", "UNKNOWN_TOPIC_OR_PARTITION", "`tidemark topic list`");
    }

    @ParameterizedTest
    @ValueSource(strings = {"none", "gzip", "snappy", "lz4", "zstd"})
    void recordsComeBackAsTheyWentInWithEachCodec(String codec) throws IOException {
        run("topic create codec-" + codec + " -p 3");

        assertThat(run("produce codec-" + codec + " --key-field origin -z " + codec, FLIGHTS)
                        .exitCode())
                .isZero();

        CliRun read = run("consume codec-" + codec + " --from beginning --exit");
        assertThat(lines(read.out())).containsExactlyElementsOf(lines(FLIGHTS).toList());
        assertThat(run("consume codec-" + codec + " --from beginning --exit -f %k\\n")
                        .out()
                        .split("\n"))
                .containsExactlyInAnyOrder("DTW", "LAS", "DTW", "HNL");
    }

    @Test
    void aGroupDoesNotPassWhatCouldNotBePrinted() throws IOException {
        run("topic create unprinted -p 1");
        run("produce unprinted", "a\nb\n");
        String consume = "consume unprinted --group readers --from beginning --exit";

        Terminal full = new Terminal(
                InputStream.nullInputStream(),
                new PrintStream(new FullDisk(), false, StandardCharsets.UTF_8),
                new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8),
                Map.of("TIDEMARK_BOOTSTRAP", address),
                Set.of());
        new Cli(full, _ -> ExitCode.OK).run(consume.split(" "));

        assertThat(run(consume).out()).isEqualTo("a\nb\n");
    }

    private static final class FullDisk extends OutputStream {
        @Override
        public void write(int one) throws IOException {
            throw new IOException("No space left on device");
        }
    }

    @Test
    void readingBeginsWhereItIsToldTo() throws IOException {
        run("topic create where -p 1");
        run("produce where --key k --header h=1", "a\nb\nc\nd\n");

        assertThat(run("consume where --from 1 --count 2 -f %o%s\\n").out()).isEqualTo("1b\n2c\n");
        assertThat(run("consume where --from -1 --exit -o key-value").out()).isEqualTo("k\td\n");
        assertThat(run("consume where --from -1h --exit -f %s").out()).isEqualTo("abcd");
        assertThat(run("consume where --from end --exit").out()).isEqualTo("");
        assertThat(run("consume where --from -1 --exit -o json").out())
                .contains("\"offset\":3", "\"key\":\"k\"", "\"headers\":[[\"h\",\"1\"]]");
    }

    @ParameterizedTest
    @ValueSource(strings = {"consumer", "classic", "cooperative"})
    void groupsRememberWhatWasRead(String protocol) throws IOException {
        String topic = "grouped-" + protocol;
        String group = "group-" + protocol;
        run("topic create " + topic + " -p 2");
        run("produce " + topic + " --key-field origin", FLIGHTS);
        String consume = "consume " + topic + " --from beginning --exit -g " + group + " --group-protocol " + protocol;

        assertThat(lines(run(consume).out()))
                .containsExactlyElementsOf(lines(FLIGHTS).toList());
        assertThat(run(consume).out()).as("read already").isEmpty();

        assertThat(run("group list").out()).contains(group);
        assertThat(run("group describe " + group).out()).contains("total lag 0");
        assertThat(run("group reset " + group + " --to-earliest").err()).contains("add --execute");
        assertThat(run("group describe " + group + " -o json").out()).contains("\"totalLag\": 0");
        CliRun reset = run("group reset " + group + " --to-earliest --execute");
        assertThat(reset.exitCode()).as(reset.err()).isZero();
        assertThat(run("group describe " + group).out()).contains("total lag 4");
        assertThat(lines(run(consume).out()))
                .containsExactlyElementsOf(lines(FLIGHTS).toList());
        assertThat(run("group delete " + group).exitCode()).isZero();
        assertThat(run("group describe " + group).exitCode()).isEqualTo(ExitCode.NOT_FOUND);
    }

    @Test
    void settingsAreSetAndUnset() throws IOException {
        run("topic create set");

        assertThat(run("config set topic set retention.ms=5000").out()).isEqualTo("set retention.ms of topic set\n");
        assertThat(run("config describe topic set").out()).contains("retention.ms", "5000", "topic");
        assertThat(run("config set topic set retention.ms=soon").err()).contains("INVALID_CONFIG");
        assertThat(run("config unset topic set retention.ms").exitCode()).isZero();
        assertThat(run("config describe topic set").out()).doesNotContain("5000");
        run("config set broker default log.cleaner.threads=2");
        run("config set broker 1 log.cleaner.threads=3");
        assertThat(run("config unset broker 1 log.cleaner.threads").exitCode()).isZero();
        assertThat(run("config unset broker default log.cleaner.threads").exitCode())
                .isZero();
        assertThat(run("cluster describe -o json").out()).contains("\"clusterId\"", "\"logDirs\"");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "config unset topic unset retention.mss",
                "config unset topic unset retention.ms",
                "topic alter unset -c retention.ms=5 -d retention.mss",
                "config unset broker 1 log.retention.mss",
                "config unset broker default log.cleaner.threads",
                "config unset group nobody consumer.session.timeout.ms"
            })
    void whatIsNotSetCannotBeUnset(String command) throws IOException {
        run("topic create unset --if-not-exists");

        CliRun run = run(command);

        assertThat(run.exitCode()).isEqualTo(ExitCode.FAILED);
        assertThat(run.err()).contains("is not set for", "nothing was changed", "config describe");
        assertThat(run("config describe topic unset").out()).doesNotContain("retention.ms ");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "config set broker 9 log.cleaner.threads=2",
                "config unset broker 9 log.cleaner.threads",
                "config describe broker 9"
            })
    void aBrokerThatIsNotThereHasNoSettings(String command) throws IOException {
        CliRun run = run(command);

        assertThat(run.exitCode()).isEqualTo(ExitCode.NOT_FOUND);
        assertThat(run.err()).containsIgnoringCase("there is no broker 9");
    }

    @Test
    void whatCannotBeReadIsToldByItsLine() throws IOException {
        run("topic create lines");

        CliRun run = run("produce lines --key-field origin", "{\"origin\":\"A\"}\nnot json\n");

        assertThat(run.exitCode()).isEqualTo(ExitCode.FAILED);
        assertThat(run.err()).contains("line 2 is not JSON", "What came before this line was sent.");
        assertThat(run("consume lines --from beginning --exit").out()).isEqualTo("{\"origin\":\"A\"}\n");
    }

    @Test
    void transactionsAreListedDescribedAndAborted() throws Exception {
        run("topic create payments -p 1");
        CliRun unknown = run("transaction describe cli-id");
        assertThat(unknown.exitCode()).isEqualTo(ExitCode.NOT_FOUND);
        assertThat(unknown.err()).contains("there is no transactional id 'cli-id'");
        long producerId = OpenTransaction.begin(address, "cli-id", "payments").producerId();

        assertThat(run("transaction list").out()).containsPattern("cli-id +1 +" + producerId + " +Ongoing");
        assertThat(run("transaction list --state CompleteCommit").out()).doesNotContain("cli-id");
        assertThat(run("transaction list --older-than 1h -o json").out()).isEqualTo("[]\n");
        assertThat(run("transaction describe cli-id").out())
                .contains("Ongoing, producer " + producerId + " epoch 0, timeout 60000 ms", "payments");
        assertThat(run("transaction hanging payments --older-than 0s -o json").out())
                .as("its coordinator will end it")
                .isEqualTo("[]\n");
        assertThat(run("consume payments --from beginning --exit --read-committed")
                        .out())
                .isEmpty();

        CliRun tooLarge = run("transaction abort payments 4294967296 " + producerId);
        assertThat(tooLarge.exitCode()).as("its lower half is partition 0").isEqualTo(ExitCode.USAGE);
        CliRun abort = run("transaction abort payments 0 " + producerId);
        assertThat(abort.out())
                .as(abort.err())
                .isEqualTo("aborted what producer " + producerId + " has written to payments-0 from offset 0 on\n");

        run("produce payments", "plain\n");
        assertThat(run("consume payments --from beginning --exit --read-committed")
                        .out())
                .isEqualTo("plain\n");
        assertThat(run("transaction abort payments 0 " + producerId).exitCode()).isEqualTo(ExitCode.NOT_FOUND);
        assertThat(run("transaction hanging nowhere").exitCode()).isEqualTo(ExitCode.NOT_FOUND);
        assertThat(run("transaction list --older-than soon").exitCode()).isEqualTo(ExitCode.USAGE);
    }

    @Test
    void aTransactionIsTerminatedByItsId() throws IOException {
        run("topic create terminated -p 1");
        run("transaction describe ended-id");
        long producerId =
                OpenTransaction.begin(address, "ended-id", "terminated").producerId();

        CliRun ended = run("transaction terminate ended-id");

        assertThat(ended.exitCode()).as(ended.err()).isEqualTo(ExitCode.OK);
        assertThat(ended.out()).contains("ended-id has no open transaction now");
        assertThat(run("transaction describe ended-id").out()).contains("Empty, producer " + producerId + " epoch 2");
        run("produce terminated", "plain\n");
        assertThat(run("consume terminated --from beginning --exit --read-committed")
                        .out())
                .isEqualTo("plain\n");
        assertThat(run("transaction terminate nobody").exitCode()).isEqualTo(ExitCode.NOT_FOUND);
    }

    @Test
    void aGroupGoesOnBehindWhatATransactionCommits() throws IOException {
        run("topic create worked -p 1");
        run("produce worked", "a\nb\nc\n");
        run("topic create output -p 1");
        run("group list");
        run("transaction describe worker-id");
        OpenTransaction transaction = OpenTransaction.begin(address, "worker-id", "output");
        String consume = "consume worked --from beginning --exit -g workers --group-protocol classic";
        run(consume + " --count 1");
        transaction.commitOffset("workers", "worked", 2);

        CliRun meanwhile = run(consume + " --timeout-ms 1500");
        transaction.commit();

        assertThat(meanwhile.out()).isEmpty();
        assertThat(run(consume).out()).isEqualTo("c\n");
    }
}
