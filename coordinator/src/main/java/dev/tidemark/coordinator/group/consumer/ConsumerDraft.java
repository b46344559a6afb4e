package dev.tidemark.coordinator.group.consumer;

import dev.tidemark.base.Check;
import dev.tidemark.base.Uuid;
import dev.tidemark.coordinator.group.GroupFact;
import dev.tidemark.coordinator.group.GroupInput;
import dev.tidemark.coordinator.group.Plan;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// The next state of a consumer group in the making, within one `decide`: each fact is noted and applied to a
/// copy, so that the next step sees it. The group itself is not touched.
final class ConsumerDraft {
    /// When a large group starts, each member that joins asks for targets of all: they are made together.
    private static final int LARGE_GROUP_MEMBERS = 100;

    private static final long LARGE_GROUP_INTERVAL_MS = 1_000;
    static final String ASSIGN_TIMER = "assign";

    final Plan plan;
    final ConsumerEnv env;
    ConsumerGroup group;

    ConsumerDraft(ConsumerGroup group, ConsumerEnv env, Plan plan) {
        this.group = group;
        this.env = env;
        this.plan = plan;
    }

    void add(GroupFact fact) {
        plan.fact(fact);
        group = group.with(fact);
    }

    ConsumerMember member(String memberId) {
        ConsumerMember member = group.member(memberId);
        Check.that(member != null, "no member %s", memberId);
        return member;
    }

    static String sessionTimer(String memberId) {
        return "session/" + memberId;
    }

    static String revocationTimer(String memberId) {
        return "revocation/" + memberId;
    }

    static String joinTimer(String memberId) {
        return "join/" + memberId;
    }

    static String syncTimer(String memberId) {
        return "sync/" + memberId;
    }

    /// The member uses this connection now.
    void hear(String memberId, long connection) {
        if (group.soft().connection(memberId) != connection)
            add(new GroupFact.SoftChanged(group.soft().heard(memberId, connection)));
    }

    void startSession(ConsumerMember member) {
        Subscription.Classic classic = member.subscription().classic();
        int timeoutMs = classic == null ? env.settings().consumerSessionTimeoutMs() : classic.sessionTimeoutMs();
        String memberId = member.memberId();
        plan.startTimer(sessionTimer(memberId), timeoutMs, new GroupInput.SessionExpired(memberId));
    }

    void stopTimers(String memberId) {
        plan.cancelTimer(sessionTimer(memberId));
        plan.cancelTimer(revocationTimer(memberId));
        plan.cancelTimer(joinTimer(memberId));
        plan.cancelTimer(syncTimer(memberId));
    }

    /// Bumps the group epoch where `asked`, or where the subscribed topics are not what they were.
    void refreshEpoch(boolean asked) {
        long version = env.metadata().version();
        boolean isStale = group.soft().checkedVersion() != version;
        if (!asked && !isStale) return;
        long hash = SubscribedTopics.hash(group.subscribedTopics(), env.metadata());
        if (asked || hash != group.metadataHash()) add(new GroupFact.EpochBumped(group.groupEpoch() + 1, hash));
        if (isStale) add(new GroupFact.SoftChanged(group.soft().checked(version)));
    }

    /// Makes the targets for the group epoch, unless they are made, or were made just now for a large group: then a
    /// timer makes them, and members hear of them with their next heartbeats.
    void refreshTargets() {
        if (group.groupEpoch() <= group.assignmentEpoch()) return;
        long waitMs = group.members().size() < LARGE_GROUP_MEMBERS ? 0 : LARGE_GROUP_INTERVAL_MS - sinceTargetsMs();
        if (waitMs > 0) plan.ensureTimer(ASSIGN_TIMER, waitMs, new GroupInput.AssignmentDue());
        else makeTargets();
    }

    private long sinceTargetsMs() {
        long sinceMs = env.nowMs() - group.assignmentTimestampMs();
        return sinceMs < 0 ? Long.MAX_VALUE / 2 : sinceMs; // The wall clock was set back.
    }

    private void makeTargets() {
        SortedMap<String, Assignment> targets = assignor().assign(assignorInput());
        targets.forEach((memberId, target) -> {
            if (!target.equals(group.targets().get(memberId))) add(new GroupFact.TargetSet(memberId, target));
        });
        add(new GroupFact.TargetEpochSet(group.groupEpoch(), env.nowMs()));
    }

