package dev.tidemark.base.config;

import dev.tidemark.base.Check;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// Reads the tables of keys that lie beside this class. Two lines are a key:
///
/// ```
/// log.cleaner.backoff.ms  long  15000  medium  >=0  cluster-wide
///     How long the cleaner rests when no log is worth cleaning.
/// ```
///
/// Name, type, default (`null` for none, `""` for the empty text or list), importance; then in any order the constraint
/// (`>=0`, `0..9`, `-1|1..9`, `one-of:a,b`, `any-case:a,b`, `not-empty`, `throttled-replicas`), `cluster-wide` or
/// `per-broker`, `internal`, `no-effect:KRAFT`, `twins:log.retention.ms,log.retention.hours*3600000`.
/// Lines that start with `#` are remarks.
final class ConfigTable {
    private ConfigTable() {}

    static List<ConfigKey> read(String file) {
        try (InputStream stream = ConfigTable.class.getResourceAsStream(file)) {
            if (stream == null) throw Check.failed("no table " + file);
            BufferedReader reader = new BufferedReader(new InputStreamReader(stream, StandardCharsets.UTF_8));
            List<ConfigKey> keys = new ArrayList<>();
            String head = null;
            for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                if (line.isBlank() || line.startsWith("#")) continue;
                if (!line.startsWith(" ")) {
                    Check.that(head == null, "%s: no documentation before %s", file, line);
                    head = line;
                } else {
                    if (head == null) throw Check.failed(file + ": documentation of nothing: " + line);
                    keys.add(key(head, line.trim()));
                    head = null;
                }
            }
            return keys;
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }

    private static ConfigKey key(String head, String documentation) {
        String[] words = head.split(" +");
        ConfigType type = ConfigType.valueOf(words[1].toUpperCase(Locale.ROOT));
        Importance importance = Importance.valueOf(words[3].toUpperCase(Locale.ROOT));
        Constraint constraint = Constraint.anything();
        DynamicScope scope = DynamicScope.READ_ONLY;
        boolean internal = false;
        NoEffect noEffect = null;
        List<ConfigKey.Twin> twins = List.of();
        for (int i = 4; i < words.length; i++) {
            String word = words[i];
            switch (word) {
                case "cluster-wide" -> scope = DynamicScope.CLUSTER_WIDE;
                case "per-broker" -> scope = DynamicScope.PER_BROKER;
                case "internal" -> internal = true;
                default -> {
                    if (word.startsWith("no-effect:")) noEffect = NoEffect.valueOf(after(word));
                    else if (word.startsWith("twins:")) twins = twins(after(word));
                    else constraint = both(constraint, constraint(word));
                }
            }
        }
        Object defaultValue = defaultValue(type, words[2]);
        return new ConfigKey(
                words[0], type, defaultValue, constraint, importance, scope, internal, noEffect, twins, documentation);
    }

    private static @Nullable Object defaultValue(ConfigType type, String word) {
        if (word.equals("null")) return null;
        return type.parse(word.equals("\"\"") ? "" : word).orElseThrow(() -> Check.failed("bad default: " + word));
    }

    private static Constraint both(Constraint first, Constraint second) {
        return first instanceof Constraint.Anything ? second : new Constraint.Both(first, second);
    }

    private static Constraint constraint(String word) {
        if (word.startsWith(">=")) return new Constraint.AtLeast(new BigDecimal(word.substring(2)));
        if (word.startsWith("one-of:"))
            return new Constraint.OneOf(List.of(after(word).split(",")));
        if (word.startsWith("any-case:"))
            return new Constraint.OneOfIgnoringCase(List.of(after(word).split(",")));
        if (word.equals("not-empty")) return new Constraint.NotEmpty();
        if (word.equals("throttled-replicas")) return new Constraint.ThrottledReplicas();
        int bar = word.indexOf('|');
        if (bar > 0) {
            return new Constraint.Either(
                    new Constraint.OneOf(List.of(word.substring(0, bar))), constraint(word.substring(bar + 1)));
        }
        String[] ends = word.split("\\.\\.");
        Check.that(ends.length == 2, "bad constraint: %s", word);
        return new Constraint.Range(new BigDecimal(ends[0]), new BigDecimal(ends[1]));
    }

    private static List<ConfigKey.Twin> twins(String list) {
        List<ConfigKey.Twin> twins = new ArrayList<>();
        for (String entry : list.split(",")) {
            String[] parts = entry.split("\\*");
            twins.add(new ConfigKey.Twin(parts[0], parts.length == 1 ? 1 : Long.parseLong(parts[1])));
        }
        return List.copyOf(twins);
    }

    private static String after(String word) {
        return word.substring(word.indexOf(':') + 1);
    }
}
