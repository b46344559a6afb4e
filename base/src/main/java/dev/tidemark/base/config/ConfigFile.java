package dev.tidemark.base.config;

import java.io.IOException;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.SortedMap;
import java.util.TreeMap;

/// `server.properties`, in the syntax of Java's properties, and `--override key=value`.
public final class ConfigFile {
    private ConfigFile() {}

    /// @throws ConfigException if there is no such file or it cannot be read as properties
    public static Map<String, String> read(Path file) {
        try (Reader reader = Files.newBufferedReader(file, StandardCharsets.UTF_8)) {
            return parse(reader, file.toString());
        } catch (NoSuchFileException missing) {
            throw new ConfigException(file.toString(), "There is no file " + file + ".");
        } catch (IOException unreadable) {
            throw new ConfigException(file.toString(), "Cannot read " + file + ": " + unreadable.getMessage());
        }
    }

    static Map<String, String> parse(Reader reader, String origin) throws IOException {
        Properties properties = new Properties();
        try {
            properties.load(reader);
        } catch (IllegalArgumentException malformed) {
            throw new ConfigException(origin, "Cannot read " + origin + ": " + malformed.getMessage());
        }
        SortedMap<String, String> values = new TreeMap<>();
        for (String name : properties.stringPropertyNames()) values.put(name, properties.getProperty(name));
        return values;
    }

    /// `values` with each `key=value` of `overrides` laid over it, the last of a key counting.
    ///
    /// @throws ConfigException if one is not of that form
    public static Map<String, String> override(Map<String, String> values, List<String> overrides) {
        SortedMap<String, String> result = new TreeMap<>(values);
        for (String override : overrides) {
            int equals = override.indexOf('=');
            if (equals <= 0) {
                throw new ConfigException(
                        override, "Invalid override " + ConfigException.quoted(override) + ": it must be key=value.");
            }
            result.put(override.substring(0, equals).trim(), override.substring(equals + 1));
        }
        return result;
    }
}
