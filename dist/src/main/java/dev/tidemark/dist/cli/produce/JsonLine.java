package dev.tidemark.dist.cli.produce;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.tidemark.base.Bytes;
import dev.tidemark.dist.cli.CliException;
import dev.tidemark.dist.cli.ExitCode;
import dev.tidemark.protocol.record.Record;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Reads what `produce` needs of a line of NDJSON, token by token.
final class JsonLine {
    private static final JsonFactory FACTORY = new JsonFactory();

    private JsonLine() {}

    /// A record as `consume -o json` prints it.
    record Envelope(
            @Nullable Bytes key,
            @Nullable Bytes value,
            @Nullable Integer partition,
            @Nullable Long timestampMs,
            List<Record.Header> headers) {}

    /// The field's text; null where it is null or missing.
    static @Nullable Bytes field(byte[] line, String name, long number) {
        try (JsonParser parser = FACTORY.createParser(line)) {
            expectObject(parser, number);
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                boolean isIt = parser.currentName().equals(name);
                JsonToken token = parser.nextToken();
                if (!isIt) parser.skipChildren();
                else if (token == JsonToken.VALUE_NULL) return null;
                else if (token.isScalarValue()) return Bytes.utf8(parser.getText());
                else throw wrong(number, "field '" + name + "' is not a plain value, and cannot be a key");
            }
            return null;
        } catch (IOException notJson) {
            throw wrong(number, "is not JSON");
        }
    }

    static Envelope envelope(byte[] line, long number) {
        Bytes key = null;
        Bytes value = null;
        boolean hasValue = false;
        Integer partition = null;
        Long timestampMs = null;
        List<Record.Header> headers = List.of();
        try (JsonParser parser = FACTORY.createParser(line)) {
            expectObject(parser, number);
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                String name = parser.currentName();
                parser.nextToken();
                hasValue |= name.equals("value") || name.equals("valueBase64");
                switch (name) {
                    case "key" -> key = text(parser, number);
                    case "value" -> value = text(parser, number);
                    case "keyBase64" -> key = base64(parser, number);
                    case "valueBase64" -> value = base64(parser, number);
                    case "partition" -> partition = parser.getIntValue();
                    case "timestamp" -> timestampMs = parser.getLongValue();
                    case "headers" -> headers = headers(parser, number);
                    default -> parser.skipChildren();
                }
            }
        } catch (IOException | IllegalArgumentException notJson) {
            throw wrong(number, "is not a record in JSON");
        }
        if (!hasValue) throw wrong(number, "has no field 'value', as `consume -o json` prints it");
        return new Envelope(key, value, partition, timestampMs, headers);
    }

    private static @Nullable Bytes text(JsonParser parser, long number) throws IOException {
        String text = plain(parser, number);
        return text == null ? null : Bytes.utf8(text);
    }

    private static @Nullable Bytes base64(JsonParser parser, long number) throws IOException {
        String text = plain(parser, number);
        return text == null ? null : Bytes.wrap(Base64.getDecoder().decode(text));
    }

    private static @Nullable String plain(JsonParser parser, long number) throws IOException {
        JsonToken token = parser.currentToken();
        if (token == JsonToken.VALUE_NULL) return null;
        if (token != null && token.isScalarValue()) return parser.getText();
        throw wrong(number, "has in field '" + parser.currentName() + "' what is not a plain value");
    }

    /// `[["name", "value"], …]`.
    private static List<Record.Header> headers(JsonParser parser, long number) throws IOException {
        List<Record.Header> headers = new ArrayList<>();
        if (parser.currentToken() == JsonToken.VALUE_NULL) return headers;
        boolean isList = parser.currentToken() == JsonToken.START_ARRAY;
        while (isList && parser.nextToken() == JsonToken.START_ARRAY) {
            String name = parser.nextTextValue();
            parser.nextToken();
            isList = name != null;
            if (name != null) headers.add(new Record.Header(name, text(parser, number)));
            isList &= parser.nextToken() == JsonToken.END_ARRAY;
        }
        if (isList && parser.currentToken() == JsonToken.END_ARRAY) return headers;
        throw wrong(number, "has headers that are not [[\"name\", \"value\"], …]");
    }

    private static void expectObject(JsonParser parser, long number) throws IOException {
        if (parser.nextToken() != JsonToken.START_OBJECT) throw wrong(number, "is not a JSON object");
    }

    private static CliException wrong(long number, String what) {
        return new CliException(ExitCode.FAILED, "line " + number + " " + what, "What came before this line was sent.");
    }
}
