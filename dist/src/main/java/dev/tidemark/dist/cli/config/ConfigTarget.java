package dev.tidemark.dist.cli.config;

import dev.tidemark.client.admin.ConfigAdmin.Resource;
import dev.tidemark.client.admin.ConfigAdmin.ResourceType;
import dev.tidemark.dist.cli.CliException;
import dev.tidemark.dist.cli.Invocation;

/// The first two words after `config describe` and its kin: what has the settings.
final class ConfigTarget {
    static final String TYPES = "topic, broker or group.";
    static final String NAMES = "The topic, the broker's id (or 'default' for all brokers), or the group.";

    private ConfigTarget() {}

    static Resource of(Invocation invocation) {
        String type = invocation.positional(0);
        String name = invocation.positional(1);
        return switch (type) {
            case "topic" -> new Resource(ResourceType.TOPIC, name);
            case "group" -> new Resource(ResourceType.GROUP, name);
            case "broker" -> new Resource(ResourceType.BROKER, name.equals("default") ? "" : brokerId(name));
            default -> throw CliException.usage("'" + type + "' has no settings; it must be " + TYPES);
        };
    }

    private static String brokerId(String name) {
        if (!name.chars().allMatch(Character::isDigit))
            throw CliException.usage(
                    "'" + name + "' is not a broker; it must be a number, or 'default' for all brokers");
        return name;
    }
}
