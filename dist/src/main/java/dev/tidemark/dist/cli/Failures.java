package dev.tidemark.dist.cli;

import dev.tidemark.client.BrokerErrorException;
import dev.tidemark.client.TimedOutException;
import dev.tidemark.client.UnreachableException;
import dev.tidemark.dist.cli.output.Terminal;
import dev.tidemark.protocol.ErrorCode;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import org.jspecify.annotations.Nullable;

/// From a failure to what a person reads, what, why and what to do, and to an exit code.
public final class Failures {
    private Failures() {}

    static int report(Exception failure, String command, Terminal terminal) {
        if (!terminal.environment("TIDEMARK_DEBUG").isEmpty()) failure.printStackTrace(terminal.err());
        return switch (failure) {
            case CliException known -> {
                print(terminal, String.valueOf(known.getMessage()), known.advice());
                if (known.exitCode() == ExitCode.USAGE) terminal.err().println("See: " + command + " --help");
                yield known.exitCode();
            }
            case UnreachableException unreachable -> {
                print(terminal, unreachable(unreachable), UNREACHABLE_ADVICE);
                yield ExitCode.UNREACHABLE;
            }
            case TimedOutException late -> {
                print(
                        terminal,
                        String.valueOf(late.getMessage()),
                        "Allow more time with --timeout-ms, or see whether -b names a broker.");
                yield ExitCode.TIMED_OUT;
            }
            case BrokerErrorException refused -> {
                print(terminal, describe(refused.error(), refused.getMessage()), null);
                yield exitCode(refused.error());
            }
            case FileSystemException file -> {
                print(terminal, describe(file), null);
                yield ExitCode.FAILED;
            }
            default -> {
                print(terminal, describe(failure), "TIDEMARK_DEBUG=1 shows where it happened.");
                yield ExitCode.FAILED;
            }
        };
    }

    private static final String UNREACHABLE_ADVICE =
            "Start one with `tidemark start`, or name another with -b HOST:PORT"
                    + " or in the environment variable TIDEMARK_BOOTSTRAP.";

    private static String unreachable(UnreachableException failure) {
        StringBuilder text = new StringBuilder("no broker can be reached");
        String separator = ": ";
        for (var attempt : failure.attempts().entrySet()) {
            text.append(separator)
                    .append(attempt.getKey())
                    .append(" (")
                    .append(attempt.getValue())
                    .append(')');
            separator = ", ";
        }
        return text.toString();
    }

    private static String describe(Exception failure) {
        String message = failure.getMessage();
        return switch (failure) {
            case NoSuchFileException _ -> message + ": no such file or folder";
            case AccessDeniedException _ -> message + ": permission denied";
            case FileAlreadyExistsException _ -> message + ": it is there already, and no folder";
            default -> message == null ? failure.toString() : message;
        };
    }

    /// A broker's refusal: its words, then Kafka's name of the error, by which it can be looked up.
    public static String describe(ErrorCode error, @Nullable String message) {
        String words = message == null || message.isBlank() ? error.defaultMessage() : message;
        return words.strip() + " (" + error.name() + ")";
    }

    /// The exit code that fits a broker's refusal.
    public static int exitCode(ErrorCode error) {
        return switch (error) {
            case UNKNOWN_TOPIC_OR_PARTITION, UNKNOWN_TOPIC_ID, GROUP_ID_NOT_FOUND, BROKER_ID_NOT_REGISTERED ->
                ExitCode.NOT_FOUND;
            case REQUEST_TIMED_OUT -> ExitCode.TIMED_OUT;
            default -> ExitCode.FAILED;
        };
    }

    /// One line on standard error, and one of advice.
    public static void print(Terminal terminal, String message, @Nullable String advice) {
        terminal.err().println(terminal.errStyle().red("tidemark: ") + message);
        if (advice != null) terminal.err().println(advice);
    }
}
