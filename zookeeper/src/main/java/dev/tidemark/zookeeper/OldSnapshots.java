package dev.tidemark.zookeeper;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.apache.zookeeper.server.persistence.SnapStream;

/// Removes snapshots that newer ones have replaced, and the transaction logs that only they need. (ZooKeeper's own tool
/// prints to the standard output.)
final class OldSnapshots {
    private OldSnapshots() {}

    private record Dated(Path file, long zxid) {}

    /// @param versionDir the folder `version-2`
    /// @param kept how many sound snapshots stay; damaged ones do not count
    static void remove(Path versionDir, int kept) throws IOException {
        List<Dated> snapshots = newestFirst(versionDir, "snapshot.");
        List<Dated> sound = new ArrayList<>();
        for (Dated snapshot : snapshots) {
            if (sound.size() < kept
                    && SnapStream.isValidSnapshot(snapshot.file().toFile())) sound.add(snapshot);
        }
        if (sound.size() < kept) return;
        long oldest = sound.getLast().zxid();
        for (Dated snapshot : snapshots) if (snapshot.zxid() < oldest) Files.deleteIfExists(snapshot.file());
        // The log that was begun at or before the oldest snapshot may hold transactions behind it.
        boolean needed = true;
        for (Dated log : newestFirst(versionDir, "log.")) {
            if (!needed) Files.deleteIfExists(log.file());
            if (log.zxid() <= oldest) needed = false;
        }
    }

    private static List<Dated> newestFirst(Path folder, String prefix) throws IOException {
        List<Dated> found = new ArrayList<>();
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : (Iterable<Path>) files::iterator) {
                String name = String.valueOf(file.getFileName());
                if (!name.startsWith(prefix)) continue;
                try {
                    found.add(new Dated(file, Long.parseLong(name.substring(prefix.length()), 16)));
                } catch (NumberFormatException e) {
                    // Not one of ZooKeeper's.
                }
            }
        }
        found.sort(Comparator.comparingLong(Dated::zxid).reversed());
        return found;
    }
}
