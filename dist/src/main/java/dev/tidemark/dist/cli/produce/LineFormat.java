package dev.tidemark.dist.cli.produce;

import dev.tidemark.base.Bytes;
import dev.tidemark.client.producer.ProducerRecord;
import dev.tidemark.dist.cli.CliException;
import dev.tidemark.dist.cli.ExitCode;
import dev.tidemark.dist.cli.Invocation;
import dev.tidemark.protocol.record.Record;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// How a line becomes a record.
final class LineFormat {
    /// Where the key comes from.
    private sealed interface Keys {
        record Fixed(@Nullable Bytes key) implements Keys {}

        record Separated(Bytes separator) implements Keys {}

        record Field(String name) implements Keys {}

        record Envelope() implements Keys {}
    }

    private final String topic;
    private final Keys keys;
    private final List<Record.Header> headers;
    private final @Nullable Integer partition;
    private final byte @Nullable [] nullValue;

    private LineFormat(
            String topic,
            Keys keys,
            List<Record.Header> headers,
            @Nullable Integer partition,
            byte @Nullable [] nullValue) {
        this.topic = topic;
        this.keys = keys;
        this.headers = headers;
        this.partition = partition;
        this.nullValue = nullValue;
    }

    static LineFormat of(Invocation invocation) {
        List<Record.Header> headers = new ArrayList<>();
        invocation.pairs("--header").forEach((key, value) -> headers.add(new Record.Header(key, Bytes.utf8(value))));
        String nullValue = invocation.text("--null-value");
        return new LineFormat(
                invocation.positional(0),
                keys(invocation),
                headers,
                invocation.isSet("--partition") ? invocation.count("--partition", 0, 0) : null,
                nullValue == null ? null : nullValue.getBytes(StandardCharsets.UTF_8));
    }

    private static Keys keys(Invocation invocation) {
        List<Keys> given = new ArrayList<>();
        String key = invocation.text("--key");
        if (key != null) given.add(new Keys.Fixed(Bytes.utf8(key)));
        String separator = invocation.text("--key-separator");
        if (separator != null) given.add(new Keys.Separated(unescape(separator)));
        String field = invocation.text("--key-field");
        if (field != null) given.add(new Keys.Field(field));
        if (invocation.isSet("--envelope")) given.add(new Keys.Envelope());
        if (given.size() > 1)
            throw CliException.usage("--key, --key-separator, --key-field and --envelope exclude each other");
        return given.isEmpty() ? new Keys.Fixed(null) : given.getFirst();
    }

    private static Bytes unescape(String separator) {
        if (separator.isEmpty()) throw CliException.usage("--key-separator is empty");
        return Bytes.utf8(separator.replace("\\t", "\t").replace("\\0", "\0"));
    }

    /// @param number of the line, for what goes wrong
    ProducerRecord toRecord(byte[] line, long number) {
        return switch (keys) {
            case Keys.Fixed(var key) -> record(key, line);
            case Keys.Separated(var separator) -> separated(line, separator.toByteArray(), number);
            case Keys.Field(var name) -> record(JsonLine.field(line, name, number), line);
            case Keys.Envelope() -> {
                JsonLine.Envelope envelope = JsonLine.envelope(line, number);
                yield new ProducerRecord(
                        topic,
                        partition == null ? envelope.partition() : partition,
                        envelope.timestampMs(),
                        envelope.key(),
                        envelope.value(),
                        envelope.headers().isEmpty() ? headers : envelope.headers());
            }
        };
    }

    private ProducerRecord separated(byte[] line, byte[] separator, long number) {
        int at = indexOf(line, separator);
        if (at < 0)
            throw new CliException(
                    ExitCode.FAILED,
                    "line " + number + " has no separator '" + new String(separator, StandardCharsets.UTF_8) + "'",
                    "Each line must be KEY SEPARATOR VALUE; what came before this line was sent.");
        Bytes key = Bytes.wrap(Arrays.copyOf(line, at));
        return record(key, Arrays.copyOfRange(line, at + separator.length, line.length));
    }

    private ProducerRecord record(@Nullable Bytes key, byte[] value) {
        Bytes content = nullValue != null && Arrays.equals(nullValue, value) ? null : Bytes.wrap(value);
        return new ProducerRecord(topic, partition, null, key, content, headers);
    }

    private static int indexOf(byte[] line, byte[] part) {
        for (int i = 0; i + part.length <= line.length; i++)
            if (Arrays.equals(line, i, i + part.length, part, 0, part.length)) return i;
        return -1;
    }
}
