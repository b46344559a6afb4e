package dev.tidemark.compatibility.badinput;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.compatibility.badinput.RawClient.Outcome;
import java.io.IOException;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.requests.AbstractResponse;

/// What the rows' tests have in common.
final class Rows {
    private Rows() {}

    /// The frame costs its sender the connection, and the log one line that is free of control characters.
    static void assertCloses(Victim victim, String what, byte[] frame) throws IOException, InterruptedException {
        try (RawClient client = victim.connect()) {
            client.frame(frame);
            assertThat(client.outcome()).as(what).isEqualTo(Outcome.CLOSED);
            assertOneLine(victim, what, client);
        }
    }

    static void assertOneLine(Victim victim, String what, RawClient client) throws IOException, InterruptedException {
        Victim.await(what + " is logged", () -> !linesAbout(victim, client).isEmpty());
        assertThat(linesAbout(victim, client)).as(what).singleElement().satisfies(Rows::assertPrintable);
    }

    private static java.util.List<String> linesAbout(Victim victim, RawClient client) {
        try {
            return victim.linesAbout(client);
        } catch (IOException failure) {
            throw new java.io.UncheckedIOException(failure);
        }
    }

    private static void assertPrintable(String line) {
        assertThat(line.chars()).as(line).noneMatch(c -> c < ' ' || c == 127);
        assertThat(line.length()).isLessThan(1_000);
    }

    /// The frame costs the connection and at most one line, or is answered: never silence.
    static Outcome assertAnsweredOrClosed(Victim victim, String what, byte[] frame) throws IOException {
        try (RawClient client = victim.connect()) {
            Outcome outcome = client.frame(frame).outcome();
            assertThat(outcome).as(what).isNotEqualTo(Outcome.SILENT);
            assertThat(victim.linesAbout(client)).as(what).hasSizeLessThanOrEqualTo(1);
            return outcome;
        }
    }

    /// Sends a whole request on a connection of its own.
    static <R extends AbstractResponse> R ask(Victim victim, ApiKeys api, int version, ApiMessage body, Class<R> type)
            throws IOException {
        try (RawClient client = victim.connect()) {
            client.frame(Wire.frame(api, version, body));
            return type.cast(Wire.response(api, version, client.receive()));
        }
    }
}
