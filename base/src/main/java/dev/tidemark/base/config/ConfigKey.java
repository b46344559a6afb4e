package dev.tidemark.base.config;

import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// One config: its name and all that is known of it.
///
/// @param defaultValue  of the type's class; `null` for none
/// @param constraint    what a value must satisfy beyond its type
/// @param internal      not meant for users: not documented by Kafka, and shown only where it is set
/// @param noEffect      why it changes nothing in Tidemark; `null` if it does
/// @param twins         for a topic's or group's key: the broker's keys that give its default, the first that is set
///                      counts. For a broker's key: itself and those that give the same in another unit
/// @param documentation in our own words, a sentence or two
public record ConfigKey(
        String name,
        ConfigType type,
        @Nullable Object defaultValue,
        Constraint constraint,
        Importance importance,
        DynamicScope scope,
        boolean internal,
        @Nullable NoEffect noEffect,
        List<Twin> twins,
        String documentation) {

    /// A broker's key whose value times `factor` is this key's value: `log.retention.hours` with 3,600,000.
    public record Twin(String name, long factor) {}

    public boolean hasEffect() {
        return noEffect == null;
    }

    public boolean isSensitive() {
        return type == ConfigType.PASSWORD;
    }

    /// The documentation as a client sees it: with a word on it where the key has no effect.
    public String fullDocumentation() {
        return noEffect == null ? documentation : documentation + " Accepted, no effect: " + noEffect.reason() + ".";
    }

    /// Reads a value for this key.
    ///
    /// @throws ConfigException naming key, value and what is allowed
    public Object parse(String text) {
        Optional<Object> value = type.parse(text);
        if (value.isEmpty()) throw new ConfigException(name, isSensitive() ? null : text, type.allowed());
        if (!constraint.allows(value.get())) {
            throw new ConfigException(name, isSensitive() ? null : text, constraint.allowed());
        }
        return value.get();
    }

    /// The default as text; `null` for none.
    public @Nullable String defaultText() {
        return defaultValue == null ? null : ConfigType.format(defaultValue);
    }
}
