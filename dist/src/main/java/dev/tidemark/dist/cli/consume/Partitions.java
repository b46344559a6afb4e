package dev.tidemark.dist.cli.consume;

import dev.tidemark.base.TopicPartition;
import dev.tidemark.client.admin.AdminClient;
import dev.tidemark.client.admin.Result;
import dev.tidemark.client.cluster.ClusterMetadata;
import dev.tidemark.dist.cli.CliException;
import dev.tidemark.dist.cli.ExitCode;
import dev.tidemark.dist.cli.Failures;
import dev.tidemark.dist.cli.Invocation;
import dev.tidemark.protocol.ErrorCode;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/// The partitions that the arguments name.
record Partitions(List<TopicPartition> all) {
    static Partitions of(Invocation invocation, AdminClient admin, List<String> topics) throws InterruptedException {
        Set<Integer> chosen = chosen(invocation.text("--partitions", ""));
        List<TopicPartition> all = new ArrayList<>();
        for (var topic : admin.topics().describe(topics).entrySet()) {
            ClusterMetadata.Topic known = known(topic.getKey(), topic.getValue());
            for (ClusterMetadata.Partition partition : known.partitions())
                if (chosen.isEmpty() || chosen.contains(partition.index()))
                    all.add(new TopicPartition(known.name(), partition.index()));
            for (int index : chosen)
                if (index >= known.partitions().size())
                    throw CliException.notFound(
                            "topic " + known.name() + " has no partition " + index,
                            "It has " + known.partitions().size() + ", from 0 on.");
        }
        return new Partitions(all);
    }

    private static ClusterMetadata.Topic known(String name, Result<ClusterMetadata.Topic> result) {
        return switch (result) {
            case Result.Ok<ClusterMetadata.Topic>(var topic) -> topic;
            case Result.Failed<ClusterMetadata.Topic>(ErrorCode error, String message) ->
                throw error == ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
                        ? CliException.notFound(
                                "there is no topic '" + name + "'",
                                "`tidemark topic list` shows which there are; `tidemark topic create " + name
                                        + "` makes it.")
                        : new CliException(
                                ExitCode.FAILED, "topic " + name + ": " + Failures.describe(error, message), null);
        };
    }

    private static Set<Integer> chosen(String text) {
        Set<Integer> chosen = new TreeSet<>();
        try {
            for (String part : text.split(",")) if (!part.isBlank()) chosen.add(Integer.parseInt(part.strip()));
        } catch (NumberFormatException notANumber) {
            throw mustBeNumbers(text);
        }
        if (chosen.stream().anyMatch(index -> index < 0)) throw mustBeNumbers(text);
        return chosen;
    }

    private static CliException mustBeNumbers(String text) {
        return CliException.usage("--partitions '" + text + "' must be numbers: 0,1,5");
    }
}
