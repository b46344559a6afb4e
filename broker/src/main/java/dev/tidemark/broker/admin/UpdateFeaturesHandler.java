package dev.tidemark.broker.admin;

import dev.tidemark.broker.dispatch.Call;
import dev.tidemark.broker.dispatch.Handler;
import dev.tidemark.metadata.control.ControllerGateway;
import dev.tidemark.metadata.controller.ControllerInput.FeatureUpdate;
import dev.tidemark.metadata.controller.ControllerInput.UpdateFeatures;
import dev.tidemark.metadata.controller.ControllerInput.UpgradeType;
import dev.tidemark.metadata.controller.ControllerReply.FeatureOutcome;
import dev.tidemark.protocol.ApiKey;
import dev.tidemark.protocol.ErrorCode;
import dev.tidemark.protocol.message.UpdateFeaturesRequest;
import dev.tidemark.protocol.message.UpdateFeaturesRequest.FeatureUpdateKey;
import dev.tidemark.protocol.message.UpdateFeaturesResponse;
import dev.tidemark.protocol.message.UpdateFeaturesResponse.UpdatableFeatureResult;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// UpdateFeatures 0-2: all of the updates or none (KIP-584). Up to version 1 each feature has its own
/// result; from version 2 on there is one for all.
public final class UpdateFeaturesHandler implements Handler<UpdateFeaturesRequest> {
    private final ControllerGateway controller;

    public UpdateFeaturesHandler(ControllerGateway controller) {
        this.controller = controller;
    }

    @Override
    public ApiKey api() {
        return ApiKey.UPDATE_FEATURES;
    }

    @Override
    public Class<UpdateFeaturesRequest> requestType() {
        return UpdateFeaturesRequest.class;
    }

    @Override
    public void handle(UpdateFeaturesRequest request, Call call) {
        List<FeatureUpdate> updates = new ArrayList<>();
        for (FeatureUpdateKey key : request.featureUpdates()) {
            Optional<UpgradeType> type = typeOf(key, call.version());
            if (type.isEmpty()) {
                call.reply(refused(ErrorCode.INVALID_REQUEST, "There is no upgrade type " + key.upgradeType() + "."));
                return;
            }
            int level = Math.max(0, key.maxVersionLevel()); // Below 1 means off.
            updates.add(new FeatureUpdate(key.feature(), level, type.get()));
        }
        var _ = controller
                .updateFeatures(new UpdateFeatures(updates, request.validateOnly()))
                .handle((updated, failure) -> {
                    if (updated != null) call.reply(answer(updated.features(), call.version()));
                    else {
                        Refusal why = Refusal.of(failure);
                        call.reply(refused(why.error(), why.message()));
                    }
                    return null;
                });
    }

    private static Optional<UpgradeType> typeOf(FeatureUpdateKey key, short version) {
        if (version > 0) return UpgradeType.forId(key.upgradeType());
        return Optional.of(key.allowDowngrade() ? UpgradeType.SAFE_DOWNGRADE : UpgradeType.UPGRADE);
    }

    private static UpdateFeaturesResponse answer(List<FeatureOutcome> outcomes, short version) {
        Optional<FeatureOutcome> refused =
                outcomes.stream().filter(outcome -> !outcome.outcome().isOk()).findFirst();
        if (version >= 2) {
            return refused.map(first -> refused(
                            first.outcome().error(),
                            "The update failed for all features. "
                                    + first.outcome().message()))
                    .orElseGet(() -> UpdateFeaturesResponse.builder().build());
        }
        List<UpdatableFeatureResult> results = new ArrayList<>();
        for (FeatureOutcome each : outcomes) {
            boolean spoilt = each.outcome().isOk() && refused.isPresent();
            results.add(UpdatableFeatureResult.builder()
                    .feature(each.feature())
                    .errorCode(
                            spoilt
                                    ? ErrorCode.FEATURE_UPDATE_FAILED.code()
                                    : each.outcome().error().code())
                    .errorMessage(
                            spoilt
                                    ? "Another feature of the request was refused."
                                    : each.outcome().message())
                    .build());
        }
        return UpdateFeaturesResponse.builder().results(results).build();
    }

    private static UpdateFeaturesResponse refused(ErrorCode error, String message) {
        return UpdateFeaturesResponse.builder()
                .errorCode(error.code())
                .errorMessage(message)
                .build();
    }
}
