package dev.tidemark.dist.cli;

/// What the process's exit code tells a script.
public final class ExitCode {
    /// Done.
    public static final int OK = 0;
    /// A broker refused, or something failed on the way.
    public static final int FAILED = 1;
    /// The arguments make no sense; nothing was done.
    public static final int USAGE = 2;
    /// No broker could be reached.
    public static final int UNREACHABLE = 3;
    /// The topic, group or broker asked for does not exist.
    public static final int NOT_FOUND = 4;
    /// No answer in time.
    public static final int TIMED_OUT = 5;

    /// For `--help`.
    static final String HELP =
            "0 done, 1 failed, 2 wrong arguments, 3 no broker reachable, 4 topic, group or broker not found, 5 timed out";

    private ExitCode() {}
}
