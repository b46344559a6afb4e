package dev.tidemark.dist.cli.group;

import dev.tidemark.base.TopicPartition;
import dev.tidemark.client.OffsetAndMetadata;
import dev.tidemark.client.admin.AdminClient;
import dev.tidemark.client.admin.GroupAdmin;
import dev.tidemark.client.admin.GroupAdmin.Description;
import dev.tidemark.client.admin.GroupAdmin.Member;
import dev.tidemark.client.admin.OffsetAdmin;
import dev.tidemark.client.admin.Result;
import dev.tidemark.dist.cli.Arguments;
import dev.tidemark.dist.cli.Brokers;
import dev.tidemark.dist.cli.CliException;
import dev.tidemark.dist.cli.Command;
import dev.tidemark.dist.cli.ExitCode;
import dev.tidemark.dist.cli.Invocation;
import dev.tidemark.dist.cli.output.Table;
import dev.tidemark.protocol.ErrorCode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// `tidemark group describe`.
public final class GroupDescribe implements Command {
    @Override
    public String summary() {
        return "Show a group: its members, what each reads, committed offsets and lag.";
    }

    @Override
    public void declare(Arguments arguments) {
        arguments
                .positional("GROUP", "The group's id.")
                .flag("-m,--members", "Members instead of partitions.")
                .connection()
                .output();
    }

    @Override
    public List<String> examples() {
        return List.of(
                "tidemark group describe billing",
                "tidemark group describe billing --members",
                "tidemark group describe billing -o json | jq .totalLag");
    }

    /// @param committed null where the group never committed
    /// @param end null where it could not be learnt
    private record Row(
            TopicPartition where,
            @Nullable Long committed,
            @Nullable Long end,
            @Nullable Member member) {
        @Nullable
        Long lag() {
            return committed == null || end == null ? null : Math.max(0, end - committed);
        }
    }

    @Override
    public int run(Invocation invocation) throws InterruptedException {
        String groupId = invocation.positional(0);
        Description group;
        List<Row> rows;
        try (AdminClient admin = Brokers.admin(invocation)) {
            Result<Description> result = admin.groups().describe(groupId);
            if (result.error() == ErrorCode.GROUP_ID_NOT_FOUND) throw unknown(groupId);
            group = result.orThrow();
            rows = rows(admin, group);
        }
        if (invocation.isJson()) invocation.printJson(json(group, rows));
        else print(invocation, group, rows);
        return ExitCode.OK;
    }

    static CliException unknown(String groupId) {
        return CliException.notFound(
                "there is no group '" + groupId + "'", "`tidemark group list` shows which groups there are.");
    }

    private static List<Row> rows(AdminClient admin, Description group) throws InterruptedException {
        Map<TopicPartition, Member> owners = new TreeMap<>();
        for (Member member : group.members()) for (var where : member.assignment()) owners.put(where, member);
        Map<TopicPartition, OffsetAndMetadata> committed = admin.groups().offsets(group.groupId());
        Map<TopicPartition, Long> latest = new TreeMap<>();
        for (TopicPartition where : owners.keySet()) latest.put(where, OffsetAdmin.LATEST);
        for (TopicPartition where : committed.keySet()) latest.put(where, OffsetAdmin.LATEST);
        var ends = admin.offsets().list(latest);
        List<Row> rows = new ArrayList<>();
        for (TopicPartition where : latest.keySet()) {
            OffsetAndMetadata offset = committed.get(where);
            Long end =
                    ends.get(where) instanceof Result.Ok<OffsetAdmin.Position>(var position) ? position.offset() : null;
            rows.add(new Row(where, offset == null ? null : offset.offset(), end, owners.get(where)));
        }
        return rows;
    }

    private static long totalLag(List<Row> rows) {
        long total = 0;
        for (Row row : rows) {
            Long lag = row.lag();
            total += lag == null ? 0 : lag;
        }
        return total;
    }

