package dev.tidemark.coordinator.group;

import java.util.function.Predicate;

/// Who asks.
///
/// @param clientId the client id of the request's header; empty when null there
/// @param clientHost the peer's address as Kafka prints it: `/127.0.0.1`
/// @param apiVersion of the request
/// @param mayDescribeTopic which topics the caller is allowed to see, for those that a regular expression finds
public record ClientContext(String clientId, String clientHost, short apiVersion, Predicate<String> mayDescribeTopic) {
    public ClientContext(String clientId, String clientHost, short apiVersion) {
        this(clientId, clientHost, apiVersion, _ -> true);
    }
}
