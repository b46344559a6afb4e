package dev.tidemark.dist.cli.config;

import dev.tidemark.client.admin.ConfigAdmin.Change;
import dev.tidemark.dist.cli.Arguments;
import dev.tidemark.dist.cli.Command;
import dev.tidemark.dist.cli.Invocation;
import java.util.List;

/// `tidemark config unset`.
public final class ConfigUnset implements Command {
    @Override
    public String summary() {
        return "Let settings go back to their default.";
    }

    @Override
    public void declare(Arguments arguments) {
        arguments
                .positional("TYPE", ConfigTarget.TYPES)
                .positional("NAME", ConfigTarget.NAMES)
                .positionals("KEY", "The settings.", true)
                .flag("--dry-run", "Only ask whether it would work.")
                .connection()
                .output();
    }

    @Override
    public List<String> examples() {
        return List.of("tidemark config unset topic flights retention.ms");
    }

    @Override
    public int run(Invocation invocation) throws InterruptedException {
        List<Change> changes = invocation.positionals(2).stream()
                .map(name -> new Change(name, null))
                .toList();
        return ConfigSet.apply(invocation, changes, invocation.isSet("--dry-run") ? "would unset " : "unset ");
    }
}
