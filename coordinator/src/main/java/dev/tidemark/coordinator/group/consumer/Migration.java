package dev.tidemark.coordinator.group.consumer;

import dev.tidemark.base.Bytes;
import dev.tidemark.base.Uuid;
import dev.tidemark.coordinator.group.GroupFact;
import dev.tidemark.coordinator.group.classic.ClassicGroup;
import dev.tidemark.coordinator.group.classic.ClassicMember;
import dev.tidemark.coordinator.group.classic.ClassicProtocol;
import dev.tidemark.protocol.ErrorCode;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.pcollections.HashTreePMap;
import org.pcollections.PMap;
import org.pcollections.PSortedMap;
import org.pcollections.TreePMap;

/// Moves a live group between the protocols: to the consumer protocol when the first member that speaks it joins,
/// and back when the last one leaves. Members that speak the classic protocol stay, with what they have.
final class Migration {
    private Migration() {}

    /// What one classic member becomes.
    private record Moved(ClassicMember member, EmbeddedProtocol.Joined joined, Assignment assignment) {}

    /// Turns a classic group with members into the draft's consumer group.
    ///
    /// @return why not, or null
    static @Nullable Refusal upgrade(ConsumerDraft draft, ClassicGroup classic) {
        if (!draft.env.config().consumer().migrationPolicy().mayUpgrade() || !classic.usesConsumerProtocolType())
            return notConsumer(draft);
        if (classic.members().size() > draft.env.config().consumer().groupSizeMax()) return notConsumer(draft);
        List<Moved> moved = new ArrayList<>();
        for (ClassicMember member : classic.members().values()) {
            Moved one = read(draft, classic, member);
            if (one == null) return notConsumer(draft);
            moved.add(one);
        }
        failWaiters(draft, classic);
        draft.add(new GroupFact.ClassicForgotten());
        for (Moved one : moved) subscribe(draft, one);
        int epoch = classic.generationId();
        draft.add(new GroupFact.EpochBumped(
                epoch, SubscribedTopics.hash(draft.group.subscribedTopics(), draft.env.metadata())));
        assign(draft, moved, epoch);
        for (Moved one : moved) draft.startSession(draft.member(one.member().memberId()));
        return null;
    }

    private static Refusal notConsumer(ConsumerDraft draft) {
        return new Refusal(ErrorCode.GROUP_ID_NOT_FOUND, "Group " + draft.env.groupId() + " is not a consumer group.");
    }

    /// In the middle of a rebalance there is no assignment: then a cooperative member still has what it says it
    /// owns.
    private static @Nullable Moved read(ConsumerDraft draft, ClassicGroup classic, ClassicMember member) {
        if (member.protocols().isEmpty()) return null;
        EmbeddedProtocol.Joined joined =
                EmbeddedProtocol.readSubscription(member.protocols().getFirst().metadata());
        if (joined == null) return null;
        Assignment assignment = EmbeddedProtocol.readAssignment(member.assignment(), draft.env.metadata());
        if (assignment == null) return null;
        boolean isCurrent = joined.subscription().generationId() >= classic.generationId() - 1;
        if (member.assignment().isEmpty() && isCurrent) assignment = joined.owned(draft.env.metadata());
        return new Moved(member, joined, assignment);
    }

    private static void failWaiters(ConsumerDraft draft, ClassicGroup classic) {
        for (ClassicMember member : classic.members().values())
            ClassicProtocol.failWaiters(draft.plan, member, ErrorCode.REBALANCE_IN_PROGRESS);
        ClassicProtocol.stopTimers(draft.plan, classic);
    }

