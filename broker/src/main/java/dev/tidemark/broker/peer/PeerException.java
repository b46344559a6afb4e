package dev.tidemark.broker.peer;

/// Why another broker gave no answer. The request may have been carried out all the same, unless it is REFUSED,
/// UNREACHABLE or UNSUPPORTED_VERSION.
public final class PeerException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /// What the caller can tell apart.
    public enum Reason {
        /// The peer's machine is there and says that nobody listens at this port.
        REFUSED,
        /// No connection came about for another reason: no way to the machine, an unknown host, no answer to the
        /// attempt in time. Says nothing about the process.
        UNREACHABLE,
        /// The connection stood, and was ended by either side, or the peer sent what is no answer.
        CLOSED,
        /// The connection stands, or seemed to, but the answer did not come in time.
        TIMED_OUT,
        /// The two have no version of this API in common, or the request cannot be told in it.
        UNSUPPORTED_VERSION
    }

    private final Reason reason;
    private final int nodeId;

    public PeerException(Reason reason, int nodeId, String message) {
        super(message, null, false, false);
        this.reason = reason;
        this.nodeId = nodeId;
    }

    public Reason reason() {
        return reason;
    }

    /// Who did not answer.
    public int nodeId() {
        return nodeId;
    }
}
