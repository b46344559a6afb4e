package dev.tidemark.metadata.image;

/// Where a broker can be reached under one of its listener names. `securityProtocol` is Kafka's name of it
/// (`PLAINTEXT`, `SSL`, `SASL_PLAINTEXT`, `SASL_SSL`).
public record BrokerEndpoint(String listener, String host, int port, String securityProtocol) {
    /// As in the registration's JSON: `LISTENER://host:port`, an IPv6 address in brackets.
    public String connectionString() {
        String shown = host.indexOf(':') >= 0 ? "[" + host + "]" : host;
        return listener + "://" + shown + ":" + port;
    }
}
