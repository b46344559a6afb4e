package dev.tidemark.broker.dispatch;

import dev.tidemark.base.Check;
import dev.tidemark.protocol.ApiKey;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Every API that this broker serves, by key.
public final class Handlers {
    private final @Nullable Handler<?>[] byKey;

    public Handlers(List<Handler<?>> handlers) {
        int keys = 1
                + handlers.stream()
                        .mapToInt(handler -> handler.api().id())
                        .max()
                        .orElse(-1);
        byKey = new Handler<?>[keys];
        for (Handler<?> handler : handlers) {
            int key = handler.api().id();
            Check.that(byKey[key] == null, "two handlers for %s", handler.api());
            byKey[key] = handler;
        }
    }

    public @Nullable Handler<?> forKey(int key) {
        return key >= 0 && key < byKey.length ? byKey[key] : null;
    }

    /// In the order of their keys.
    public List<Handler<?>> all() {
        List<Handler<?>> present = new ArrayList<>();
        for (Handler<?> handler : byKey) {
            if (handler != null) present.add(handler);
        }
        return present;
    }

    public boolean serves(ApiKey api) {
        return forKey(api.id()) != null;
    }
}
