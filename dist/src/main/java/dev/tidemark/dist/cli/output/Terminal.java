package dev.tidemark.dist.cli.output;

import java.io.InputStream;
import java.io.PrintStream;
import java.util.Map;
import java.util.Set;

/// The three standard streams, and what may be written to them: colours only where a person looks, progress only
/// beside it.
public final class Terminal {
    private final InputStream in;
    private final PrintStream out;
    private final PrintStream err;
    private final Map<String, String> environment;
    private final Set<String> terminals;

    /// @param terminals which of `out` and `err` are terminals
    public Terminal(
            InputStream in, PrintStream out, PrintStream err, Map<String, String> environment, Set<String> terminals) {
        this.in = in;
        this.out = out;
        this.err = err;
        this.environment = environment;
        this.terminals = terminals;
    }

    public InputStream in() {
        return in;
    }

    public PrintStream out() {
        return out;
    }

    public PrintStream err() {
        return err;
    }

    /// The value of an environment variable, empty where it is not set.
    public String environment(String name) {
        return environment.getOrDefault(name, "");
    }

    /// Whether a person reads the standard output.
    public boolean isOutTerminal() {
        return terminals.contains("out");
    }

    /// Whether a person reads the standard error.
    public boolean isErrTerminal() {
        return terminals.contains("err");
    }

    public Style outStyle() {
        return new Style(isOutTerminal() && coloursWanted());
    }

    public Style errStyle() {
        return new Style(isErrTerminal() && coloursWanted());
    }

    /// See no-color.org.
    private boolean coloursWanted() {
        return environment("NO_COLOR").isEmpty() && !environment("TERM").equals("dumb");
    }
}
