package dev.tidemark.protocol.message;

import dev.tidemark.protocol.codec.Message;
import dev.tidemark.protocol.internaltopic.OffsetCommitKey;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/// The classes of all generated messages, found in the folder that they were compiled to.
final class GeneratedMessages {
    private GeneratedMessages() {}

    static List<Class<? extends Message>> all() {
        return Stream.of(ProduceRequest.class, OffsetCommitKey.class)
                .flatMap(GeneratedMessages::neighbours)
                .sorted((one, other) -> one.getName().compareTo(other.getName()))
                .toList();
    }

    private static Stream<Class<? extends Message>> neighbours(Class<? extends Message> one) {
        try {
            Path root = Path.of(
                    one.getProtectionDomain().getCodeSource().getLocation().toURI());
            Path folder = root.resolve(one.getPackageName().replace('.', '/'));
            try (Stream<Path> files = Files.list(folder)) {
                return files
                        .map(file -> file.getFileName().toString())
                        .filter(name -> name.endsWith(".class") && !name.contains("$") && !name.contains("-"))
                        .map(name -> one.getPackageName() + "." + name.substring(0, name.length() - 6))
                        .filter(name -> !name.endsWith(".Request") && !name.endsWith(".Response"))
                        .<Class<? extends Message>>map(GeneratedMessages::load)
                        .toList()
                        .stream();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Class<? extends Message> load(String name) {
        try {
            return Class.forName(name).asSubclass(Message.class);
        } catch (ClassNotFoundException e) {
            throw new IllegalStateException(e);
        }
    }

    static short constant(Class<? extends Message> message, String name) {
        try {
            return message.getField(name).getShort(null);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(e);
        }
    }
}
