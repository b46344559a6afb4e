package dev.tidemark.base.config;

import dev.tidemark.base.Check;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// All keys of one kind of resource: brokers, topics or groups. Immutable.
public final class ConfigDefinition {
    /// `listener.name.external.ssl.keystore.location`, `listener.name.external.plain.sasl.jaas.config`
    private static final Pattern LISTENER_KEY =
            Pattern.compile("listener\\.name\\.[^.]+\\.(?:[a-z0-9-]+\\.(?=sasl\\.|connections\\.))?"
                    + "((?:ssl|sasl|principal|connections|max\\.connection|num\\.network).*)");

    private final String resource;
    private final SortedMap<String, ConfigKey> keys;

    private ConfigDefinition(String resource, SortedMap<String, ConfigKey> keys) {
        this.resource = resource;
        this.keys = keys;
    }

    /// `resource` as in "unknown topic config …".
    static ConfigDefinition of(String resource, Iterable<ConfigKey> keys) {
        SortedMap<String, ConfigKey> byName = new TreeMap<>();
        for (ConfigKey key : keys) {
            Check.that(byName.put(key.name(), key) == null, "config %s is defined twice", key.name());
        }
        return new ConfigDefinition(resource, byName);
    }

    /// In the order of their names.
    public Collection<ConfigKey> keys() {
        return keys.values();
    }

    /// The key of that name; for a broker's `listener.name.L.K` what is known of K.
    public Optional<ConfigKey> find(String name) {
        ConfigKey key = keys.get(name);
        if (key != null) return Optional.of(key);
        if (!name.startsWith("listener.name.")) return Optional.empty();
        Matcher listenerKey = LISTENER_KEY.matcher(name);
        return listenerKey.matches() ? Optional.ofNullable(keys.get(listenerKey.group(1))) : Optional.empty();
    }

    /// A key that the program names and that therefore exists.
    public ConfigKey get(String name) {
        ConfigKey key = keys.get(name);
        if (key == null) throw Check.failed("there is no " + resource + " config " + name);
        return key;
    }

    /// Refuses what a client wants to set.
    ///
    /// @throws ConfigException at the first key that is unknown or has a value that it does not allow
    public void validate(Map<String, String> values) {
        values.forEach((name, value) -> find(name)
                .orElseThrow(() -> new ConfigException(name, unknown(name)))
                .parse(value));
    }

    /// Refuses what a client wants to set on running brokers.
    ///
    /// @param forOneBroker false where the values become the default of all
    /// @throws ConfigException as [#validate], and for keys that need a restart or are each broker's own
    public void validateDynamic(Map<String, String> values, boolean forOneBroker) {
        validate(values);
        for (String name : values.keySet()) {
            DynamicScope scope = find(name).orElseThrow().scope();
            if (scope == DynamicScope.READ_ONLY) {
                throw new ConfigException(
                        name,
                        "Cannot change " + name + " while brokers run: set it in " + "server.properties and restart.");
            }
            if (scope == DynamicScope.PER_BROKER && !forOneBroker) {
                throw new ConfigException(name, "Cannot set " + name + " for all brokers: it is each broker's own.");
            }
        }
    }

    /// What to say of a key that is not known, with the known one that it resembles.
    public String unknown(String name) {
        String shown = ConfigException.quoted(name);
        return nearest(name)
                .map(known -> "Unknown " + resource + " config " + shown + "; did you mean " + known + "?")
                .orElse("Unknown " + resource + " config " + shown + ".");
    }

    /// The known key that `name` is probably meant to be.
    public Optional<String> nearest(String name) {
        if (name.length() > 200) return Optional.empty();
        String best = "";
        int bestDistance = Math.max(2, name.length() / 4) + 1;
        for (String known : keys.keySet()) {
            int distance = distance(name, known, bestDistance);
            if (distance < bestDistance) {
                best = known;
                bestDistance = distance;
            }
        }
        return best.isEmpty() ? Optional.empty() : Optional.of(best);
    }

    /// Levenshtein's, or something that is at least `limit`.
    private static int distance(String one, String other, int limit) {
        if (Math.abs(one.length() - other.length()) >= limit) return limit;
        int[] row = new int[other.length() + 1];
        for (int j = 0; j < row.length; j++) row[j] = j;
        for (int i = 1; i <= one.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j < row.length; j++) {
                int replaced = diagonal + (one.charAt(i - 1) == other.charAt(j - 1) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(replaced, Math.min(row[j], row[j - 1]) + 1);
            }
        }
        return row[other.length()];
    }
}
