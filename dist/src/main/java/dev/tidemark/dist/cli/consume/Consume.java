package dev.tidemark.dist.cli.consume;

import dev.tidemark.base.TopicPartition;
import dev.tidemark.client.OffsetAndMetadata;
import dev.tidemark.client.consumer.Consumer;
import dev.tidemark.client.consumer.ConsumerConfig;
import dev.tidemark.client.consumer.ConsumerRecord;
import dev.tidemark.client.consumer.GroupProtocol;
import dev.tidemark.client.consumer.OffsetReset;
import dev.tidemark.client.consumer.RebalanceListener;
import dev.tidemark.dist.cli.Arguments;
import dev.tidemark.dist.cli.Brokers;
import dev.tidemark.dist.cli.CliException;
import dev.tidemark.dist.cli.Command;
import dev.tidemark.dist.cli.ExitCode;
import dev.tidemark.dist.cli.Invocation;
import dev.tidemark.dist.cli.TimeText;
import dev.tidemark.dist.cli.output.Progress;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/// `tidemark consume`.
public final class Consume implements Command {
    private static final Duration POLL = Duration.ofMillis(500);

    @Override
    public String summary() {
        return "Read records from topics and print them; goes on until stopped, unless told when to end.";
    }

    @Override
    public void declare(Arguments arguments) {
        arguments
                .positionals("TOPIC", "Names of topics.", true)
                .option(
                        "-f,--format",
                        "FORMAT",
                        "%t topic, %p partition, %o offset, %k key, %s value, %h headers, %T time, %K and %S lengths,"
                                + " \\n \\t %%. Default: %s\\n.")
                .option("-o,--output", "KIND", "value (default), key-value, or json (one object a line).")
                .option(
                        "-F,--from",
                        "WHERE",
                        "beginning, end (default), an offset, -N for the last N of each partition, or a time: "
                                + TimeText.FORMS + ".")
                .option("-p,--partitions", "N,…", "Only these partitions.")
                .number("-n,--count", "N", "Stop after N records.")
                .flag("-e,--exit", "Stop at what is the end now.")
                .option("-g,--group", "GROUP", "Read as a member of this group, which commits what was printed.")
                .option("--group-protocol", "PROTOCOL", "auto (default), consumer (KIP-848), classic or cooperative.")
                .flag("--read-committed", "Leave out records of open and aborted transactions.")
                .connection();
    }

    @Override
    public List<String> examples() {
        return List.of(
                "tidemark consume flights --from beginning --exit",
                "tidemark consume flights -f '%p@%o %k: %s\\n' --from -10 --exit",
                "tidemark consume flights --from -1h -o json | jq -r .value",
                "tidemark consume orders --group billing");
    }

    @Override
    public int run(Invocation invocation) throws InterruptedException {
        RecordPrinter printer = RecordPrinter.of(invocation);
        StartPoint start = StartPoint.of(invocation, System.currentTimeMillis());
        long countMax = invocation.isSet("--count") ? invocation.count("--count", 0, 1) : Long.MAX_VALUE;
        try (Interrupt interrupt = new Interrupt();
                Consumer consumer = Consumer.create(config(invocation, start));
                Progress progress = new Progress(invocation.terminal(), "read")) {
            interrupt.wakes(consumer);
            Ends ends = begin(invocation, consumer, start);
            Flow flow = new Flow(invocation, printer, progress, countMax);
            while (!ends.isReached() && flow.goesOn() && !interrupt.hasCome()) {
                List<ConsumerRecord> records = consumer.poll(POLL);
                Map<TopicPartition, OffsetAndMetadata> printed = flow.print(records, ends);
                if (flow.isBroken()) {
                    if (invocation.isSet("--group")) takeBack(consumer, records);
                    break;
                }
                if (!printed.isEmpty() && invocation.isSet("--group") && !flow.goesOn()) consumer.commitSync(printed);
                if (records.isEmpty()) ends.passed(consumer.positions());
            }
        }
        return ExitCode.OK;
    }

    /// Prints, counts, and knows when it is enough.
    private static final class Flow {
        private final Invocation invocation;
        private final RecordPrinter printer;
        private final Progress progress;
        private long left;
        private long records;
        private long bytes;

