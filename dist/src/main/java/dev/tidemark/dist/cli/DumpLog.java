package dev.tidemark.dist.cli;

import dev.tidemark.base.disk.FileDisk;
import dev.tidemark.dist.cli.output.Style;
import dev.tidemark.storage.dump.DumpRow;
import dev.tidemark.storage.dump.LogDump;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// `tidemark dump-log`.
final class DumpLog implements Command {
    @Override
    public String summary() {
        return "Show what a log's files hold, and what is wrong with them. Reads only; the broker may be running.";
    }

    @Override
    public void declare(Arguments arguments) {
        arguments
                .positionals(
                        "FILE", "Files (.log, .index, .timeindex, .snapshot, checkpoints) or partition folders.", true)
                .flag("--no-records", "Batches, but not the records in them.")
                .flag("--problems", "Only what is wrong.")
                .number("--text-max", "N", "How many characters of a key or value to show. Default: 1024.")
                .output();
    }

    @Override
    public List<String> examples() {
        return List.of(
                "tidemark dump-log ~/.tidemark/data/logs/flights-0",
                "tidemark dump-log flights-0/00000000000000000000.log --no-records",
                "tidemark dump-log data/*-* --problems -o json");
    }

    @Override
    public int run(Invocation invocation) throws IOException {
        boolean isJson = invocation.isJson();
        LogDump.Options options = new LogDump.Options(
                !invocation.isSet("--no-records"),
                invocation.count("--text-max", LogDump.Options.DEFAULT.textMax(), 0),
                invocation.isSet("--problems"));
        LogDump dump = new LogDump(new FileDisk(), options, row -> print(invocation, row, isJson));
        long problems = 0;
        for (String file : invocation.positionals(0)) {
            if (!Files.exists(Path.of(file))) throw CliException.usage("there is no file '" + file + "'");
            problems += dump.dump(Path.of(file));
        }
        if (problems > 0) {
            String many = problems == 1 ? "1 problem was found" : problems + " problems were found";
            Failures.print(invocation.terminal(), many, null);
            return ExitCode.FAILED;
        }
        return ExitCode.OK;
    }

    private static void print(Invocation invocation, DumpRow row, boolean isJson) {
        Style style = invocation.terminal().outStyle();
        String text = isJson ? row.toJson() : row.toText();
        invocation.terminal().out().println(!isJson && row.isProblem() ? style.red(text) : text);
    }
}
