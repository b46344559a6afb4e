package dev.tidemark.coordinator.group;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Transcripts: commands, `----`, and exactly what they tell. With `-Dgolden.update=true` the files are written
/// anew, to be read before they are committed.
class ScenariosTest {
    private static final Path FOLDER = Path.of("src/test/resources/scenarios");
    private static final String RULE = "----";

    static List<String> scenarios() throws IOException {
        try (Stream<Path> files = Files.list(FOLDER)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }

    @ParameterizedTest
    @MethodSource("scenarios")
    void tellsWhatTheTranscriptSays(String file) throws IOException {
        String golden = Files.readString(FOLDER.resolve(file));

        String told = replay(golden);

        if (Boolean.getBoolean("golden.update")) Files.writeString(FOLDER.resolve(file), told);
        else assertThat(told).isEqualTo(golden);
    }

    private static String replay(String golden) {
        Scenario scenario = new Scenario();
        StringBuilder told = new StringBuilder();
        List<String> commands = new ArrayList<>();
        boolean inOutput = false;
        for (String line : golden.lines().toList()) {
            if (line.isBlank() || line.startsWith("#")) {
                inOutput = false;
                told.append(line).append('\n');
            } else if (line.equals(RULE)) {
                inOutput = true;
                told.append(RULE).append('\n');
                for (String command : commands) told.append(scenario.run(command));
                commands.clear();
            } else if (!inOutput) {
                told.append(line).append('\n');
                commands.add(line);
            }
        }
        return told.toString();
    }
}
