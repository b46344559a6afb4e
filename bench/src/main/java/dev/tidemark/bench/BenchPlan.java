package dev.tidemark.bench;

import dev.tidemark.bench.broker.ProjectRoot;
import dev.tidemark.bench.report.Row;
import dev.tidemark.bench.scenario.Sizes;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// What was asked for on the command line.
record BenchPlan(
        String kafkaVersion,
        @Nullable String only,
        int rounds,
        List<String> rowPrefixes,
        boolean quick,
        @Nullable Path data,
        boolean tmpfs,
        boolean profile,
        @Nullable Path output) {

    BenchPlan {
        if (rounds < 1) throw new IllegalArgumentException("--rounds must be at least 1");
    }

    Sizes sizes() {
        return quick ? Sizes.quick() : Sizes.full();
    }

    boolean runs(String product) {
        return only == null || only.equals(product);
    }

    Set<Row> wantedRows() {
        Set<Row> wanted = EnumSet.noneOf(Row.class);
        Arrays.stream(Row.values()).filter(this::isWanted).forEach(wanted::add);
        if (wanted.isEmpty()) {
            List<String> known = Arrays.stream(Row.values()).map(Row::id).toList();
            throw new IllegalArgumentException("--rows " + rowPrefixes + " matches none of " + known);
        }
        return wanted;
    }

    /// A row's whole name means that row alone, so that `create-1000` does not name `create-10000` too.
    private boolean isWanted(Row row) {
        return rowPrefixes.isEmpty()
                || rowPrefixes.stream()
                        .anyMatch(prefix -> isRow(prefix)
                                ? row.id().equals(prefix)
                                : row.id().startsWith(prefix));
    }

    private static boolean isRow(String name) {
        return Arrays.stream(Row.values()).anyMatch(row -> row.id().equals(name));
    }

    /// Only a whole run replaces the report of the repository.
    Path reportFolder() {
        if (output != null) return output;
        boolean whole = only == null && !quick && !profile && rowPrefixes.isEmpty();
        return ProjectRoot.find().resolve(whole ? "docs/benchmarks" : "bench/target/report");
    }

    String command() {
        StringBuilder command = new StringBuilder("./tidemark bench --against kafka");
        if (only != null) command.append(" --only ").append(only);
        command.append(" --rounds ").append(rounds);
        if (!rowPrefixes.isEmpty()) command.append(" --rows ").append(String.join(",", rowPrefixes));
        if (quick) command.append(" --quick");
        if (tmpfs) command.append(" --tmpfs");
        if (profile) command.append(" --profile");
        return command.toString();
    }
}