    private Assignor.Input assignorInput() {
        List<Assignor.Member> members = new ArrayList<>();
        Map<SortedSet<String>, SortedSet<Uuid>> idsByNames = new LinkedHashMap<>();
        for (ConsumerMember member : group.members().values()) {
            Subscription subscription = member.subscription();
            SortedSet<Uuid> topics = idsByNames.computeIfAbsent(group.topicsOf(subscription), this::idsOf);
            members.add(new Assignor.Member(
                    member.memberId(),
                    subscription.instanceId(),
                    subscription.rackId(),
                    topics,
                    group.target(member.memberId())));
        }
        return new Assignor.Input(members, SubscribedTopics.partitions(group.subscribedTopics(), env.metadata()));
    }

    private SortedSet<Uuid> idsOf(SortedSet<String> names) {
        return new TreeSet<>(SubscribedTopics.partitions(names, env.metadata()).keySet());
    }

    /// The one that most members ask for, else the broker's default.
    private Assignor assignor() {
        Assignor assignor = Assignor.forName(assignorName(group, env));
        return assignor == null ? UniformAssignor.INSTANCE : assignor;
    }

    static String assignorName(ConsumerGroup group, ConsumerEnv env) {
        Map<String, Integer> votes = new LinkedHashMap<>();
        for (ConsumerMember member : group.members().values()) {
            String wanted = member.subscription().assignor();
            if (wanted != null) votes.merge(wanted, 1, Integer::sum);
        }
        String best = null;
        for (Map.Entry<String, Integer> vote : votes.entrySet())
            if (best == null || vote.getValue() > votes.get(best)) best = vote.getKey();
        return best == null ? env.config().consumer().assignors().getFirst() : best;
    }

    /// Takes the member a step towards its target.
    ///
    /// @param owned what it says it holds; null where it does not tell
    void reconcile(String memberId, @Nullable Assignment owned) {
        ConsumerMember member = member(memberId);
        CurrentAssignment before = member.current();
        CurrentAssignment next = new Reconciliation(
                        member,
                        group.assignmentEpoch(),
                        group.target(memberId),
                        (topic, partition) -> group.isFreeFor(memberId, topic, partition),
                        owned)
                .next();
        if (next.equals(before)) return;
        add(new GroupFact.CurrentSet(memberId, next));
        if (member.isClassic()) return;
        if (next.state() == MemberState.UNREVOKED_PARTITIONS) {
            plan.startTimer(
                    revocationTimer(memberId),
                    member.subscription().rebalanceTimeoutMs(),
                    new GroupInput.RevocationTimedOut(memberId, next.memberEpoch()));
        } else {
            plan.cancelTimer(revocationTimer(memberId));
        }
    }

    /// The member and all that is noted of it go; its partitions are free.
    void remove(ConsumerMember member) {
        String memberId = member.memberId();
        stopTimers(memberId);
        if (group.soft().connections().containsKey(memberId))
            add(new GroupFact.SoftChanged(group.soft().gone(memberId)));
        if (group.targets().containsKey(memberId)) add(new GroupFact.TargetForgotten(memberId));
        add(new GroupFact.CurrentForgotten(memberId));
        add(new GroupFact.MemberForgotten(memberId));
        forgetUnusedRegex(member.subscription().regex());
    }

    void forgetUnusedRegex(@Nullable String regex) {
        if (regex != null
                && group.regexes().containsKey(regex)
                && !group.subscribedRegexes().containsKey(regex)) add(new GroupFact.RegexForgotten(regex));
    }

    /// The tombstones of everything.
    void forget() {
        plan.cancelTimer(ASSIGN_TIMER);
        for (String memberId : new ArrayList<>(group.members().keySet())) {
            stopTimers(memberId);
            add(new GroupFact.CurrentForgotten(memberId));
        }
        for (String memberId : new ArrayList<>(group.targets().keySet())) add(new GroupFact.TargetForgotten(memberId));
        add(new GroupFact.TargetEpochForgotten());
        for (String memberId : new ArrayList<>(group.members().keySet())) add(new GroupFact.MemberForgotten(memberId));
        for (String regex : new ArrayList<>(group.regexes().keySet())) add(new GroupFact.RegexForgotten(regex));
        add(new GroupFact.ConsumerForgotten());
    }
}
