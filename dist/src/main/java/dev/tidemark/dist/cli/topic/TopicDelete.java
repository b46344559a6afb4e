package dev.tidemark.dist.cli.topic;

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
            if (invocation.isSet("--if-exists"))
                results.replaceAll((name, result) ->
                        result.error() == ErrorCode.UNKNOWN_TOPIC_OR_PARTITION ? new Result.Ok<>(name) : result);
            return Outcomes.print(invocation, "topic", results, name -> "deleted topic " + name);
        }
    }
}
