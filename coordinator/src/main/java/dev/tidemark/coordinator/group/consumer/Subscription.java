package dev.tidemark.coordinator.group.consumer;

import dev.tidemark.base.Bytes;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What a member said of itself.
///
/// @param topics names, sorted
/// @param regex RE2/J syntax; null or empty for none
/// @param assignor the server-side assignor that it wants; null for the default
/// @param classic there if the member speaks the classic protocol
public record Subscription(
        @Nullable String instanceId,
        @Nullable String rackId,
        int rebalanceTimeoutMs,
        String clientId,
        String clientHost,
        List<String> topics,
        @Nullable String regex,
        @Nullable String assignor,
        @Nullable Classic classic) {

    /// What only members of the classic protocol have.
    public record Classic(int sessionTimeoutMs, List<Protocol> protocols) {
        public Classic {
            protocols = List.copyOf(protocols);
        }
    }

    public record Protocol(String name, Bytes metadata) {}

    public Subscription {
        topics = topics.stream().sorted().distinct().toList();
    }

    /// Before the first heartbeat told anything.
    static final Subscription NONE = new Subscription(null, null, -1, "", "", List.of(), null, null, null);

    public boolean hasRegex() {
        return regex != null && !regex.isEmpty();
    }

    public boolean isClassic() {
        return classic != null;
    }

    public boolean isStatic() {
        return instanceId != null;
    }
}
