package dev.tidemark.zookeeper;

import dev.tidemark.base.Bytes;
import dev.tidemark.metadata.store.NodeStat;
import dev.tidemark.metadata.store.StoreException;
import dev.tidemark.metadata.store.StoreOp;
import dev.tidemark.metadata.store.StoredNode;
import dev.tidemark.metadata.store.WriteResult;
import dev.tidemark.metadata.store.WriteResult.Reason;
import dev.tidemark.metadata.store.WriteResult.Written;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.KeeperException.Code;
import org.apache.zookeeper.Op;
import org.apache.zookeeper.OpResult;
import org.apache.zookeeper.ZooDefs;
import org.apache.zookeeper.data.Stat;
import org.jspecify.annotations.Nullable;

/// Between ZooKeeper's words and the metadata store's.
final class ZooKeeperReplies {
    private ZooKeeperReplies() {}

    /// @param prefix the chroot, without a slash at its end
    static Op op(StoreOp op, String prefix) {
        String path = prefix + op.path();
        return switch (op) {
            case StoreOp.Create(var _, var data, var mode) ->
                Op.create(path, data.toByteArray(), ZooDefs.Ids.OPEN_ACL_UNSAFE, mode(mode));
            case StoreOp.SetData(var _, var data, var version) -> Op.setData(path, data.toByteArray(), version);
            case StoreOp.Delete(var _, var version) -> Op.delete(path, version);
            case StoreOp.CheckVersion(var _, var version) -> Op.check(path, version);
        };
    }

    private static CreateMode mode(StoreOp.CreateMode mode) {
        return switch (mode) {
            case PERSISTENT -> CreateMode.PERSISTENT;
            case EPHEMERAL -> CreateMode.EPHEMERAL;
            case PERSISTENT_SEQUENTIAL -> CreateMode.PERSISTENT_SEQUENTIAL;
            case EPHEMERAL_SEQUENTIAL -> CreateMode.EPHEMERAL_SEQUENTIAL;
        };
    }

    static StoredNode node(byte @Nullable [] data, Stat stat) {
        return new StoredNode(
                data == null ? Bytes.EMPTY : Bytes.wrap(data),
                new NodeStat(stat.getCzxid(), stat.getMzxid(), stat.getVersion(), stat.getEphemeralOwner()));
    }

    /// One result of a multi of reads; anything but a missing node is an error of the whole.
    static Optional<StoredNode> read(OpResult result) {
        return switch (result) {
            case OpResult.GetDataResult data -> Optional.of(node(data.getData(), data.getStat()));
            case OpResult.ErrorResult error when error.getErr() == Code.NONODE.intValue() -> Optional.empty();
            default -> throw new StoreException(StoreException.Kind.REFUSED, "ZooKeeper refused a read: " + result);
        };
    }

    static WriteResult done(List<StoreOp> ops, List<OpResult> results, String prefix) {
        List<Written> written = new ArrayList<>(ops.size());
        for (int i = 0; i < ops.size(); i++) written.add(written(ops.get(i), results.get(i), prefix));
        return new WriteResult.Done(List.copyOf(written));
    }

    private static Written written(StoreOp op, OpResult result, String prefix) {
        return switch (op) {
            case StoreOp.Create(var path, var _, var _) ->
                result instanceof OpResult.CreateResult created
                        ? new Written(created.getPath().substring(prefix.length()), 0)
                        : new Written(path, 0);
            case StoreOp.SetData(var path, var _, var _) ->
                new Written(path, ((OpResult.SetDataResult) result).getStat().getVersion());
            case StoreOp.Delete(var path, var _) -> new Written(path, -1);
            case StoreOp.CheckVersion(var path, var version) -> new Written(path, version);
        };
    }

    /// Empty where the code says nothing about the operations but about the connection.
    static Optional<WriteResult> refused(List<StoreOp> ops, int code, @Nullable List<OpResult> results) {
        Optional<Reason> reason = reason(Code.get(code));
        if (reason.isEmpty()) return Optional.empty();
        int index = firstError(results);
        return Optional.of(new WriteResult.Refused(index, ops.get(index).path(), reason.get()));
    }

    private static int firstError(@Nullable List<OpResult> results) {
        if (results == null) return 0;
        for (int i = 0; i < results.size(); i++) {
            boolean failed = results.get(i) instanceof OpResult.ErrorResult error
                    && error.getErr() != Code.OK.intValue()
                    && error.getErr() != Code.RUNTIMEINCONSISTENCY.intValue();
            if (failed) return i;
        }
        return 0;
    }

    private static Optional<Reason> reason(@Nullable Code code) {
        if (code == null) return Optional.empty();
        return switch (code) {
            case NONODE -> Optional.of(Reason.NO_NODE);
            case NODEEXISTS -> Optional.of(Reason.NODE_EXISTS);
            case BADVERSION -> Optional.of(Reason.BAD_VERSION);
            case NOTEMPTY -> Optional.of(Reason.NOT_EMPTY);
            case BADARGUMENTS, NOCHILDRENFOREPHEMERALS, INVALIDACL, QUOTAEXCEEDED -> Optional.of(Reason.BAD_ARGUMENTS);
            case NOAUTH, AUTHFAILED, NOTREADONLY, SESSIONCLOSEDREQUIRESASLAUTH -> Optional.of(Reason.NOT_PERMITTED);
            default -> Optional.empty();
        };
    }

    static StoreException silence(int code) {
        Code known = Code.get(code);
        StoreException.Kind kind = known == Code.SESSIONEXPIRED || known == Code.SESSIONMOVED
                ? StoreException.Kind.SESSION_EXPIRED
                : known == Code.CONNECTIONLOSS || known == Code.OPERATIONTIMEOUT
                        ? StoreException.Kind.CONNECTION_LOST
                        : StoreException.Kind.REFUSED;
        return new StoreException(kind, "ZooKeeper did not answer: " + (known == null ? code : known));
    }
}
