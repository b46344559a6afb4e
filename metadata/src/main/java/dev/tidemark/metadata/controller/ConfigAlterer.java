package dev.tidemark.metadata.controller;

import dev.tidemark.metadata.controller.ConfigAlteration.Entry;
import dev.tidemark.metadata.controller.ConfigAlteration.Operation;
import dev.tidemark.metadata.controller.ControllerInput.AlterConfigs;
import dev.tidemark.metadata.controller.ControllerReply.ConfigOutcome;
import dev.tidemark.metadata.controller.ControllerReply.ConfigsAltered;
import dev.tidemark.metadata.controller.ControllerReply.Outcome;
import dev.tidemark.metadata.image.ClusterImage;
import dev.tidemark.metadata.image.ConfigImage;
import dev.tidemark.metadata.image.ConfigResource;
import dev.tidemark.metadata.image.MetadataChange;
import dev.tidemark.protocol.ErrorCode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.pcollections.TreePMap;

/// Decides [AlterConfigs], for the replacing and the incremental API.
final class ConfigAlterer {
    private static final int BYTES_MAX = 256 * 1024;

    private final ConfigRules rules;
    private final ClusterImage image;
    private final List<MetadataChange> facts = new ArrayList<>();

    ConfigAlterer(ConfigRules rules, ClusterImage image) {
        this.rules = rules;
        this.image = image;
    }

    Decision decide(AlterConfigs input) {
        Set<ConfigResource> seen = new HashSet<>();
        Set<ConfigResource> repeated = new HashSet<>();
        for (ConfigAlteration each : input.alterations()) if (!seen.add(each.resource())) repeated.add(each.resource());
        List<ConfigOutcome> outcomes = new ArrayList<>(input.alterations().size());
        for (ConfigAlteration each : input.alterations()) {
            Outcome outcome = repeated.contains(each.resource())
                    ? Outcome.refused(ErrorCode.INVALID_REQUEST, "The resource is named more than once in the request.")
                    : alter(each);
            outcomes.add(new ConfigOutcome(each.resource(), outcome));
        }
        List<MetadataChange> written = input.validateOnly() ? List.of() : facts;
        return Decision.of(written, new ConfigsAltered(List.copyOf(outcomes)));
    }

    private Outcome alter(ConfigAlteration alteration) {
        Outcome known = checkResource(alteration.resource());
        if (!known.isOk()) return known;
        ConfigImage before = image.configs().of(alteration.resource());
        SortedMap<String, String> entries = alteration.replaceAll() ? new TreeMap<>() : new TreeMap<>(before.entries());
        Outcome changed = change(alteration, entries);
        if (!changed.isOk()) return changed;
        if (sizeOf(entries) > BYTES_MAX) {
            return Outcome.refused(
                    ErrorCode.INVALID_CONFIG, "The configs of one resource may take " + BYTES_MAX + " bytes in all.");
        }
        var refusal = rules.refusal(alteration.resource(), entries);
        if (refusal.isPresent()) return Outcome.refused(ErrorCode.INVALID_CONFIG, refusal.get());
        if (!entries.equals(before.entries()) || (before.exists() && entries.isEmpty())) {
            ConfigImage after = entries.isEmpty()
                    ? ConfigImage.NONE
                    : new ConfigImage(TreePMap.from(entries), before.nodeVersion() + 1);
            facts.add(new MetadataChange.ConfigChanged(alteration.resource(), after));
        }
        return Outcome.OK;
    }

    private Outcome checkResource(ConfigResource resource) {
        String name = resource.name();
        return switch (resource.type()) {
            case TOPIC -> checkTopic(name);
            case BROKER -> checkBroker(name);
            case GROUP, CLIENT_METRICS ->
                name.isEmpty() || name.equals(".") || name.equals("..") || name.length() > 10_000
                        ? Outcome.refused(ErrorCode.INVALID_REQUEST, "The resource's name cannot be used.")
                        : Outcome.OK;
        };
    }

