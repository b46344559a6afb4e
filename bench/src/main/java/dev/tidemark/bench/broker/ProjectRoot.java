package dev.tidemark.bench.broker;

import java.nio.file.Files;
import java.nio.file.Path;

/// The folder of the whole source tree, in which the launcher, the Maven wrapper and `docs` lie.
public final class ProjectRoot {
    private static final String PROPERTY = "tidemark.root";

    private ProjectRoot() {}

    /// The folder that `-Dtidemark.root` names, or the first with the Maven wrapper from the working folder upwards.
    public static Path find() {
        String named = System.getProperty(PROPERTY);
        if (named != null) return Path.of(named).toAbsolutePath().normalize();
        Path start = Path.of("").toAbsolutePath();
        for (Path folder = start; folder != null; folder = folder.getParent()) {
            if (Files.isExecutable(folder.resolve("mvnw"))) return folder;
        }
        throw new IllegalStateException("No Tidemark source tree at or above " + start + "; set -D" + PROPERTY);
    }
}
