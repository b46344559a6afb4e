package dev.tidemark.coordinator.group.consumer;

import dev.tidemark.base.Uuid;
import dev.tidemark.coordinator.group.consumer.AssignmentBuilder.Share;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// As even as the subscriptions allow, and as sticky as evenness allows: a partition moves only where its owner
/// has more than its share.
final class UniformAssignor implements Assignor {
    static final String NAME = "uniform";
    static final UniformAssignor INSTANCE = new UniformAssignor();

    /// Moves between members converge fast; this bounds a case that does not.
    private static final int BALANCE_ROUNDS_MAX = 32;

    private record Free(Uuid topic, int partition) {}

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public SortedMap<String, Assignment> assign(Input input) {
        AssignmentBuilder builder = new AssignmentBuilder(input.members());
        if (input.members().isEmpty()) return builder.build();
        if (input.isHomogeneous()) assignHomogeneous(input, builder.shares());
        else assignHeterogeneous(input, builder.shares());
        return builder.build();
    }

    /// All subscribe to the same: every member gets the same number, or one more.
    private static void assignHomogeneous(Input input, List<Share> shares) {
        int total = 0;
        for (Uuid topic : input.members().getFirst().topics())
            total += input.partitions().getOrDefault(topic, 0);
        int quota = total / shares.size();
        int oneMore = total % shares.size();
        SortedMap<Uuid, BitSet> taken = new TreeMap<>();
        for (Share share : shares) {
            int room = quota + (oneMore > 0 && share.member.current().size() > quota ? 1 : 0);
            keep(input, share, taken, room);
            if (share.size() > quota) oneMore--;
        }
        Deque<Free> free = free(input, taken);
        for (Share share : shares) while (share.size() < quota) give(share, free.remove());
        for (Share share : shares) if (!free.isEmpty() && share.size() == quota) give(share, free.remove());
    }

    private static void assignHeterogeneous(Input input, List<Share> shares) {
        SortedMap<Uuid, BitSet> taken = new TreeMap<>();
        for (Share share : shares) keep(input, share, taken, Integer.MAX_VALUE);
        SortedMap<Uuid, List<Share>> subscribers = new TreeMap<>();
        for (Share share : shares)
            for (Uuid topic : share.member.topics())
                subscribers.computeIfAbsent(topic, _ -> new ArrayList<>()).add(share);
        for (Free one : scarceFirst(free(input, taken), subscribers)) {
            Share least = extreme(subscribers.get(one.topic()), null, false);
            if (least != null) give(least, one);
        }
        for (int round = 0; round < BALANCE_ROUNDS_MAX; round++) {
            boolean moved = false;
            for (var topic : subscribers.entrySet()) moved |= balance(topic.getKey(), topic.getValue());
            if (!moved) return;
        }
    }

    /// What few members may have is given first, while they have room.
    private static List<Free> scarceFirst(Deque<Free> free, SortedMap<Uuid, List<Share>> subscribers) {
        List<Free> ordered = new ArrayList<>(free);
        ordered.removeIf(one -> !subscribers.containsKey(one.topic()));
        ordered.sort(Comparator.comparingInt(one -> subscribers.get(one.topic()).size()));
        return ordered;
    }

    /// Moves partitions of one topic from who has most of all to who has least, until they are even.
    private static boolean balance(Uuid topic, List<Share> subscribers) {
        boolean moved = false;
        while (true) {
            Share most = extreme(subscribers, topic, true);
            Share least = extreme(subscribers, null, false);
            if (most == null || least == null || most.size() - least.size() <= 1) return moved;
            least.add(topic, most.removeOne(topic));
            moved = true;
        }
    }

    /// The member with the most or fewest partitions, of those who have some of `holding`.
    private static @Nullable Share extreme(List<Share> shares, @Nullable Uuid holding, boolean most) {
        Share best = null;
        for (Share share : shares) {
            if (holding != null && !share.hasAny(holding)) continue;
            if (best == null || (most ? share.size() > best.size() : share.size() < best.size())) best = share;
        }
        return best;
    }

    /// The member keeps what it had and may still have, up to `room`.
    private static void keep(Input input, Share share, SortedMap<Uuid, BitSet> taken, int room) {
        for (var topic : share.member.current().topics().entrySet()) {
            if (!share.member.topics().contains(topic.getKey())) continue;
            int partitions = input.partitions().getOrDefault(topic.getKey(), 0);
            BitSet takenOfTopic = taken.computeIfAbsent(topic.getKey(), _ -> new BitSet());
            for (int partition : topic.getValue()) {
                if (share.size() >= room) return;
                if (partition >= partitions || takenOfTopic.get(partition)) continue;
                takenOfTopic.set(partition);
                share.add(topic.getKey(), partition);
            }
        }
    }

    private static Deque<Free> free(Input input, SortedMap<Uuid, BitSet> taken) {
        Deque<Free> free = new ArrayDeque<>();
        input.partitions().forEach((topic, partitions) -> {
            BitSet takenOfTopic = taken.getOrDefault(topic, new BitSet());
            for (int partition = 0; partition < partitions; partition++)
                if (!takenOfTopic.get(partition)) free.add(new Free(topic, partition));
        });
        return free;
    }

    private static void give(Share share, Free one) {
        share.add(one.topic(), one.partition());
    }
}
