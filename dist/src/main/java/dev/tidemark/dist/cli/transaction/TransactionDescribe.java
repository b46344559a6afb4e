package dev.tidemark.dist.cli.transaction;

import dev.tidemark.base.TopicPartition;
import dev.tidemark.client.admin.AdminClient;
import dev.tidemark.client.admin.Result;
import dev.tidemark.client.admin.TransactionAdmin.Description;
import dev.tidemark.dist.cli.Arguments;
import dev.tidemark.dist.cli.Brokers;
import dev.tidemark.dist.cli.CliException;
import dev.tidemark.dist.cli.Command;
import dev.tidemark.dist.cli.ExitCode;
import dev.tidemark.dist.cli.Invocation;
import dev.tidemark.dist.cli.output.Table;
import dev.tidemark.protocol.ErrorCode;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// `tidemark transaction describe`.
public final class TransactionDescribe implements Command {
    @Override
    public String summary() {
        return "Show the newest transaction of a transactional id, and the partitions in it.";
    }

    @Override
    public void declare(Arguments arguments) {
        arguments.positional("ID", "The transactional id.").connection().output();
    }

    @Override
    public List<String> examples() {
        return List.of("tidemark transaction describe billing-0", "tidemark transaction describe billing-0 -o json");
    }

    @Override
    public int run(Invocation invocation) throws InterruptedException {
        String id = invocation.positional(0);
        Result<Description> result;
        try (AdminClient admin = Brokers.admin(invocation)) {
            result = admin.transactions().describe(id);
        }
        if (result.error() == ErrorCode.TRANSACTIONAL_ID_NOT_FOUND) throw unknown(id);
        Description transaction = result.orThrow();
        if (invocation.isJson()) invocation.printJson(json(transaction));
        else print(invocation, transaction);
        return ExitCode.OK;
    }

    static CliException unknown(String id) {
        return CliException.notFound(
                "there is no transactional id '" + id + "'", "`tidemark transaction list` shows which ones there are.");
    }

    private static void print(Invocation invocation, Description transaction) {
        var out = invocation.terminal().out();
        var style = invocation.terminal().outStyle();
        out.println(style.bold(transaction.transactionalId()) + "  " + transaction.state() + ", producer "
                + transaction.producerId() + " epoch " + transaction.producerEpoch() + ", timeout "
                + transaction.timeoutMs() + " ms"
                + (transaction.startMs() < 0 ? "" : ", begun " + Instant.ofEpochMilli(transaction.startMs())));
        if (transaction.partitions().isEmpty()) return;
        Table table = new Table("TOPIC", "PARTITION");
        for (TopicPartition partition : transaction.partitions()) table.row(partition.topic(), partition.partition());
        table.print(out, style);
    }

    private static Map<String, @Nullable Object> json(Description transaction) {
        Map<String, @Nullable Object> json = new LinkedHashMap<>();
        json.put("transactionalId", transaction.transactionalId());
        json.put("state", transaction.state());
        json.put("producerId", transaction.producerId());
        json.put("producerEpoch", (int) transaction.producerEpoch());
        json.put("timeoutMs", transaction.timeoutMs());
        json.put("startMs", transaction.startMs() < 0 ? null : transaction.startMs());
        json.put(
                "partitions",
                transaction.partitions().stream().map(TopicPartition::toString).toList());
        return json;
    }
}
