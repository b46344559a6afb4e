package dev.tidemark.coordinator.group.classic;

import dev.tidemark.base.Bytes;
import dev.tidemark.protocol.message.DescribeGroupsResponse;
import java.util.ArrayList;
import java.util.List;

/// A classic group as DescribeGroups shows it. What members say and have is only told in a stable generation.
public final class ClassicDescription {
    private ClassicDescription() {}

    public static DescribeGroupsResponse.DescribedGroup describe(String groupId, ClassicGroup group) {
        boolean isStable = group.is(ClassicState.STABLE);
        List<DescribeGroupsResponse.DescribedGroupMember> members = new ArrayList<>();
        for (ClassicMember member : group.members().values()) {
            members.add(DescribeGroupsResponse.DescribedGroupMember.builder()
                    .memberId(member.memberId())
                    .groupInstanceId(member.instanceId())
                    .clientId(member.clientId())
                    .clientHost(member.clientHost())
                    .memberMetadata(isStable ? member.metadata(group.protocolName()) : Bytes.EMPTY)
                    .memberAssignment(isStable ? member.assignment() : Bytes.EMPTY)
                    .build());
        }
        return DescribeGroupsResponse.DescribedGroup.builder()
                .groupId(groupId)
                .groupState(group.state().label())
                .protocolType(group.protocolType() == null ? "" : group.protocolType())
                .protocolData(isStable && group.protocolName() != null ? group.protocolName() : "")
                .members(members)
                .build();
    }
}
