package dev.tidemark.client.producer;

import dev.tidemark.client.ClientException;
import dev.tidemark.client.cluster.Await;
import dev.tidemark.client.cluster.ClusterClient;
import org.jspecify.annotations.Nullable;

/// Under which identity an idempotent producer numbers its batches, and when it needs another. Owner: the sender's
/// serial.
final class SenderIdentity {
    private final ClusterClient cluster;
    private final Sender sender;
    private ProducerIdentity identity = ProducerIdentity.NONE;
    private boolean isAsked;
    private boolean isResetWanted;

    SenderIdentity(ClusterClient cluster, Sender sender) {
        this.cluster = cluster;
        this.sender = sender;
    }

    ProducerIdentity get() {
        return identity;
    }

    /// A batch has left a hole in the sequence, or the broker has forgotten it: a new epoch is to begin.
    void wantReset() {
        isResetWanted = true;
    }

    /// The broker does not take it any more.
    void lose() {
        identity = ProducerIdentity.NONE;
    }

    boolean isResetWanted() {
        return isResetWanted;
    }

    /// Begins the epoch that was wanted; nothing may be under way.
    void reset() {
        isResetWanted = false;
        identity = identity.bumped();
    }

    /// Whether there is one; else it is asked for, and the sender hears of it.
    boolean isKnown() {
        if (!identity.isKnown()) ask();
        return identity.isKnown();
    }

    private void ask() {
        if (isAsked) return;
        isAsked = true;
        Await.whenDone(
                ProducerIdentity.ask(cluster), (found, failure) -> sender.execute(() -> onAnswer(found, failure)));
    }

    private void onAnswer(@Nullable ProducerIdentity found, @Nullable Throwable failure) {
        isAsked = false;
        if (found == null) {
            ClientException why = Await.clientException(failure);
            sender.onNoIdentity(why);
            return;
        }
        identity = found;
        sender.drain();
    }
}
