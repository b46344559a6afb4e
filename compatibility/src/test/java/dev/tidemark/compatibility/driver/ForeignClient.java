package dev.tidemark.compatibility.driver;

import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;

/// A client that somebody else wrote: what it can do at all, and how to run it.
///
/// @param features what it offers; the table shows a dash for the rest
/// @param missing why it cannot run here, when it cannot
public record ForeignClient(String name, Set<Feature> features, Optional<String> missing, DriverFactory factory) {

    @FunctionalInterface
    public interface DriverFactory {
        /// @param log where the client's own messages go
        ClientDriver open(String bootstrap, Path log);
    }
}
