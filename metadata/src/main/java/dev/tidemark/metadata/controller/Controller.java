package dev.tidemark.metadata.controller;

import dev.tidemark.metadata.controller.ControllerReply.Nothing;
import dev.tidemark.metadata.image.BrokerRegistration;
import dev.tidemark.metadata.image.ClusterImage;
import dev.tidemark.metadata.image.ConfigImage;
import dev.tidemark.metadata.image.ConfigResource;
import dev.tidemark.metadata.image.FeaturesImage;
import dev.tidemark.metadata.image.MetadataChange;
import dev.tidemark.protocol.ErrorCode;
import java.util.ArrayList;
import java.util.List;
import org.pcollections.TreePMap;

/// The controller's decisions. It holds no state of its own: all it knows is the image, which every broker has, so that
/// any broker can be the next controller at once. [ClusterImage#with] applies its facts.
///
/// Facts carry the version that their znode will have, so that each is a compare-and-set when it is written
/// ([ZnodeWrites]), and a repeated or late one changes nothing.
public final class Controller {
    private final ControllerSettings settings;
    private final ConfigRules rules;

    public Controller(ControllerSettings settings, ConfigRules rules) {
        this.settings = settings;
        this.rules = rules;
    }

    /// Changes nothing.
    public Decision decide(ClusterImage image, ControllerInput input) {
        return decide(image, input, false);
    }

    /// Changes nothing.
    ///
    /// @param again whether an earlier decision on the same input could not be written as it was
    public Decision decide(ClusterImage image, ControllerInput input, boolean again) {
        return switch (input) {
            case ControllerInput.CreateTopics create -> new TopicCreator(settings, rules, image).decide(create);
            case ControllerInput.CreatePartitions create -> new PartitionAdder(settings, image).decide(create);
            case ControllerInput.DeleteTopics delete -> new TopicDeleter(settings, image, again).decide(delete);
            case ControllerInput.AlterConfigs alter ->
                withUncleanElections(image, new ConfigAlterer(rules, image).decide(alter));
            case ControllerInput.AlterPartition alter -> new PartitionAlterer(settings, image).decide(alter);
            case ControllerInput.ElectLeaders elect -> new LeaderElector(settings, image).decide(elect);
            case ControllerInput.ControlledShutdown shutdown -> shutDown(image, shutdown);
            case ControllerInput.AlterPartitionReassignments alter ->
                new ReassignmentAlterer(settings, image).decide(alter);
            case ControllerInput.BalanceLeaders balance -> new LeaderBalancer(settings, image).decide(balance);
            case ControllerInput.UpdateFeatures update -> new FeatureUpdater(image).decide(update);
            case ControllerInput.UnregisterBroker(var id) ->
                Decision.of(List.of(), new ControllerReply.BrokerUnregistered(unregister(image, id)));
            case ControllerInput.Elected _ -> elected(image);
            case ControllerInput.BrokerRegistered(var id) -> registered(image, id);
            case ControllerInput.BrokerGone(var id) ->
                Decision.of(new LeadershipReview(settings, image).brokerGone(id), new Nothing());
            case ControllerInput.TopicChanged(var topic) ->
                Decision.of(new LeadershipReview(settings, image).topicChanged(topic), new Nothing());
        };
    }

    /// Partitions without a leader do not wait for a broker to come or go when it is set that they may get an unclean
    /// one.
    private Decision withUncleanElections(ClusterImage image, Decision altered) {
        ClusterImage after = image;
        List<ConfigResource> allowed = new ArrayList<>();
        for (MetadataChange fact : altered.facts()) {
            after = after.with(fact);
            if (fact instanceof MetadataChange.ConfigChanged(ConfigResource resource, ConfigImage config)
                    && LeaderElection.allowsUnclean(config)) allowed.add(resource);
        }
        if (allowed.isEmpty()) return altered;
        List<MetadataChange> facts = new ArrayList<>(altered.facts());
        facts.addAll(new LeadershipReview(settings, after).uncleanElectionsAllowed(allowed));
        return new Decision(List.copyOf(facts), altered.effects(), altered.reply());
    }

    private static ControllerReply.Outcome unregister(ClusterImage image, int brokerId) {
        if (!image.isAlive(brokerId)) {
            return ControllerReply.Outcome.refused(
                    ErrorCode.BROKER_ID_NOT_REGISTERED,
                    "Broker " + brokerId + " is not registered: a registration ends with its broker's process.");
        }
        return ControllerReply.Outcome.refused(
                ErrorCode.INVALID_REQUEST,
                "Broker " + brokerId + " is alive: stop it, and its registration ends by itself.");
    }

    private Decision registered(ClusterImage image, int brokerId) {
        LeadershipReview review = new LeadershipReview(settings, image);
        List<MetadataChange> facts = review.brokerRegistered(brokerId);
        List<Decision.Effect> effects = new ArrayList<>(review.warnings());
        image.broker(brokerId).ifPresent(broker -> effects.add(seen(broker)));
        return new Decision(List.copyOf(facts), List.copyOf(effects), new Nothing());
    }

    /// The broker itself writes into its registration that it is about to stop, where all can read it; what is decided
    /// here only comes sooner.
    private Decision shutDown(ClusterImage image, ControllerInput.ControlledShutdown input) {
        BrokerRegistration broker = image.broker(input.brokerId()).orElse(null);
        if (broker == null || broker.epoch() != input.brokerEpoch()) {
            return Decision.of(List.of(), new ControllerReply.ShutdownProgress(ErrorCode.STALE_BROKER_EPOCH, 0));
        }
        List<MetadataChange> facts = new ArrayList<>();
        ClusterImage leaving = image;
        if (!broker.shuttingDown()) {
            MetadataChange fact = new MetadataChange.BrokerRegistered(broker.toShuttingDown());
            facts.add(fact);
            leaving = image.with(fact);
        }
        facts.addAll(new LeadershipReview(settings, leaving).brokerRegistered(broker.id()));
        return Decision.of(facts, new ControllerReply.ShutdownProgress(ErrorCode.NONE, 0));
    }

    private static Decision.Effect seen(BrokerRegistration broker) {
        return new Decision.Effect.BrokerSeen(broker.id(), broker.epoch());
    }

    private Decision elected(ClusterImage image) {
        List<MetadataChange> facts = new ArrayList<>();
        if (image.features().epoch() < 0) {
            facts.add(new MetadataChange.FeaturesChanged(
                    new FeaturesImage(TreePMap.from(settings.finalizedFeatures()), 0)));
        }
        LeadershipReview review = new LeadershipReview(settings, image);
        facts.addAll(review.all());
        List<Decision.Effect> effects = new ArrayList<>(review.warnings());
        image.brokers().values().forEach(broker -> effects.add(seen(broker)));
        image.topics().deleting().stream()
                .sorted()
                .map(Decision.Effect.PurgeTopic::new)
                .forEach(effects::add);
        return new Decision(List.copyOf(facts), List.copyOf(effects), new Nothing());
    }
}
