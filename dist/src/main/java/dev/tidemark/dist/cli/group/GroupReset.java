package dev.tidemark.dist.cli.group;

import dev.tidemark.base.TopicPartition;
import dev.tidemark.client.OffsetAndMetadata;
import dev.tidemark.client.admin.AdminClient;
import dev.tidemark.client.admin.OffsetAdmin;
import dev.tidemark.client.admin.Result;
import dev.tidemark.client.cluster.ClusterMetadata;
import dev.tidemark.dist.cli.Arguments;
import dev.tidemark.dist.cli.Brokers;
import dev.tidemark.dist.cli.CliException;
import dev.tidemark.dist.cli.Command;
import dev.tidemark.dist.cli.ExitCode;
import dev.tidemark.dist.cli.Failures;
import dev.tidemark.dist.cli.Invocation;
import dev.tidemark.dist.cli.TimeText;
import dev.tidemark.dist.cli.output.Table;
import dev.tidemark.protocol.ErrorCode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// `tidemark group reset`.
public final class GroupReset implements Command {
    @Override
    public String summary() {
        return "Change where a group goes on from. Shows what it would do; --execute does it.";
    }

    @Override
    public void declare(Arguments arguments) {
        arguments
                .positional("GROUP", "The group's id; it must have no member.")
                .repeated(
                        "-t,--topic",
                        "TOPIC[:N,…]",
                        "A topic, or some of its partitions; may be repeated. Default: all that the group committed.")
                .flag("--to-earliest", "To the first record that is there.")
                .flag("--to-latest", "To the end.")
                .option("--to-datetime", "TIME", "To the first record of this time or later: " + TimeText.FORMS + ".")
                .option("--by-duration", "DURATION", "To the first record that is younger: 90s, 15m, 2h, 7d, PT1H.")
                .number("--to-offset", "OFFSET", "To this offset.")
                .number("--shift-by", "N", "Forward by N records; back where N is negative.")
                .flag("--execute", "Do it.")
                .flag("--dry-run", "Only show it (default).")
                .connection()
                .output();
    }

    @Override
    public List<String> examples() {
        return List.of(
                "tidemark group reset billing --to-earliest",
                "tidemark group reset billing --topic orders:0,1 --to-datetime 2026-01-31T12:00 --execute",
                "tidemark group reset billing --shift-by -100 --execute");
    }

    /// @param before -1 where the group never committed
    private record Move(TopicPartition where, long before, long after) {}

    @Override
    public int run(Invocation invocation) throws InterruptedException {
        long nowMs = System.currentTimeMillis();
        String groupId = invocation.positional(0);
        ResetTarget target = ResetTarget.of(invocation, nowMs);
        boolean execute = invocation.isSet("--execute");
        if (execute && invocation.isSet("--dry-run"))
            throw CliException.usage("--execute and --dry-run exclude each other");
        try (AdminClient admin = Brokers.admin(invocation)) {
            List<Move> moves = moves(admin, groupId, invocation.texts("--topic"), target);
            int exitCode = execute ? execute(invocation, admin, groupId, moves) : ExitCode.OK;
            if (invocation.isJson())
                invocation.printJson(
                        moves.stream().map(move -> json(move, execute)).toList());
            else print(invocation, moves, execute && exitCode == ExitCode.OK);
            return exitCode;
        }
    }

    private static List<Move> moves(AdminClient admin, String groupId, List<String> topics, ResetTarget target)
            throws InterruptedException {
        Map<TopicPartition, OffsetAndMetadata> committed = admin.groups().offsets(groupId);
        List<TopicPartition> partitions =
                topics.isEmpty() ? List.copyOf(committed.keySet()) : partitions(admin, topics);
        if (partitions.isEmpty())
            throw CliException.notFound(
                    "the group '" + groupId + "' has committed nothing", "Name topics with --topic, or check the id.");
        Map<TopicPartition, Long> starts = positions(admin, partitions, OffsetAdmin.EARLIEST);
        Map<TopicPartition, Long> ends = positions(admin, partitions, OffsetAdmin.LATEST);
        Map<TopicPartition, Long> found =
                target instanceof ResetTarget.Time(var time) ? positions(admin, partitions, time) : Map.of();
        List<Move> moves = new ArrayList<>();
        for (TopicPartition where : partitions) {
            OffsetAndMetadata offset = committed.get(where);
            long before = offset == null ? -1 : offset.offset();
            long start = starts.getOrDefault(where, 0L);
            long end = ends.getOrDefault(where, 0L);
            long after = ResetTarget.resolve(target, before, start, end, found.getOrDefault(where, -1L));
            moves.add(new Move(where, before, after));
        }
        return moves;
    }

