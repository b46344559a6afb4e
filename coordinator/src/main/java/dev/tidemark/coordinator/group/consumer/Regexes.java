package dev.tidemark.coordinator.group.consumer;

import dev.tidemark.coordinator.group.GroupFact;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeSet;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// When a group's regular expressions are resolved, all at once so that one rebalance follows, and what comes of
/// it.
final class Regexes {
    /// New topics often come in a row.
    private static final long REFRESH_INTERVAL_MIN_MS = 10_000;

    /// A resolution that has not come back by then is begun again.
    private static final long RESOLUTION_TIMEOUT_MS = 60_000;

    private Regexes() {}

    /// After a heartbeat of a member with `subscription`. Members without an expression leave it to those who have one.
    static void refresh(ConsumerDraft draft, Subscription subscription, Predicate<String> mayDescribe) {
        if (!subscription.hasRegex() || !isDue(draft, subscription.regex())) return;
        long nowMs = draft.env.nowMs();
        SoftState soft = draft.group.soft();
        draft.add(new GroupFact.SoftChanged(soft.resolving(draft.env.metadata().version(), nowMs)));
        draft.plan.compute(new RegexResolution(
                new TreeSet<>(draft.group.subscribedRegexes().keySet()), draft.env.metadata(), mayDescribe, nowMs));
    }

    private static boolean isDue(ConsumerDraft draft, @Nullable String regex) {
        SoftState soft = draft.group.soft();
        long ageMs = Math.abs(draft.env.nowMs() - soft.regexTimeMs()); // The wall clock may be set back.
        if (soft.resolvesRegexes() && ageMs < RESOLUTION_TIMEOUT_MS) return false;
        if (!draft.group.regexes().containsKey(regex)) return true;
        boolean changed = soft.regexVersion() != draft.env.metadata().version();
        if (changed && ageMs >= REFRESH_INTERVAL_MIN_MS) return true;
        return ageMs >= draft.env.config().consumer().regexRefreshIntervalMs();
    }

    static void onResolved(ConsumerDraft draft, Map<String, ResolvedRegex> resolved) {
        draft.add(new GroupFact.SoftChanged(draft.group.soft().resolved()));
        SortedMap<String, Integer> subscribed = draft.group.subscribedRegexes();
        boolean changed = false;
        for (Map.Entry<String, ResolvedRegex> one : resolved.entrySet()) {
            if (!subscribed.containsKey(one.getKey())) continue;
            ResolvedRegex old = draft.group.regexes().get(one.getKey());
            if (old != null && old.topics().equals(one.getValue().topics())) continue;
            changed |= old != null || !one.getValue().topics().isEmpty();
            draft.add(new GroupFact.RegexSet(one.getKey(), one.getValue()));
        }
        if (changed) draft.refreshEpoch(true);
    }
}
