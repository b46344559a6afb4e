package dev.tidemark.storage.producer;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.zip.CRC32C;

/// The bytes of a `.snapshot` file: version 1 (2 bytes), CRC-32C of what follows (4), number of producers (4), then for
/// each: producer id (8), epoch (2), last sequence (4), last offset (8), offset delta of its batch (4), timestamp (8),
/// coordinator epoch (4), first offset of the open transaction or -1 (8).
final class ProducerSnapshotFormat {
    private static final short VERSION = 1;
    private static final int CRC_AT = 2;
    private static final int COUNT_AT = 6;
    private static final int ENTRIES_AT = 10;
    private static final int ENTRY_BYTES = 46;

    private ProducerSnapshotFormat() {}

    static ByteBuffer write(Collection<ProducerState> states) {
        ByteBuffer content = ByteBuffer.allocate(ENTRIES_AT + states.size() * ENTRY_BYTES);
        content.putShort(VERSION).putInt(0).putInt(states.size());
        for (ProducerState state : states) {
            content.putLong(state.producerId)
                    .putShort(state.epoch())
                    .putInt(state.lastSequence())
                    .putLong(state.lastOffset())
                    .putInt(state.lastOffsetDelta())
                    .putLong(state.lastTimestampMs())
                    .putInt(state.coordinatorEpoch())
                    .putLong(state.txnFirstOffset());
        }
        content.putInt(CRC_AT, crc(content));
        return content.flip();
    }

    static List<ProducerState> read(byte[] bytes) throws CorruptSnapshotException {
        ByteBuffer content = ByteBuffer.wrap(bytes);
        if (bytes.length < ENTRIES_AT) throw new CorruptSnapshotException("a producer snapshot is cut");
        short version = content.getShort(0);
        if (version != VERSION) throw new CorruptSnapshotException("a producer snapshot has version " + version);
        if (content.getInt(CRC_AT) != crc(content))
            throw new CorruptSnapshotException("a producer snapshot is damaged");
        int count = content.getInt(COUNT_AT);
        if (count < 0 || bytes.length < ENTRIES_AT + (long) count * ENTRY_BYTES) {
            throw new CorruptSnapshotException("a producer snapshot does not have the entries that it announces");
        }
        content.position(ENTRIES_AT);
        List<ProducerState> states = new ArrayList<>(count);
        for (int i = 0; i < count; i++) states.add(readEntry(content));
        return states;
    }

    private static ProducerState readEntry(ByteBuffer content) {
        ProducerState state = new ProducerState(content.getLong());
        short epoch = content.getShort();
        int lastSequence = content.getInt();
        long lastOffset = content.getLong();
        int offsetDelta = content.getInt();
        long timestampMs = content.getLong();
        int coordinatorEpoch = content.getInt();
        long txnFirstOffset = content.getLong();
        if (lastOffset >= 0) state.addBatch(lastSequence, lastOffset, offsetDelta, timestampMs);
        state.restore(epoch, coordinatorEpoch, timestampMs, txnFirstOffset);
        return state;
    }

    private static int crc(ByteBuffer content) {
        CRC32C crc = new CRC32C();
        crc.update(content.slice(COUNT_AT, content.capacity() - COUNT_AT));
        return (int) crc.getValue();
    }
}