    private static void subscribe(ConsumerDraft draft, Moved moved) {
        ClassicMember member = moved.member();
        List<Subscription.Protocol> protocols = member.protocols().stream()
                .map(protocol -> new Subscription.Protocol(protocol.name(), protocol.metadata()))
                .toList();
        draft.add(new GroupFact.MemberSubscribed(
                member.memberId(),
                new Subscription(
                        member.instanceId(),
                        moved.joined().subscription().rackId(),
                        member.rebalanceTimeoutMs(),
                        member.clientId(),
                        member.clientHost(),
                        moved.joined().subscription().topics(),
                        null,
                        null,
                        new Subscription.Classic(member.sessionTimeoutMs(), protocols))));
    }

    private static void assign(ConsumerDraft draft, List<Moved> moved, int epoch) {
        Set<TopicIdPartition> taken = new HashSet<>();
        for (Moved one : moved) {
            Map<Uuid, Set<Integer>> own = new TreeMap<>();
            one.assignment().forEach((topic, partition) -> {
                // Of two members that claim a partition, which an assignor of their own may have done, one keeps it.
                if (taken.add(new TopicIdPartition(topic, partition)))
                    own.computeIfAbsent(topic, _ -> new HashSet<>()).add(partition);
            });
            Assignment assignment = Assignment.of(own);
            String memberId = one.member().memberId();
            draft.add(new GroupFact.TargetSet(memberId, assignment));
            draft.add(new GroupFact.CurrentSet(
                    memberId,
                    new CurrentAssignment(
                            MemberState.STABLE,
                            epoch,
                            epoch,
                            EpochedPartitions.of(assignment, epoch),
                            EpochedPartitions.NONE)));
        }
        draft.add(new GroupFact.TargetEpochSet(epoch, draft.env.nowMs()));
    }

    /// Whether the draft's group may become a classic one: all who are left speak the classic protocol.
    static boolean mayDowngrade(ConsumerDraft draft) {
        ConsumerGroup group = draft.group;
        return draft.env.config().consumer().migrationPolicy().mayDowngrade()
                && !group.members().isEmpty()
                && group.allSpeakClassic()
                && group.members().size() <= draft.env.config().classic().groupSizeMax();
    }

    /// Turns the draft's group into a classic one, which then has a rebalance.
    static void downgrade(ConsumerDraft draft) {
        ClassicGroup classic = toClassic(draft);
        draft.forget();
        draft.plan.fact(new GroupFact.ClassicSaved(classic));
        ClassicProtocol.rebalanceAfterDowngrade(
                draft.plan, classic, draft.env.config().classic(), draft.env.nowMs());
    }

    private static ClassicGroup toClassic(ConsumerDraft draft) {
        ConsumerGroup group = draft.group;
        PSortedMap<String, ClassicMember> members = TreePMap.empty();
        PMap<String, String> statics = HashTreePMap.empty();
        for (ConsumerMember member : group.members().values()) {
            ClassicMember classic = toClassic(draft, member);
            members = members.plus(classic.memberId(), classic);
            if (classic.instanceId() != null) statics = statics.plus(classic.instanceId(), classic.memberId());
        }
        return ClassicGroup.ofMembers(members, statics, group.groupEpoch(), draft.env.nowMs());
    }

    private static ClassicMember toClassic(ConsumerDraft draft, ConsumerMember member) {
        Subscription subscription = member.subscription();
        Subscription.Classic classic = subscription.classic();
        List<Subscription.Protocol> protocols = classic == null ? List.of() : classic.protocols();
        List<ClassicMember.Protocol> own = protocols.stream()
                .map(protocol -> new ClassicMember.Protocol(protocol.name(), protocol.metadata()))
                .toList();
        Bytes assignment = EmbeddedProtocol.writeAssignment(
                draft.group.target(member.memberId()), draft.env.metadata(), ClassicMembers.version(subscription));
        return new ClassicMember(
                member.memberId(),
                subscription.instanceId(),
                subscription.clientId(),
                subscription.clientHost(),
                subscription.rebalanceTimeoutMs(),
                classic == null ? draft.env.settings().consumerSessionTimeoutMs() : classic.sessionTimeoutMs(),
                own,
                assignment,
                0,
                0,
                false);
    }
}
