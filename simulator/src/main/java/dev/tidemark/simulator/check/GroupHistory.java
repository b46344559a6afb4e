package dev.tidemark.simulator.check;

import dev.tidemark.simulator.world.Findings;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/// What the members of one group were told, and what must hold between them.
public final class GroupHistory {
    /// A member as the checks see it.
    private static final class Owner {
        final String member;
        long heardMs;

        Owner(String member, long heardMs) {
            this.member = member;
            this.heardMs = heardMs;
        }
    }

    private record Share(int generation, PartitionKey partition) {}

    private final String group;
    private final Findings findings;
    private final boolean lossAllowed;
    private final boolean sharesGenerations;
    private final Map<PartitionKey, List<Long>> open = new HashMap<>();
    private final Map<Share, String> shares = new HashMap<>();
    private final Map<PartitionKey, Owner> owners = new HashMap<>();
    private final SortedMap<PartitionKey, Long> committed = new TreeMap<>();
    private int newestGeneration;
    private int newestCommitGeneration;
    private long commits;

    /// @param sharesGenerations all members of a generation have the same one, as in the classic protocol
    public GroupHistory(String group, Findings findings, boolean lossAllowed, boolean sharesGenerations) {
        this.sharesGenerations = sharesGenerations;
        this.lossAllowed = lossAllowed;
        this.group = group;
        this.findings = findings;
    }

    /// A classic member got `partition` in `generation`.
    public void onShare(String member, int generation, PartitionKey partition) {
        String other = shares.putIfAbsent(new Share(generation, partition), member);
        if (other != null && !other.equals(member) && !lossAllowed) {
            findings.violated(
                    "group-exclusive",
                    "%s: in generation %d %s belongs to %s and to %s"
                            .formatted(group, generation, partition, other, member));
        }
    }

    /// A group has formed anew.
    public void onGeneration(int generation, int before) {
        if (generation < before && !lossAllowed) {
            findings.violated(
                    "group-generation-rises", "%s: generation %d follows %d".formatted(group, generation, before));
        }
        newestGeneration = Math.max(newestGeneration, generation);
    }

    /// A member of the new protocol was given `partition`.
    ///
    /// @param aliveMs a member that was heard so recently is certainly still one
    public void onGiven(String member, PartitionKey partition, long nowMs, long aliveMs) {
        Owner before = owners.get(partition);
        if (before != null && !before.member.equals(member) && nowMs - before.heardMs < aliveMs && !lossAllowed) {
            findings.violated(
                    "group-exclusive",
                    "%s: %s is given to %s while %s has it".formatted(group, partition, member, before.member));
        }
        owners.put(partition, new Owner(member, nowMs));
    }

    /// The coordinator has answered a member that has it.
    public void onHeard(String member, PartitionKey partition, long nowMs) {
        Owner owner = owners.get(partition);
        if (owner != null && owner.member.equals(member)) owner.heardMs = nowMs;
    }

    /// A member has let go.
    public void onLetGo(String member, PartitionKey partition) {
        Owner owner = owners.get(partition);
        if (owner != null && owner.member.equals(member)) owners.remove(partition);
    }

    /// A commit is on its way. Until it is answered it may be done at any time.
    public void onCommitSent(PartitionKey partition, long offset) {
        open.computeIfAbsent(partition, _ -> new ArrayList<>()).add(offset);
    }

    /// A commit was refused.
    public void onCommitRefused(PartitionKey partition, long offset) {
        List<Long> offsets = open.get(partition);
        if (offsets != null) offsets.remove(offset);
    }

    /// A commit was acknowledged.
    ///
    /// @param sentWhenNewest the newest generation of which a commit had been acknowledged when this one was sent
    public void onCommitted(PartitionKey partition, long offset, int generation, int sentWhenNewest) {
        commits++;
        onCommitRefused(partition, offset);
        if (sharesGenerations && generation < sentWhenNewest && !lossAllowed) {
            findings.violated(
                    "group-no-zombie-commit",
                    "%s: a commit of generation %d was taken after one of %d"
                            .formatted(group, generation, sentWhenNewest));
        }
        newestCommitGeneration = Math.max(newestCommitGeneration, generation);
        committed.merge(partition, offset, Math::max);
    }

    public int newestCommitGeneration() {
        return newestCommitGeneration;
    }

    /// What was committed at least.
    public long committed(PartitionKey partition) {
        long least = committed.getOrDefault(partition, -1L);
        for (long offset : open.getOrDefault(partition, List.of())) least = Math.min(least, offset);
        return least;
    }

    /// The coordinator told a committed offset.
    ///
    /// @param askedWhen what was committed at least when it was asked
    public void onFetched(PartitionKey partition, long offset, long askedWhen) {
        if (offset < askedWhen && !lossAllowed) {
            findings.violated(
                    "committed-offset-never-back",
                    "%s: %s is committed at %d after %d was acknowledged"
                            .formatted(group, partition, offset, askedWhen));
        }
    }

    public long commits() {
        return commits;
    }
}
