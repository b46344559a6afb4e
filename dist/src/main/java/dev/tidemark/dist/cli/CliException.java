package dev.tidemark.dist.cli;

import dev.tidemark.base.TopicPartition;
import org.jspecify.annotations.Nullable;

/// A command cannot go on: what happened and why, and what the user can do about it.
public final class CliException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final int exitCode;
    private final @Nullable String advice;

    public CliException(int exitCode, String message, @Nullable String advice) {
        super(message, null, false, false);
        this.exitCode = exitCode;
        this.advice = advice;
    }

    public static CliException failed(String message) {
        return new CliException(ExitCode.FAILED, message, null);
    }

    /// The arguments do not fit together.
    public static CliException usage(String message) {
        return new CliException(ExitCode.USAGE, message, null);
    }

    public static CliException notFound(String message, String advice) {
        return new CliException(ExitCode.NOT_FOUND, message, advice);
    }

    public static CliException unknownTopic(String name) {
        return notFound("there is no topic '" + name + "'", "`tidemark topic list` shows which topics there are.");
    }

    public static CliException unknownPartition(TopicPartition partition) {
        return notFound(
                "there is no partition " + partition.partition() + " of a topic '" + partition.topic() + "'",
                "`tidemark topic list` shows which topics there are, and how many partitions they have.");
    }

    public int exitCode() {
        return exitCode;
    }

    /// A sentence that says what to do, if there is one.
    public @Nullable String advice() {
        return advice;
    }
}
