package dev.tidemark.bench.broker;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// A folder of jars that Maven fills from a POM that stands apart from the reactor, so that other people's programs run
/// with exactly the dependencies that they ask for. Filled once, and again when the POM or its properties change;
/// Maven is asked offline first.
public final class MavenFolder {
    private static final String PLUGIN = "org.apache.maven.plugins:maven-dependency-plugin:3.9.0:copy-dependencies";

    private MavenFolder() {}

    /// The class path wildcard over all jars of the filled folder.
    public static String classPath(Path pom, Path folder, Map<String, String> properties)
            throws IOException, InterruptedException {
        return resolve(pom, folder, properties) + "/*";
    }

    public static Path resolve(Path pom, Path folder, Map<String, String> properties)
            throws IOException, InterruptedException {
        Path target = folder.toAbsolutePath().normalize();
        Path marker = target.resolve("resolved.from");
        String wanted = new TreeMap<>(properties) + "\n" + Files.readString(pom);
        if (Files.exists(marker) && Files.readString(marker).equals(wanted)) return target;
        TempFolder.delete(target);
        Files.createDirectories(target);
        List<String> command = command(pom, target, properties);
        if (run(command, "-o", target) != 0 && run(command, "-ntp", target) != 0) {
            throw new IOException("Maven could not resolve " + pom + ":\n" + Files.readString(log(target)));
        }
        Files.writeString(marker, wanted);
        return target;
    }

    private static List<String> command(Path pom, Path target, Map<String, String> properties) {
        List<String> command = new ArrayList<>(List.of(
                ProjectRoot.find().resolve("mvnw").toString(),
                "-B",
                "-q",
                "-f",
                pom.toAbsolutePath().toString(),
                PLUGIN,
                "-DincludeScope=runtime",
                "-DoutputDirectory=" + target));
        properties.forEach((key, value) -> command.add("-D" + key + "=" + value));
        return command;
    }

    private static int run(List<String> command, String option, Path target) throws IOException, InterruptedException {
        List<String> full = new ArrayList<>(command);
        full.add(option);
        return new ProcessBuilder(full)
                .redirectErrorStream(true)
                .redirectOutput(log(target).toFile())
                .start()
                .waitFor();
    }

    private static Path log(Path target) {
        return target.resolve("maven.log");
    }
}
