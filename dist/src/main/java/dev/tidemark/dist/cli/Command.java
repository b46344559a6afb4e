package dev.tidemark.dist.cli;

import java.io.IOException;
import java.util.List;

/// One command: what it takes, and what it does. Made anew for each run; only the command that runs is made at all.
public interface Command {
    /// One sentence for the list of commands and the top of `--help`.
    String summary();

    /// Says which options and parameters there are.
    void declare(Arguments arguments);

    /// Lines for the end of `--help`: commands that can be typed as they stand.
    List<String> examples();

    /// @return an [ExitCode]
    int run(Invocation invocation) throws IOException, InterruptedException;
}
