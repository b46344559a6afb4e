package dev.tidemark.compatibility.disk;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.base.disk.FileDisk;
import dev.tidemark.compatibility.driver.ConsoleTools;
import dev.tidemark.storage.dump.LogDump;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/// Apache Kafka's `kafka-dump-log` on the folder of a partition.
public final class KafkaDump {
    /// The system bounds the length of an argument.
    private static final int FILES_AT_ONCE = 500;

    private KafkaDump() {}

    /// The tool finds nothing wrong with any file, and neither does our own.
    ///
    /// @return what it printed
    public static String assertSound(Path folder) throws Exception {
        String output = print(folder);
        assertThat(output)
                .as("%s", folder)
                .doesNotContain("Mismatches in")
                .doesNotContain("isvalid: false")
                .doesNotContain("invalid bytes at the end")
                .doesNotContain("imestamp mismatch")
                .doesNotContain("out of order");
        List<String> indexes = names(folder).stream()
                .filter(name -> name.endsWith(".index") || name.endsWith(".timeindex"))
                .toList();
        String checked = indexes.isEmpty() ? "" : run(folder, List.of("--index-sanity-check"), indexes::contains);
        assertThat(checked.lines()
                        .filter(line -> line.endsWith(" passed sanity check.") || line.endsWith(" is empty.")))
                .as("%s", folder)
                .hasSameSizeAs(indexes);
        List<String> problems = new ArrayList<>();
        new LogDump(new FileDisk(), new LogDump.Options(true, 100, true), row -> {
                    if (row.isProblem()) problems.add(row.toText());
                })
                .dump(folder);
        assertThat(problems).as("%s", folder).isEmpty();
        return output;
    }

    /// All files with all that is in them.
    static String print(Path folder) throws Exception {
        return run(folder, List.of("--deep-iteration", "--print-data-log"), name -> !name.endsWith("checkpoint"));
    }

    private static String run(Path folder, List<String> options, Predicate<String> wanted) throws Exception {
        List<String> files = names(folder).stream()
                .filter(name -> name.contains(".") && !name.equals("partition.metadata"))
                .filter(wanted)
                .map(name -> folder.resolve(name).toString())
                .toList();
        assertThat(files).isNotEmpty();
        StringBuilder printed = new StringBuilder();
        for (int from = 0; from < files.size(); from += FILES_AT_ONCE) {
            List<String> some = files.subList(from, Math.min(files.size(), from + FILES_AT_ONCE));
            List<String> arguments = new ArrayList<>(options);
            arguments.addAll(List.of("--files", String.join(",", some)));
            printed.append(new ConsoleTools("").runAlone("", "DumpLogSegments", arguments));
        }
        return printed.toString();
    }

    /// Of the files that are part of the log.
    static List<String> names(Path folder) throws IOException {
        return new FileDisk()
                .list(folder).stream()
                        .filter(name -> !name.endsWith(".deleted"))
                        .toList();
    }
}
