package dev.tidemark.dist.cli.produce;

import dev.tidemark.client.producer.Producer;
import dev.tidemark.client.producer.ProducerConfig;
import dev.tidemark.client.producer.ProducerRecord;
import dev.tidemark.dist.cli.Arguments;
import dev.tidemark.dist.cli.Brokers;
import dev.tidemark.dist.cli.CliException;
import dev.tidemark.dist.cli.Command;
import dev.tidemark.dist.cli.ExitCode;
import dev.tidemark.dist.cli.Invocation;
import dev.tidemark.dist.cli.output.Json;
import dev.tidemark.dist.cli.output.Progress;
import dev.tidemark.protocol.record.Compression;
import dev.tidemark.protocol.record.CompressionType;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// `tidemark produce`.
public final class Produce implements Command {
    @Override
    public String summary() {
        return "Write the lines of standard input, or of a file, to a topic.";
    }

    @Override
    public void declare(Arguments arguments) {
        arguments
                .positional("TOPIC", "The topic.")
                .optionalPositional("FILE", "Read this file instead of standard input.")
                .option("-k,--key", "KEY", "The key of all records.")
                .option("-K,--key-separator", "SEP", "Each line is KEY SEP VALUE; \\t is a tab.")
                .option("--key-field", "FIELD", "Each line is a JSON object, and this field of it is the key.")
                .flag("--envelope", "Each line is a JSON object as `consume -o json` prints it.")
                .repeated("-H,--header", "KEY=VALUE", "A header of all records; may be repeated.")
                .number("-p,--partition", "N", "Write to this partition, whatever the key.")
                .option(
                        "--null-value",
                        "TEXT",
                        "A value that is this text becomes null, which deletes in compacted topics.")
                .option("-z,--compression", "TYPE", "none (default), gzip, snappy, lz4 or zstd.")
                .option("--acks", "ACKS", "all (default, idempotent), 1 or 0.")
                .number("--linger-ms", "MS", "How long a batch waits for more records. Default: 5.")
                .number("--batch-bytes", "N", "How large a batch may grow. Default: 65536.")
                .connection()
                .output();
    }

    @Override
    public List<String> examples() {
        return List.of(
                "echo hello | tidemark produce greetings",
                "tidemark produce flights flights.ndjson --key-field origin --compression zstd",
                "printf 'DTW:on time\\nLAS:late\\n' | tidemark produce status --key-separator :",
                "tidemark consume a -o json --exit | tidemark produce b --envelope");
    }

    @Override
    public int run(Invocation invocation) throws IOException, InterruptedException {
        LineFormat format = LineFormat.of(invocation);
        ProducerConfig config = config(invocation);
        Delivery delivery = new Delivery();
        long startedNs = System.nanoTime();
        try (InputStream input = input(invocation);
                Producer producer = Producer.create(config);
                Progress progress = new Progress(invocation.terminal(), "sent")) {
            producer.connect();
            Lines lines = new Lines(input);
            for (byte[] line = lines.next(); line != null && delivery.isFine(); line = lines.next()) {
                ProducerRecord record = format.toRecord(line, lines.number());
                delivery.expect(producer.send(record), line.length);
                progress.update(delivery.sent(), delivery.bytes());
            }
            producer.flush();
        }
        delivery.throwIfFailed();
        report(invocation, delivery, (System.nanoTime() - startedNs) / 1e9);
        return ExitCode.OK;
    }

    private static InputStream input(Invocation invocation) throws IOException {
        String file = invocation.optionalPositional(1);
        if (file == null || file.equals("-")) return invocation.terminal().in();
        if (Files.isDirectory(Path.of(file))) throw CliException.usage("'" + file + "' is a folder, not a file");
        try {
            return Files.newInputStream(Path.of(file));
        } catch (NoSuchFileException missing) {
            throw CliException.usage("there is no file '" + file + "'");
        }
    }

    private static ProducerConfig config(Invocation invocation) {
        int acks = switch (invocation.text("--acks", "all")) {
            case "all", "-1" -> ProducerConfig.ALL;
            case "1" -> 1;
            case "0" -> 0;
            default -> throw CliException.usage("--acks must be all, 1 or 0");
        };
        String name = invocation.text("--compression", "none");
        CompressionType compression = CompressionType.forName(name);
        if (compression == null)
            throw CliException.usage("--compression '" + name + "' must be none, gzip, snappy, lz4 or zstd");
        var client = Brokers.config(invocation);
        return ProducerConfig.of(client)
                .withAcks(acks)
                .withCompression(Compression.of(compression))
                .withBatching(invocation.count("--batch-bytes", 65_536, 1), invocation.count("--linger-ms", 5, 0))
                .withDeliveryTimeoutMs(client.apiTimeoutMs())
                .withBounds(64 << 20, 32 << 20);
    }

    private static void report(Invocation invocation, Delivery delivery, double seconds) {
        var terminal = invocation.terminal();
        if (invocation.isJson()) {
            Map<String, Object> json = new LinkedHashMap<>();
            json.put("topic", invocation.positional(0));
            json.put("records", delivery.sent());
            json.put("bytes", delivery.bytes());
            json.put("seconds", Math.round(seconds * 1000) / 1000.0);
            terminal.out().println(Json.compact(json));
        } else if (terminal.isErrTerminal()) {
            terminal.err()
                    .println("sent " + delivery.sent() + (delivery.sent() == 1 ? " record, " : " records, ")
                            + Progress.size(delivery.bytes()) + ", to " + invocation.positional(0));
        }
    }
}
