package dev.tidemark.network;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.LinkedHashMap;
import java.util.Map;
import org.slf4j.Logger;

/// One log line for each mistake of a client, and at most [#LINES_MAX] per address and [#WINDOW_NS]: whoever goes on
/// costs a counter, not a disk. Text that came from outside is escaped and cut.
///
/// Callable from any thread; only mistakes come this way, so a lock will do.
final class PeerLog {
    static final int LINES_MAX = 20;
    static final long WINDOW_NS = 10_000_000_000L;
    private static final int ADDRESSES_MAX = 1024;
    private static final int TEXT_CHARS_MAX = 500;

    private final Logger log;
    private final LinkedHashMap<InetAddress, Window> windows = new LinkedHashMap<>(64, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<InetAddress, Window> eldest) {
            return size() > ADDRESSES_MAX;
        }
    };

    private static final class Window {
        long startNs;
        int lines;
        int withheld;
    }

    PeerLog(Logger log) {
        this.log = log;
    }

    /// Says that `connectionId` of `peer` was closed or refused for `reason`.
    void mistake(String connectionId, InetSocketAddress peer, String reason, long nowNs) {
        int withheld = admit(peer.getAddress(), nowNs);
        if (withheld < 0) return;
        if (withheld > 0)
            log.warn("{}: {} ({} lines about this address withheld)", connectionId, escaped(reason), withheld);
        else log.warn("{}: {}", connectionId, escaped(reason));
    }

    /// @return how many lines were withheld before this one, or -1 to withhold it too
    private synchronized int admit(InetAddress address, long nowNs) {
        Window window = windows.computeIfAbsent(address, _ -> new Window());
        if (window.lines > 0 && nowNs - window.startNs < WINDOW_NS) {
            if (window.lines < LINES_MAX) {
                window.lines++;
                return 0;
            }
            window.withheld++;
            return -1;
        }
        int withheld = window.withheld;
        window.startNs = nowNs;
        window.lines = 1;
        window.withheld = 0;
        return withheld;
    }

    /// `text` with everything that is not plainly printable as `\\uXXXX`, cut at a bound.
    static String escaped(String text) {
        StringBuilder out = new StringBuilder(Math.min(text.length(), TEXT_CHARS_MAX) + 8);
        for (int i = 0; i < text.length(); i++) {
            if (out.length() >= TEXT_CHARS_MAX) return out.append("...").toString();
            char c = text.charAt(i);
            if (c >= ' ' && c < 127) out.append(c);
            else out.append(String.format("\\u%04x", (int) c));
        }
        return out.toString();
    }
}
