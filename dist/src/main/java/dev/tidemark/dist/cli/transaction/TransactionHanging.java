package dev.tidemark.dist.cli.transaction;

import dev.tidemark.base.TopicPartition;
import dev.tidemark.client.admin.AdminClient;
import dev.tidemark.client.admin.Result;
import dev.tidemark.client.admin.TransactionAdmin.Open;
import dev.tidemark.client.cluster.ClusterMetadata;
import dev.tidemark.dist.cli.Arguments;
import dev.tidemark.dist.cli.Brokers;
import dev.tidemark.dist.cli.CliException;
import dev.tidemark.dist.cli.Command;
import dev.tidemark.dist.cli.ExitCode;
import dev.tidemark.dist.cli.Failures;
import dev.tidemark.dist.cli.Invocation;
import dev.tidemark.dist.cli.output.Table;
import dev.tidemark.protocol.ErrorCode;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// `tidemark transaction hanging`.
public final class TransactionHanging implements Command {
    @Override
    public String summary() {
        return "Find transactions that are open in partitions and that nobody will end: they hold up readers of "
                + "committed records.";
    }

    @Override
    public void declare(Arguments arguments) {
        arguments
                .positionals("TOPIC", "Topics to look into. Default: all.", false)
                .option(
                        "--older-than",
                        "DURATION",
                        "Only where the producer has written nothing for so long. Default: 15m.")
                .connection()
                .output();
    }

    @Override
    public List<String> examples() {
        return List.of("tidemark transaction hanging", "tidemark transaction hanging orders --older-than 1m");
    }

    @Override
    public int run(Invocation invocation) throws InterruptedException {
        long before = System.currentTimeMillis() - Ages.olderThanMs(invocation);
        List<Open> hanging;
        int exitCode = ExitCode.OK;
        try (AdminClient admin = Brokers.admin(invocation)) {
            List<Open> old = new ArrayList<>();
            var asked = admin.transactions().open(partitions(admin, invocation.positionals(0)));
            for (Map.Entry<TopicPartition, Result<List<Open>>> each : asked.entrySet()) {
                switch (each.getValue()) {
                    case Result.Ok<List<Open>>(List<Open> open) ->
                        open.stream()
                                .filter(one -> one.lastTimestampMs() < before)
                                .forEach(old::add);
                    case Result.Failed<List<Open>>(ErrorCode error, String message) -> {
                        Failures.print(
                                invocation.terminal(), each.getKey() + ": " + Failures.describe(error, message), null);
                        exitCode = Failures.exitCode(error);
                    }
                }
            }
            hanging = admin.transactions().hanging(old);
        }
        if (invocation.isJson())
            invocation.printJson(hanging.stream().map(TransactionHanging::json).toList());
        else print(invocation, hanging);
        return exitCode;
    }

    private static List<TopicPartition> partitions(AdminClient admin, List<String> names) throws InterruptedException {
        List<ClusterMetadata.Topic> topics = admin.topics().list();
        for (String name : names)
            if (topics.stream().noneMatch(topic -> topic.name().equals(name))) throw CliException.unknownTopic(name);
        List<TopicPartition> partitions = new ArrayList<>();
        for (ClusterMetadata.Topic topic : topics)
            if (names.isEmpty() || names.contains(topic.name()))
                for (var each : topic.partitions()) partitions.add(new TopicPartition(topic.name(), each.index()));
        return partitions;
    }

    private static void print(Invocation invocation, List<Open> hanging) {
        Table table = new Table("TOPIC", "PARTITION", "PRODUCER-ID", "EPOCH", "FIRST-OFFSET", "LAST-WRITTEN");
        for (Open open : hanging)
            table.row(
                    open.partition().topic(),
                    open.partition().partition(),
                    open.producerId(),
                    open.producerEpoch(),
                    open.firstOffset(),
                    Instant.ofEpochMilli(open.lastTimestampMs()));
        table.print(invocation.terminal().out(), invocation.terminal().outStyle());
    }

    private static Map<String, Object> json(Open open) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("topic", open.partition().topic());
        json.put("partition", open.partition().partition());
        json.put("producerId", open.producerId());
        json.put("producerEpoch", (int) open.producerEpoch());
        json.put("firstOffset", open.firstOffset());
        json.put("lastTimestampMs", open.lastTimestampMs());
        return json;
    }
}