    private Outcome checkTopic(String name) {
        var invalid = TopicNames.refusal(name);
        if (invalid.isPresent()) return Outcome.refused(ErrorCode.INVALID_TOPIC_EXCEPTION, invalid.get());
        if (image.topics().topic(name).isPresent()) return Outcome.OK;
        return Outcome.refused(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, "The topic '" + name + "' does not exist.");
    }

    private Outcome checkBroker(String name) {
        if (name.isEmpty()) return Outcome.OK;
        boolean number = name.length() <= 9 && name.chars().allMatch(c -> c >= '0' && c <= '9');
        if (!number) {
            return Outcome.refused(
                    ErrorCode.INVALID_REQUEST, "A broker's name must be its number, or empty for the default of all.");
        }
        if (isKnown(Integer.parseInt(name))) return Outcome.OK;
        return Outcome.refused(ErrorCode.BROKER_ID_NOT_REGISTERED, "There is no broker " + name + ".");
    }

    /// Only the living are registered. One that is down has replicas or configs, or else nothing to be lost by waiting.
    private boolean isKnown(int brokerId) {
        var configs = image.configs().of(new ConfigResource(ConfigResource.Type.BROKER, Integer.toString(brokerId)));
        return image.isAlive(brokerId)
                || configs.exists()
                || image.topics().byName().values().stream()
                        .flatMap(topic -> topic.partitions().stream())
                        .anyMatch(partition -> partition.replicas().contains(brokerId));
    }

    private Outcome change(ConfigAlteration alteration, SortedMap<String, String> entries) {
        Set<String> keys = new HashSet<>();
        for (Entry entry : alteration.entries()) {
            if (entry.key().isEmpty() || !keys.add(entry.key())) {
                return Outcome.refused(
                        ErrorCode.INVALID_REQUEST, "A key is empty or altered more than once in the request.");
            }
            Outcome outcome = change(alteration.resource().type(), entry, entries);
            if (!outcome.isOk()) return outcome;
        }
        return Outcome.OK;
    }

    private Outcome change(ConfigResource.Type type, Entry entry, SortedMap<String, String> entries) {
        String value = entry.value();
        if (value == null && entry.operation() != Operation.DELETE) {
            return Outcome.refused(ErrorCode.INVALID_REQUEST, "Config '" + entry.key() + "' has no value.");
        }
        boolean ofList = entry.operation() == Operation.APPEND || entry.operation() == Operation.SUBTRACT;
        if (ofList && !rules.isList(type, entry.key())) {
            return Outcome.refused(
                    ErrorCode.INVALID_CONFIG,
                    "Config '" + entry.key() + "' is not a list: it cannot be appended to or subtracted from.");
        }
        switch (entry.operation()) {
            case SET -> entries.put(entry.key(), String.valueOf(value));
            case DELETE -> entries.remove(entry.key());
            case APPEND, SUBTRACT -> {
                Set<String> list = new LinkedHashSet<>(listOf(type, entry.key(), entries));
                List<String> operand = split(String.valueOf(value));
                if (entry.operation() == Operation.APPEND) list.addAll(operand);
                else operand.forEach(list::remove);
                entries.put(entry.key(), String.join(",", list));
            }
        }
        return Outcome.OK;
    }

    private List<String> listOf(ConfigResource.Type type, String key, SortedMap<String, String> entries) {
        String own = entries.get(key);
        return split(own != null ? own : rules.defaultValue(type, key).orElse(""));
    }

    private static List<String> split(String list) {
        return Arrays.stream(list.split(",", -1))
                .map(String::strip)
                .filter(s -> !s.isEmpty())
                .toList();
    }

    private static int sizeOf(Map<String, String> entries) {
        int size = 0;
        for (Map.Entry<String, String> entry : entries.entrySet()) {
            size += 8 + entry.getKey().length() + entry.getValue().length();
        }
        return size;
    }
}
