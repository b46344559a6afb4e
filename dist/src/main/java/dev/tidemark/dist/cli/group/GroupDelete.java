package dev.tidemark.dist.cli.group;

import dev.tidemark.client.admin.AdminClient;
import dev.tidemark.client.admin.Result;
import dev.tidemark.dist.cli.Arguments;
import dev.tidemark.dist.cli.Brokers;
import dev.tidemark.dist.cli.Command;
import dev.tidemark.dist.cli.Invocation;
import dev.tidemark.dist.cli.Outcomes;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// `tidemark group delete`.
public final class GroupDelete implements Command {
    @Override
    public String summary() {
        return "Delete groups with what they committed. A group with members cannot be deleted.";
    }

    @Override
    public void declare(Arguments arguments) {
        arguments.positionals("GROUP", "Ids of groups.", true).connection().output();
    }

    @Override
    public List<String> examples() {
        return List.of("tidemark group delete billing", "tidemark group delete a b c");
    }

    @Override
    public int run(Invocation invocation) throws InterruptedException {
        Map<String, Result<String>> results = new LinkedHashMap<>();
        try (AdminClient admin = Brokers.admin(invocation)) {
            for (String groupId : invocation.positionals(0))
                results.put(groupId, admin.groups().delete(groupId));
        }
        return Outcomes.print(invocation, "group", results, groupId -> "deleted group " + groupId);
    }
}
