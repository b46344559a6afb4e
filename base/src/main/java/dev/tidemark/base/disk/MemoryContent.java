package dev.tidemark.base.disk;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/// A file's bytes as everybody sees them, and as the platter has them. Both are arrays of pages; a page that both hold
/// is copied before it is changed, so a force copies references only. A missing page is zeros.
///
/// Guarded by its own monitor.
@SuppressWarnings("ReferenceEquality") // Which page it is says whether it was changed since, not what is in it.
final class MemoryContent {
    static final int PAGE_BYTES = 4096;
    private static final int SECTOR_BYTES = 512;
    private static final byte[] @Nullable [] NOTHING = new byte[0][];

    private byte[] @Nullable [] pages = NOTHING;
    private long sizeBytes;
    private byte[] @Nullable [] forced = NOTHING;
    private long forcedSizeBytes;
    /// The pages at the time of a force that failed: as far as they are still the same, no later force writes them.
    private byte[] @Nullable [] abandoned = NOTHING;

    synchronized long sizeBytes() {
        return sizeBytes;
    }

    synchronized int read(ByteBuffer target, long position) {
        long end = Math.min(sizeBytes, position + target.remaining());
        long at = position;
        while (at < end) {
            int offset = (int) (at % PAGE_BYTES);
            int length = (int) Math.min(PAGE_BYTES - offset, end - at);
            byte[] page = pages[(int) (at / PAGE_BYTES)];
            if (page == null) target.put(new byte[length]);
            else target.put(page, offset, length);
            at += length;
        }
        return (int) Math.max(0, end - position);
    }

    synchronized void write(ByteBuffer source, long position) {
        long end = position + source.remaining();
        grow(end);
        long at = position;
        while (at < end) {
            int offset = (int) (at % PAGE_BYTES);
            int length = (int) Math.min(PAGE_BYTES - offset, end - at);
            source.get(ownPage((int) (at / PAGE_BYTES)), offset, length);
            at += length;
        }
    }

    synchronized void truncate(long size) {
        if (size >= sizeBytes) return;
        int tail = (int) (size % PAGE_BYTES);
        if (tail != 0) Arrays.fill(ownPage((int) (size / PAGE_BYTES)), tail, PAGE_BYTES, (byte) 0);
        Arrays.fill(pages, pagesFor(size), pages.length, null);
        sizeBytes = size;
    }

    synchronized void force() {
        byte[][] now = Arrays.copyOf(pages, pagesFor(sizeBytes));
        for (int i = 0; i < now.length; i++) {
            if (now[i] != null && now[i] == pageOf(abandoned, i)) now[i] = pageOf(forced, i);
        }
        forced = now;
        forcedSizeBytes = sizeBytes;
    }

    /// The kernel gives the dirty pages up: they are readable as before, but a later force will not write them.
    synchronized void failForce() {
        abandoned = pages.clone();
    }

    /// What a power cut leaves: per page the old or the new bytes, or the new ones up to some sector; a size between.
    synchronized MemoryContent afterCrash(RandomGenerator random) {
        double survival = survival(random);
        MemoryContent after = new MemoryContent();
        int count = Math.max(pagesFor(sizeBytes), forced.length);
        after.pages = new byte[count][];
        long lastNewByte = forcedSizeBytes;
        for (int i = 0; i < count; i++) {
            byte[] before = pageOf(forced, i);
            byte[] now = pageOf(pages, i);
            if (now == null || now == before) {
                after.pages[i] = before;
            } else if (random.nextDouble() < survival) {
                int kept = survival < 1 && random.nextInt(4) == 0 ? SECTOR_BYTES * random.nextInt(8) : PAGE_BYTES;
                after.pages[i] = mixed(now, kept, before);
                lastNewByte = Math.max(lastNewByte, Math.min(sizeBytes, (long) i * PAGE_BYTES + kept));
            } else {
                after.pages[i] = before;
            }
        }
        after.cutTo(sizeAfterCrash(random, survival, lastNewByte));
        return after;
    }

    /// What a process that is killed leaves: all that it wrote, forced or not.
    synchronized MemoryContent afterKill() {
        MemoryContent after = new MemoryContent();
        after.pages = pages.clone();
        after.sizeBytes = sizeBytes;
        after.forced = forced;
        after.forcedSizeBytes = forcedSizeBytes;
        after.abandoned = abandoned;
        return after;
    }

    private static double survival(RandomGenerator random) {
        return switch (random.nextInt(4)) {
            case 0 -> 0.0;
            case 1 -> 1.0;
            default -> random.nextDouble();
        };
    }

    private long sizeAfterCrash(RandomGenerator random, double survival, long lastNewByte) {
        if (sizeBytes < forcedSizeBytes) return random.nextBoolean() ? sizeBytes : forcedSizeBytes;
        if (survival == 1.0) return sizeBytes;
        long growth = lastNewByte - forcedSizeBytes;
        return random.nextBoolean() || growth <= 0 ? lastNewByte : forcedSizeBytes + random.nextLong(growth + 1);
    }

    private void cutTo(long size) {
        sizeBytes = size;
        pages = Arrays.copyOf(pages, pagesFor(size));
        int tail = (int) (size % PAGE_BYTES);
        int last = pages.length - 1;
        if (tail != 0 && pages[last] != null) pages[last] = mixed(pages[last], tail, null);
        forced = pages.clone();
        forcedSizeBytes = size;
    }

    private static byte[] mixed(byte[] head, int headBytes, byte @Nullable [] tail) {
        byte[] mixed = tail == null ? new byte[PAGE_BYTES] : tail.clone();
        System.arraycopy(head, 0, mixed, 0, headBytes);
        return mixed;
    }

    private void grow(long size) {
        if (size <= sizeBytes) return;
        int needed = pagesFor(size);
        if (needed > pages.length) pages = Arrays.copyOf(pages, Math.max(needed, pages.length + pages.length / 2));
        sizeBytes = size;
    }

    private byte[] ownPage(int index) {
        byte[] page = pages[index];
        if (page == null) page = new byte[PAGE_BYTES];
        else if (page == pageOf(forced, index) || page == pageOf(abandoned, index)) page = page.clone();
        pages[index] = page;
        return page;
    }

    private static byte @Nullable [] pageOf(byte[] @Nullable [] pages, int index) {
        return index < pages.length ? pages[index] : null;
    }

    private static int pagesFor(long size) {
        return Math.toIntExact((size + PAGE_BYTES - 1) / PAGE_BYTES);
    }
}
