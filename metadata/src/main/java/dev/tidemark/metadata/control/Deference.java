package dev.tidemark.metadata.control;

import dev.tidemark.base.time.Loop;
import dev.tidemark.metadata.image.BrokerRegistration;
import dev.tidemark.metadata.image.ClusterImage;
import dev.tidemark.metadata.image.ControllerImage;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Lets other brokers be the controller before the one whose process hosts the store's leader: if that one dies, nobody
/// can write until the store has elected another leader, and the failover waits for it. So such a broker stands a
/// little later than the others, and leaves a controllership that it has to them once it has had nothing to do for a
/// while. Where nobody else is there it stands at once, and what nobody has taken it keeps.
///
/// Nothing depends on who hosts the leader at which moment: whoever stands looks at what the store says, and takes the
/// controllership with a check of that.
///
/// Owner: the control plane's serial.
final class Deference {
    /// The others hear of a controller's death at about the same time.
    static final long STAND_LATER_MS = 50;
    static final long CALM_MS = 500;

    private final int selfId;
    private final BooleanSupplier hostsLeader;
    private final Loop loop;
    private final Turns turns;
    private final Supplier<ClusterImage> image;
    private final Election election;
    private final Runnable stand;
    private final BooleanSupplier leave;
    private boolean waits;

    /// It has left the controllership to others and has seen nobody take it.
    private boolean hasLeft;

    private Loop.@Nullable Timer calm;

    /// @param stand stands for controller, unless there is one by now
    /// @param leave ends this broker's term, so that others may begin theirs; false if it has
    ///     something to do after all
    Deference(
            ControlPlaneSettings settings,
            Loop loop,
            Turns turns,
            Supplier<ClusterImage> image,
            Election election,
            Runnable stand,
            BooleanSupplier leave) {
        this.selfId = settings.brokerId();
        this.hostsLeader = settings.hostsStoreLeader();
        this.loop = loop;
        this.turns = turns;
        this.image = image;
        this.election = election;
        this.stand = stand;
        this.leave = leave;
    }

    /// There seems to be no controller.
    void stand() {
        if (!hostsLeader.getAsBoolean() || !hasOthers()) {
            stand.run();
        } else if (!waits) {
            waits = true;
            var _ = loop.runAfter(
                    STAND_LATER_MS,
                    () -> turns.run(() -> {
                        waits = false;
                        stand.run();
                    }));
        }
    }

    /// This broker is the controller and has nothing to do at the moment.
    void onIdle() {
        end();
        if (isToLeave()) calm = loop.runAfter(CALM_MS, () -> turns.run(this::leave));
    }

    private void leave() {
        if (isToLeave() && leave.getAsBoolean()) hasLeft = true;
    }

    private boolean isToLeave() {
        return !hasLeft && hostsLeader.getAsBoolean() && hasOthers();
    }

    /// Another broker is the controller, or has come and could be it.
    void onOther() {
        hasLeft = false;
    }

    /// Not the controller any more.
    void end() {
        if (calm != null) calm.cancel();
        calm = null;
    }

    /// Whether there is another broker that could be the controller.
    private boolean hasOthers() {
        ClusterImage known = image.get();
        ControllerImage now = known.controller();
        int dead = now.isKnown() && election.isDead(now) ? now.brokerId() : selfId;
        for (BrokerRegistration broker : known.brokers().values()) {
            if (broker.id() != selfId && broker.id() != dead && !broker.shuttingDown()) return true;
        }
        return false;
    }
}
