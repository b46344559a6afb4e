package dev.tidemark.broker.admin;

import dev.tidemark.broker.dispatch.Call;
import dev.tidemark.broker.dispatch.Handler;
import dev.tidemark.metadata.control.ControllerGateway;
import dev.tidemark.metadata.controller.ControllerInput;
import dev.tidemark.metadata.controller.ControllerInput.TopicSelector;
import dev.tidemark.metadata.controller.ControllerReply.TopicDeletion;
import dev.tidemark.protocol.ApiKey;
import dev.tidemark.protocol.ErrorCode;
import dev.tidemark.protocol.message.DeleteTopicsRequest;
import dev.tidemark.protocol.message.DeleteTopicsRequest.DeleteTopicState;
import dev.tidemark.protocol.message.DeleteTopicsResponse;
import dev.tidemark.protocol.message.DeleteTopicsResponse.DeletableTopicResult;
import java.util.ArrayList;
import java.util.List;

/// DeleteTopics 1-6: by name, from version 6 on by name or id. A topic that is named by both, or by neither, is
/// refused.
public final class DeleteTopicsHandler implements Handler<DeleteTopicsRequest> {
    private static final short FIRST_VERSION_WITH_IDS = 6;

    private final ControllerGateway controller;

    public DeleteTopicsHandler(ControllerGateway controller) {
        this.controller = controller;
    }

    @Override
    public ApiKey api() {
        return ApiKey.DELETE_TOPICS;
    }

    @Override
    public Class<DeleteTopicsRequest> requestType() {
        return DeleteTopicsRequest.class;
    }

    @Override
    public void handle(DeleteTopicsRequest request, Call call) {
        List<DeletableTopicResult> refused = new ArrayList<>();
        List<TopicSelector> wanted = call.version() >= FIRST_VERSION_WITH_IDS
                ? selectors(request, refused)
                : request.topicNames().stream().map(TopicSelector::byName).toList();
        var _ = controller
                .deleteTopics(new ControllerInput.DeleteTopics(wanted, ControllerInput.Origin.CLIENT))
                .handle((deleted, failure) -> {
                    List<DeletableTopicResult> results = new ArrayList<>(refused);
                    if (deleted != null) {
                        for (TopicDeletion topic : deleted.topics()) results.add(result(topic));
                    } else {
                        Refusal why = Refusal.of(failure);
                        for (TopicSelector topic : wanted) results.add(failed(topic, why));
                    }
                    call.reply(DeleteTopicsResponse.builder().responses(results).build());
                    return null;
                });
    }

    private static List<TopicSelector> selectors(DeleteTopicsRequest request, List<DeletableTopicResult> refused) {
        List<TopicSelector> selectors = new ArrayList<>();
        for (DeleteTopicState topic : request.topics()) {
            boolean byId = !topic.topicId().isZero();
            if (byId == (topic.name() != null)) {
                refused.add(DeletableTopicResult.builder()
                        .name(topic.name())
                        .topicId(topic.topicId())
                        .errorCode(ErrorCode.INVALID_REQUEST.code())
                        .errorMessage("Name a topic to delete by its name or by its id, not by both.")
                        .build());
            } else {
                selectors.add(byId ? TopicSelector.byId(topic.topicId()) : TopicSelector.byName(topic.name()));
            }
        }
        return selectors;
    }

    private static DeletableTopicResult result(TopicDeletion topic) {
        return DeletableTopicResult.builder()
                .name(topic.name())
                .topicId(topic.id())
                .errorCode(topic.outcome().error().code())
                .errorMessage(topic.outcome().message())
                .build();
    }

    private static DeletableTopicResult failed(TopicSelector topic, Refusal why) {
        DeletableTopicResult.Builder result = DeletableTopicResult.builder()
                .name(topic.name().orElse(null))
                .errorCode(why.error().code())
                .errorMessage(why.message());
        topic.id().ifPresent(result::topicId);
        return result.build();
    }
}
