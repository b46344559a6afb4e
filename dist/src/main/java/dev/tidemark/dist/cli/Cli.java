package dev.tidemark.dist.cli;

import dev.tidemark.dist.cli.output.StandardOutput;
import dev.tidemark.dist.cli.output.Terminal;
import java.io.BufferedOutputStream;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Set;
import picocli.CommandLine;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;

/// From arguments to an exit code: finds the command, runs it, and tells what went wrong in a sentence.
public final class Cli {
    private static final int OUTPUT_BUFFER_BYTES = 1 << 16;

    private final Terminal terminal;
    private final BrokerStarter brokerStarter;

    public Cli(Terminal terminal, BrokerStarter brokerStarter) {
        this.terminal = terminal;
        this.brokerStarter = brokerStarter;
    }

    /// Runs with the process's own streams and environment.
    public static int run(String[] arguments, BrokerStarter brokerStarter) {
        StandardOutput output = new StandardOutput(new FileOutputStream(FileDescriptor.out));
        PrintStream out =
                new PrintStream(new BufferedOutputStream(output, OUTPUT_BUFFER_BYTES), false, StandardCharsets.UTF_8);
        PrintStream err = new PrintStream(new FileOutputStream(FileDescriptor.err), true, StandardCharsets.UTF_8);
        // The launcher knows which streams are terminals.
        Set<String> terminals = Set.copyOf(
                Arrays.asList(System.getProperty("tidemark.terminal", "").split(",")));
        Terminal terminal = new Terminal(new FileInputStream(FileDescriptor.in), out, err, System.getenv(), terminals);
        int exitCode = new Cli(terminal, brokerStarter).run(arguments);
        out.flush();
        String failure = output.failure();
        if (failure == null) return exitCode;
        Failures.print(terminal, "not all could be written to standard output: " + failure, null);
        return exitCode == ExitCode.OK ? ExitCode.FAILED : exitCode;
    }

    public int run(String[] arguments) {
        if (arguments.length == 1 && Version.OPTIONS.contains(arguments[0])) {
            terminal.out().println(Version.line());
            return ExitCode.OK;
        }
        CommandLine commandLine = new CommandLine(Commands.tree().specFor(arguments))
                .setExpandAtFiles(false)
                .setCaseInsensitiveEnumValuesAllowed(true);
        commandLine.setColorScheme(
                CommandLine.Help.defaultColorScheme(terminal.outStyle().isColoured() ? Ansi.ON : Ansi.OFF));
        try {
            return run(commandLine.parseArgs(arguments));
        } catch (ParameterException wrong) {
            return usage(wrong);
        }
    }

    private int run(ParseResult root) {
        ParseResult parsed = root;
        while (parsed.hasSubcommand()) parsed = parsed.subcommand();
        CommandLine chosen = parsed.commandSpec().commandLine();
        if (parsed.isUsageHelpRequested()) {
            chosen.usage(terminal.out());
            terminal.out().flush();
            return ExitCode.OK;
        }
        Command command = CommandTree.commandOf(parsed.commandSpec());
        if (command == null) {
            chosen.usage(terminal.err());
            return ExitCode.USAGE;
        }
        String name = parsed.commandSpec().qualifiedName();
        try {
            return command.run(new Invocation(parsed, terminal, brokerStarter));
        } catch (InterruptedException interrupted) {
            return ExitCode.FAILED;
        } catch (IOException | RuntimeException failure) {
            terminal.out().flush();
            return Failures.report(failure, name, terminal);
        }
    }

    private static String what(ParameterException wrong) {
        if (!(wrong instanceof UnmatchedArgumentException unmatched)) return String.valueOf(wrong.getMessage());
        String first = unmatched.getUnmatched().getFirst();
        if (first.startsWith("-")) return "there is no option '" + first + "'";
        boolean wantsCommand = !wrong.getCommandLine().getSubcommands().isEmpty();
        return wantsCommand ? "there is no command '" + first + "'" : "'" + first + "' is one argument too many";
    }

    private int usage(ParameterException wrong) {
        PrintStream err = terminal.err();
        Failures.print(terminal, what(wrong), null);
        if (wrong instanceof UnmatchedArgumentException unmatched) {
            String[] suggestions = unmatched.getSuggestions().toArray(String[]::new);
            if (suggestions.length > 0) err.println("Did you mean: " + String.join(", ", suggestions) + "?");
        }
        err.println("See: " + wrong.getCommandLine().getCommandSpec().qualifiedName() + " --help");
        return ExitCode.USAGE;
    }
}
