package dev.tidemark.protocol.record;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/// What the key of a control record says it is; the key is a version and this number, each of two bytes.
public enum ControlRecordType {
    ABORT(0),
    COMMIT(1),
    LEADER_CHANGE(2),
    SNAPSHOT_HEADER(3),
    SNAPSHOT_FOOTER(4),
    KRAFT_VERSION(5),
    KRAFT_VOTERS(6);

    public static final int KEY_BYTES = 4;
    private static final ControlRecordType[] BY_ID = values();

    private final short id;

    ControlRecordType(int id) {
        this.id = (short) id;
    }

    public short id() {
        return id;
    }

    /// Null if the key is not of a kind that is known here.
    public static @Nullable ControlRecordType ofKey(ByteBuffer key) {
        if (key.remaining() < KEY_BYTES || key.getShort(key.position()) < 0) return null;
        int id = key.getShort(key.position() + 2);
        return id >= 0 && id < BY_ID.length ? BY_ID[id] : null;
    }

    /// The key of version 0.
    public byte[] key() {
        return ByteBuffer.allocate(KEY_BYTES).putShort((short) 0).putShort(id).array();
    }
}
