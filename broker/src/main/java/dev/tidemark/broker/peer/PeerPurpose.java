package dev.tidemark.broker.peer;

import java.util.Locale;

/// What a connection is for. Each pair of brokers has one connection for each purpose: what waits long in one does not
/// hold up what is urgent in the other.
public enum PeerPurpose {
    /// Fetches of followers, which wait at the leader for records.
    FETCH,
    /// What a broker itself asks the controller: ISR changes, topics.
    CONTROL,
    /// What clients ask and only the controller can answer. It may take long.
    FORWARD,
    /// Of one coordinator to other partition leaders and coordinators, such as transaction markers.
    COORDINATION,
    /// Carries nothing: its end tells that the peer's process may be gone.
    LIVENESS;

    /// `broker-1-control`.
    public String clientId(int brokerId) {
        return "broker-" + brokerId + "-" + name().toLowerCase(Locale.ROOT);
    }
}
