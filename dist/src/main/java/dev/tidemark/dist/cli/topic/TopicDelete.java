package dev.tidemark.dist.cli.topic;

import dev.tidemark.client.admin.AdminClient;
import dev.tidemark.client.admin.Result;
import dev.tidemark.dist.cli.Arguments;
import dev.tidemark.dist.cli.Brokers;
import dev.tidemark.dist.cli.Command;
import dev.tidemark.dist.cli.Invocation;
import dev.tidemark.dist.cli.Outcomes;
import dev.tidemark.protocol.ErrorCode;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// `tidemark topic delete`.
public final class TopicDelete implements Command {
    @Override
    public String summary() {
        return "Delete topics with all their records, for good.";
    }

    @Override
    public void declare(Arguments arguments) {
        arguments
                .positionals("TOPIC", "Names of topics.", true)
                .flag("--if-exists", "A topic that is not there is no failure.")
                .connection()
                .output();
    }

    @Override
    public List<String> examples() {
        return List.of("tidemark topic delete flights", "tidemark topic delete a b c --if-exists");
    }

    @Override
    public int run(Invocation invocation) throws InterruptedException {
        try (AdminClient admin = Brokers.admin(invocation)) {
            Map<String, Result<String>> results = admin.topics().delete(invocation.positionals(0));
            Set<String> missing = new HashSet<>();
            if (invocation.isSet("--if-exists"))
                results.replaceAll((name, result) -> {
                    if (result.error() != ErrorCode.UNKNOWN_TOPIC_OR_PARTITION) return result;
                    missing.add(name);
                    return new Result.Ok<>(name);
                });
            return Outcomes.print(
                    invocation,
                    "topic",
                    results,
                    name -> missing.contains(name) ? "there is no topic " + name : "deleted topic " + name);
        }
    }
}
