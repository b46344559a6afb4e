package dev.tidemark.broker.fetch;

import java.util.HashMap;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/// The fetch sessions of this broker, at most `slots` of them (`max.incremental.fetch.session.cache.slots`). A new one
/// takes the place of the least recently used only if that has been idle for [#IDLE_BEFORE_EVICTION_MS]; otherwise the
/// client goes on without a session. Looked up once per fetch, so one lock is enough.
public final class FetchSessions {
    static final long IDLE_BEFORE_EVICTION_MS = 120_000;

    private final Map<Integer, FetchSession> byId = new HashMap<>();
    private final RandomGenerator random;
    private final int slots;

    public FetchSessions(int slots, RandomGenerator random) {
        this.slots = slots;
        this.random = random;
    }

    synchronized @Nullable FetchSession get(int id) {
        return byId.get(id);
    }

    synchronized void remove(int id) {
        byId.remove(id);
    }

    /// A new session, or null if there is no room.
    synchronized @Nullable FetchSession create(boolean usesTopicIds, long nowMs) {
        if (byId.size() >= slots && !evictIdle(nowMs)) return null;
        int id = random.nextInt(1, Integer.MAX_VALUE);
        while (byId.containsKey(id)) {
            id = random.nextInt(1, Integer.MAX_VALUE);
        }
        FetchSession session = new FetchSession(id, usesTopicIds, nowMs);
        byId.put(id, session);
        return session;
    }

    public synchronized int size() {
        return byId.size();
    }

    private boolean evictIdle(long nowMs) {
        FetchSession oldest = null;
        for (FetchSession session : byId.values()) {
            if (oldest == null || session.lastUsedMs() < oldest.lastUsedMs()) oldest = session;
        }
        if (oldest == null || nowMs - oldest.lastUsedMs() < IDLE_BEFORE_EVICTION_MS) return false;
        byId.remove(oldest.id);
        return true;
    }
}
