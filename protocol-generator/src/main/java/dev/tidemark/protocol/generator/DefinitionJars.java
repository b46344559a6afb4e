package dev.tidemark.protocol.generator;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.JarURLConnection;
import java.net.URL;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;

/// The published artifacts on the class path that hold message definitions.
final class DefinitionJars {
    private static final String FOLDER = "common/message/";
    /// One definition of each artifact: clients, group coordinator, transaction coordinator.
    private static final List<String> ONE_OF_EACH =
            List.of("ProduceRequest.json", "OffsetCommitKey.json", "TransactionLogKey.json");

    private DefinitionJars() {}

    static List<Schema> schemas() {
        List<Schema> schemas = new ArrayList<>();
        for (String name : ONE_OF_EACH) addAll(locate(name), schemas);
        schemas.sort(Comparator.comparing(Schema::name));
        return schemas;
    }

    private static URL locate(String name) {
        ClassLoader loader = Thread.currentThread().getContextClassLoader();
        URL url = loader.getResource(FOLDER + name);
        if (url == null) throw new IllegalStateException("no artifact with " + FOLDER + name + " on the class path");
        return url;
    }

    private static void addAll(URL oneOf, List<Schema> schemas) {
        try {
            JarURLConnection connection = (JarURLConnection) oneOf.openConnection();
            connection.setUseCaches(false);
            try (JarFile jar = connection.getJarFile()) {
                for (JarEntry entry : jar.stream().toList()) {
                    if (!entry.getName().startsWith(FOLDER) || !entry.getName().endsWith(".json")) continue;
                    try (InputStream json = jar.getInputStream(entry)) {
                        schemas.add(SchemaParser.parse(json));
                    }
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