    private static void print(Invocation invocation, Description group, List<Row> rows) {
        var out = invocation.terminal().out();
        var style = invocation.terminal().outStyle();
        out.println(style.bold(group.groupId()) + "  " + group.state() + ", " + group.type() + " protocol"
                + (group.assignor().isEmpty() ? "" : ", assignor " + group.assignor())
                + (group.epoch() < 0 ? "" : ", epoch " + group.epoch()) + ", "
                + group.members().size() + (group.members().size() == 1 ? " member" : " members") + ", total lag "
                + totalLag(rows));
        if (invocation.isSet("--members")) members(group).print(out, style);
        else if (!rows.isEmpty()) partitions(rows).print(out, style);
    }

    private static Table members(Description group) {
        Table table = new Table("MEMBER", "CLIENT", "HOST", "INSTANCE", "EPOCH", "PARTITIONS", "ASSIGNMENT");
        for (Member member : group.members()) {
            table.row(
                    member.memberId(),
                    member.clientId(),
                    member.host(),
                    member.instanceId() == null ? "-" : member.instanceId(),
                    member.epoch() < 0 ? "-" : member.epoch(),
                    member.assignment().size(),
                    assignment(member));
        }
        return table;
    }

    /// `flights:0,1,2 orders:4`.
    private static String assignment(Member member) {
        Map<String, StringBuilder> topics = new LinkedHashMap<>();
        for (TopicPartition where : member.assignment()) {
            StringBuilder partitions = topics.computeIfAbsent(where.topic(), topic -> new StringBuilder());
            if (!partitions.isEmpty()) partitions.append(',');
            partitions.append(where.partition());
        }
        List<String> words = new ArrayList<>();
        topics.forEach((topic, partitions) -> words.add(topic + ":" + partitions));
        return words.isEmpty() ? "-" : String.join(" ", words);
    }

    private static Table partitions(List<Row> rows) {
        Table table = new Table("TOPIC", "PARTITION", "COMMITTED", "END", "LAG", "MEMBER", "HOST");
        for (Row row : rows)
            table.row(
                    row.where().topic(),
                    row.where().partition(),
                    orDash(row.committed()),
                    orDash(row.end()),
                    orDash(row.lag()),
                    row.member() == null ? "-" : row.member().memberId(),
                    row.member() == null ? "-" : row.member().host());
        return table;
    }

    private static Object orDash(@Nullable Object value) {
        return value == null ? "-" : value;
    }

    private static Map<String, @Nullable Object> json(Description group, List<Row> rows) {
        List<Map<String, @Nullable Object>> partitions = new ArrayList<>();
        for (Row row : rows) {
            Map<String, @Nullable Object> partition = new LinkedHashMap<>();
            partition.put("topic", row.where().topic());
            partition.put("partition", row.where().partition());
            partition.put("committedOffset", row.committed());
            partition.put("endOffset", row.end());
            partition.put("lag", row.lag());
            partition.put("memberId", row.member() == null ? null : row.member().memberId());
            partitions.add(partition);
        }
        Map<String, @Nullable Object> json = new LinkedHashMap<>();
        json.put("group", group.groupId());
        json.put("type", group.type());
        json.put("state", group.state());
        json.put("assignor", group.assignor());
        json.put("epoch", group.epoch());
        json.put("totalLag", totalLag(rows));
        json.put("members", group.members().stream().map(GroupDescribe::json).toList());
        json.put("partitions", partitions);
        return json;
    }

    private static Map<String, @Nullable Object> json(GroupAdmin.Member member) {
        Map<String, @Nullable Object> json = new LinkedHashMap<>();
        json.put("memberId", member.memberId());
        json.put("instanceId", member.instanceId());
        json.put("clientId", member.clientId());
        json.put("host", member.host());
        json.put("epoch", member.epoch());
        json.put(
                "assignment",
                member.assignment().stream().map(TopicPartition::toString).toList());
        return json;
    }
}
