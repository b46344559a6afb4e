package dev.tidemark.dist.cli;

import java.util.List;
import java.util.Objects;

/// What `tidemark --version` prints.
final class Version {
    static final List<String> OPTIONS = List.of("-V", "--version");

    private Version() {}

    /// `tidemark 1.0.0 (Java 25.0.1)`; the first is the jar's.
    static String line() {
        String version =
                Objects.requireNonNullElse(Version.class.getPackage().getImplementationVersion(), "unpackaged");
        return "tidemark " + version + " (Java " + Runtime.version() + ")";
    }
}
