package dev.tidemark.dist.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class CliTest {
    @Test
    void helpNamesAllCommands() {
        CliRun run = CliRun.of("--help");

        assertThat(run.exitCode()).isZero();
        assertThat(run.out())
                .contains("start ", "topic ", "produce ", "consume ", "group ", "config ", "cluster ", "completion ")
                .contains("Exit codes: 0 done")
                .doesNotContain("\u001b");
    }

    @ParameterizedTest
    @ValueSource(strings = {"-V", "--version"})
    void theVersionIsOneLine(String option) {
        CliRun run = CliRun.of(option);

        assertThat(run.exitCode()).isZero();
        assertThat(run.out()).matches("tidemark \\S+ \\(Java \\S+\\)\n");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "start",
                "topic create",
                "topic list",
                "topic describe",
                "topic alter",
                "topic delete",
                "produce",
                "consume",
                "group list",
                "group describe",
                "group reset",
                "group delete",
                "config describe",
                "config set",
                "config unset",
                "cluster describe",
                "cluster start",
                "cluster stop",
                "cluster status",
                "dump-log",
                "completion"
            })
    void eachCommandHasHelpWithExamples(String command) {
        CliRun run = CliRun.of((command + " --help").split(" "));

        assertThat(run.exitCode()).isZero();
        assertThat(run.out()).startsWith("Usage: tidemark " + command).contains("Examples:", "tidemark " + command);
    }

    @Test
    void theHelpOfACommandReadsAsThis() {
        assertThat(CliRun.of("topic", "delete", "--help").out()).isEqualTo("""
                Usage: tidemark topic delete [OPTIONS] TOPIC...
                Delete topics with all their records, for good.
                      TOPIC...          Names of topics.
                  -h, --help            Show this help.
                      --if-exists       A topic that is not there is no failure.
                  -b, --bootstrap-server=HOST:PORT,…
                                        Brokers to ask first. Default: $TIDEMARK_BOOTSTRAP, else localhost:9092.
                      --timeout-ms=MS   Give up after so long. Default: 60000.
                  -o, --output=FORMAT   text (default) or json.

                Examples:
                  tidemark topic delete flights
                  tidemark topic delete a b c --if-exists
                """);
    }

    @Test
    void mistakesAreToldWithASuggestion() {
        CliRun run = CliRun.of("topc", "list");

        assertThat(run.exitCode()).isEqualTo(ExitCode.USAGE);
        assertThat(run.err()).isEqualTo("""
                tidemark: there is no command 'topc'
                Did you mean: topic?
                See: tidemark --help
                """);
        assertThat(run.out()).isEmpty();
    }

    @Test
    void aMissingNameIsAUsageError() {
        CliRun run = CliRun.of("topic", "create");

        assertThat(run.exitCode()).isEqualTo(ExitCode.USAGE);
        assertThat(run.err()).contains("TOPIC", "See: tidemark topic create --help");
    }

    @Test
    void anUnreachableBrokerIsNamedWithReasonAndAdvice() {
        CliRun run = CliRun.of("topic", "list");

        assertThat(run.exitCode()).isEqualTo(ExitCode.UNREACHABLE);
        assertThat(run.err()).isEqualTo("""
                tidemark: no broker can be reached: localhost:1 (connection refused)
                Start one with `tidemark start`, or name another with -b HOST:PORT or in the environment variable TIDEMARK_BOOTSTRAP.
                """);
    }

    @Test
    void aProducerDoesNotWaitForABrokerThatNeverWasThere() {
        assertThat(CliRun.with("a\n", Map.of(), "produce", "t", "-b", "localhost:1")
                        .exitCode())
                .isEqualTo(ExitCode.UNREACHABLE);
    }

    @Test
    void optionsThatContradictEachOtherAreRefusedBeforeAnythingIsDone() {
        assertThat(CliRun.of("topic", "list", "-o", "yaml").exitCode()).isEqualTo(ExitCode.USAGE);
        assertThat(CliRun.of("group", "reset", "g").err()).contains("exactly one of --to-earliest");
        assertThat(CliRun.of("group", "reset", "g", "--to-earliest", "--execute", "--dry-run")
                        .exitCode())
                .isEqualTo(ExitCode.USAGE);
        assertThat(CliRun.of("consume", "t", "-f", "%z").err()).contains("--format has no '%z'");
        assertThat(CliRun.of("consume", "t", "--from", "yesterday").err()).contains("--from 'yesterday' must be");
        assertThat(CliRun.of("config", "describe", "user", "x").err()).contains("topic, broker or group");
        assertThat(CliRun.of("topic", "alter", "t").err()).contains("nothing to alter");
        assertThat(CliRun.of("topic", "create", "t", "-p", "0").err()).contains("--partitions is 0");
        assertThat(CliRun.of("topic", "create", "t", "-p", "six").err()).contains("'six' is not a whole number");
        assertThat(CliRun.of("topic", "create", "t", "-p", "4294967297").err()).contains("2147483647 or less");
        assertThat(CliRun.of("topic", "create", "t", "-p", "9".repeat(20)).err())
                .contains("too large a number");
        assertThat(CliRun.of("topic", "list", "extra").err()).contains("'extra' is one argument too many");
        assertThat(CliRun.of("topic", "list", "--all").err()).contains("there is no option '--all'");
        assertThat(CliRun.of("group", "reset", "g", "--to-offset", "-1").err()).contains("must be 0 or more");
        assertThat(CliRun.of("transaction", "list", "--state", "Open").err()).contains("Ongoing");
        assertThat(CliRun.of("produce", "t", "/").err()).contains("'/' is a folder");
        assertThat(CliRun.of("topic", "list", "-b", "h:p").err()).contains("no port between 1 and 65535");
    }

    @Test
    void startHandsItsArgumentsOver(@TempDir Path folder) throws Exception {
        Path file = Files.writeString(folder.resolve("server.properties"), "broker.id=1\n");

        CliRun run = CliRun.of("start", file.toString(), "--override", "a=1", "--override", "b=x=y");

        assertThat(run.started()).isEqualTo(new BrokerStart(file, Map.of("a", "1", "b", "x=y")));
        assertThat(CliRun.of("start").started()).isEqualTo(new BrokerStart(null, Map.of()));
    }

    @Test
    void startSaysWhatItCannotRead() {
        CliRun run = CliRun.of("start", "missing.properties");

        assertThat(run.exitCode()).isEqualTo(ExitCode.USAGE);
        assertThat(run.started()).isNull();
        assertThat(run.err()).contains("the file 'missing.properties' cannot be read");
        assertThat(CliRun.of("start", "--override", "novalue").err()).contains("--override wants key=value");
    }

    @Test
    void completionKnowsTheCommands() {
        assertThat(CliRun.of("completion", "bash").out()).contains("complete ", "describe", "--bootstrap-server");
        assertThat(CliRun.of("completion", "zsh").out()).startsWith("autoload -U +X compinit");
        assertThat(CliRun.of("completion", "fish").exitCode()).isEqualTo(ExitCode.USAGE);
    }
}
