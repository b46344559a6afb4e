package dev.tidemark.compatibility.driver;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tidemark.bench.broker.LiveProcesses;
import java.io.BufferedReader;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A `kcat -G` that stays in its group. It tells of rebalances on standard error and prints records on standard output;
/// two threads gather both until the next poll asks.
final class KcatMember {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Pattern PARTITION = Pattern.compile("(\\S+) \\[(\\d+)]");

    private final Process process;
    private final Set<String> assigned = new TreeSet<>();
    private final List<JsonNode> records = new ArrayList<>();

    KcatMember(List<String> command) throws IOException {
        process = LiveProcesses.start(new ProcessBuilder(command));
        process.outputWriter().close();
        Thread.ofVirtual().start(() -> gather(process.inputReader(), this::onRecord));
        Thread.ofVirtual().start(() -> gather(process.errorReader(), this::onMessage));
    }

    private interface LineConsumer {
        void accept(String line) throws IOException;
    }

    private static void gather(BufferedReader lines, LineConsumer to) {
        try (lines) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) to.accept(line);
        } catch (IOException e) {
            System.err.println("kcat: " + e); // It was killed in between.
        }
    }

    private synchronized void onRecord(String line) throws IOException {
        records.add(KcatDriver.toRecord(line));
    }

    private synchronized void onMessage(String line) {
        if (!line.contains(" rebalanced")) return;
        Collection<String> named = new ArrayList<>();
        Matcher partition = PARTITION.matcher(line);
        while (partition.find()) named.add(partition.group(1) + "-" + partition.group(2));
        if (line.contains("revoke")) {
            assigned.removeAll(named);
        } else {
            if (!line.contains("incremental")) assigned.clear();
            assigned.addAll(named);
        }
    }

    JsonNode poll(long ms) throws InterruptedException {
        if (process.waitFor(ms, TimeUnit.MILLISECONDS)) {
            throw new ClientDriver.ClientFailed("kcat -G ended with exit code " + process.exitValue());
        }
        synchronized (this) {
            ObjectNode answer = JSON.createObjectNode();
            answer.set("assigned", JSON.valueToTree(assigned));
            answer.set("records", JSON.valueToTree(records));
            records.clear();
            return answer;
        }
    }

    /// SIGTERM lets it commit and leave the group.
    void close() throws InterruptedException {
        process.destroy();
        if (!process.waitFor(60, TimeUnit.SECONDS)) {
            kill();
            throw new ClientDriver.ClientFailed("kcat -G did not end");
        }
    }

    void kill() {
        process.destroyForcibly();
    }
}
