package dev.tidemark.dist.broker;

import dev.tidemark.base.config.ConfigException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// An entry of `listeners` or `advertised.listeners`: `NAME://host:port`, an IPv6 address in brackets.
///
/// @param host empty for every address of the machine
record ListenerAddress(String name, String host, int port) {
    private static final Pattern FORM = Pattern.compile("([^:/]+)://(\\[[0-9a-fA-F:.%]+]|[^:\\[\\]/]*):(-?\\d{1,6})");

    /// @throws ConfigException if an entry is not of the form, or a name or port comes twice
    static List<ListenerAddress> parseAll(String key, List<String> entries) {
        List<ListenerAddress> addresses = new ArrayList<>();
        Set<String> names = new HashSet<>();
        for (String entry : entries) {
            ListenerAddress address = parse(key, entry);
            if (!names.add(address.name)) {
                throw new ConfigException(key, entry, "a list in which each listener's name comes once");
            }
            addresses.add(address);
        }
        return addresses;
    }

    private static ListenerAddress parse(String key, String entry) {
        Matcher form = FORM.matcher(entry);
        if (!form.matches()) throw new ConfigException(key, entry, "like PLAINTEXT://localhost:9092");
        int port = Integer.parseInt(form.group(3));
        if (port < 0 || port > 65_535) throw new ConfigException(key, entry, "with a port from 0 to 65535");
        String host = form.group(2);
        if (host.startsWith("[")) host = host.substring(1, host.length() - 1);
        return new ListenerAddress(form.group(1).toUpperCase(Locale.ROOT), host, port);
    }

    boolean isEveryAddress() {
        return host.isEmpty() || host.equals("0.0.0.0") || host.equals("::");
    }
}
