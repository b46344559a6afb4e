package dev.tidemark.compatibility.driver;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tidemark.bench.broker.LiveProcesses;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/// A client in a process of its own that reads a request a line and writes an answer a line. What it prints besides
/// goes to a log file. Used by one thread at a time.
public final class ProcessDriver implements ClientDriver {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final long ANSWER_LIMIT_SECONDS = 180;

    private final Process process;
    private final Writer requests;
    private final BufferedReader answers;
    private final File log;

    public ProcessDriver(List<String> command, Map<String, String> environment, File log) {
        ProcessBuilder builder = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.appendTo(log));
        builder.environment().putAll(environment);
        this.log = log;
        try {
            process = LiveProcesses.start(builder);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        requests = process.outputWriter(StandardCharsets.UTF_8);
        answers = process.inputReader(StandardCharsets.UTF_8);
    }

    @Override
    public JsonNode call(String operation, Map<String, ?> arguments) {
        ObjectNode request = JSON.valueToTree(arguments);
        request.put("op", operation);
        try {
            requests.write(JSON.writeValueAsString(request) + "\n");
            requests.flush();
            JsonNode answer = JSON.readTree(nextLine(operation));
            if (answer.has("error")) {
                throw new ClientFailed(operation + ": " + answer.get("error").asText());
            }
            return answer.path("ok");
        } catch (IOException e) {
            throw new ClientFailed(operation + ": the client's process broke off (" + e.getMessage() + "), see " + log);
        }
    }

    private String nextLine(String operation) throws IOException {
        CompletableFuture<String> line = new CompletableFuture<>();
        Thread.ofVirtual().start(() -> {
            try {
                line.complete(answers.readLine());
            } catch (IOException e) {
                line.completeExceptionally(e);
            }
        });
        try {
            String answer = line.get(ANSWER_LIMIT_SECONDS, TimeUnit.SECONDS);
            if (answer == null) throw new IOException("end of its output");
            return answer;
        } catch (TimeoutException e) {
            close();
            throw new ClientFailed(operation + ": no answer within " + ANSWER_LIMIT_SECONDS + " s, see " + log);
        } catch (ExecutionException e) {
            throw new IOException(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException(e);
        }
    }

    @Override
    public boolean isOpen() {
        return process.isAlive();
    }

    @Override
    public void close() {
        process.destroyForcibly();
        process.onExit().join();
    }
}
