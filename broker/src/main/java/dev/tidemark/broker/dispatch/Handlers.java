package dev.tidemark.broker.dispatch;

import dev.tidemark.base.Check;
import dev.tidemark.protocol.ApiKey;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// Every API that this broker serves, by key.
public final class Handlers {
    private final @Nullable Handler<?>[] byKey;
    private final Predicate<String> isForBrokers;

    /// Every listener is one that brokers use among themselves.
    public Handlers(List<Handler<?>> handlers) {
        this(handlers, _ -> true);
    }

    /// @param isForBrokers whether brokers reach each other by the listener of this name
    public Handlers(List<Handler<?>> handlers, Predicate<String> isForBrokers) {
        this.isForBrokers = isForBrokers;
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

    /// The handler of an API as it is served on a listener.
    public @Nullable Handler<?> forKey(int key, String listener) {
        Handler<?> handler = forKey(key);
        return handler == null || !handler.isForBrokers() || isForBrokers.test(listener) ? handler : null;
    }

    /// What is served on a listener, in the order of their keys.
    public List<Handler<?>> all(String listener) {
        List<Handler<?>> served = new ArrayList<>(all());
        served.removeIf(handler -> handler.isForBrokers() && !isForBrokers.test(listener));
        return served;
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