    private static Map<TopicPartition, Long> positions(AdminClient admin, List<TopicPartition> partitions, long time)
            throws InterruptedException {
        Map<TopicPartition, Long> times = new TreeMap<>();
        for (TopicPartition where : partitions) times.put(where, time);
        Map<TopicPartition, Long> positions = new TreeMap<>();
        for (var each : admin.offsets().list(times).entrySet()) {
            if (each.getValue().error() == ErrorCode.UNKNOWN_TOPIC_OR_PARTITION)
                throw CliException.unknownPartition(each.getKey());
            positions.put(each.getKey(), each.getValue().orThrow().offset());
        }
        return positions;
    }

    /// `orders` is all its partitions, `orders:0,1` are two.
    private static List<TopicPartition> partitions(AdminClient admin, List<String> topics) throws InterruptedException {
        List<TopicPartition> partitions = new ArrayList<>();
        for (String text : topics) {
            int colon = text.indexOf(':');
            String name = colon < 0 ? text : text.substring(0, colon);
            if (colon >= 0) {
                for (String index : text.substring(colon + 1).split(","))
                    partitions.add(new TopicPartition(name, index(index, text)));
                continue;
            }
            Result<ClusterMetadata.Topic> topic =
                    admin.topics().describe(List.of(name)).get(name);
            if (topic == null || topic.error() == ErrorCode.UNKNOWN_TOPIC_OR_PARTITION)
                throw CliException.unknownTopic(name);
            for (var partition : topic.orThrow().partitions())
                partitions.add(new TopicPartition(name, partition.index()));
        }
        return partitions;
    }

    private static int index(String text, String whole) {
        try {
            return Integer.parseInt(text.strip());
        } catch (NumberFormatException notANumber) {
            throw CliException.usage("--topic '" + whole + "' must be TOPIC or TOPIC:N,N,…");
        }
    }

    private static int execute(Invocation invocation, AdminClient admin, String groupId, List<Move> moves)
            throws InterruptedException {
        Map<TopicPartition, OffsetAndMetadata> offsets = new LinkedHashMap<>();
        for (Move move : moves) offsets.put(move.where(), OffsetAndMetadata.of(move.after()));
        int exitCode = ExitCode.OK;
        for (var each : admin.groups().alterOffsets(groupId, offsets).entrySet()) {
            if (each.getValue() instanceof Result.Failed<Long>(ErrorCode error, String message)) {
                boolean hasMembers = error == ErrorCode.UNKNOWN_MEMBER_ID || error == ErrorCode.STALE_MEMBER_EPOCH;
                Failures.print(
                        invocation.terminal(),
                        each.getKey() + ": " + Failures.describe(error, message),
                        hasMembers ? "The group has members: stop them first." : null);
                exitCode = Failures.exitCode(error);
            }
        }
        return exitCode;
    }

    private static void print(Invocation invocation, List<Move> moves, boolean done) {
        Table table = new Table("TOPIC", "PARTITION", "BEFORE", done ? "NOW" : "WOULD BE");
        for (Move move : moves)
            table.row(
                    move.where().topic(),
                    move.where().partition(),
                    move.before() < 0 ? "-" : move.before(),
                    move.after());
        table.print(invocation.terminal().out(), invocation.terminal().outStyle());
        if (!invocation.isSet("--execute"))
            invocation.terminal().err().println("Nothing was changed; add --execute to do it.");
    }

    private static Map<String, Object> json(Move move, boolean executed) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("topic", move.where().topic());
        json.put("partition", move.where().partition());
        json.put("before", move.before());
        json.put("after", move.after());
        json.put("executed", executed);
        return json;
    }
}
