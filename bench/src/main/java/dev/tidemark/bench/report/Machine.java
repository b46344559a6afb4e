package dev.tidemark.bench.report;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/// The machine of the run, as far as a reader of the figures must know it.
public final class Machine {
    private Machine() {}

    public static Map<String, String> facts(Path data) throws IOException {
        return Map.of(
                "processor", Runtime.getRuntime().availableProcessors() + " × " + line("/proc/cpuinfo", "model name"),
                "memory", (Long.parseLong(line("/proc/meminfo", "MemTotal").replaceAll("\\D", "")) >> 20) + " GB",
                "kernel", System.getProperty("os.name") + " " + System.getProperty("os.version"),
                "file system of the data", Files.getFileStore(data).type(),
                "Java", System.getProperty("java.runtime.name") + " " + System.getProperty("java.runtime.version"));
    }

    private static String line(String file, String key) throws IOException {
        for (String line : Files.readAllLines(Path.of(file))) {
            if (line.startsWith(key))
                return line.substring(line.indexOf(':') + 1).strip();
        }
        return "unknown";
    }
}
