package dev.tidemark.protocol.generator;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/// Generates the protocol module's sources into the folder that is the only argument. Leaves files alone that are as
/// they should be, so that the compiler has nothing to do after a second run, and deletes those that are not generated
/// any more.
public final class Main {
    private Main() {}

    public static void main(String[] arguments) throws IOException {
        Path folder = Path.of(arguments[0]);
        Set<Path> written = new HashSet<>();
        List<Schema> schemas = DefinitionJars.schemas().stream()
                .filter(schema -> !schema.versions().isEmpty())
                .toList();
        for (Schema schema : schemas)
            write(folder, MessageEmitter.packageOf(schema), schema.name(), MessageEmitter.emit(schema), written);
        ApiKeyEmitter apis = new ApiKeyEmitter(schemas);
        write(folder, "dev.tidemark.protocol", "ApiKey", apis.apiKeyEnum(), written);
        write(folder, "dev.tidemark.protocol.message", "Request", apis.sealedInterface(true), written);
        write(folder, "dev.tidemark.protocol.message", "Response", apis.sealedInterface(false), written);
        deleteOthers(folder, written);
    }

    private static void write(Path folder, String packageName, String name, String text, Set<Path> written)
            throws IOException {
        Path file = folder.resolve(packageName.replace('.', '/')).resolve(name + ".java");
        written.add(file);
        if (Files.exists(file) && Files.readString(file).equals(text)) return;
        Files.createDirectories(file.getParent());
        Files.writeString(file, text);
    }

    private static void deleteOthers(Path folder, Set<Path> written) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.filter(Files::isRegularFile).toList())
                if (!written.contains(file)) Files.delete(file);
        }
    }
}
