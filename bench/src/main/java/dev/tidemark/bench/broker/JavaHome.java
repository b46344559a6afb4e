package dev.tidemark.bench.broker;

import java.nio.file.Path;

/// The JDK that runs this program; it runs every other Java program of the measurement too.
public final class JavaHome {
    private JavaHome() {}

    public static Path path() {
        return Path.of(System.getProperty("java.home"));
    }

    public static String java() {
        return tool("java");
    }

    public static String tool(String name) {
        return path().resolve("bin").resolve(name).toString();
    }
}
