package dev.tidemark.metadata.controller;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.metadata.controller.ControllerInput.BalanceLeaders;
import dev.tidemark.metadata.controller.ControllerInput.BrokerGone;
import dev.tidemark.metadata.controller.ControllerInput.BrokerRegistered;
import dev.tidemark.metadata.controller.ControllerInput.ControlledShutdown;
import dev.tidemark.metadata.controller.ControllerInput.FeatureUpdate;
import dev.tidemark.metadata.controller.ControllerInput.UpdateFeatures;
import dev.tidemark.metadata.controller.ControllerInput.UpgradeType;
import dev.tidemark.metadata.controller.ControllerReply.FeaturesUpdated;
import dev.tidemark.metadata.controller.ControllerReply.ShutdownProgress;
import dev.tidemark.metadata.image.BrokerRegistration;
import dev.tidemark.metadata.image.FeatureRange;
import dev.tidemark.metadata.image.MetadataChange;
import dev.tidemark.metadata.image.PartitionRegistration;
import dev.tidemark.protocol.ErrorCode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class ShutdownAndBalanceTest {
    private final Cluster cluster = new Cluster(3);

    private PartitionRegistration partition(String topic) {
        return cluster.partition(topic, 0);
    }

    @Test
    void aStoppingBrokerGivesItsLeadershipsAwayAndLeavesTheIsrs() {
        cluster.createOn("led", List.of(1, 2, 3));
        cluster.createOn("followed", List.of(2, 1));
        cluster.createOn("alone", List.of(1));

        var reply = (ShutdownProgress) cluster.run(new ControlledShutdown(1, 1));

        assertThat(reply.mayStop()).isTrue();
        assertThat(partition("led").leader()).isEqualTo(2);
        assertThat(partition("led").isr()).containsExactly(2, 3);
        assertThat(partition("led").leaderEpoch()).isEqualTo(1);
        assertThat(partition("followed").isr()).containsExactly(2);
        assertThat(partition("followed").leaderEpoch()).isZero();
        assertThat(partition("alone").leader()).isEqualTo(1);
    }

    @Test
    void aStoppingBrokerComesInNowhere() {
        cluster.createOn("t", List.of(2, 1));
        cluster.run(new ControlledShutdown(1, 1));

        assertThat(cluster.proposeIsr("t", 2, 2, 1)).isEqualTo(ErrorCode.INELIGIBLE_REPLICA);

        cluster.createOn("fresh", List.of(1, 2));
        assertThat(partition("fresh").leader()).isEqualTo(2);
        assertThat(partition("fresh").isr()).containsExactly(2);
    }

    @Test
    void aLastMemberThatStopsMayStillShrinkItsIsr() {
        cluster.createOn("t", List.of(1, 2, 3));
        cluster.run(new ControlledShutdown(2, 2));
        cluster.run(new ControlledShutdown(3, 3));
        cluster.run(new ControlledShutdown(1, 1));

        assertThat(partition("t").leader()).isEqualTo(1);
        assertThat(cluster.proposeIsr("t", 1, 1)).isEqualTo(ErrorCode.NONE);
    }

    @Test
    void anotherIncarnationIsNotStopped() {
        var reply = (ShutdownProgress) cluster.run(new ControlledShutdown(1, 99));

        assertThat(reply.error()).isEqualTo(ErrorCode.STALE_BROKER_EPOCH);
        assertThat(reply.mayStop()).isFalse();
    }

    @Test
    void anUncleanRestartLeavesAnIsrEvenIfTheOtherMembersAreAway() {
        cluster.createOn("t", List.of(1, 2));
        cluster.lose(1);
        cluster.lose(2);
        cluster.run(new ControllerInput.Elected());
        assertThat(partition("t").isr()).containsExactly(1, 2);

        cluster.register(1, 11, null, false);
        cluster.run(new BrokerRegistered(1));
        assertThat(partition("t").hasLeader()).isFalse();
        assertThat(partition("t").isr()).containsExactly(2);

        cluster.register(2, 12, null, false);
        Decision decision = cluster.controller.decide(cluster.image, new BrokerRegistered(2));
        cluster.run(new BrokerRegistered(2));
        assertThat(partition("t").leader()).isEqualTo(2);
        assertThat(decision.effects())
                .filteredOn(Decision.Effect.Warn.class::isInstance)
                .hasSize(1);
    }

    @Test
    void aTopicThatWaitsForTheDiskLosesNothingByAnUncleanStop() {
        cluster.createOn("t", List.of(1, 2));
        cluster.configure("t", "flush.before.ack", "true");

        cluster.register(1, 11, null, false);
        cluster.run(new BrokerRegistered(1));

        assertThat(partition("t").leader()).isEqualTo(1);
        assertThat(partition("t").isr()).containsExactly(1, 2);
    }

    /// It may have lost records that were not acknowledged yet, and write others in their place: in one epoch two
    /// replicas could then not be told apart. Nor does it know how far its high watermark was.
    @Test
    void aLeaderThatDidNotStopCleanlyBeginsANewEpochEvenIfItLostNothing() {
        cluster.createOn("t", List.of(1, 2));
        cluster.configure("t", "flush.before.ack", "true");
        int before = partition("t").leaderEpoch();

        cluster.register(1, 11, null, false);
        cluster.run(new BrokerRegistered(1));

        assertThat(partition("t").leaderEpoch()).isEqualTo(before + 1);
    }

    @Test
    void leadershipsComeBackWhereTooManyAreAway() {
        for (int i = 0; i < 10; i++) cluster.createOn("t" + i, List.of(1, 2));
        cluster.lose(1);
        cluster.run(new BrokerGone(1));
        cluster.register(1, 11, null, true);
        cluster.run(new BrokerRegistered(1));
        List<String> back = new ArrayList<>();
        for (int i = 0; i < 10; i++) cluster.proposeIsr("t" + i, 2, 2, 1);

        cluster.run(new BalanceLeaders(100));
        assertThat(partition("t0").leader()).isEqualTo(2);
        cluster.run(new BalanceLeaders(10));

        for (int i = 0; i < 10; i++) if (partition("t" + i).leader() == 1) back.add("t" + i);
        assertThat(back).hasSize(10);
    }

    @Test
    void aFeatureIsFinalizedAtWhatAllBrokersSupport() {
        for (int id = 1; id <= 3; id++) {
            BrokerRegistration before = cluster.image.broker(id).orElseThrow();
            var features = new TreeMap<>(Map.of("group.version", new FeatureRange(0, id == 3 ? 1 : 2)));
            cluster.image = cluster.image.with(new MetadataChange.BrokerRegistered(
                    new BrokerRegistration(id, before.epoch(), before.endpoints(), null, features, true)));
        }

        assertThat(update("group.version", 2, UpgradeType.UPGRADE)).isEqualTo(ErrorCode.INVALID_UPDATE_VERSION);
        assertThat(update("group.version", 1, UpgradeType.UPGRADE)).isEqualTo(ErrorCode.NONE);
        assertThat(cluster.image.features().level("group.version")).isEqualTo(1);
        assertThat(update("group.version", 0, UpgradeType.UPGRADE)).isEqualTo(ErrorCode.INVALID_UPDATE_VERSION);
        assertThat(update("group.version", 0, UpgradeType.SAFE_DOWNGRADE)).isEqualTo(ErrorCode.NONE);
        assertThat(cluster.image.features().level("group.version")).isZero();
        assertThat(update("no.such.thing", 1, UpgradeType.UPGRADE)).isEqualTo(ErrorCode.INVALID_UPDATE_VERSION);
    }

    private ErrorCode update(String feature, int level, UpgradeType type) {
        var reply = (FeaturesUpdated)
                cluster.run(new UpdateFeatures(List.of(new FeatureUpdate(feature, level, type)), false));
        return reply.features().getFirst().outcome().error();
    }
}
