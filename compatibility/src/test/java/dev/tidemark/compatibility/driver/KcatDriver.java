package dev.tidemark.compatibility.driver;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// The operations by the command line of kcat: one process for each, and one that stays for a group's member.
public final class KcatDriver implements ClientDriver {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Pattern OFFSET = Pattern.compile("offset (-?\\d+)");

    private final String bootstrap;
    private @Nullable KcatMember member;

    public KcatDriver(String bootstrap) {
        this.bootstrap = bootstrap;
    }

    @Override
    public JsonNode call(String operation, Map<String, ?> arguments) {
        try {
            return perform(operation, JSON.valueToTree(arguments));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ClientFailed(operation + ": interrupted");
        }
    }

    private JsonNode perform(String operation, JsonNode r) throws IOException, InterruptedException {
        return switch (operation) {
            case "version" -> version();
            case "produce" -> produce(r);
            case "consume" -> consume(r);
            case "offset_for_time" -> JSON.valueToTree(query(r, r.get("t").asLong()));
            case "watermarks" -> JSON.valueToTree(Map.of("low", query(r, -2), "high", query(r, -1)));
            case "group_consume" -> groupConsume(r);
            case "member_open" -> memberOpen(r);
            case "member_poll" -> openMember().poll(r.get("ms").asLong());
            case "member_close" -> memberClose();
            default -> throw new ClientFailed("kcat does not " + operation);
        };
    }

    private static JsonNode version() throws IOException, InterruptedException {
        Matcher matcher = Pattern.compile("Version (\\S+) .*librdkafka (\\S+)")
                .matcher(Command.run(List.of("kcat", "-V"), "").output());
        if (!matcher.find()) throw new IOException("kcat -V tells no version");
        return JSON.valueToTree(matcher.group(1) + ", librdkafka " + matcher.group(2));
    }

    /// One process for each partition and set of headers, as both are options of the command line.
    private JsonNode produce(JsonNode r) throws IOException, InterruptedException {
        Map<List<String>, StringBuilder> inputs = new LinkedHashMap<>();
        for (JsonNode record : r.get("records")) {
            List<String> options = new ArrayList<>(List.of("-p", record.get("p").asText()));
            record.path("h").properties().forEach(header -> {
                options.add("-H");
                options.add(header.getKey() + "=" + header.getValue().asText());
            });
            inputs.computeIfAbsent(options, _ -> new StringBuilder())
                    .append(record.get("k").isNull() ? "" : record.get("k").textValue())
                    .append('\t')
                    .append(record.get("v").isNull() ? "" : record.get("v").textValue())
                    .append('\n');
        }
        for (Map.Entry<List<String>, StringBuilder> input : inputs.entrySet()) {
            List<String> command = kcat(
                    "-P", "-t", topic(r), "-K", "\t", "-Z", "-z", r.get("codec").asText());
            command.addAll(List.of("-X", "acks=" + r.get("acks").asText(), "-X", "message.max.bytes=2000000"));
            command.addAll(
                    List.of("-X", "enable.idempotence=" + r.get("idempotent").asText()));
            command.addAll(input.getKey());
            run(command, input.getValue().toString());
        }
        return JSON.nullNode();
    }

    private JsonNode consume(JsonNode r) throws IOException, InterruptedException {
        String count = r.get("count").asText();
        return toRecords(run(kcat("-C", "-t", topic(r), "-o", "beginning", "-c", count, "-e", "-q", "-J"), ""));
    }

    private JsonNode groupConsume(JsonNode r) throws IOException, InterruptedException {
        List<String> command = kcat("-J", "-q", "-c", r.get("count").asText(), "-X", "auto.offset.reset=earliest");
        command.addAll(List.of("-G", r.get("group").asText(), topic(r)));
        return toRecords(run(command, ""));
    }

    private long query(JsonNode r, long timestamp) throws IOException, InterruptedException {
        String asked = topic(r) + ":" + r.get("p").asText() + ":" + timestamp;
        String printed = run(kcat("-Q", "-t", asked), "");
        Matcher matcher = OFFSET.matcher(printed);
        if (!matcher.find()) throw new ClientFailed("kcat -Q: " + printed);
        return Long.parseLong(matcher.group(1));
    }

    private JsonNode memberOpen(JsonNode r) throws IOException {
        String strategy = r.get("strategy").asText().equals("eager") ? "range" : "cooperative-sticky";
        List<String> command = kcat("-J", "-u", "-X", "auto.offset.reset=earliest", "-X", "session.timeout.ms=45000");
        command.addAll(List.of("-X", "heartbeat.interval.ms=500", "-X", "topic.metadata.refresh.interval.ms=1000"));
        command.addAll(List.of("-X", "partition.assignment.strategy=" + strategy));
        command.addAll(List.of("-G", r.get("group").asText(), topic(r)));
        member = new KcatMember(command);
        return JSON.nullNode();
    }

    private JsonNode memberClose() throws InterruptedException {
        openMember().close();
        member = null;
        return JSON.nullNode();
    }

    private KcatMember openMember() {
        if (member == null) throw new IllegalStateException("no member is open");
        return member;
    }

    private List<String> kcat(String... options) {
        List<String> command = new ArrayList<>(List.of("kcat", "-b", bootstrap));
        command.addAll(List.of(options));
        return command;
    }

    private static String run(List<String> command, String input) throws IOException, InterruptedException {
        Command.Result result = Command.run(command, input);
        if (result.exitCode() != 0) {
            throw new ClientFailed(
                    String.join(" ", command) + ": exit code " + result.exitCode() + ": " + result.errors());
        }
        return result.output();
    }

    private static ArrayNode toRecords(String printed) throws IOException {
        ArrayNode records = JSON.createArrayNode();
        for (String line : printed.lines().toList()) records.add(toRecord(line));
        return records;
    }

    static ObjectNode toRecord(String line) throws IOException {
        JsonNode kcat = JSON.readTree(line);
        ObjectNode record = JSON.createObjectNode();
        record.set("p", kcat.get("partition"));
        record.set("o", kcat.get("offset"));
        record.set("k", kcat.get("key"));
        record.set("v", kcat.get("payload"));
        record.set("t", kcat.get("ts"));
        ObjectNode headers = record.putObject("h");
        JsonNode pairs = kcat.path("headers");
        for (int i = 0; i + 1 < pairs.size(); i += 2) headers.set(pairs.get(i).asText(), pairs.get(i + 1));
        return record;
    }

    private static String topic(JsonNode r) {
        return r.get("topic").asText();
    }

    @Override
    public boolean isOpen() {
        return true;
    }

    @Override
    public void close() {
        if (member != null) member.kill();
    }
}
