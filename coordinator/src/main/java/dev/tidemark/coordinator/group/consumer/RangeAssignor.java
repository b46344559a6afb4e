package dev.tidemark.coordinator.group.consumer;

import dev.tidemark.base.Uuid;
import dev.tidemark.coordinator.group.consumer.AssignmentBuilder.Share;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.SortedMap;

/// Each topic in ranges, in the same order of members for every topic: members that subscribe to the same topics
/// get the same partition numbers of each, which is what joins need. Static members come first, by instance id,
/// so that their ranges survive a restart.
final class RangeAssignor implements Assignor {
    static final String NAME = "range";
    static final RangeAssignor INSTANCE = new RangeAssignor();

    private static final Comparator<Share> ORDER = Comparator.comparing(
                    (Share share) -> share.member.instanceId() == null)
            .thenComparing(share -> share.member.instanceId() == null ? "" : share.member.instanceId())
            .thenComparing(share -> share.member.memberId());

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public SortedMap<String, Assignment> assign(Input input) {
        AssignmentBuilder builder = new AssignmentBuilder(input.members());
        List<Share> ordered = builder.shares();
        ordered.sort(ORDER);
        input.partitions().forEach((topic, partitions) -> assign(topic, partitions, ordered));
        return builder.build();
    }

    private static void assign(Uuid topic, int partitions, List<Share> ordered) {
        List<Share> subscribers = new ArrayList<>();
        for (Share share : ordered) if (share.member.topics().contains(topic)) subscribers.add(share);
        if (subscribers.isEmpty()) return;
        int each = partitions / subscribers.size();
        int oneMore = partitions % subscribers.size();
        int next = 0;
        for (int i = 0; i < subscribers.size(); i++) {
            int end = next + each + (i < oneMore ? 1 : 0);
            while (next < end) subscribers.get(i).add(topic, next++);
        }
    }
}
