package dev.tidemark.coordinator.group;

import java.util.function.Predicate;

/// Who asks.
///
/// @param clientId the client id of the request's header; empty when null there
/// @param clientHost the peer's address as Kafka prints it: `/127.0.0.1`
/// @param apiVersion of the request
/// @param connection rises with each connection that the broker takes, so that of two requests it tells which came
///     over the later one; 0 where nobody counts
/// @param mayDescribeTopic which topics the caller is allowed to see, for those that a regular expression finds
public record ClientContext(
        String clientId, String clientHost, short apiVersion, long connection, Predicate<String> mayDescribeTopic) {
    public ClientContext(String clientId, String clientHost, short apiVersion) {
        this(clientId, clientHost, apiVersion, 0);
    }

    public ClientContext(String clientId, String clientHost, short apiVersion, long connection) {
        this(clientId, clientHost, apiVersion, connection, _ -> true);
    }
}
