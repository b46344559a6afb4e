package dev.tidemark.metadata.control;

import dev.tidemark.base.time.Loop;
import dev.tidemark.metadata.controller.ControllerSettings.Balance;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/// Reminds the controller at intervals to give leaderships back to the preferred replicas.
/// Owner: the control plane's serial.
final class BalanceTimer {
    private final Balance settings;
    private final Loop loop;
    private final Turns turns;
    private final IntConsumer due;
    private Loop.@Nullable Timer timer;
    private boolean active;

    /// @param due takes the percentage of imbalance that is borne
    BalanceTimer(Balance settings, Loop loop, Turns turns, IntConsumer due) {
        this.settings = settings;
        this.loop = loop;
        this.turns = turns;
        this.due = due;
    }

    void begin() {
        end();
        if (!settings.enabled()) return;
        active = true;
        next();
    }

    void end() {
        active = false;
        if (timer != null) timer.cancel();
        timer = null;
    }

    private void next() {
        timer = loop.runAfter(
                settings.checkIntervalMs(),
                () -> turns.run(() -> {
                    if (!active) return;
                    due.accept(settings.imbalancePercentage());
                    next();
                }));
    }
}
