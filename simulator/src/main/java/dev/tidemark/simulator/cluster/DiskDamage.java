package dev.tidemark.simulator.cluster;

import dev.tidemark.base.disk.Disk;
import dev.tidemark.base.disk.DiskFile;
import dev.tidemark.storage.checkpoint.OffsetCheckpointFile;
import dev.tidemark.storage.segment.FileNames;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.random.RandomGenerator;

/// What may be found on the disk of a broker that was killed: files that the log tells anew are gone or empty, and
/// where it is asked for, the tails of logs are gone or garbage. All of it is on the disk for good.
record DiskDamage(Disk disk, RandomGenerator random) {
    private static final int TAIL_BYTES_MAX = 3_000;

    /// @param tearsTails also the logs themselves are damaged. Then no recovery point says that they need no look.
    void damage(Path data, boolean tearsTails) throws IOException {
        for (String name : disk.list(data)) {
            if (disk.isDirectory(data.resolve(name))) damageFolder(data.resolve(name), tearsTails);
            else if (name.equals(OffsetCheckpointFile.RECOVERY_POINT) && (tearsTails || random.nextBoolean()))
                lose(data.resolve(name));
        }
        disk.forceDirectory(data);
    }

    private void damageFolder(Path folder, boolean tearsTails) throws IOException {
        List<String> names = disk.list(folder);
        for (String name : names) {
            if (canBeMadeAnew(name) && random.nextBoolean()) lose(folder.resolve(name));
        }
        List<String> logs =
                names.stream().filter(name -> name.endsWith(FileNames.LOG)).toList();
        if (tearsTails && !logs.isEmpty() && random.nextBoolean()) tear(folder.resolve(logs.getLast()));
        disk.forceDirectory(folder);
    }

    /// Not so a transaction index: where there is none nothing was aborted.
    private static boolean canBeMadeAnew(String name) {
        return name.endsWith(FileNames.INDEX)
                || name.endsWith(FileNames.TIME_INDEX)
                || name.endsWith(FileNames.SNAPSHOT)
                || name.equals(FileNames.LEADER_EPOCH_CHECKPOINT);
    }

    private void lose(Path file) throws IOException {
        if (random.nextBoolean()) {
            disk.delete(file);
            return;
        }
        try (DiskFile opened = disk.open(file, Disk.Access.READ_WRITE)) {
            opened.truncate(0);
            opened.force();
        }
    }

    private void tear(Path log) throws IOException {
        try (DiskFile opened = disk.open(log, Disk.Access.READ_WRITE)) {
            long size = opened.sizeBytes();
            if (size == 0) return;
            int lost = 1 + random.nextInt((int) Math.min(size, TAIL_BYTES_MAX));
            if (random.nextBoolean()) {
                opened.truncate(size - lost);
            } else {
                byte[] garbage = new byte[lost];
                random.nextBytes(garbage);
                opened.write(ByteBuffer.wrap(garbage), size - lost);
            }
            opened.force();
        }
    }
}
