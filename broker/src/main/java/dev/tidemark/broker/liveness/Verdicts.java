package dev.tidemark.broker.liveness;

/// Who is told of dead processes. The epochs say which incarnation is meant, so that a verdict that comes late hits
/// nobody else. Called on the watch's loop; a verdict may be told more than once.
public interface Verdicts {
    void onBrokerDead(int brokerId, long brokerEpoch);

    void onControllerDead(int brokerId, int controllerEpoch);
}
