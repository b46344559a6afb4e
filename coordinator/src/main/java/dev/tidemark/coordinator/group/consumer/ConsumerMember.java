package dev.tidemark.coordinator.group.consumer;

/// A member of a consumer group: what it said of itself, and what it has.
public record ConsumerMember(String memberId, Subscription subscription, CurrentAssignment current) {
    static ConsumerMember fresh(String memberId) {
        return new ConsumerMember(memberId, Subscription.NONE, CurrentAssignment.NEW);
    }

    public int epoch() {
        return current.memberEpoch();
    }

    public boolean isClassic() {
        return subscription.isClassic();
    }

    ConsumerMember with(Subscription newSubscription) {
        return new ConsumerMember(memberId, newSubscription, current);
    }

    ConsumerMember with(CurrentAssignment newCurrent) {
        return new ConsumerMember(memberId, subscription, newCurrent);
    }
}
