package dev.tidemark.compatibility;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tidemark.bench.broker.ProjectRoot;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Real flights as tests send them: a JSON object a line, keyed by where the flight began.
public final class Flights {
    private static final ObjectMapper JSON = new ObjectMapper();

    private Flights() {}

    /// The sample of this repository: 4,000 of them.
    public static Path sample() {
        return ProjectRoot.find().resolve("compatibility/src/test/resources/flights-sample.ndjson");
    }

    /// What `-Dflights.file=` names, such as a longer file; else the sample.
    public static Path chosen() {
        String file = System.getProperty("flights.file", "");
        return file.isEmpty() ? sample() : Path.of(file);
    }

    public static List<String> read(Path file) throws IOException {
        return Files.readAllLines(file);
    }

    /// In the order of their lines.
    public static Map<String, List<String>> byOrigin(List<String> lines) throws IOException {
        Map<String, List<String>> flights = new LinkedHashMap<>();
        for (String line : lines)
            flights.computeIfAbsent(origin(line), _ -> new ArrayList<>()).add(line);
        return flights;
    }

    /// As kcat takes them with `-K '|'`: the key, a bar, and the line.
    public static String keyed(String line) throws IOException {
        return origin(line) + '|' + line + '\n';
    }

    private static String origin(String line) throws IOException {
        return JSON.readTree(line).get("origin").asText();
    }
}
