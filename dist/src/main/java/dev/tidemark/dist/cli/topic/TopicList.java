package dev.tidemark.dist.cli.topic;

import dev.tidemark.client.admin.AdminClient;
import dev.tidemark.client.cluster.ClusterMetadata;
import dev.tidemark.dist.cli.Arguments;
import dev.tidemark.dist.cli.Brokers;
import dev.tidemark.dist.cli.Command;
import dev.tidemark.dist.cli.ExitCode;
import dev.tidemark.dist.cli.Invocation;
import dev.tidemark.dist.cli.output.Table;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// `tidemark topic list`.
public final class TopicList implements Command {
    @Override
    public String summary() {
        return "List topics.";
    }

    @Override
    public void declare(Arguments arguments) {
        arguments
                .flag("-i,--internal", "Internal topics too.")
                .flag("-q,--quiet", "Names only.")
                .connection()
                .output();
    }

    @Override
    public List<String> examples() {
        return List.of(
                "tidemark topic list",
                "tidemark topic list --quiet | grep '^orders'",
                "tidemark topic list -b broker.example.org:9092 -o json");
    }

    @Override
    public int run(Invocation invocation) throws InterruptedException {
        List<ClusterMetadata.Topic> topics;
        try (AdminClient admin = Brokers.admin(invocation)) {
            topics = admin.topics().list();
        }
        if (!invocation.isSet("--internal"))
            topics = topics.stream().filter(topic -> !topic.isInternal()).toList();
        if (invocation.isJson()) printJson(invocation, topics);
        else if (invocation.isSet("--quiet"))
            topics.forEach(topic -> invocation.terminal().out().println(topic.name()));
        else printTable(invocation, topics);
        return ExitCode.OK;
    }

    private static void printTable(Invocation invocation, List<ClusterMetadata.Topic> topics) {
        Table table = new Table("TOPIC", "PARTITIONS", "REPLICAS");
        for (ClusterMetadata.Topic topic : topics)
            table.row(topic.name(), topic.partitions().size(), replicationFactor(topic));
        table.print(invocation.terminal().out(), invocation.terminal().outStyle());
    }

    private static void printJson(Invocation invocation, List<ClusterMetadata.Topic> topics) {
        List<Map<String, Object>> json = new ArrayList<>();
        for (ClusterMetadata.Topic topic : topics) {
            Map<String, Object> element = new LinkedHashMap<>();
            element.put("topic", topic.name());
            element.put("id", topic.id().toString());
            element.put("internal", topic.isInternal());
            element.put("partitions", topic.partitions().size());
            element.put("replicationFactor", replicationFactor(topic));
            json.add(element);
        }
        invocation.printJson(json);
    }

    static int replicationFactor(ClusterMetadata.Topic topic) {
        return topic.partitions().isEmpty()
                ? 0
                : topic.partitions().getFirst().replicas().size();
    }
}
