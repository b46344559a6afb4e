package dev.tidemark.base.config;

import dev.tidemark.base.Check;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// The values of one resource: what is set in several layers, over defaults. A topic or a group stands on a broker,
/// whose values give its defaults ([ConfigKey#twins]). Immutable; a change makes a new one.
public final class ConfigValues {
    /// Texts as they were set, from one source. Keys that the definition does not know are passed over.
    public record Layer(ConfigSource source, Map<String, String> values) {}

    /// One of the values that a key would take, in the order in which they count. A secret's is `null`.
    public record Synonym(String name, @Nullable String value, ConfigSource source) {}

    /// A key's value and all that DescribeConfigs says of it. A secret's value is `null`.
    public record Described(
            ConfigKey key,
            String name,
            @Nullable String value,
            ConfigSource source,
            boolean isReadOnly,
            List<Synonym> synonyms) {
        public boolean isDefault() {
            return source == ConfigSource.DEFAULT_CONFIG;
        }

        public boolean isSensitive() {
            return key.isSensitive();
        }

        public ConfigType type() {
            return key.type();
        }

        public String documentation() {
            return key.fullDocumentation();
        }
    }

    private final ConfigDefinition definition;
    private final List<Layer> layers;
    private final @Nullable ConfigValues parent;
    private final Map<String, Object> set;

    private ConfigValues(
            ConfigDefinition definition,
            List<Layer> layers,
            @Nullable ConfigValues parent,
            Consumer<ConfigException> onBadValue) {
        this.definition = definition;
        this.parent = parent;
        this.set = new HashMap<>();
        List<Layer> readable = new ArrayList<>();
        for (Layer layer : layers) readable.add(read(layer, onBadValue));
        this.layers = List.copyOf(readable);
    }

    /// A broker's values.
    ///
    /// @param layers the one that counts most first
    /// @throws ConfigException at a value that its key does not allow
    public static ConfigValues of(ConfigDefinition definition, List<Layer> layers) {
        return of(definition, layers, ConfigValues::refuse);
    }

    /// As above, but a value that its key does not allow is told to `onBadValue` and counts as not set: for what was
    /// stored before, perhaps by another version.
    public static ConfigValues of(
            ConfigDefinition definition, List<Layer> layers, Consumer<ConfigException> onBadValue) {
        return new ConfigValues(definition, layers, null, onBadValue);
    }

    /// A broker's values with `layer` in the place of the one from the same source, or above all where there is none.
    ///
    /// @throws ConfigException at a value that its key does not allow
    public ConfigValues replacing(Layer layer) {
        List<Layer> all = new ArrayList<>(layers);
        all.replaceAll(one -> one.source() == layer.source() ? layer : one);
        if (!all.contains(layer)) all.addFirst(layer);
        return of(definition, all);
    }

    /// The values of a topic or a group that stands on this broker.
    ///
    /// @throws ConfigException at a value that its key does not allow
    public ConfigValues with(ConfigDefinition childDefinition, ConfigSource source, Map<String, String> overrides) {
        return with(childDefinition, source, overrides, ConfigValues::refuse);
    }

    /// As above, with bad values told and passed over.
    public ConfigValues with(
            ConfigDefinition childDefinition,
            ConfigSource source,
            Map<String, String> overrides,
            Consumer<ConfigException> onBadValue) {
        return new ConfigValues(childDefinition, List.of(new Layer(source, overrides)), this, onBadValue);
    }

    public boolean booleanValue(String name) {
        return (Boolean) required(name);
    }

    /// Of an INT or SHORT key.
    public int intValue(String name) {
        return ((Number) required(name)).intValue();
    }

    /// Of a key that holds a whole number.
    public long longValue(String name) {
        return ((Number) required(name)).longValue();
    }

    public double doubleValue(String name) {
        return ((Number) required(name)).doubleValue();
    }

    /// Of a STRING or CLASS key.
    public String stringValue(String name) {
        return (String) required(name);
    }

    public List<String> listValue(String name) {
        return ((List<?>) required(name)).stream().map(Object::toString).toList();
    }

    public Optional<String> passwordValue(String name) {
        return value(name).map(password -> ((Password) password).value());
    }

    /// The value in the class of the key's type; empty where nothing is set and there is no default.
    public Optional<Object> value(String name) {
        Object own = set.get(name);
        if (own != null) return Optional.of(own);
        ConfigKey key = definition.get(name);
        Optional<Object> inherited = parent == null ? Optional.empty() : parent.valueFor(key);
        return inherited.isPresent() ? inherited : Optional.ofNullable(key.defaultValue());
    }

    /// Of a `listener.name.L.K`, or any other name that may or may not be set: as [#value] without the default.
    public Optional<Object> valueIfSet(String name) {
        return Optional.ofNullable(set.get(name));
    }

