package dev.tidemark.dist.cli.topic;

import dev.tidemark.base.TopicPartition;
import dev.tidemark.client.admin.AdminClient;
import dev.tidemark.client.admin.ConfigAdmin;
import dev.tidemark.client.admin.OffsetAdmin;
import dev.tidemark.client.admin.Result;
import dev.tidemark.client.cluster.ClusterMetadata;
import dev.tidemark.dist.cli.Arguments;
import dev.tidemark.dist.cli.Brokers;
import dev.tidemark.dist.cli.Command;
import dev.tidemark.dist.cli.ExitCode;
import dev.tidemark.dist.cli.Failures;
import dev.tidemark.dist.cli.Invocation;
import dev.tidemark.dist.cli.output.Progress;
import dev.tidemark.dist.cli.output.Style;
import dev.tidemark.dist.cli.output.Table;
import dev.tidemark.protocol.ErrorCode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// `tidemark topic describe`.
public final class TopicDescribe implements Command {
    @Override
    public String summary() {
        return "Show topics: partitions, leaders, offsets, sizes, and the settings that differ from the default.";
    }

    @Override
    public void declare(Arguments arguments) {
        arguments.positionals("TOPIC", "Names of topics.", true).connection().output();
    }

    @Override
    public List<String> examples() {
        return List.of("tidemark topic describe flights", "tidemark topic describe flights -o json");
    }

    /// All that is shown of a topic.
    private record Details(
            ClusterMetadata.Topic topic,
            Map<TopicPartition, Result<OffsetAdmin.Position>> starts,
            Map<TopicPartition, Result<OffsetAdmin.Position>> ends,
            Map<TopicPartition, Long> bytes,
            Map<String, String> configs) {}

    @Override
    public int run(Invocation invocation) throws InterruptedException {
        int exitCode = ExitCode.OK;
        List<Details> found = new ArrayList<>();
        try (AdminClient admin = Brokers.admin(invocation)) {
            Map<TopicPartition, Long> bytes = admin.cluster().partitionBytes();
            for (var each : admin.topics().describe(invocation.positionals(0)).entrySet()) {
                switch (each.getValue()) {
                    case Result.Ok<ClusterMetadata.Topic>(var topic) -> found.add(details(admin, topic, bytes));
                    case Result.Failed<ClusterMetadata.Topic>(ErrorCode error, var message) -> {
                        Failures.print(
                                invocation.terminal(),
                                "topic " + each.getKey() + ": " + Failures.describe(error, message),
                                error == ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
                                        ? "`tidemark topic list` shows which topics there are."
                                        : null);
                        exitCode = Failures.exitCode(error);
                    }
                }
            }
        }
        if (invocation.isJson())
            invocation.printJson(found.stream().map(TopicDescribe::json).toList());
        else for (Details details : found) print(invocation, details);
        return exitCode;
    }

    private static Details details(AdminClient admin, ClusterMetadata.Topic topic, Map<TopicPartition, Long> bytes)
            throws InterruptedException {
        Map<TopicPartition, Long> earliest = new LinkedHashMap<>();
        for (ClusterMetadata.Partition partition : topic.partitions())
            earliest.put(new TopicPartition(topic.name(), partition.index()), OffsetAdmin.EARLIEST);
        Map<TopicPartition, Long> latest = new LinkedHashMap<>(earliest);
        latest.replaceAll((partition, time) -> OffsetAdmin.LATEST);
        return new Details(
                topic,
                admin.offsets().list(earliest),
                admin.offsets().list(latest),
                bytes,
                configs(admin, topic.name()));
    }

    private static Map<String, String> configs(AdminClient admin, String topic) throws InterruptedException {
        var resource = new ConfigAdmin.Resource(ConfigAdmin.ResourceType.TOPIC, topic);
        Map<String, String> configs = new TreeMap<>();
        var result = admin.configs().describe(List.of(resource), false).get(resource);
        if (result instanceof Result.Ok<List<ConfigAdmin.Entry>>(var entries))
            for (ConfigAdmin.Entry entry : entries)
                if (entry.source() == ConfigAdmin.Source.TOPIC)
                    configs.put(entry.name(), String.valueOf(entry.value()));
        return configs;
    }

    private static void print(Invocation invocation, Details details) {
        var out = invocation.terminal().out();
        Style style = invocation.terminal().outStyle();
        ClusterMetadata.Topic topic = details.topic();
        out.println(style.bold(topic.name()) + "  " + style.faint("id " + topic.id()));
        details.configs().forEach((key, value) -> out.println("  " + key + "=" + value));
        Table table = new Table("PARTITION", "LEADER", "EPOCH", "REPLICAS", "ISR", "START", "END", "RECORDS", "SIZE");
        for (ClusterMetadata.Partition partition : topic.partitions()) {
            TopicPartition where = new TopicPartition(topic.name(), partition.index());
            Long start = offset(details.starts().get(where));
            Long end = offset(details.ends().get(where));
            table.row(
                    partition.index(),
                    partition.leaderId() < 0 ? "none" : partition.leaderId(),
                    partition.leaderEpoch(),
                    ids(partition.replicas()),
                    ids(partition.isr()),
                    start == null ? "-" : start,
                    end == null ? "-" : end,
                    start == null || end == null ? "-" : end - start,
                    details.bytes().containsKey(where)
                            ? Progress.size(details.bytes().get(where))
                            : "-");
        }
        table.print(out, style);
    }

    private static Map<String, Object> json(Details details) {
        ClusterMetadata.Topic topic = details.topic();
        List<Map<String, Object>> partitions = new ArrayList<>();
        for (ClusterMetadata.Partition partition : topic.partitions()) {
            TopicPartition where = new TopicPartition(topic.name(), partition.index());
            Map<String, Object> element = new LinkedHashMap<>();
            element.put("partition", partition.index());
            element.put("leader", partition.leaderId());
            element.put("leaderEpoch", partition.leaderEpoch());
            element.put("replicas", partition.replicas());
            element.put("isr", partition.isr());
            element.put("offlineReplicas", partition.offlineReplicas());
            element.put("startOffset", offset(details.starts().get(where)));
            element.put("endOffset", offset(details.ends().get(where)));
            element.put("bytes", details.bytes().get(where));
            partitions.add(element);
        }
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("topic", topic.name());
        json.put("id", topic.id().toString());
        json.put("internal", topic.isInternal());
        json.put("configs", details.configs());
        json.put("partitions", partitions);
        return json;
    }

    private static @Nullable Long offset(@Nullable Result<OffsetAdmin.Position> result) {
        return result instanceof Result.Ok<OffsetAdmin.Position>(var position) ? position.offset() : null;
    }

    private static String ids(List<Integer> ids) {
        return ids.stream().map(String::valueOf).collect(Collectors.joining(","));
    }
}
