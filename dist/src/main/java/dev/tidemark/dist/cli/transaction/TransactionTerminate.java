package dev.tidemark.dist.cli.transaction;

import dev.tidemark.client.admin.AdminClient;
import dev.tidemark.client.admin.Result;
import dev.tidemark.dist.cli.Arguments;
import dev.tidemark.dist.cli.Brokers;
import dev.tidemark.dist.cli.Command;
import dev.tidemark.dist.cli.Invocation;
import dev.tidemark.dist.cli.Outcomes;
import dev.tidemark.protocol.ErrorCode;
import java.util.List;
import java.util.Map;

/// `tidemark transaction terminate`.
public final class TransactionTerminate implements Command {
    @Override
    public String summary() {
        return "Put the producer of a transactional id out and abort what it has open, also a transaction that is "
                + "prepared and waits for its two-phase commit.";
    }

    @Override
    public void declare(Arguments arguments) {
        arguments.positional("ID", "The transactional id.").connection().output();
    }

    @Override
    public List<String> examples() {
        return List.of("tidemark transaction list --state Ongoing", "tidemark transaction terminate billing-0");
    }

    @Override
    public int run(Invocation invocation) throws InterruptedException {
        String id = invocation.positional(0);
        Result<String> result;
        try (AdminClient admin = Brokers.admin(invocation)) {
            result = admin.transactions().terminate(id);
        }
        if (result.error() == ErrorCode.TRANSACTIONAL_ID_NOT_FOUND) throw TransactionDescribe.unknown(id);
        return Outcomes.print(
                invocation,
                "id",
                Map.of(id, result),
                _ -> id + " has no open transaction now, and its producer is put out");
    }
}
