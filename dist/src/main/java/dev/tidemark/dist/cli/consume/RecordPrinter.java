package dev.tidemark.dist.cli.consume;

import dev.tidemark.base.Bytes;
import dev.tidemark.client.consumer.ConsumerRecord;
import dev.tidemark.dist.cli.CliException;
import dev.tidemark.dist.cli.Invocation;
import dev.tidemark.dist.cli.output.Json;
import dev.tidemark.protocol.record.Record;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// How a record is printed.
sealed interface RecordPrinter {
    void print(ConsumerRecord record, PrintStream out);

    static RecordPrinter of(Invocation invocation) {
        String format = invocation.text("--format");
        String kind = invocation.text("--output");
        if (format != null && kind != null) throw CliException.usage("--format and --output exclude each other");
        if (format != null) return Format.parse(format);
        return switch (kind == null ? "value" : kind) {
            case "value", "text" -> Format.parse("%s\\n");
            case "key-value" -> Format.parse("%k\\t%s\\n");
            case "json" -> new Envelope();
            default -> throw CliException.usage("--output '" + kind + "' must be value, key-value or json");
        };
    }

    /// Pieces of text and of the record, in turn, as kcat prints them. Bytes go out as they are.
    record Format(List<Piece> pieces) implements RecordPrinter {
        sealed interface Piece {}

        record Text(Bytes text) implements Piece {}

        /// One of the letters.
        record Field(char letter) implements Piece {}

        private static final String LETTERS = "tpoksThKS";

        static Format parse(String format) {
            List<Piece> pieces = new ArrayList<>();
            StringBuilder text = new StringBuilder();
            for (int i = 0; i < format.length(); i++) {
                char c = format.charAt(i);
                char next = i + 1 < format.length() ? format.charAt(i + 1) : 0;
                if (c == '\\' && next != 0) {
                    text.append(unescape(next));
                    i++;
                } else if (c == '%') {
                    i++;
                    if (next == '%') text.append('%');
                    else if (next != 0 && LETTERS.indexOf(next) >= 0) {
                        if (!text.isEmpty()) pieces.add(new Text(Bytes.utf8(text.toString())));
                        text.setLength(0);
                        pieces.add(new Field(next));
                    } else throw CliException.usage("--format has no '%" + (next == 0 ? "" : next) + "'");
                } else text.append(c);
            }
            if (!text.isEmpty()) pieces.add(new Text(Bytes.utf8(text.toString())));
            return new Format(pieces);
        }

        private static String unescape(char letter) {
            return switch (letter) {
                case 'n' -> "\n";
                case 't' -> "\t";
                case 'r' -> "\r";
                case '0' -> "\0";
                case '\\' -> "\\";
                default -> "\\" + letter;
            };
        }

        @Override
        public void print(ConsumerRecord record, PrintStream out) {
            for (Piece piece : pieces) {
                switch (piece) {
                    case Text(var text) -> write(text, out);
                    case Field(var letter) -> write(field(record, letter), out);
                }
            }
        }

        private static @Nullable Bytes field(ConsumerRecord record, char letter) {
            return switch (letter) {
                case 't' -> Bytes.utf8(record.partition().topic());
                case 'p' -> number(record.partition().partition());
                case 'o' -> number(record.offset());
                case 'k' -> record.key();
                case 's' -> record.value();
                case 'T' -> number(record.timestampMs());
                case 'K' -> number(size(record.key()));
                case 'S' -> number(size(record.value()));
                default -> Bytes.utf8(headers(record.headers()));
            };
        }

        private static Bytes number(long number) {
            return Bytes.utf8(Long.toString(number));
        }

        private static int size(@Nullable Bytes bytes) {
            return bytes == null ? -1 : bytes.size();
        }

        /// `name=value,name=value`.
        private static String headers(List<Record.Header> headers) {
            StringBuilder text = new StringBuilder();
            for (Record.Header header : headers) {
                if (!text.isEmpty()) text.append(',');
                Bytes value = header.value();
                text.append(header.key()).append('=').append(value == null ? "NULL" : value.toUtf8());
            }
            return text.toString();
        }

        private static void write(@Nullable Bytes bytes, PrintStream out) {
            if (bytes == null) return;
            byte[] array = bytes.toByteArray();
            out.write(array, 0, array.length);
        }
    }

    /// All of it, one JSON object a line. Bytes that are not UTF-8 are given as base64 under another name.
    record Envelope() implements RecordPrinter {
        @Override
        public void print(ConsumerRecord record, PrintStream out) {
            Map<String, @Nullable Object> json = new LinkedHashMap<>();
            json.put("topic", record.partition().topic());
            json.put("partition", record.partition().partition());
            json.put("offset", record.offset());
            json.put("timestamp", record.timestampMs());
            put(json, "key", record.key());
            put(json, "value", record.value());
            if (!record.headers().isEmpty()) json.put("headers", headers(record.headers()));
            out.print(Json.compact(json));
            out.print('\n');
        }

        private static void put(Map<String, @Nullable Object> json, String name, @Nullable Bytes bytes) {
            if (bytes == null) {
                json.put(name, null);
                return;
            }
            String text = utf8(bytes);
            if (text != null) json.put(name, text);
            else json.put(name + "Base64", Base64.getEncoder().encodeToString(bytes.toByteArray()));
        }

        private static List<List<@Nullable Object>> headers(List<Record.Header> headers) {
            List<List<@Nullable Object>> pairs = new ArrayList<>();
            for (Record.Header header : headers) {
                List<@Nullable Object> pair = new ArrayList<>();
                pair.add(header.key());
                Bytes value = header.value();
                pair.add(value == null ? null : value.toUtf8());
                pairs.add(pair);
            }
            return pairs;
        }

        private static @Nullable String utf8(Bytes bytes) {
            try {
                return StandardCharsets.UTF_8
                        .newDecoder()
                        .decode(ByteBuffer.wrap(bytes.toByteArray()))
                        .toString();
            } catch (CharacterCodingException binary) {
                return null;
            }
        }
    }
}
