package dev.tidemark.zookeeper;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongPredicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Remembers, in a file of the broker's own data folder, which ZooKeeper sessions this broker has had: a process that
/// finds its folder unlocked knows that they are all dead, and need not wait for their ephemeral nodes to go. Losing
/// the file costs a wait of one session timeout, nothing else.
public final class PastSessions implements LongPredicate {
    private static final Logger LOG = LoggerFactory.getLogger(PastSessions.class);
    private static final int KEPT = 16;

    private final Path file;
    private final List<Long> past;
    private final List<Long> own = new ArrayList<>();

    /// Call it after the data folder is locked. Blocks.
    public PastSessions(Path file) {
        this.file = file;
        this.past = List.copyOf(read(file));
    }

    private static List<Long> read(Path file) {
        List<Long> sessions = new ArrayList<>();
        try {
            if (!Files.exists(file)) return sessions;
            for (String line : Files.readAllLines(file)) sessions.add(Long.parseUnsignedLong(line.strip(), 16));
        } catch (IOException | NumberFormatException e) {
            LOG.warn("Cannot read {}: {}", file, e.getMessage());
        }
        return sessions;
    }

    /// Whether an earlier process of this broker had the session.
    @Override
    public boolean test(long sessionId) {
        return past.contains(sessionId);
    }

    /// This process has a new session. Blocks for the write of a small file.
    public synchronized void remember(long sessionId) {
        own.add(sessionId);
        List<Long> all = new ArrayList<>(past);
        all.addAll(own);
        StringBuilder text = new StringBuilder();
        for (long id : all.subList(Math.max(0, all.size() - KEPT), all.size())) {
            text.append(Long.toHexString(id)).append('\n');
        }
        try {
            Files.createDirectories(file.toAbsolutePath().getParent());
            Path temporary = file.resolveSibling(file.getFileName() + ".tmp");
            Files.writeString(temporary, text);
            Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            LOG.warn("Cannot write {}: {}", file, e.getMessage());
        }
    }
}
