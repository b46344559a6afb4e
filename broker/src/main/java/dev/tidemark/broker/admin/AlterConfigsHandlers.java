package dev.tidemark.broker.admin;

import dev.tidemark.broker.dispatch.Call;
import dev.tidemark.broker.dispatch.Handler;
import dev.tidemark.broker.handler.ApiHandler;
import dev.tidemark.metadata.control.ControllerGateway;
import dev.tidemark.metadata.controller.ConfigAlteration;
import dev.tidemark.metadata.controller.ConfigAlteration.Entry;
import dev.tidemark.metadata.controller.ConfigAlteration.Operation;
import dev.tidemark.metadata.controller.ControllerInput;
import dev.tidemark.metadata.controller.ControllerReply.ConfigOutcome;
import dev.tidemark.metadata.image.ConfigResource;
import dev.tidemark.protocol.ApiKey;
import dev.tidemark.protocol.ErrorCode;
import dev.tidemark.protocol.message.AlterConfigsRequest;
import dev.tidemark.protocol.message.AlterConfigsResponse;
import dev.tidemark.protocol.message.IncrementalAlterConfigsRequest;
import dev.tidemark.protocol.message.IncrementalAlterConfigsResponse;
import dev.tidemark.protocol.message.Response;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// AlterConfigs 0-2, which replaces all dynamic configs of a resource, and IncrementalAlterConfigs 0-1 (KIP-339), which
/// sets, deletes, appends to and subtracts from single ones.
public final class AlterConfigsHandlers {
    private final ControllerGateway controller;

    public AlterConfigsHandlers(ControllerGateway controller) {
        this.controller = controller;
    }

    public List<Handler<?>> all() {
        return List.of(
                new ApiHandler<>(ApiKey.ALTER_CONFIGS, AlterConfigsRequest.class, this::replace),
                new ApiHandler<>(
                        ApiKey.INCREMENTAL_ALTER_CONFIGS, IncrementalAlterConfigsRequest.class, this::increment));
    }

    /// What is asked of one resource; `problem` says why it cannot be asked of the controller.
    private record Asked(
            byte type,
            String name,
            @Nullable ConfigAlteration alteration,
            @Nullable String problem) {}

    /// What became of one resource.
    private record Result(
            byte type,
            String name,
            ErrorCode error,
            @Nullable String message) {}

    private void replace(AlterConfigsRequest request, Call call) {
        List<Asked> asked = new ArrayList<>();
        for (AlterConfigsRequest.AlterConfigsResource resource : request.resources()) {
            List<Entry> entries = new ArrayList<>();
            for (AlterConfigsRequest.AlterableConfig config : resource.configs()) {
                entries.add(new Entry(config.name(), Operation.SET, config.value()));
            }
            asked.add(asked(resource.resourceType(), resource.resourceName(), true, entries, null));
        }
        alter(
                asked,
                request.validateOnly(),
                call,
                results -> AlterConfigsResponse.builder()
                        .responses(results.stream()
                                .map(result -> AlterConfigsResponse.AlterConfigsResourceResponse.builder()
                                        .resourceType(result.type())
                                        .resourceName(result.name())
                                        .errorCode(result.error().code())
                                        .errorMessage(result.message())
                                        .build())
                                .toList())
                        .build());
    }

    private void increment(IncrementalAlterConfigsRequest request, Call call) {
        List<Asked> asked = new ArrayList<>();
        for (IncrementalAlterConfigsRequest.AlterConfigsResource resource : request.resources()) {
            List<Entry> entries = new ArrayList<>();
            String problem = null;
            for (IncrementalAlterConfigsRequest.AlterableConfig config : resource.configs()) {
                Optional<Operation> operation = Operation.forId(config.configOperation());
                if (operation.isEmpty()) {
                    problem = "There is no config operation " + config.configOperation() + " (for '" + config.name()
                            + "'); allowed are 0 (set), 1 (delete), 2 (append) and 3 (subtract).";
                } else {
                    entries.add(new Entry(config.name(), operation.get(), config.value()));
                }
            }
            asked.add(asked(resource.resourceType(), resource.resourceName(), false, entries, problem));
        }
        alter(
                asked,
                request.validateOnly(),
                call,
                results -> IncrementalAlterConfigsResponse.builder()
                        .responses(results.stream()
                                .map(result -> IncrementalAlterConfigsResponse.AlterConfigsResourceResponse.builder()
                                        .resourceType(result.type())
                                        .resourceName(result.name())
                                        .errorCode(result.error().code())
                                        .errorMessage(result.message())
                                        .build())
                                .toList())
                        .build());
    }

    private static Asked asked(
            byte type, String name, boolean replaceAll, List<Entry> entries, @Nullable String problem) {
        Optional<ConfigResource.Type> known = ConfigResource.Type.forId(type);
        if (known.isEmpty()) {
            return new Asked(type, name, null, "Resources of type " + type + " have no configs that can be altered.");
        }
        Set<String> keys = new HashSet<>();
        for (Entry entry : entries) {
            if (!keys.add(entry.key())) {
                return new Asked(type, name, null, "The request names the config '" + entry.key() + "' twice.");
            }
        }
        ConfigAlteration alteration = new ConfigAlteration(new ConfigResource(known.get(), name), replaceAll, entries);
        return new Asked(type, name, problem == null ? alteration : null, problem);
    }

    private void alter(
            List<Asked> asked, boolean validateOnly, Call call, Function<List<Result>, ? extends Response> response) {
        List<ConfigAlteration> alterations = new ArrayList<>();
        for (Asked one : asked) {
            if (one.alteration() != null) alterations.add(one.alteration());
        }
        var _ = controller
                .alterConfigs(new ControllerInput.AlterConfigs(alterations, validateOnly))
                .handle((altered, failure) -> {
                    Refusal why = failure == null ? null : Refusal.of(failure);
                    List<ConfigOutcome> outcomes = altered == null ? List.of() : altered.resources();
                    call.reply(response.apply(results(asked, outcomes, why)));
                    return null;
                });
    }

    private static List<Result> results(List<Asked> asked, List<ConfigOutcome> outcomes, @Nullable Refusal why) {
        List<Result> results = new ArrayList<>();
        int next = 0;
        for (Asked one : asked) {
            if (one.alteration() == null) {
                results.add(new Result(one.type(), one.name(), ErrorCode.INVALID_REQUEST, one.problem()));
            } else if (why != null) {
                results.add(new Result(one.type(), one.name(), why.error(), why.message()));
            } else {
                var outcome = outcomes.get(next++).outcome();
                results.add(new Result(one.type(), one.name(), outcome.error(), outcome.message()));
            }
        }
        return results;
    }
}
