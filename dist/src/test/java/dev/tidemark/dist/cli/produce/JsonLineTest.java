package dev.tidemark.dist.cli.produce;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidemark.base.Bytes;
import dev.tidemark.protocol.record.Record;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

final class JsonLineTest {
    private static @Nullable Bytes field(String json) {
        return JsonLine.field(json.getBytes(StandardCharsets.UTF_8), "origin", 3);
    }

    @Test
    void takesAFieldAsTheKey() {
        assertThat(field("{\"a\":{\"origin\":\"no\"},\"origin\":\"DTW\"}")).isEqualTo(Bytes.utf8("DTW"));
        assertThat(field("{\"origin\":12.50}")).isEqualTo(Bytes.utf8("12.50"));
        assertThat(field("{\"origin\":null}")).isNull();
        assertThat(field("{\"other\":1}")).isNull();
    }

    @Test
    void saysWhichLineIsWrong() {
        assertThatThrownBy(() -> field("not json")).hasMessage("line 3 is not JSON");
        assertThatThrownBy(() -> field("[1]")).hasMessage("line 3 is not a JSON object");
        assertThatThrownBy(() -> field("{\"origin\":[1]}")).hasMessageContaining("field 'origin' is not a plain value");
    }

    @Test
    void anEnvelopeThatIsNoneIsRefusedAndNotHalfRead() {
        assertThatThrownBy(() -> envelope("{\"value\":{\"a\":1}}"))
                .hasMessage("line 3 has in field 'value' what is not a plain value");
        assertThatThrownBy(() -> envelope("{\"valueBase64\":[]}")).hasMessageContaining("not a plain value");
        assertThatThrownBy(() -> envelope("{\"valueBase64\":\"?\"}")).hasMessage("line 3 is not a record in JSON");
        assertThatThrownBy(() -> envelope("{\"origin\":\"DTW\"}")).hasMessageContaining("has no field 'value'");
        for (String headers : List.of("{\"a\":\"b\"}", "[\"a\"]", "[[\"a\",\"b\",\"c\"]]", "[[1,2]]", "7"))
            assertThatThrownBy(() -> envelope("{\"headers\":" + headers + ",\"value\":\"v\"}"))
                    .as(headers)
                    .hasMessageContaining("has headers that are not");
        assertThat(envelope("{\"value\":null,\"headers\":null}").value()).isNull();
    }

    private static JsonLine.Envelope envelope(String line) {
        return JsonLine.envelope(line.getBytes(StandardCharsets.UTF_8), 3);
    }

    @Test
    void readsAnEnvelopeBack() {
        String line =
                "{\"topic\":\"t\",\"partition\":2,\"offset\":9,\"timestamp\":5,\"keyBase64\":\"/w==\",\"value\":null,"
                        + "\"headers\":[[\"h\",\"v\"],[\"n\",null]]}";

        assertThat(JsonLine.envelope(line.getBytes(StandardCharsets.UTF_8), 1))
                .isEqualTo(new JsonLine.Envelope(
                        Bytes.wrap(new byte[] {(byte) 0xff}),
                        null,
                        2,
                        5L,
                        List.of(new Record.Header("h", Bytes.utf8("v")), new Record.Header("n", null))));
    }

    @Test
    void linesEndWithAnyNewline() throws IOException {
        Lines lines = new Lines(new ByteArrayInputStream("a\r\n\nb\nc".getBytes(StandardCharsets.UTF_8)));
        List<String> read = new ArrayList<>();
        for (byte[] line = lines.next(); line != null; line = lines.next())
            read.add(lines.number() + new String(line, StandardCharsets.UTF_8));

        assertThat(read).containsExactly("1a", "3b", "4c");
    }
}
