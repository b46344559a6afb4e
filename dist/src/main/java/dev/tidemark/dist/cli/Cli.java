package dev.tidemark.dist.cli;

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
    private final Terminal terminal;
    private final BrokerStarter brokerStarter;

    public Cli(Terminal terminal, BrokerStarter brokerStarter) {
        this.terminal = terminal;
        this.brokerStarter = brokerStarter;
    }

    /// Runs with the process's own streams and environment.
    public static int run(String[] arguments, BrokerStarter brokerStarter) {
        PrintStream out = stream(FileDescriptor.out);
        PrintStream err = new PrintStream(new FileOutputStream(FileDescriptor.err), true, StandardCharsets.UTF_8);
        // The launcher knows which streams are terminals.
        Set<String> terminals = Set.copyOf(
                Arrays.asList(System.getProperty("tidemark.terminal", "").split(",")));
        Terminal terminal = new Terminal(new FileInputStream(FileDescriptor.in), out, err, System.getenv(), terminals);
        int exitCode = new Cli(terminal, brokerStarter).run(arguments);
        out.flush();
        return exitCode;
    }

    private static PrintStream stream(FileDescriptor descriptor) {
        return new PrintStream(
                new BufferedOutputStream(new FileOutputStream(descriptor), 1 << 16), false, StandardCharsets.UTF_8);
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

    private int usage(ParameterException wrong) {
        PrintStream err = terminal.err();
        err.println(terminal.errStyle().red("tidemark: ") + wrong.getMessage());
        if (wrong instanceof UnmatchedArgumentException unmatched) {
            String[] suggestions = unmatched.getSuggestions().toArray(String[]::new);
            if (suggestions.length > 0) err.println("Did you mean: " + String.join(", ", suggestions) + "?");
        }
        err.println("See: " + wrong.getCommandLine().getCommandSpec().qualifiedName() + " --help");
        return ExitCode.USAGE;
    }
}
