package dev.tidemark.dist.cli.transaction;

import dev.tidemark.client.admin.AdminClient;
import dev.tidemark.client.admin.TransactionAdmin.Listing;
import dev.tidemark.dist.cli.Arguments;
import dev.tidemark.dist.cli.Brokers;
import dev.tidemark.dist.cli.CliException;
import dev.tidemark.dist.cli.Command;
import dev.tidemark.dist.cli.ExitCode;
import dev.tidemark.dist.cli.Invocation;
import dev.tidemark.dist.cli.output.Table;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// `tidemark transaction list`.
public final class TransactionList implements Command {
    private static final List<String> STATES = List.of(
            "Empty",
            "Ongoing",
            "PrepareCommit",
            "PrepareAbort",
            "CompleteCommit",
            "CompleteAbort",
            "Dead",
            "PrepareEpochFence");

    @Override
    public String summary() {
        return "List transactional ids with the state of their newest transactions.";
    }

    @Override
    public void declare(Arguments arguments) {
        arguments
                .repeated("-s,--state", "STATE", "Only these: " + String.join(", ", STATES) + ". May be repeated.")
                .option("--older-than", "DURATION", "Only transactions that are open for longer: 90s, 15m, 2h, 7d.")
                .connection()
                .output();
    }

    @Override
    public List<String> examples() {
        return List.of(
                "tidemark transaction list",
                "tidemark transaction list --state Ongoing",
                "tidemark transaction list --older-than 1m -o json");
    }

    @Override
    public int run(Invocation invocation) throws InterruptedException {
        long olderThanMs = invocation.isSet("--older-than") ? Ages.olderThanMs(invocation) : -1;
        for (String state : invocation.texts("--state"))
            if (!STATES.contains(state))
                throw CliException.usage("there is no state '" + state + "'; there are " + String.join(", ", STATES));
        List<Listing> transactions;
        try (AdminClient admin = Brokers.admin(invocation)) {
            transactions = admin.transactions().list(invocation.texts("--state"), olderThanMs);
        }
        if (invocation.isJson()) {
            invocation.printJson(
                    transactions.stream().map(TransactionList::json).toList());
        } else {
            Table table = new Table("TRANSACTIONAL-ID", "COORDINATOR", "PRODUCER-ID", "STATE");
            for (Listing each : transactions)
                table.row(each.transactionalId(), each.coordinator(), each.producerId(), each.state());
            table.print(invocation.terminal().out(), invocation.terminal().outStyle());
        }
        return ExitCode.OK;
    }

    private static Map<String, Object> json(Listing listing) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("transactionalId", listing.transactionalId());
        json.put("coordinator", listing.coordinator());
        json.put("producerId", listing.producerId());
        json.put("state", listing.state());
        return json;
    }
}