        Flow(Invocation invocation, RecordPrinter printer, Progress progress, long countMax) {
            this.invocation = invocation;
            this.printer = printer;
            this.progress = progress;
            this.left = countMax;
        }

        boolean goesOn() {
            return left > 0;
        }

        /// Whether nobody takes what is printed any more: the disk is full, or a reader such as `head` has gone.
        boolean isBroken() {
            return invocation.terminal().out().checkError();
        }

        Map<TopicPartition, OffsetAndMetadata> print(List<ConsumerRecord> polled, Ends ends) {
            Map<TopicPartition, OffsetAndMetadata> printed = new TreeMap<>();
            for (ConsumerRecord record : polled) {
                if (left == 0) break;
                if (!ends.accepts(record)) continue;
                printer.print(record, invocation.terminal().out());
                printed.put(record.partition(), OffsetAndMetadata.of(record.offset() + 1));
                records++;
                left--;
                var value = record.value();
                bytes += value == null ? 0 : value.size();
            }
            if (!invocation.terminal().isOutTerminal()) progress.update(records, bytes);
            return printed;
        }
    }

    /// Who closes commits where reading stands: not behind what nobody has got.
    private static void takeBack(Consumer consumer, List<ConsumerRecord> records) throws InterruptedException {
        Map<TopicPartition, Long> first = new TreeMap<>();
        for (ConsumerRecord record : records) first.putIfAbsent(record.partition(), record.offset());
        for (var each : first.entrySet()) consumer.seek(each.getKey(), each.getValue());
    }

    private static Ends begin(Invocation invocation, Consumer consumer, StartPoint start) throws InterruptedException {
        List<String> topics = invocation.positionals(0);
        Partitions partitions = Partitions.of(invocation, consumer.admin(), topics);
        boolean exits = invocation.isSet("--exit");
        Ends ends = exits ? Ends.ofNow(consumer.admin(), partitions.all(), isReadCommitted(invocation)) : Ends.never();
        if (invocation.isSet("--group")) {
            if (invocation.isSet("--partitions"))
                throw CliException.usage("--partitions and --group exclude each other: the group decides");
            // What the group has read already, by this member or others, counts as read.
            if (exits) ends.passed(consumer.admin().groups().offsets(invocation.text("--group", "")));
            consumer.subscribe(topics, new RebalanceListener() {
                @Override
                public void onAssigned(Set<TopicPartition> assigned) {
                    if (!invocation.terminal().isErrTerminal()) return;
                    invocation
                            .terminal()
                            .err()
                            .println(invocation.terminal().errStyle().faint("reads " + assigned));
                }
            });
            return ends;
        }
        consumer.assign(partitions.all());
        for (var offset : start.offsets(consumer.admin(), partitions.all(), isReadCommitted(invocation))
                .entrySet()) consumer.seek(offset.getKey(), offset.getValue());
        return ends;
    }

    private static boolean isReadCommitted(Invocation invocation) {
        return invocation.isSet("--read-committed");
    }

    private static ConsumerConfig config(Invocation invocation, StartPoint start) {
        ConsumerConfig config = ConsumerConfig.of(Brokers.config(invocation))
                .withPolling(2_000, 300_000)
                .withReadCommitted(isReadCommitted(invocation))
                .withOffsetReset(start.isBeginning() ? OffsetReset.EARLIEST : OffsetReset.LATEST);
        String group = invocation.text("--group");
        if (group == null) return config;
        if (group.isBlank()) throw CliException.usage("--group is empty");
        if (start.isExact())
            throw CliException.usage("with --group, --from can be beginning or end, which counts where nothing is"
                    + " committed; `tidemark group reset` moves a group elsewhere");
        GroupProtocol protocol = switch (invocation.text("--group-protocol", "auto")) {
            case "auto" -> GroupProtocol.AUTO;
            case "consumer" -> GroupProtocol.CONSUMER;
            case "classic" -> GroupProtocol.CLASSIC;
            case "cooperative" -> GroupProtocol.CLASSIC_COOPERATIVE;
            default -> throw CliException.usage("--group-protocol must be auto, consumer, classic or cooperative");
        };
        ConsumerConfig grouped = config.withGroup(group, protocol);
        // With a count the rest of a poll is not printed, and must not be committed.
        return invocation.isSet("--count") ? grouped.withAutoCommitIntervalMs(0) : grouped;
    }
}
