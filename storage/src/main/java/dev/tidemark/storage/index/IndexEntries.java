package dev.tidemark.storage.index;

import dev.tidemark.base.Check;
import dev.tidemark.storage.segment.SegmentFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;

/// The entries of an index: the older ones in a file, the newer ones in memory until a write-back has put them into the
/// file too. Appends, truncation and trimming are the writer's; lookups may come from any thread and see a published
/// view; [#writeBack] may come from any thread, beside the writer.
///
/// Entries are kept as the file has them: `entryBytes` each, big-endian.
final class IndexEntries {
    private static final int FIRST_CAPACITY = 8;
    private static final int KEPT_CAPACITY = 128;
    /// Below so many entries a search reads them all at once.
    private static final int BLOCK_ENTRIES = 256;

    /// What readers see. Entries of `tail` below `tailCount` never change.
    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record View(int inFile, byte[] tail, int tailCount) {
        int count() {
            return inFile + tailCount;
        }
    }

    /// Reads the part of an entry that a search compares.
    interface Key {
        long at(ByteBuffer entries, int entryIndex);
    }

    private static final byte[] NOTHING = {};

    private final SegmentFile file;
    private final int entryBytes;
    private volatile View view;

    /// Entries that the file has, the ones before the view's tail included. Guarded by this monitor but for reading.
    private volatile int written;
    /// Entries that are known to be on the disk, as far as this process forced them.
    private volatile int forced;
    private volatile boolean isCutUnforced;

    IndexEntries(SegmentFile file, int entryBytes, int inFile) {
        this.file = file;
        this.entryBytes = entryBytes;
        this.view = new View(inFile, NOTHING, 0);
        this.written = inFile;
    }

    int count() {
        return view.count();
    }

    /// Writer. A buffer of one entry at its position 0.
    void append(ByteBuffer entry) {
        View now = view;
        if ((now.tailCount + 1) * entryBytes > now.tail.length) now = withRoom(now);
        entry.get(0, now.tail, now.tailCount * entryBytes, entryBytes);
        view = new View(now.inFile, now.tail, now.tailCount + 1);
    }

    /// Forgets what the file has meanwhile; else grows.
    private View withRoom(View now) {
        int forget = written - now.inFile;
        int left = now.tailCount - forget;
        int capacity = Math.max(FIRST_CAPACITY, now.tail.length / entryBytes);
        if (left > capacity / 2) capacity *= 2;
        else if (left <= KEPT_CAPACITY / 2) capacity = Math.min(capacity, KEPT_CAPACITY);
        byte[] tail = new byte[capacity * entryBytes];
        System.arraycopy(now.tail, forget * entryBytes, tail, 0, left * entryBytes);
        return new View(now.inFile + forget, tail, left);
    }

    /// Writer. Keeps the first `count` entries.
    synchronized void truncate(int count) throws IOException {
        View now = view;
        if (count >= now.count()) return;
        if (written > count) {
            file.truncate((long) count * entryBytes);
            written = count;
            forced = Math.min(forced, count);
            isCutUnforced = true;
        }
        if (count <= now.inFile) view = new View(count, NOTHING, 0);
        else view = new View(now.inFile, Arrays.copyOf(now.tail, now.tail.length), count - now.inFile);
    }

    /// Writes what the file lacks, in one write.
    synchronized void writeBack() throws IOException {
        View now = view;
        if (written == now.count()) return;
        int from = written - now.inFile;
        ByteBuffer missing = ByteBuffer.wrap(now.tail, from * entryBytes, (now.tailCount - from) * entryBytes);
        file.write(missing, (long) written * entryBytes);
        written = now.count();
    }

    /// Also creates the file of an empty index, which Kafka expects beside a log.
    synchronized void writeBackAndCreate() throws IOException {
        writeBack();
        if (view.count() == 0 && !file.exists()) file.truncate(0);
    }

    void force() throws IOException {
        int now = written;
        boolean wasCut = isCutUnforced;
        isCutUnforced = false;
        if (now > 0 || wasCut) file.force();
        forced = now;
    }

    /// Else entries that were cut off could come back after a power cut, among newer ones.
    void forceIfCut() throws IOException {
        if (isCutUnforced) force();
    }

    /// What a process that was killed cut off may not be gone from the disk.
    void doubtCuts() throws IOException {
        if (file.exists()) isCutUnforced = true;
    }

    int forced() {
        return forced;
    }

    boolean isForced() {
        return forced == count() && !isCutUnforced;
    }

    /// The entry at `index`, in a buffer of its own.
    ByteBuffer entry(int index) throws IOException {
        View now = view;
        Check.that(index >= 0 && index < now.count(), "no such entry");
        if (index >= now.inFile) {
            return ByteBuffer.wrap(now.tail, (index - now.inFile) * entryBytes, entryBytes)
                    .slice();
        }
        return read(index, 1);
    }

