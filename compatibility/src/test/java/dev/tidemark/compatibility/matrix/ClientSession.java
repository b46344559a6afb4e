package dev.tidemark.compatibility.matrix;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tidemark.compatibility.Reference;
import dev.tidemark.compatibility.driver.ClientDriver;
import dev.tidemark.compatibility.driver.ForeignClient;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// One client at work on the broker under test: its process, kept from check to check, and fresh names.
final class ClientSession implements AutoCloseable {
    private final ForeignClient client;
    private final String bootstrap;
    private final Path log;
    private final Reference reference;
    private @Nullable ClientDriver driver;
    private int names;

    ClientSession(ForeignClient client, String bootstrap, Path logs, Reference reference) {
        this.client = client;
        this.bootstrap = bootstrap;
        this.log = logs.resolve(slug() + ".log");
        this.reference = reference;
    }

    private String slug() {
        return client.name().toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9.]+", "-");
    }

    ForeignClient client() {
        return client;
    }

    Reference reference() {
        return reference;
    }

    /// Opened when it is first needed, and again after it broke off.
    ClientDriver driver() {
        if (driver == null || !driver.isOpen()) driver = openAnother();
        return driver;
    }

    /// A second process of the same client.
    ClientDriver openAnother() {
        return client.factory().open(bootstrap, log);
    }

    /// A name that no other check uses, for a topic or a group.
    String freshName(String what) {
        return what + "-" + slug() + "-" + names++;
    }

    String version() {
        return driver().call("version", Map.of()).asText();
    }

    JsonNode call(String operation, Map<String, ?> arguments) {
        return driver().call(operation, arguments);
    }

    void produce(String topic, String codec, String acks, boolean idempotent, List<Rec> records) {
        Map<String, Object> arguments = new HashMap<>(Map.of("topic", topic, "codec", codec, "acks", acks));
        arguments.put("idempotent", idempotent);
        arguments.put("records", records.stream().map(Rec::toArguments).toList());
        driver().call("produce", arguments);
    }

    List<Rec> consume(String topic, int partitions, int count) {
        List<Integer> all =
                java.util.stream.IntStream.range(0, partitions).boxed().toList();
        return Rec.ofAnswer(driver().call("consume", Map.of("topic", topic, "partitions", all, "count", count)));
    }

    @Override
    public void close() {
        if (driver != null) driver.close();
    }
}
