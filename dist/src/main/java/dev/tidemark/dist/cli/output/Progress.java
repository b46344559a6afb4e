package dev.tidemark.dist.cli.output;

import java.util.Locale;

/// One line on standard error that is written over while long work goes on; silent where nobody looks.
/// Used by one thread.
public final class Progress implements AutoCloseable {
    private static final long EVERY_NS = 200_000_000;

    private final Terminal terminal;
    private final String what;
    private final long startedNs = System.nanoTime();
    private long shownNs = startedNs;
    private boolean shown;

    public Progress(Terminal terminal, String what) {
        this.terminal = terminal;
        this.what = what;
    }

    /// Shows the state of the work, a few times a second at most.
    public void update(long records, long bytes) {
        if (!terminal.isErrTerminal()) return;
        long nowNs = System.nanoTime();
        if (nowNs - shownNs < EVERY_NS) return;
        shownNs = nowNs;
        shown = true;
        double seconds = (nowNs - startedNs) / 1e9;
        terminal.err().printf(Locale.ROOT, "\r%s %,d records, %s, %s/s\u001b[K", what, records, size(bytes), size((long)
                (bytes / seconds)));
        terminal.err().flush();
    }

    /// Takes the line away.
    @Override
    public void close() {
        if (shown) terminal.err().print("\r\u001b[K");
        shown = false;
    }

    /// A size for people: `12.3 MiB`.
    public static String size(long bytes) {
        if (bytes < 1024) return bytes + " B";
        String[] units = {"KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
        double value = bytes;
        int unit = -1;
        while (value >= 1024 && unit < units.length - 1) {
            value /= 1024;
            unit++;
        }
        return String.format(Locale.ROOT, "%.1f %s", value, units[unit]);
    }
}
