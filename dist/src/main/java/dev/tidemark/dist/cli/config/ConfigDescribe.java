package dev.tidemark.dist.cli.config;

import dev.tidemark.client.Node;
import dev.tidemark.client.admin.AdminClient;
import dev.tidemark.client.admin.ConfigAdmin.Entry;
import dev.tidemark.client.admin.ConfigAdmin.Resource;
import dev.tidemark.client.admin.ConfigAdmin.ResourceType;
import dev.tidemark.client.admin.ConfigAdmin.Source;
import dev.tidemark.client.admin.Result;
import dev.tidemark.dist.cli.Arguments;
import dev.tidemark.dist.cli.Brokers;
import dev.tidemark.dist.cli.CliException;
import dev.tidemark.dist.cli.Command;
import dev.tidemark.dist.cli.ExitCode;
import dev.tidemark.dist.cli.Invocation;
import dev.tidemark.dist.cli.output.Table;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// `tidemark config describe`.
public final class ConfigDescribe implements Command {
    @Override
    public String summary() {
        return "Show settings: value and where it comes from.";
    }

    @Override
    public void declare(Arguments arguments) {
        arguments
                .positional("TYPE", ConfigTarget.TYPES)
                .positional("NAME", ConfigTarget.NAMES)
                .flag("-a,--all", "Settings that have their default too.")
                .flag("--docs", "What each setting means.")
                .connection()
                .output();
    }

    @Override
    public List<String> examples() {
        return List.of(
                "tidemark config describe topic flights",
                "tidemark config describe topic flights --all --docs",
                "tidemark config describe broker 1 -o json");
    }

    @Override
    public int run(Invocation invocation) throws InterruptedException {
        Resource resource = ConfigTarget.of(invocation);
        List<Entry> entries;
        try (AdminClient admin = Brokers.admin(invocation)) {
            Result<List<Entry>> result = admin.configs()
                    .describe(List.of(resource), invocation.isSet("--docs"))
                    .get(resource);
            if (resource.type() == ResourceType.BROKER && !resource.name().isEmpty())
                checkBroker(admin, resource.name());
            if (result == null) throw CliException.failed("the broker told nothing about " + invocation.positional(1));
            entries = result.orThrow().stream()
                    .filter(entry -> invocation.isSet("--all") || entry.source() != Source.DEFAULT)
                    .sorted(Comparator.comparing(Entry::name))
                    .toList();
        }
        if (invocation.isJson())
            invocation.printJson(entries.stream().map(ConfigDescribe::json).toList());
        else print(invocation, entries);
        return ExitCode.OK;
    }

    /// A broker's settings are known to itself only.
    private static void checkBroker(AdminClient admin, String id) throws InterruptedException {
        for (Node broker : admin.cluster().describe().brokers())
            if (String.valueOf(broker.id()).equals(id)) return;
        throw CliException.notFound("there is no broker " + id, "`tidemark cluster describe` shows which there are.");
    }

    private static void print(Invocation invocation, List<Entry> entries) {
        var out = invocation.terminal().out();
        if (entries.isEmpty()) out.println("all settings have their default; --all shows them");
        else if (invocation.isSet("--docs")) entries.forEach(entry -> printWithDocumentation(invocation, entry));
        else {
            Table table = new Table("SETTING", "VALUE", "SOURCE");
            for (Entry entry : entries) table.row(entry.name(), value(entry), source(entry));
            table.print(out, invocation.terminal().outStyle());
        }
    }

    private static void printWithDocumentation(Invocation invocation, Entry entry) {
        var out = invocation.terminal().out();
        out.println(invocation.terminal().outStyle().bold(entry.name()) + " = " + value(entry) + "  (" + source(entry)
                + (entry.isReadOnly() ? ", read-only" : "") + ")");
        if (entry.documentation() != null) out.println("    " + entry.documentation());
    }

    private static String value(Entry entry) {
        if (entry.isSensitive()) return "(hidden)";
        return entry.value() == null ? "-" : entry.value();
    }

    private static String source(Entry entry) {
        return entry.source().name().toLowerCase(Locale.ROOT).replace('_', ' ');
    }

    private static Map<String, @Nullable Object> json(Entry entry) {
        Map<String, @Nullable Object> json = new LinkedHashMap<>();
        json.put("name", entry.name());
        json.put("value", entry.value());
        json.put("source", entry.source().name());
        json.put("readOnly", entry.isReadOnly());
        json.put("sensitive", entry.isSensitive());
        if (entry.documentation() != null) json.put("documentation", entry.documentation());
        return json;
    }
}