    /// All entries.
    ByteBuffer all() throws IOException {
        View now = view;
        ByteBuffer all = ByteBuffer.allocate(now.count() * entryBytes);
        if (now.inFile > 0) all.put(read(0, now.inFile));
        return all.put(now.tail, 0, now.tailCount * entryBytes).flip();
    }

    /// The entries from `from` on, `countMax` at most; none where there are no more.
    ByteBuffer range(int from, int countMax) throws IOException {
        View now = view;
        int end = Math.min(now.count(), from + countMax);
        if (from >= end) return ByteBuffer.allocate(0);
        ByteBuffer range = ByteBuffer.allocate((end - from) * entryBytes);
        int inFileEnd = Math.min(end, now.inFile);
        if (from < inFileEnd) range.put(read(from, inFileEnd - from));
        int tailFrom = Math.max(from, now.inFile);
        if (tailFrom < end) range.put(now.tail, (tailFrom - now.inFile) * entryBytes, (end - tailFrom) * entryBytes);
        return range.flip();
    }

    /// What a search found: the entry at `index` of all, which is the one at `at` of `entries`. -1 for both if there
    /// is none.
    record Found(int index, ByteBuffer entries, int at) {
        private static final Found NONE = new Found(-1, ByteBuffer.allocate(0), -1);

        boolean isNone() {
            return at < 0;
        }
    }

    /// The index of the last entry whose key is at most `wanted`, -1 if there is none.
    int floor(Key key, long wanted) throws IOException {
        View now = view;
        Found inTail = floorInTail(now, key, wanted);
        return (inTail.isNone() ? floorBetween(0, now.inFile, key, wanted) : inTail).index;
    }

    /// The same entry, by a key that grows about evenly from 0 on: looks first where it should be.
    Found floorOfEven(Key key, long wanted) throws IOException {
        View now = view;
        Found inTail = floorInTail(now, key, wanted);
        if (!inTail.isNone()) return inTail;
        int count = now.inFile;
        if (count <= BLOCK_ENTRIES) return floorBetween(0, count, key, wanted);
        long end = now.tailCount > 0 ? key.at(tailOf(now), 0) : key.at(read(count - 1, 1), 0);
        long likely = end <= 0 ? 0 : count * Math.max(0, wanted) / end;
        int from = (int) Math.clamp(likely - BLOCK_ENTRIES / 2, 0, (long) count - BLOCK_ENTRIES);
        ByteBuffer block = read(from, BLOCK_ENTRIES);
        if (key.at(block, 0) > wanted) return floorBetween(0, from, key, wanted);
        int last = from + BLOCK_ENTRIES - 1;
        if (last < count - 1 && key.at(block, BLOCK_ENTRIES - 1) <= wanted) {
            return floorBetween(last, count, key, wanted);
        }
        return floorIn(block, BLOCK_ENTRIES, from, key, wanted);
    }

    private Found floorInTail(View now, Key key, long wanted) {
        return now.tailCount == 0 ? Found.NONE : floorIn(tailOf(now), now.tailCount, now.inFile, key, wanted);
    }

    private ByteBuffer tailOf(View now) {
        return ByteBuffer.wrap(now.tail, 0, now.tailCount * entryBytes);
    }

    /// Among entries of the file.
    private Found floorBetween(int from, int to, Key key, long wanted) throws IOException {
        int low = from;
        int high = to;
        while (high - low > BLOCK_ENTRIES) {
            int middle = (low + high) >>> 1;
            if (key.at(read(middle, 1), 0) <= wanted) low = middle;
            else high = middle;
        }
        return low == high ? Found.NONE : floorIn(read(low, high - low), high - low, low, key, wanted);
    }

    /// @param first which one of all the first of `entries` is
    private static Found floorIn(ByteBuffer entries, int count, int first, Key key, long wanted) {
        int low = -1;
        int high = count;
        while (high - low > 1) {
            int middle = (low + high) >>> 1;
            if (key.at(entries, middle) <= wanted) low = middle;
            else high = middle;
        }
        return low < 0 ? Found.NONE : new Found(first + low, entries, low);
    }

    /// Entries of the file.
    ByteBuffer read(int from, int count) throws IOException {
        ByteBuffer entries = ByteBuffer.allocate(count * entryBytes);
        file.read(entries, (long) from * entryBytes);
        if (entries.hasRemaining()) throw new CorruptIndexException(file.path() + " ends inside of its entries");
        return entries.flip();
    }

    boolean exists() {
        return file.exists();
    }

    void rename(String suffix) throws IOException {
        file.rename(suffix);
    }

    void delete() throws IOException {
        file.delete();
    }

    void close() {
        file.close();
    }
}
