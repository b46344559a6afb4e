package dev.tidemark.dist.cli;

import dev.tidemark.client.admin.Result;
import dev.tidemark.protocol.ErrorCode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/// Tells what became of each of several things, and sums it up in an exit code.
public final class Outcomes {
    private Outcomes() {}

    /// Prints a line, or an element of the JSON, for each result. Failures go to standard error too.
    ///
    /// @param kind what the keys are, for the JSON: `topic`
    /// @param sentence what to say of a success
    public static <K, T> int print(
            Invocation invocation, String kind, Map<K, Result<T>> results, Function<T, String> sentence) {
        int exitCode = ExitCode.OK;
        List<Map<String, Object>> json = new ArrayList<>();
        for (Map.Entry<K, Result<T>> each : results.entrySet()) {
            Map<String, Object> element = new LinkedHashMap<>();
            element.put(kind, each.getKey().toString());
            element.put("error", each.getValue().error().name());
            switch (each.getValue()) {
                case Result.Ok<T>(T value) -> {
                    if (!invocation.isJson()) invocation.terminal().out().println(sentence.apply(value));
                }
                case Result.Failed<T>(ErrorCode error, String message) -> {
                    element.put("message", message);
                    Failures.print(
                            invocation.terminal(), each.getKey() + ": " + Failures.describe(error, message), null);
                    exitCode = Failures.exitCode(error);
                }
            }
            json.add(element);
        }
        if (invocation.isJson()) invocation.printJson(json);
        return exitCode;
    }
}
