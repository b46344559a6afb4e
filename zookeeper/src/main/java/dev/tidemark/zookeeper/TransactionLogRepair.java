package dev.tidemark.zookeeper;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.Optional;
import java.util.stream.Stream;
import java.util.zip.Adler32;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Cuts what a killed process left half written at the end of the newest transaction log: ZooKeeper would refuse to
/// start. What is cut was never acknowledged, because acknowledgement comes after the whole record is on disk.
///
/// Damage with sound records behind it is something else: it is reported, never skipped.
///
/// The format: a header of 16 bytes, then records of an Adler-32 in 8 bytes, a length in 4, the bytes, and a `B`; the
/// rest of the file is zeros, allocated ahead.
final class TransactionLogRepair {
    private static final Logger LOG = LoggerFactory.getLogger(TransactionLogRepair.class);
    private static final int HEADER_BYTES = 16;
    private static final int MAGIC = 0x5a4b4c47; // ZKLG
    private static final int RECORD_OVERHEAD = 13;
    private static final byte RECORD_END = 'B';

    private TransactionLogRepair() {}

    /// @param versionDir the folder `version-2`
    /// @return how many bytes of transactions the newest log holds
    static long repair(Path versionDir) throws IOException {
        Optional<Path> newest = newestLog(versionDir);
        if (newest.isEmpty()) return 0;
        Path log = newest.get();
        long size = Files.size(log);
        if (!hasHeader(log, size)) {
            LOG.warn("Removing {}: it was begun but holds nothing", log);
            Files.delete(log);
            return 0;
        }
        Scan scan = scan(log, size);
        if (scan.torn() == 0) return scan.end();
        LOG.warn("Cutting a half-written transaction ({} bytes) from the end of {}", scan.torn(), log);
        try (FileChannel channel = FileChannel.open(log, StandardOpenOption.WRITE)) {
            channel.truncate(scan.end());
            channel.force(true);
        }
        return scan.end();
    }

    static Optional<Path> newestLog(Path versionDir) throws IOException {
        if (!Files.isDirectory(versionDir)) return Optional.empty();
        try (Stream<Path> files = Files.list(versionDir)) {
            return files.filter(file -> zxidOf(file) >= 0).max(Comparator.comparingLong(TransactionLogRepair::zxidOf));
        }
    }

    static long logCount(Path versionDir) throws IOException {
        try (Stream<Path> files = Files.list(versionDir)) {
            return files.filter(file -> zxidOf(file) >= 0).count();
        }
    }

    /// The first transaction of a log, from its name; negative for other files.
    static long zxidOf(Path file) {
        String name = String.valueOf(file.getFileName());
        if (!name.startsWith("log.")) return -1;
        try {
            return Long.parseLong(name.substring(4), 16);
        } catch (NumberFormatException e) {
            return -1;
        }
    }

    /// @param end where the sound records end
    /// @param torn how many bytes follow that are neither a record nor zeros
    private record Scan(long end, long torn) {}

    private static boolean hasHeader(Path log, long size) throws IOException {
        if (size < HEADER_BYTES) return false;
        try (DataInputStream in = new DataInputStream(Files.newInputStream(log))) {
            return in.readInt() == MAGIC;
        }
    }

    private static Scan scan(Path log, long size) throws IOException {
        try (DataInputStream in = new DataInputStream(new BufferedInputStream(Files.newInputStream(log), 1 << 16))) {
            in.skipNBytes(HEADER_BYTES);
            long position = HEADER_BYTES;
            while (position + RECORD_OVERHEAD <= size) {
                long checksum = in.readLong();
                int length = in.readInt();
                if (checksum == 0 && length == 0) return new Scan(position, 0);
                boolean fits = length > 0 && position + RECORD_OVERHEAD + length <= size;
                if (!fits || !isSound(in, checksum, length)) {
                    if (fits) refuseIfSoundRecordFollows(in, log, position, size - position - length);
                    return new Scan(position, size - position);
                }
                position += RECORD_OVERHEAD + length;
            }
            return new Scan(position, 0);
        }
    }

    private static boolean isSound(DataInputStream in, long checksum, int length) throws IOException {
        byte[] bytes = in.readNBytes(length);
        Adler32 adler = new Adler32();
        adler.update(bytes, 0, bytes.length);
        return in.readByte() == RECORD_END && adler.getValue() == checksum;
    }

    private static void refuseIfSoundRecordFollows(DataInputStream in, Path log, long position, long rest)
            throws IOException {
        try {
            long checksum = in.readLong();
            int length = in.readInt();
            if (checksum == 0 || length <= 0 || length > rest || !isSound(in, checksum, length)) return;
        } catch (EOFException e) {
            return;
        }
        throw new IOException("The ZooKeeper transaction log " + log + " is damaged at byte " + position
                + ", and sound transactions follow. Restore the folder from a backup; starting without what is"
                + " damaged would lose metadata that was acknowledged.");
    }
}
