package dev.tidemark.broker.forward;

import dev.tidemark.broker.dispatch.Call;
import java.util.regex.Pattern;

/// Which requests come from other brokers, by the client ids of [PeerPurpose].
///
/// A client could give itself such a name. It gains nothing by that of a request sent on: that is only not sent on
/// again. What a broker asks for itself has rights beside a client's, and is believed on the inner listener only, which
/// an operator keeps apart where clients are not to be trusted.
public final class PeerCalls {
    private static final Pattern FORWARDED = Pattern.compile("broker-\\d+-forward");
    private static final Pattern OWN = Pattern.compile("broker-\\d+-control");

    private final String innerListener;

    /// @param innerListener `inter.broker.listener.name`
    public PeerCalls(String innerListener) {
        this.innerListener = innerListener;
    }

    /// Whether another broker has sent it on for a client, or asks it for itself: it is answered here, whatever the
    /// answer, so that two brokers that each take the other for the controller do not send it to and fro.
    public boolean isFromBroker(Call call) {
        return FORWARDED.matcher(call.clientId()).matches() || isOwn(call);
    }

    /// Whether a broker asks it for itself.
    public boolean isOwn(Call call) {
        return call.listener().equals(innerListener)
                && OWN.matcher(call.clientId()).matches();
    }
}
