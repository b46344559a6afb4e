package dev.tidemark.dist.cli;

import java.util.List;
import picocli.AutoComplete;
import picocli.CommandLine;

/// `tidemark completion`: a script for the shell.
final class Completion implements Command {
    @Override
    public String summary() {
        return "Print a script that lets bash or zsh complete commands and options.";
    }

    @Override
    public void declare(Arguments arguments) {
        arguments.optionalPositional("SHELL", "bash (default) or zsh.");
    }

    @Override
    public List<String> examples() {
        return List.of("source <(tidemark completion bash)", "source <(tidemark completion zsh)");
    }

    @Override
    public int run(Invocation invocation) {
        String shell = invocation.optionalPositional(0);
        String script =
                AutoComplete.bash("tidemark", new CommandLine(Commands.tree().whole()));
        switch (shell == null ? "bash" : shell) {
            case "bash" -> invocation.terminal().out().println(script);
            // The script of bash, in the emulation that zsh brings for this.
            case "zsh" ->
                invocation
                        .terminal()
                        .out()
                        .println("autoload -U +X compinit && compinit\nautoload -U +X bashcompinit && bashcompinit\n"
                                + script);
            default -> throw CliException.usage("no completion for '" + shell + "'; it must be bash or zsh");
        }
        return ExitCode.OK;
    }
}
