package dev.tidemark.dist.cli.transaction;

import dev.tidemark.base.TopicPartition;
import dev.tidemark.client.admin.AdminClient;
import dev.tidemark.client.admin.Result;
import dev.tidemark.client.admin.TransactionAdmin.Open;
import dev.tidemark.dist.cli.Arguments;
import dev.tidemark.dist.cli.Brokers;
import dev.tidemark.dist.cli.CliException;
import dev.tidemark.dist.cli.Command;
import dev.tidemark.dist.cli.Invocation;
import dev.tidemark.dist.cli.Outcomes;
import dev.tidemark.protocol.ErrorCode;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/// `tidemark transaction abort`.
public final class TransactionAbort implements Command {
    @Override
    public String summary() {
        return "Abort a transaction in one partition, whatever its coordinator says. For those that hang.";
    }

    @Override
    public void declare(Arguments arguments) {
        arguments
                .positional("TOPIC", "The topic.")
                .positional("PARTITION", "The partition's number.")
                .positional("PRODUCER-ID", "Whose transaction it is.")
                .connection()
                .output();
    }

    @Override
    public List<String> examples() {
        return List.of("tidemark transaction hanging orders", "tidemark transaction abort orders 3 1042");
    }

    @Override
    public int run(Invocation invocation) throws InterruptedException {
        var partition = new TopicPartition(
                invocation.positional(0), number("PARTITION", invocation.positional(1), Integer::valueOf));
        long producerId = number("PRODUCER-ID", invocation.positional(2), Long::valueOf);
        try (AdminClient admin = Brokers.admin(invocation)) {
            Open open = find(admin, partition, producerId);
            return Outcomes.print(
                    invocation,
                    "partition",
                    Map.of(partition, admin.transactions().abort(open)),
                    aborted -> "aborted what producer " + producerId + " has written to " + partition + " from offset "
                            + aborted.firstOffset() + " on");
        }
    }

    private static Open find(AdminClient admin, TopicPartition partition, long producerId) throws InterruptedException {
        Result<List<Open>> open = admin.transactions().open(List.of(partition)).get(partition);
        if (open == null) throw CliException.failed("nobody told what is open in " + partition);
        if (open.error() == ErrorCode.UNKNOWN_TOPIC_OR_PARTITION) throw CliException.unknownPartition(partition);
        for (Open one : open.orThrow()) if (one.producerId() == producerId) return one;
        throw CliException.notFound(
                "producer " + producerId + " has no open transaction in " + partition,
                "`tidemark transaction hanging " + partition.topic() + " --older-than 0s` shows which ones hang.");
    }

    private static <N extends Number> N number(String what, String text, Function<String, N> parse) {
        try {
            return parse.apply(text);
        } catch (NumberFormatException notANumber) {
            throw CliException.usage(what + " is '" + text + "'; it must be a number");
        }
    }
}
