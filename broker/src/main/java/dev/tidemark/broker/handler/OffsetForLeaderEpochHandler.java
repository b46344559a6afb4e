package dev.tidemark.broker.handler;

import dev.tidemark.broker.cluster.ClusterView;
import dev.tidemark.broker.dispatch.Call;
import dev.tidemark.broker.dispatch.Handler;
import dev.tidemark.broker.partition.Partition;
import dev.tidemark.broker.partition.Partitions;
import dev.tidemark.protocol.ApiKey;
import dev.tidemark.protocol.ErrorCode;
import dev.tidemark.protocol.message.OffsetForLeaderEpochRequest;
import dev.tidemark.protocol.message.OffsetForLeaderEpochRequest.OffsetForLeaderPartition;
import dev.tidemark.protocol.message.OffsetForLeaderEpochRequest.OffsetForLeaderTopic;
import dev.tidemark.protocol.message.OffsetForLeaderEpochResponse;
import dev.tidemark.protocol.message.OffsetForLeaderEpochResponse.OffsetForLeaderTopicResult;
import dev.tidemark.storage.log.EpochEndOffset;
import java.util.ArrayList;
import java.util.List;

/// OffsetForLeaderEpoch 2-4 (KIP-101, KIP-320): where an epoch ended, so that a consumer finds out whether the log was
/// cut behind its back.
public final class OffsetForLeaderEpochHandler implements Handler<OffsetForLeaderEpochRequest> {
    private final Partitions partitions;
    private final ClusterView cluster;

    public OffsetForLeaderEpochHandler(Partitions partitions, ClusterView cluster) {
        this.partitions = partitions;
        this.cluster = cluster;
    }

    @Override
    public ApiKey api() {
        return ApiKey.OFFSET_FOR_LEADER_EPOCH;
    }

    @Override
    public Class<OffsetForLeaderEpochRequest> requestType() {
        return OffsetForLeaderEpochRequest.class;
    }

    @Override
    public void handle(OffsetForLeaderEpochRequest request, Call call) {
        List<OffsetForLeaderTopicResult> topics = new ArrayList<>();
        for (OffsetForLeaderTopic topic : request.topics()) {
            List<OffsetForLeaderEpochResponse.EpochEndOffset> ends = new ArrayList<>();
            for (OffsetForLeaderPartition asked : topic.partitions()) {
                ends.add(endOf(topic.topic(), asked));
            }
            topics.add(new OffsetForLeaderTopicResult(topic.topic(), ends));
        }
        call.reply(OffsetForLeaderEpochResponse.builder().topics(topics).build());
    }

    private OffsetForLeaderEpochResponse.EpochEndOffset endOf(String topic, OffsetForLeaderPartition asked) {
        var answer = OffsetForLeaderEpochResponse.EpochEndOffset.builder().partition(asked.partition());
        Partition partition = partitions.get(topic, asked.partition());
        ErrorCode error = partition == null
                ? cluster.whyNotHere(topic, asked.partition())
                : partition.checkLeader(asked.currentLeaderEpoch());
        if (partition == null || error != ErrorCode.NONE) {
            return answer.errorCode(error.code()).build();
        }
        EpochEndOffset end = partition.log().endOffsetForEpoch(asked.leaderEpoch());
        return answer.leaderEpoch(end.leaderEpoch()).endOffset(end.endOffset()).build();
    }
}