    /// Every key that is not internal, or is set, in the order of the names.
    public List<Described> describeAll(boolean withSynonyms) {
        return definition.keys().stream()
                .filter(key -> !key.internal() || set.containsKey(key.name()))
                .map(key -> describe(key, key.name(), withSynonyms))
                .toList();
    }

    /// Empty for an unknown key.
    public Optional<Described> describe(String name, boolean withSynonyms) {
        return definition.find(name).map(key -> describe(key, name, withSynonyms));
    }

    private Described describe(ConfigKey key, String name, boolean withSynonyms) {
        List<Synonym> synonyms = parent == null ? ownSynonyms(key, name) : childSynonyms(key, parent);
        ConfigSource source = synonyms.isEmpty()
                ? ConfigSource.DEFAULT_CONFIG
                : synonyms.getFirst().source();
        boolean readOnly = parent == null && key.scope() == DynamicScope.READ_ONLY;
        Optional<Object> value = name.equals(key.name()) ? value(name) : valueIfSet(name);
        return new Described(
                key, name, shown(key, value.orElse(null)), source, readOnly, withSynonyms ? synonyms : List.of());
    }

    private List<Synonym> childSynonyms(ConfigKey key, ConfigValues above) {
        List<Synonym> synonyms = new ArrayList<>();
        for (Layer layer : layers) addIfSet(synonyms, layer, key, key.name());
        for (Layer layer : above.layers) {
            for (ConfigKey.Twin twin : key.twins()) {
                addIfSet(synonyms, layer, above.definition.get(twin.name()), twin.name());
            }
        }
        for (ConfigKey.Twin twin : key.twins()) addDefault(synonyms, above.definition.get(twin.name()));
        return synonyms;
    }

    /// A key in another unit that counts more is left out: what is described is this key's own value.
    private List<Synonym> ownSynonyms(ConfigKey key, String name) {
        List<Synonym> synonyms = new ArrayList<>();
        for (Layer layer : layers) {
            addIfSet(synonyms, layer, key, name);
            for (ConfigKey.Twin twin : key.twins()) {
                if (!twin.name().equals(name)) addIfSet(synonyms, layer, definition.get(twin.name()), twin.name());
            }
        }
        addDefault(synonyms, key);
        for (ConfigKey.Twin twin : key.twins()) {
            if (!twin.name().equals(name)) addDefault(synonyms, definition.get(twin.name()));
        }
        while (!synonyms.isEmpty() && !synonyms.getFirst().name().equals(name)) synonyms.removeFirst();
        return synonyms;
    }

    private static void addIfSet(List<Synonym> synonyms, Layer layer, ConfigKey key, String name) {
        String text = layer.values().get(name);
        if (text != null) synonyms.add(new Synonym(name, key.isSensitive() ? null : text, layer.source()));
    }

    private static void addDefault(List<Synonym> synonyms, ConfigKey key) {
        String text = key.defaultText();
        if (text != null) {
            synonyms.add(new Synonym(key.name(), key.isSensitive() ? null : text, ConfigSource.DEFAULT_CONFIG));
        }
    }

    private static @Nullable String shown(ConfigKey key, @Nullable Object value) {
        return value == null || key.isSensitive() ? null : ConfigType.format(value);
    }

    /// What this broker says for a topic's or group's key.
    private Optional<Object> valueFor(ConfigKey childKey) {
        for (ConfigKey.Twin twin : childKey.twins()) {
            Optional<Object> value = value(twin.name());
            if (value.isPresent()) return value.map(found -> inUnitOf(childKey, found, twin.factor()));
        }
        return Optional.empty();
    }

    /// A negative time means "no limit" in whatever unit.
    private static Object inUnitOf(ConfigKey key, Object value, long factor) {
        if (key.type() != ConfigType.LONG || !(value instanceof Number number)) return value;
        long count = number.longValue();
        if (factor == 1) return count;
        return count < 0 ? -1L : count * factor;
    }

    private Layer read(Layer layer, Consumer<ConfigException> onBadValue) {
        Map<String, String> good = new HashMap<>();
        layer.values().forEach((name, text) -> {
            Optional<ConfigKey> key = definition.find(name);
            if (key.isEmpty()) return;
            try {
                set.putIfAbsent(name, key.get().parse(text));
                good.put(name, text);
            } catch (ConfigException bad) {
                onBadValue.accept(bad);
            }
        });
        return new Layer(layer.source(), Map.copyOf(good));
    }

    private Object required(String name) {
        return value(name).orElseThrow(() -> Check.failed("config " + name + " has no value and no default"));
    }

    private static void refuse(ConfigException bad) {
        throw bad;
    }
}
