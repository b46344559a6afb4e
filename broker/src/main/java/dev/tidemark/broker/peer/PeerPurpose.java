package dev.tidemark.broker.peer;

import java.util.Locale;

/// What a connection is for. Each pair of brokers has one connection for each purpose: what waits long in one does not
/// hold up what is urgent in the other.
public enum PeerPurpose {
    /// Fetches of followers, which wait at the leader for records.
    FETCH,
    /// What the controller is asked, or sent on to it.
    CONTROL,
    /// Of one coordinator to other partition leaders and coordinators, such as transaction markers.
    COORDINATION;

    /// `broker-1-control`.
    public String clientId(int brokerId) {
        return "broker-" + brokerId + "-" + name().toLowerCase(Locale.ROOT);
    }
}
