package dev.tidemark.storage.cleaner;

import dev.tidemark.base.Check;
import java.nio.ByteBuffer;
import java.security.DigestException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Objects;

/// The offset of each key's latest record. A key is held as the first half of its SHA-256, so that the map needs 24
/// bytes a key whatever the keys are, and nobody can choose keys that fall together. Begins small and grows as keys
/// come, up to its bound. Owner: one thread.
final class OffsetMap {
    private static final int LONGS_PER_SLOT = 3;
    private static final int SLOTS_MIN = 1024;

    private final MessageDigest digest;
    private final byte[] hash;
    private final int slotsMax;
    private final double loadFactor;

    /// Per slot: two halves of the hash, then the offset + 1, which is 0 where the slot is free.
    private long[] slots;
    private int size;
    private long latestOffset = -1;

    /// @param bytesMax   how much memory the map may take
    /// @param loadFactor which part of the slots may be used
    OffsetMap(long bytesMax, double loadFactor) {
        Check.that(loadFactor > 0 && loadFactor < 1, "load factor %s is not between 0 and 1", loadFactor);
        this.digest = sha256();
        this.hash = new byte[digest.getDigestLength()];
        long bytesPerSlot = LONGS_PER_SLOT * Long.BYTES;
        this.slotsMax = Math.clamp(bytesMax / bytesPerSlot, 16, (Integer.MAX_VALUE - 8) / LONGS_PER_SLOT);
        this.loadFactor = loadFactor;
        this.slots = new long[Math.min(SLOTS_MIN, slotsMax) * LONGS_PER_SLOT];
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException("every JDK has SHA-256", impossible);
        }
    }

    int size() {
        return size;
    }

    /// The offset of the last record that was looked at, whether it had a key or not; -1 if none was.
    long latestOffset() {
        return latestOffset;
    }

    void lookedAt(long offset) {
        latestOffset = offset;
    }

    /// Remembers `offset`, greater than all before, as `key`'s latest. The key's position stays.
    ///
    /// @return false if there is no room for one more key; nothing was changed then
    boolean put(ByteBuffer key, long offset) {
        hash(key);
        long high = longAt(0);
        long low = longAt(8);
        int at = find(high, low);
        if (slots[at + 2] == 0) {
            if (size + 1 > capacity(slots.length / LONGS_PER_SLOT)) {
                if (!grow()) return false;
                at = find(high, low);
            }
            size++;
            slots[at] = high;
            slots[at + 1] = low;
        }
        slots[at + 2] = offset + 1;
        latestOffset = offset;
        return true;
    }

    /// -1 for an unknown key.
    long get(ByteBuffer key) {
        hash(key);
        return slots[find(longAt(0), longAt(8)) + 2] - 1;
    }

    private int capacity(int slotCount) {
        return (int) (slotCount * loadFactor);
    }

    private boolean grow() {
        long[] before = slots;
        int count = before.length / LONGS_PER_SLOT;
        int more = (int) Math.min(slotsMax, 2L * count);
        if (more == count) return false;
        slots = new long[more * LONGS_PER_SLOT];
        for (int from = 0; from < before.length; from += LONGS_PER_SLOT) {
            if (before[from + 2] == 0) continue;
            int to = find(before[from], before[from + 1]);
            System.arraycopy(before, from, slots, to, LONGS_PER_SLOT);
        }
        return true;
    }

    /// Where the slot of this key begins, or the free one that it would take.
    private int find(long high, long low) {
        int count = slots.length / LONGS_PER_SLOT;
        int slot = (int) Long.remainderUnsigned(high, count);
        while (true) {
            int at = slot * LONGS_PER_SLOT;
            if (slots[at + 2] == 0 || (slots[at] == high && slots[at + 1] == low)) return at;
            slot = slot + 1 == count ? 0 : slot + 1;
        }
    }

    private void hash(ByteBuffer key) {
        digest.update(key.duplicate());
        try {
            Objects.checkFromIndexSize(0, digest.digest(hash, 0, hash.length), hash.length);
        } catch (DigestException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    private long longAt(int index) {
        return ByteBuffer.wrap(hash).getLong(index);
    }

    /// For the next log.
    void clear() {
        Arrays.fill(slots, 0);
        size = 0;
        latestOffset = -1;
    }
}
