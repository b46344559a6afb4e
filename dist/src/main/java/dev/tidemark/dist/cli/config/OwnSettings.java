package dev.tidemark.dist.cli.config;

import dev.tidemark.client.admin.AdminClient;
import dev.tidemark.client.admin.ConfigAdmin.Change;
import dev.tidemark.client.admin.ConfigAdmin.Entry;
import dev.tidemark.client.admin.ConfigAdmin.Resource;
import dev.tidemark.client.admin.ConfigAdmin.Source;
import dev.tidemark.client.admin.Result;
import dev.tidemark.dist.cli.CliException;
import dev.tidemark.dist.cli.ExitCode;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/// What is set for one resource, and not for others or by default.
public final class OwnSettings {
    private OwnSettings() {}

    /// Taking away what is not set does nothing, and a broker says that it worked: most likely the name is wrong. As
    /// with `kafka-configs.sh --delete-config` nothing is changed then.
    public static void refuseMissing(AdminClient admin, Resource resource, List<Change> changes)
            throws InterruptedException {
        List<String> taken = changes.stream()
                .filter(change -> change.value() == null)
                .map(Change::name)
                .toList();
        if (taken.isEmpty()) return;
        Result<List<Entry>> described =
                admin.configs().describe(List.of(resource), false).get(resource);
        // Of a broker that is down nobody can say what is set.
        if (!(described instanceof Result.Ok<List<Entry>>(var entries))) return;
        Source own = source(resource);
        Set<String> set = entries.stream()
                .filter(entry -> entry.source() == own)
                .map(Entry::name)
                .collect(Collectors.toSet());
        for (String name : taken) if (!set.contains(name)) throw missing(resource, name);
    }

    private static CliException missing(Resource resource, String name) {
        String command = resource.type().name().toLowerCase(java.util.Locale.ROOT) + " "
                + (resource.name().isEmpty() ? "default" : resource.name());
        return new CliException(
                ExitCode.FAILED,
                "'" + name + "' is not set for " + resource + "; nothing was changed",
                "`tidemark config describe " + command + "` shows what is set.");
    }

    private static Source source(Resource resource) {
        return switch (resource.type()) {
            case TOPIC -> Source.TOPIC;
            case GROUP -> Source.GROUP;
            case BROKER -> resource.name().isEmpty() ? Source.DYNAMIC_DEFAULT_BROKER : Source.DYNAMIC_BROKER;
        };
    }
}
