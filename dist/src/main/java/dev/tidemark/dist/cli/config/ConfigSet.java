package dev.tidemark.dist.cli.config;

import dev.tidemark.client.admin.AdminClient;
import dev.tidemark.client.admin.ConfigAdmin.Change;
import dev.tidemark.client.admin.ConfigAdmin.Resource;
import dev.tidemark.dist.cli.Arguments;
import dev.tidemark.dist.cli.Brokers;
import dev.tidemark.dist.cli.CliException;
import dev.tidemark.dist.cli.Command;
import dev.tidemark.dist.cli.Invocation;
import dev.tidemark.dist.cli.Outcomes;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// `tidemark config set`.
public final class ConfigSet implements Command {
    @Override
    public String summary() {
        return "Set settings; the others stay as they are. Takes effect without a restart.";
    }

    @Override
    public void declare(Arguments arguments) {
        arguments
                .positional("TYPE", ConfigTarget.TYPES)
                .positional("NAME", ConfigTarget.NAMES)
                .positionals("KEY=VALUE", "The settings.", true)
                .flag("--dry-run", "Only ask whether it would work.")
                .connection()
                .output();
    }

    @Override
    public List<String> examples() {
        return List.of(
                "tidemark config set topic flights retention.ms=86400000",
                "tidemark config set broker default log.cleaner.threads=2");
    }

    @Override
    public int run(Invocation invocation) throws InterruptedException {
        List<Change> changes = new ArrayList<>();
        for (String text : invocation.positionals(2)) {
            int equals = text.indexOf('=');
            if (equals <= 0) throw CliException.usage("'" + text + "' is not key=value");
            changes.add(new Change(text.substring(0, equals), text.substring(equals + 1)));
        }
        return apply(invocation, changes, invocation.isSet("--dry-run") ? "would set " : "set ");
    }

    static int apply(Invocation invocation, List<Change> changes, String verb) throws InterruptedException {
        try (AdminClient admin = Brokers.admin(invocation)) {
            Resource resource = ConfigTarget.of(invocation);
            OwnSettings.refuseMissing(admin, resource, changes);
            String names = String.join(", ", changes.stream().map(Change::name).toList());
            return Outcomes.print(
                    invocation,
                    "resource",
                    admin.configs().alter(Map.of(resource, changes), invocation.isSet("--dry-run")),
                    count -> verb + names + " of " + invocation.positional(0) + " " + invocation.positional(1));
        }
    }
}
