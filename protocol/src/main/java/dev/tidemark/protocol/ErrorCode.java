package dev.tidemark.protocol;

import org.jspecify.annotations.Nullable;

/// The error codes of Kafka's protocol, by Kafka's names.
public enum ErrorCode {
    UNKNOWN_SERVER_ERROR(-1, "The broker met a condition that it did not expect; its log says more."),
    NONE(0, "No error."),
    OFFSET_OUT_OF_RANGE(1, "The partition has no such offset: it is before the log's start or behind its end."),
    CORRUPT_MESSAGE(2, true, "The record batch is damaged: its checksum, size or structure is wrong."),
    UNKNOWN_TOPIC_OR_PARTITION(3, true, "This broker has no such topic or partition."),
    INVALID_FETCH_SIZE(4, "The fetch size makes no sense."),
    LEADER_NOT_AVAILABLE(5, true, "The partition has no leader at the moment."),
    NOT_LEADER_OR_FOLLOWER(6, true, "This broker does not lead the partition, or holds no replica of it."),
    REQUEST_TIMED_OUT(7, true, "The request was not finished within its time."),
    BROKER_NOT_AVAILABLE(8, "The broker is not available."),
    REPLICA_NOT_AVAILABLE(9, true, "The replica is not available."),
    MESSAGE_TOO_LARGE(10, "The record batch is larger than the topic allows (max.message.bytes)."),
    STALE_CONTROLLER_EPOCH(11, "A newer controller has taken over."),
    OFFSET_METADATA_TOO_LARGE(12, "The metadata string of the offset commit is too long."),
    NETWORK_EXCEPTION(13, true, "The connection was lost before the answer came."),
    COORDINATOR_LOAD_IN_PROGRESS(14, true, "The coordinator is still loading its state."),
    COORDINATOR_NOT_AVAILABLE(15, true, "There is no coordinator at the moment."),
    NOT_COORDINATOR(16, true, "Another broker is the coordinator."),
    INVALID_TOPIC_EXCEPTION(17, "The topic's name is not valid, or the operation is not allowed on this topic."),
    RECORD_LIST_TOO_LARGE(18, "The record batch is larger than a segment."),
    NOT_ENOUGH_REPLICAS(19, true, "Fewer replicas are in sync than min.insync.replicas: nothing was written."),
    NOT_ENOUGH_REPLICAS_AFTER_APPEND(20, true, "Written, but fewer replicas are in sync than min.insync.replicas."),
    INVALID_REQUIRED_ACKS(21, "acks must be -1 (all), 0 or 1."),
    ILLEGAL_GENERATION(22, "The group is not in the generation that the request names."),
    INCONSISTENT_GROUP_PROTOCOL(23, "The member's protocols do not go together with those of the group."),
    INVALID_GROUP_ID(24, "The group id is not valid."),
    UNKNOWN_MEMBER_ID(25, "The group has no such member."),
    INVALID_SESSION_TIMEOUT(
            26, "The session timeout is outside of group.min.session.timeout.ms to group.max.session.timeout.ms."),
    REBALANCE_IN_PROGRESS(27, "The group is rebalancing: join again."),
    INVALID_COMMIT_OFFSET_SIZE(28, "The offset commit is too large."),
    TOPIC_AUTHORIZATION_FAILED(29, "Not authorized for the topic."),
    GROUP_AUTHORIZATION_FAILED(30, "Not authorized for the group."),
    CLUSTER_AUTHORIZATION_FAILED(31, "Not authorized for the cluster."),
    INVALID_TIMESTAMP(32, "The record's timestamp is too far from the broker's clock."),
    UNSUPPORTED_SASL_MECHANISM(33, "The listener does not offer this SASL mechanism."),
    ILLEGAL_SASL_STATE(34, "The request is out of turn in the SASL exchange."),
    UNSUPPORTED_VERSION(35, "This version of the API is not supported."),
    TOPIC_ALREADY_EXISTS(36, "There is a topic of this name already."),
    INVALID_PARTITIONS(37, "The number of partitions is not valid."),
    INVALID_REPLICATION_FACTOR(38, "The replication factor is below 1 or above the number of brokers."),
    INVALID_REPLICA_ASSIGNMENT(39, "The assignment of replicas is not valid."),
    INVALID_CONFIG(40, "A configuration value is not valid."),
    NOT_CONTROLLER(41, true, "Another broker is the controller."),
    INVALID_REQUEST(42, "The request contradicts itself or the protocol."),
    UNSUPPORTED_FOR_MESSAGE_FORMAT(43, "The record format on the broker does not support the request."),
    POLICY_VIOLATION(44, "The broker's policy does not allow the request."),
    OUT_OF_ORDER_SEQUENCE_NUMBER(45, "The producer's sequence number does not follow its last one."),
    DUPLICATE_SEQUENCE_NUMBER(46, "The producer's sequence number was used before."),
    INVALID_PRODUCER_EPOCH(47, "A producer of the same id has a newer epoch."),
    INVALID_TXN_STATE(48, "The transaction is not in a state for this."),
    INVALID_PRODUCER_ID_MAPPING(49, "The producer id does not belong to the transactional id."),
    INVALID_TRANSACTION_TIMEOUT(50, "The transaction timeout is above transaction.max.timeout.ms."),
    CONCURRENT_TRANSACTIONS(51, true, "Another operation on the same transaction is under way."),
    TRANSACTION_COORDINATOR_FENCED(52, "The transaction coordinator was replaced by a newer one."),
    TRANSACTIONAL_ID_AUTHORIZATION_FAILED(53, "Not authorized for the transactional id."),
    SECURITY_DISABLED(54, "Security features are off."),
    OPERATION_NOT_ATTEMPTED(55, "Not tried, as another part of the request failed."),
    KAFKA_STORAGE_ERROR(56, true, "The log directory of the partition is offline after a disk error."),
    LOG_DIR_NOT_FOUND(57, "The broker has no such log directory."),
    SASL_AUTHENTICATION_FAILED(58, "Authentication failed."),
    UNKNOWN_PRODUCER_ID(59, "The partition knows nothing of the producer id (any more)."),
    REASSIGNMENT_IN_PROGRESS(60, "The partition is being reassigned."),
    DELEGATION_TOKEN_AUTH_DISABLED(61, "Delegation tokens are off."),
    DELEGATION_TOKEN_NOT_FOUND(62, "There is no such delegation token."),
    DELEGATION_TOKEN_OWNER_MISMATCH(63, "The principal neither owns the delegation token nor may renew it."),
    DELEGATION_TOKEN_REQUEST_NOT_ALLOWED(64, "Delegation tokens cannot be managed over this kind of connection."),
    DELEGATION_TOKEN_AUTHORIZATION_FAILED(65, "Not authorized for the delegation token."),
    DELEGATION_TOKEN_EXPIRED(66, "The delegation token has expired."),
    INVALID_PRINCIPAL_TYPE(67, "The type of the principal is not supported."),
    NON_EMPTY_GROUP(68, "The group has members."),
    GROUP_ID_NOT_FOUND(69, "There is no such group."),
    FETCH_SESSION_ID_NOT_FOUND(70, true, "There is no such fetch session (any more)."),
    INVALID_FETCH_SESSION_EPOCH(71, true, "The fetch session is at another epoch."),
    LISTENER_NOT_FOUND(72, true, "The leader has no listener of this name."),
    TOPIC_DELETION_DISABLED(73, "Topics may not be deleted (delete.topic.enable)."),
    FENCED_LEADER_EPOCH(74, true, "The leader epoch of the request is older than the broker's."),
    UNKNOWN_LEADER_EPOCH(75, true, "The leader epoch of the request is newer than the broker's."),
    UNSUPPORTED_COMPRESSION_TYPE(76, "The client's version does not support the compression of the records."),
    STALE_BROKER_EPOCH(77, "The broker has registered anew since."),
    OFFSET_NOT_AVAILABLE(78, true, "The new leader cannot vouch for offsets yet."),
    MEMBER_ID_REQUIRED(79, "Join again with the member id of this answer."),
    PREFERRED_LEADER_NOT_AVAILABLE(80, true, "The preferred leader is not available."),
    GROUP_MAX_SIZE_REACHED(81, "The group has as many members as group.max.size allows."),
    FENCED_INSTANCE_ID(82, "Another member has joined with the same group.instance.id."),
    ELIGIBLE_LEADERS_NOT_AVAILABLE(83, true, "No replica that may lead is available."),
    ELECTION_NOT_NEEDED(84, true, "The partition has the wanted leader already."),
    NO_REASSIGNMENT_IN_PROGRESS(85, "The partition is not being reassigned."),
    GROUP_SUBSCRIBED_TO_TOPIC(86, "The group is subscribed to the topic, so that its offsets cannot be deleted."),
    INVALID_RECORD(87, "A record breaks a rule of the topic."),
    UNSTABLE_OFFSET_COMMIT(88, true, "Offsets of an open transaction are pending."),
    THROTTLING_QUOTA_EXCEEDED(89, true, "A quota is used up."),
    PRODUCER_FENCED(90, "A newer producer with the same transactional id has taken over."),
    RESOURCE_NOT_FOUND(91, "There is no such resource."),
    DUPLICATE_RESOURCE(92, "The request names a resource twice."),
    UNACCEPTABLE_CREDENTIAL(93, "The credential is not acceptable."),
    INCONSISTENT_VOTER_SET(94, "Sender or receiver does not belong to the voters."),
    INVALID_UPDATE_VERSION(95, "The version of the update is not valid."),
    FEATURE_UPDATE_FAILED(96, "The finalized features could not be changed."),
    PRINCIPAL_DESERIALIZATION_FAILURE(97, "The forwarded principal could not be read."),
    SNAPSHOT_NOT_FOUND(98, "There is no such snapshot."),
    POSITION_OUT_OF_RANGE(99, "The position is outside of the snapshot."),
    UNKNOWN_TOPIC_ID(100, true, "This broker has no topic of this id."),
    DUPLICATE_BROKER_REGISTRATION(101, "Another broker has registered with this id."),
    BROKER_ID_NOT_REGISTERED(102, "No broker has registered with this id."),
    INCONSISTENT_TOPIC_ID(103, true, "The topic has another id than the request says."),
    INCONSISTENT_CLUSTER_ID(104, "This broker belongs to another cluster than the request says."),
    TRANSACTIONAL_ID_NOT_FOUND(105, "There is no such transactional id."),
    FETCH_SESSION_TOPIC_ID_ERROR(106, true, "The fetch session mixes topic ids and names."),
    INELIGIBLE_REPLICA(107, "The new ISR holds a replica that may not be in it."),
    NEW_LEADER_ELECTED(108, "The ISR was changed, and with it the leader."),
    OFFSET_MOVED_TO_TIERED_STORAGE(109, "The offset lies in tiered storage only."),
    FENCED_MEMBER_EPOCH(110, "The member's epoch was fenced: give up all partitions and join again."),
    UNRELEASED_INSTANCE_ID(111, "Another member still uses the instance id."),
    UNSUPPORTED_ASSIGNOR(112, "The group does not support the assignor."),
    STALE_MEMBER_EPOCH(113, "The member's epoch is old: retry after the next heartbeat."),
    MISMATCHED_ENDPOINT_TYPE(114, "The request is for another kind of endpoint."),
    UNSUPPORTED_ENDPOINT_TYPE(115, "This kind of endpoint is not supported."),
    UNKNOWN_CONTROLLER_ID(116, "There is no such controller."),
    UNKNOWN_SUBSCRIPTION_ID(117, "The telemetry subscription is not known or out of date."),
    TELEMETRY_TOO_LARGE(118, "The telemetry is larger than the broker takes."),
    INVALID_REGISTRATION(119, "The broker's registration is not valid."),
    TRANSACTION_ABORTABLE(120, "The transaction met an error: abort it to go on."),
    INVALID_RECORD_STATE(121, "The record is not in a state for this acknowledgement."),
    SHARE_SESSION_NOT_FOUND(122, true, "There is no such share session."),
    INVALID_SHARE_SESSION_EPOCH(123, true, "The share session is at another epoch."),
    FENCED_STATE_EPOCH(124, "The state has another epoch."),
    INVALID_VOTER_KEY(125, "The voter's key is not the one of the receiver."),
    DUPLICATE_VOTER(126, "It is a voter already."),
    VOTER_NOT_FOUND(127, "It is not a voter."),
    INVALID_REGULAR_EXPRESSION(128, "The regular expression is not valid."),
    REBOOTSTRAP_REQUIRED(129, "The client's metadata is stale: bootstrap anew."),
    STREAMS_INVALID_TOPOLOGY(130, "The topology is not valid."),
    STREAMS_INVALID_TOPOLOGY_EPOCH(131, "The topology's epoch is not valid."),
    STREAMS_TOPOLOGY_FENCED(132, "The topology's epoch is old."),
    SHARE_SESSION_LIMIT_REACHED(133, true, "There are as many share sessions as the broker allows."),
    GROUP_DELETION_FAILED(134, "The group could not be deleted; its message says why."),
    STREAMS_TOPOLOGY_DESCRIPTION_UPDATE_FAILED(135, "The topology's description could not be updated."),
    CONTROLLER_ID_NOT_REGISTERED(136, "No controller has registered with this id.");

    private static final ErrorCode[] BY_CODE = new ErrorCode[values().length];

    static {
        for (ErrorCode error : values()) BY_CODE[error.code + 1] = error;
    }

    private final short code;
    private final boolean retriable;
    private final String defaultMessage;

    ErrorCode(int code, String defaultMessage) {
        this(code, false, defaultMessage);
    }

    ErrorCode(int code, boolean retriable, String defaultMessage) {
        this.code = (short) code;
        this.retriable = retriable;
        this.defaultMessage = defaultMessage;
    }

    /// [#UNKNOWN_SERVER_ERROR] for a code that is not known here.
    public static ErrorCode forCode(int code) {
        return code >= -1 && code < BY_CODE.length - 1 ? BY_CODE[code + 1] : UNKNOWN_SERVER_ERROR;
    }

    public short code() {
        return code;
    }

    /// Whether clients may try the same again.
    public boolean isRetriable() {
        return retriable;
    }

    public String defaultMessage() {
        return defaultMessage;
    }

    /// `message`, or the default one in its place.
    public String messageOr(@Nullable String message) {
        return message != null ? message : defaultMessage;
    }
}
