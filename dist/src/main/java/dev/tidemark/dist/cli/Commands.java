package dev.tidemark.dist.cli;

import dev.tidemark.dist.cli.cluster.ClusterDescribe;
import dev.tidemark.dist.cli.cluster.ClusterStart;
import dev.tidemark.dist.cli.cluster.ClusterStatus;
import dev.tidemark.dist.cli.cluster.ClusterStop;
import dev.tidemark.dist.cli.config.ConfigDescribe;
import dev.tidemark.dist.cli.config.ConfigSet;
import dev.tidemark.dist.cli.config.ConfigUnset;
import dev.tidemark.dist.cli.consume.Consume;
import dev.tidemark.dist.cli.group.GroupDelete;
import dev.tidemark.dist.cli.group.GroupDescribe;
import dev.tidemark.dist.cli.group.GroupList;
import dev.tidemark.dist.cli.group.GroupReset;
import dev.tidemark.dist.cli.produce.Produce;
import dev.tidemark.dist.cli.topic.TopicAlter;
import dev.tidemark.dist.cli.topic.TopicCreate;
import dev.tidemark.dist.cli.topic.TopicDelete;
import dev.tidemark.dist.cli.topic.TopicDescribe;
import dev.tidemark.dist.cli.topic.TopicList;
import dev.tidemark.dist.cli.transaction.TransactionAbort;
import dev.tidemark.dist.cli.transaction.TransactionDescribe;
import dev.tidemark.dist.cli.transaction.TransactionHanging;
import dev.tidemark.dist.cli.transaction.TransactionList;
import dev.tidemark.dist.cli.transaction.TransactionTerminate;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;

/// The list of all commands. Naming a class here does not load it.
final class Commands {
    private Commands() {}

    static CommandTree tree() {
        Map<String, Supplier<Command>> topic = new LinkedHashMap<>();
        topic.put("create", TopicCreate::new);
        topic.put("list", TopicList::new);
        topic.put("describe", TopicDescribe::new);
        topic.put("alter", TopicAlter::new);
        topic.put("delete", TopicDelete::new);
        Map<String, Supplier<Command>> group = new LinkedHashMap<>();
        group.put("list", GroupList::new);
        group.put("describe", GroupDescribe::new);
        group.put("reset", GroupReset::new);
        group.put("delete", GroupDelete::new);
        Map<String, Supplier<Command>> transaction = new LinkedHashMap<>();
        transaction.put("list", TransactionList::new);
        transaction.put("describe", TransactionDescribe::new);
        transaction.put("hanging", TransactionHanging::new);
        transaction.put("abort", TransactionAbort::new);
        transaction.put("terminate", TransactionTerminate::new);
        Map<String, Supplier<Command>> config = new LinkedHashMap<>();
        config.put("describe", ConfigDescribe::new);
        config.put("set", ConfigSet::new);
        config.put("unset", ConfigUnset::new);
        Map<String, Supplier<Command>> cluster = new LinkedHashMap<>();
        cluster.put("describe", ClusterDescribe::new);
        cluster.put("start", ClusterStart::new);
        cluster.put("stop", ClusterStop::new);
        cluster.put("status", ClusterStatus::new);
        return new CommandTree()
                .command("start", Start::new)
                .group("topic", "Create, list, describe, alter and delete topics.", topic)
                .command("produce", Produce::new)
                .command("consume", Consume::new)
                .group("group", "List, describe, reset and delete consumer groups.", group)
                .group("transaction", "List, describe and abort transactions; find those that hang.", transaction)
                .group("config", "Describe, set and unset the settings of topics, brokers and groups.", config)
                .group("cluster", "Describe a cluster; run one on this machine.", cluster)
                .command("dump-log", DumpLog::new)
                .command("completion", Completion::new);
    }
}
