package dev.tidemark.dist.cli.topic;

import dev.tidemark.client.admin.AdminClient;
import dev.tidemark.client.admin.ConfigAdmin;
import dev.tidemark.client.admin.ConfigAdmin.Change;
import dev.tidemark.client.admin.ConfigAdmin.Resource;
import dev.tidemark.dist.cli.Arguments;
import dev.tidemark.dist.cli.Brokers;
import dev.tidemark.dist.cli.CliException;
import dev.tidemark.dist.cli.Command;
import dev.tidemark.dist.cli.ExitCode;
import dev.tidemark.dist.cli.Invocation;
import dev.tidemark.dist.cli.Outcomes;
import dev.tidemark.dist.cli.config.OwnSettings;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// `tidemark topic alter`.
public final class TopicAlter implements Command {
    @Override
    public String summary() {
        return "Add partitions to a topic, set and unset its settings.";
    }

    @Override
    public void declare(Arguments arguments) {
        arguments
                .positional("TOPIC", "The topic's name.")
                .number("-p,--partitions", "N", "How many partitions it shall have; keys may move to others.")
                .repeated("-c,--config", "KEY=VALUE", "A setting to set; may be repeated.")
                .repeated("-d,--delete-config", "KEY", "A setting that goes back to its default; may be repeated.")
                .connection()
                .output();
    }

    @Override
    public List<String> examples() {
        return List.of(
                "tidemark topic alter flights --partitions 12",
                "tidemark topic alter flights --config retention.ms=86400000 --delete-config cleanup.policy");
    }

    @Override
    public int run(Invocation invocation) throws InterruptedException {
        String topic = invocation.positional(0);
        List<Change> changes = new ArrayList<>();
        invocation.pairs("--config").forEach((key, value) -> changes.add(new Change(key, value)));
        for (String key : invocation.texts("--delete-config")) changes.add(new Change(key, null));
        int partitions = invocation.count("--partitions", 0, 1);
        if (changes.isEmpty() && partitions == 0)
            throw CliException.usage("nothing to alter; give --partitions, --config or --delete-config");
        try (AdminClient admin = Brokers.admin(invocation)) {
            int exitCode = ExitCode.OK;
            Resource resource = new Resource(ConfigAdmin.ResourceType.TOPIC, topic);
            OwnSettings.refuseMissing(admin, resource, changes);
            if (!changes.isEmpty())
                exitCode = Outcomes.print(
                        invocation,
                        "topic",
                        admin.configs().alter(Map.of(resource, changes), false),
                        count -> "changed " + count + (count == 1 ? " setting of " : " settings of ") + topic);
            if (partitions > 0 && exitCode == ExitCode.OK)
                exitCode = Outcomes.print(
                        invocation,
                        "topic",
                        admin.topics().growTo(Map.of(topic, partitions), false),
                        total -> "topic " + topic + " has " + total + " partitions now");
            return exitCode;
        }
    }
}
