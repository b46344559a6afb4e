package dev.tidemark.base.config;

import org.jspecify.annotations.Nullable;

/// A value that its key does not allow, or values that do not go together. The message is for users.
public final class ConfigException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final String key;

    /// @param value `null` for one that must not be shown
    /// @param allowed to follow "must be"
    public ConfigException(String key, @Nullable String value, String allowed) {
        this(
                key,
                "Invalid value " + (value == null ? "[hidden]" : quoted(value)) + " for " + key + ": it must be "
                        + allowed + ".");
    }

    public ConfigException(String key, String message) {
        super(message);
        this.key = key;
    }

    public String key() {
        return key;
    }

    /// Long values are cut, control characters shown as `?`: the message ends in logs.
    static String quoted(String value) {
        String shown = value.length() <= 200 ? value : value.substring(0, 200) + "…";
        return "'" + shown.replaceAll("\\p{Cntrl}", "?") + "'";
    }
}
