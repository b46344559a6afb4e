package dev.tidemark.dist.cli;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/// All commands by name. Makes only the one that the arguments name; all of a level for help, completion and mistakes.
final class CommandTree {
    /// A name that leads to other names.
    private record Group(String summary, Map<String, Supplier<Command>> commands) {}

    private final Map<String, Supplier<Command>> commands = new LinkedHashMap<>();
    private final Map<String, Group> groups = new LinkedHashMap<>();
    private final List<String> order = new ArrayList<>();

    CommandTree command(String name, Supplier<Command> command) {
        commands.put(name, command);
        order.add(name);
        return this;
    }

    CommandTree group(String name, String summary, Map<String, Supplier<Command>> members) {
        groups.put(name, new Group(summary, members));
        order.add(name);
        return this;
    }

    /// The part of the tree that `arguments` lead to.
    CommandSpec specFor(String[] arguments) {
        CommandSpec root = named("tidemark", "Apache Kafka's system, written anew: one command is a working broker.");
        root.addOption(OptionSpec.builder(Version.OPTIONS.toArray(String[]::new))
                .versionHelp(true)
                .type(boolean.class)
                .arity("0")
                .description("Show the version.")
                .build());
        root.usageMessage()
                .footer(
                        "",
                        "Exit codes: " + ExitCode.HELP + ".",
                        "Examples:",
                        "  tidemark start",
                        "  tidemark topic create flights --partitions 6",
                        "  tidemark produce flights --key-field origin < flights.ndjson",
                        "  tidemark consume flights --from beginning --exit");
        String first = arguments.length > 0 ? arguments[0] : "";
        String second = arguments.length > 1 ? arguments[1] : "";
        if (order.contains(first)) {
            root.addSubcommand(first, member(first, second));
        } else {
            for (String name : order) root.addSubcommand(name, member(name, ""));
        }
        return root;
    }

    /// The whole tree.
    CommandSpec whole() {
        return specFor(new String[0]);
    }

    private CommandSpec member(String name, String second) {
        Supplier<Command> command = commands.get(name);
        if (command != null) return commandSpec(name, command.get());
        Group group = groups.get(name);
        CommandSpec spec = named(name, group.summary());
        Supplier<Command> chosen = group.commands().get(second);
        if (chosen != null) {
            spec.addSubcommand(second, commandSpec(second, chosen.get()));
        } else {
            group.commands().forEach((each, member) -> spec.addSubcommand(each, commandSpec(each, member.get())));
        }
        return spec;
    }

    private static CommandSpec commandSpec(String name, Command command) {
        CommandSpec spec = named(CommandSpec.wrapWithoutInspection(command), name, command.summary());
        command.declare(new Arguments(spec));
        List<String> footer = new ArrayList<>(List.of("", "Examples:"));
        for (String example : command.examples()) footer.add("  " + example.replace("%", "%%"));
        spec.usageMessage().footer(footer.toArray(String[]::new));
        return spec;
    }

    private static CommandSpec named(String name, String summary) {
        return named(CommandSpec.create(), name, summary);
    }

    private static CommandSpec named(CommandSpec spec, String name, String summary) {
        spec.name(name);
        spec.usageMessage()
                .description(summary.replace("%", "%%"))
                .sortOptions(false)
                .showDefaultValues(false)
                .abbreviateSynopsis(true)
                .width(110);
        spec.addOption(OptionSpec.builder("-h", "--help")
                .usageHelp(true)
                .type(boolean.class)
                .arity("0")
                .description("Show this help.")
                .build());
        return spec;
    }

    static @Nullable Command commandOf(CommandSpec spec) {
        return spec.userObject() instanceof Command command ? command : null;
    }
}
