package dev.tidemark.dist.cli.output;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class OutputTest {
    private static String print(Table table, Style style) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        table.print(new PrintStream(out, true, StandardCharsets.UTF_8), style);
        return out.toString(StandardCharsets.UTF_8);
    }

    @Test
    void tablesAlignTextLeftAndNumbersRight() {
        Table table = new Table("TOPIC", "PARTITIONS", "LAG")
                .row("flights", 6, 12_000)
                .row("größe", 12, "-");

        assertThat(print(table, Style.PLAIN)).isEqualTo("""
                TOPIC    PARTITIONS    LAG
                flights           6  12000
                größe            12      -
                """);
    }

    @Test
    void coloursDoNotMoveColumnsAndControlCharactersDoNotReachTheTerminal() {
        Table table = new Table("A", "B").row("x\u001b[31m", "y");

        assertThat(print(table, new Style(true))).isEqualTo("\u001b[1mA       B\u001b[0m\nx?[31m  y\n");
    }

    @Test
    void jsonQuotesAndNests() {
        Map<String, @Nullable Object> value = new LinkedHashMap<>();
        value.put("text", "a\"b\\c\n\u0001é\ud83d\ude00\ud800");
        value.put("number", 1.5);
        value.put("null", null);
        value.put("list", Arrays.asList(1, "x", null));
        value.put("empty", List.of());

        assertThat(Json.compact(value))
                .isEqualTo("{\"text\":\"a\\\"b\\\\c\\n\\u0001é\ud83d\ude00\\ud800\",\"number\":1.5,\"null\":null,"
                        + "\"list\":[1,\"x\",null],\"empty\":[]}");
        assertThat(Json.pretty(List.of(Map.of("a", List.of(1, 2))))).isEqualTo("""
                [
                  {
                    "a": [1, 2]
                  }
                ]""");
    }

    @Test
    void sizesAreForPeople() {
        assertThat(Progress.size(1023)).isEqualTo("1023 B");
        assertThat(Progress.size(1536)).isEqualTo("1.5 KiB");
        assertThat(Progress.size(5L << 30)).isEqualTo("5.0 GiB");
    }

    @ParameterizedTest
    @CsvSource({"No space left on device, No space left on device", "Broken pipe,"})
    void aReaderThatHasGoneIsNoFailureButAFullDiskIs(String reason, @Nullable String told) {
        StandardOutput output = new StandardOutput(new OutputStream() {
            @Override
            public void write(int one) throws IOException {
                throw new IOException(reason);
            }
        });

        PrintStream out = new PrintStream(output, false, StandardCharsets.UTF_8);
        out.print("text");

        assertThat(out.checkError()).isTrue();
        assertThat(output.failure()).isEqualTo(told);
    }
}
