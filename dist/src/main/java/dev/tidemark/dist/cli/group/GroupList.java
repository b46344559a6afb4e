package dev.tidemark.dist.cli.group;

import dev.tidemark.client.admin.AdminClient;
import dev.tidemark.client.admin.GroupAdmin.Listing;
import dev.tidemark.dist.cli.Arguments;
import dev.tidemark.dist.cli.Brokers;
import dev.tidemark.dist.cli.Command;
import dev.tidemark.dist.cli.ExitCode;
import dev.tidemark.dist.cli.Invocation;
import dev.tidemark.dist.cli.output.Table;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// `tidemark group list`.
public final class GroupList implements Command {
    @Override
    public String summary() {
        return "List groups with their state.";
    }

    @Override
    public void declare(Arguments arguments) {
        arguments.connection().output();
    }

    @Override
    public List<String> examples() {
        return List.of("tidemark group list", "tidemark group list -o json");
    }

    @Override
    public int run(Invocation invocation) throws InterruptedException {
        List<Listing> groups;
        try (AdminClient admin = Brokers.admin(invocation)) {
            groups = admin.groups().list();
        }
        if (invocation.isJson()) {
            invocation.printJson(groups.stream().map(GroupList::json).toList());
        } else {
            Table table = new Table("GROUP", "TYPE", "PROTOCOL", "STATE");
            for (Listing group : groups)
                table.row(group.groupId(), orDash(group.type()), orDash(group.protocolType()), orDash(group.state()));
            table.print(invocation.terminal().out(), invocation.terminal().outStyle());
        }
        return ExitCode.OK;
    }

    private static String orDash(String text) {
        return text.isEmpty() ? "-" : text;
    }

    private static Map<String, Object> json(Listing group) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("group", group.groupId());
        json.put("type", group.type());
        json.put("protocolType", group.protocolType());
        json.put("state", group.state());
        return json;
    }
}
