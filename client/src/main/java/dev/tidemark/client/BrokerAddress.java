package dev.tidemark.client;

import java.util.ArrayList;
import java.util.List;

/// Where a broker listens.
public record BrokerAddress(String host, int port) {
    public static final int DEFAULT_PORT = 9092;

    /// Reads `host:port`, `host` (port 9092), `[::1]:port`; a listener name in front (`PLAINTEXT://`) is skipped.
    ///
    /// @throws IllegalArgumentException that says what is wrong
    public static BrokerAddress parse(String text) {
        String address = text.strip();
        int scheme = address.indexOf("://");
        if (scheme >= 0) address = address.substring(scheme + 3);
        int close = address.startsWith("[") ? address.indexOf(']') : -1;
        if (address.startsWith("[") && close < 0) throw new IllegalArgumentException("'" + text + "' lacks a ']'");
        String host = close > 0 ? address.substring(1, close) : hostOf(address);
        String rest = close > 0 ? address.substring(close + 1) : address.substring(host.length());
        if (host.isEmpty()) throw new IllegalArgumentException("'" + text + "' has no host; it must be host:port");
        return new BrokerAddress(host, rest.isEmpty() ? DEFAULT_PORT : port(rest, text));
    }

    /// Reads a list that is separated by commas.
    public static List<BrokerAddress> parseList(String text) {
        List<BrokerAddress> addresses = new ArrayList<>();
        for (String part : text.split(",")) {
            if (!part.isBlank()) addresses.add(parse(part));
        }
        if (addresses.isEmpty()) throw new IllegalArgumentException("no broker is named; it must be host:port,…");
        return List.copyOf(addresses);
    }

    private static String hostOf(String address) {
        int colon = address.indexOf(':');
        if (colon < 0) return address;
        boolean isBareIpv6 = address.indexOf(':', colon + 1) >= 0;
        return isBareIpv6 ? address : address.substring(0, colon);
    }

    private static int port(String rest, String text) {
        try {
            int port = rest.startsWith(":") ? Integer.parseInt(rest.substring(1)) : -1;
            if (port > 0 && port < 65_536) return port;
        } catch (NumberFormatException notANumber) {
            // Told below.
        }
        throw new IllegalArgumentException("'" + text + "' has no port between 1 and 65535");
    }

    @Override
    public String toString() {
        return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + port;
    }
}
