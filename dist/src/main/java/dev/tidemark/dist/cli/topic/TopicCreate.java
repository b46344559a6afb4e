package dev.tidemark.dist.cli.topic;

import dev.tidemark.base.Uuid;
import dev.tidemark.client.admin.AdminClient;
import dev.tidemark.client.admin.Result;
import dev.tidemark.client.admin.TopicAdmin;
import dev.tidemark.client.admin.TopicAdmin.Created;
import dev.tidemark.client.admin.TopicAdmin.NewTopic;
import dev.tidemark.dist.cli.Arguments;
import dev.tidemark.dist.cli.Brokers;
import dev.tidemark.dist.cli.Command;
import dev.tidemark.dist.cli.Invocation;
import dev.tidemark.dist.cli.Outcomes;
import dev.tidemark.protocol.ErrorCode;
import java.util.List;
import java.util.Map;

/// `tidemark topic create`.
public final class TopicCreate implements Command {
    @Override
    public String summary() {
        return "Create topics.";
    }

    @Override
    public void declare(Arguments arguments) {
        arguments
                .positionals("TOPIC", "Names of the new topics.", true)
                .number("-p,--partitions", "N", "How many partitions. Default: the broker's num.partitions.")
                .number("-r,--replication-factor", "N", "How many replicas. Default: the broker's.")
                .repeated("-c,--config", "KEY=VALUE", "A setting of the topic; may be repeated.")
                .flag("--if-not-exists", "A topic that is there already is no failure.")
                .flag("--dry-run", "Only ask whether it would work.")
                .connection()
                .output();
    }

    @Override
    public List<String> examples() {
        return List.of(
                "tidemark topic create flights",
                "tidemark topic create flights --partitions 6 --config cleanup.policy=compact",
                "tidemark topic create a b c --if-not-exists -o json");
    }

    @Override
    public int run(Invocation invocation) throws InterruptedException {
        int partitions = invocation.count("--partitions", TopicAdmin.BROKER_DEFAULT, 1);
        int replicationFactor = invocation.count("--replication-factor", TopicAdmin.BROKER_DEFAULT, 1);
        Map<String, String> configs = invocation.pairs("--config");
        List<NewTopic> topics = invocation.positionals(0).stream()
                .map(name -> new NewTopic(name, partitions, replicationFactor, configs))
                .toList();
        boolean dryRun = invocation.isSet("--dry-run");
        try (AdminClient admin = Brokers.admin(invocation)) {
            Map<String, Result<Created>> results = admin.topics().create(topics, dryRun);
            if (invocation.isSet("--if-not-exists")) results.replaceAll(TopicCreate::existingIsFine);
            return Outcomes.print(invocation, "topic", results, created -> sentence(created, dryRun));
        }
    }

    private static Result<Created> existingIsFine(String name, Result<Created> result) {
        return result.error() == ErrorCode.TOPIC_ALREADY_EXISTS
                ? new Result.Ok<>(new Created(name, Uuid.ZERO, 0, 0))
                : result;
    }

    private static String sentence(Created created, boolean dryRun) {
        if (created.partitions() == 0) return "topic " + created.name() + " exists already";
        String verb = dryRun ? "would create topic " : "created topic ";
        if (created.partitions() < 0) return verb + created.name();
        return verb + created.name() + " with " + created.partitions()
                + (created.partitions() == 1 ? " partition" : " partitions") + ", replication factor "
                + created.replicationFactor();
    }
}
