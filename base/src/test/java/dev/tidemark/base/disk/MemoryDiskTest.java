package dev.tidemark.base.disk;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidemark.base.disk.Disk.Access;
import dev.tidemark.base.time.Clock;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class MemoryDiskTest extends DiskContract {
    private static final int CRASHES = 200;
    private final Path folder = Path.of("/data");
    private MemoryDisk disk = new MemoryDisk(Clock.SYSTEM);

    @BeforeEach
    void createFolder() throws IOException {
        disk.createDirectories(folder);
        disk.forceDirectory(folder.getRoot());
    }

    @Override
    Disk disk() {
        return disk;
    }

    @Override
    Path folder() {
        return folder;
    }

    @Test
    void aCrashKeepsWhatWasForced() throws IOException {
        byte[] forced = randomBytes(100_000);
        for (int seed = 0; seed < CRASHES; seed++) {
            MemoryDisk before = freshDisk();
            try (DiskFile file = before.open(folder.resolve("a"), Access.READ_WRITE)) {
                file.write(ByteBuffer.wrap(forced), 0);
                file.force();
                before.forceDirectory(folder);
                file.write(ByteBuffer.wrap(randomBytes(50_000)), 100_000);
            }
            byte[] left = before.crash(new Random(seed)).readAll(folder.resolve("a"));

            assertThat(left.length).isBetween(100_000, 150_000);
            assertThat(Arrays.copyOf(left, 100_000)).isEqualTo(forced);
        }
    }

    @Test
    void aForceOfAllKeepsBytesAndNamesOfAll() throws IOException {
        byte[] content = randomBytes(10_000);
        for (int seed = 0; seed < CRASHES; seed++) {
            MemoryDisk before = freshDisk();
            for (String name : new String[] {"a.tmp", "b"}) {
                try (DiskFile file = before.open(folder.resolve(name), Access.READ_WRITE)) {
                    file.write(ByteBuffer.wrap(content), 0);
                }
            }
            before.rename(folder.resolve("a.tmp"), folder.resolve("a"));
            assertThat(before.forceAll(folder)).isTrue();
            MemoryDisk after = before.crash(new Random(seed));

            assertThat(after.list(folder)).containsExactly("a", "b");
            assertThat(after.readAll(folder.resolve("a"))).isEqualTo(content);
            assertThat(after.readAll(folder.resolve("b"))).isEqualTo(content);
        }
    }

    @Test
    void aForceOfAllThatFailedIsNotMadeUpForByAnother() throws IOException {
        byte[] content = randomBytes(10_000);
        int damaged = 0;
        for (int seed = 0; seed < CRASHES; seed++) {
            MemoryDisk before = freshDisk();
            try (DiskFile file = before.open(folder.resolve("a"), Access.READ_WRITE)) {
                before.forceDirectory(folder);
                file.write(ByteBuffer.wrap(content), 0);
                before.hook((operation, path, bytes) -> {
                    if (operation == DiskOperation.FORCE_ALL) throw new IOException("no");
                });
                assertThatThrownBy(() -> before.forceAll(folder)).hasMessage("no");
                before.hook((operation, path, bytes) -> {});
                before.forceAll(folder);
            }
            if (!Arrays.equals(before.crash(new Random(seed)).readAll(folder.resolve("a")), content)) damaged++;
        }
        assertThat(damaged).isPositive();
    }

    @Test
    void aCrashTearsWhatWasNotForced() throws IOException {
        Set<Integer> sizes = new HashSet<>();
        boolean holes = false;
        for (int seed = 0; seed < CRASHES; seed++) {
            MemoryDisk before = freshDisk();
            try (DiskFile file = before.open(folder.resolve("a"), Access.READ_WRITE)) {
                before.forceDirectory(folder);
                byte[] ones = new byte[40_000];
                Arrays.fill(ones, (byte) 1);
                file.write(ByteBuffer.wrap(ones), 0);
            }
            byte[] left = before.crash(new Random(seed)).readAll(folder.resolve("a"));
            sizes.add(left.length);
            for (byte b : left) holes |= b == 0;
        }
        assertThat(sizes).contains(0, 40_000).hasSizeGreaterThan(20);
        assertThat(holes).isTrue();
    }

    @Test
    void aCrashMayLoseNamesThatWereNotForced() throws IOException {
        Set<List<String>> outcomes = new HashSet<>();
        for (int seed = 0; seed < CRASHES; seed++) {
            MemoryDisk before = freshDisk();
            create(before, "kept");
            before.forceDirectory(folder);
            create(before, "a");
            before.rename(folder.resolve("a"), folder.resolve("b"));
            before.delete(folder.resolve("kept"));
            outcomes.add(before.crash(new Random(seed)).list(folder));
        }
        assertThat(outcomes)
                .containsExactlyInAnyOrder(List.of("kept"), List.of("a", "kept"), List.of("b", "kept"), List.of("b"));
    }

    @Test
    void aRenameBetweenFoldersIsWholeOrNotAtAll() throws IOException {
        Set<Boolean> moved = new HashSet<>();
        for (int seed = 0; seed < CRASHES; seed++) {
            MemoryDisk before = freshDisk();
            before.createDirectories(folder.resolve("from"));
            before.createDirectories(folder.resolve("to"));
            before.forceDirectory(folder);
            create(before, "from/x");
            if (seed % 2 == 0) before.forceDirectory(folder.resolve("from"));
            before.rename(folder.resolve("from/x"), folder.resolve("to/x"));
            if (seed % 5 == 0) before.forceDirectory(folder.resolve("to"));
            MemoryDisk after = before.crash(new Random(seed));
            boolean there = after.exists(folder.resolve("to/x"));
            moved.add(there);
            if (seed % 5 == 0) assertThat(there).isTrue();
            if (seed % 2 == 0)
                assertThat(after.exists(folder.resolve("from/x"))).isNotEqualTo(there);
            assertThat(there && after.exists(folder.resolve("from/x"))).isFalse();
        }
        assertThat(moved).containsExactlyInAnyOrder(true, false);
    }

    @Test
    void anAtomicReplacementSurvivesEveryCrashWhole() throws IOException {
        for (int seed = 0; seed < CRASHES; seed++) {
            MemoryDisk before = freshDisk();
            Path checkpoint = folder.resolve("checkpoint");
            before.replaceAtomically(checkpoint, utf8("old"));
            int[] left = {new Random(seed).nextInt(8)};
            before.hook((operation, path, bytes) -> {
                if (left[0]-- == 0) throw new IOException("power is going");
            });
            boolean done = false;
            try {
                before.replaceAtomically(checkpoint, utf8("something new"));
                done = true;
            } catch (IOException cut) {
                assertThat(cut).hasMessageContaining("power");
            }
            String found = new String(before.crash(new Random(seed)).readAll(checkpoint), UTF_8);
            assertThat(found).isIn(done ? List.of("something new") : List.of("old", "something new"));
        }
    }

    @Test
    void aKilledProcessLeavesAllThatItWrote() throws IOException {
        try (DiskFile file = file("a", "written")) {
            MemoryDisk after = disk.kill();

            assertThat(after.readAll(folder.resolve("a"))).isEqualTo("written".getBytes(UTF_8));
            assertThatThrownBy(() -> file.write(utf8("late"), 0)).isInstanceOf(IOException.class);
            assertThatThrownBy(() -> disk.list(folder)).isInstanceOf(IOException.class);
        }
    }

    @Test
    void aKillMakesNothingLast() throws IOException {
        boolean lost = false;
        for (int seed = 0; seed < CRASHES; seed++) {
            MemoryDisk before = freshDisk();
            create(before, "a");
            MemoryDisk after = before.kill().crash(new Random(seed));
            lost |= !after.exists(folder.resolve("a"));
        }
        assertThat(lost).isTrue();
    }

    @Test
    void aFullDiskTakesWhatFits() throws IOException {
        disk.capacityBytes(10);
        try (DiskFile file = file("a", "01234567")) {
            assertThatThrownBy(() -> file.write(utf8("89abc"), 8)).hasMessage("No space left on device");
            assertThat(file.sizeBytes()).isEqualTo(10);
            file.write(utf8("rewritten"), 0);
            assertThat(disk.space(folder).usableBytes()).isZero();
            disk.delete(folder.resolve("a"));
            assertThat(disk.space(folder).usableBytes()).isZero();
        }
        assertThat(disk.space(folder).usableBytes()).isEqualTo(10);
    }

    @Test
    void aFailedForceIsNotMendedByTheNext() throws IOException {
        boolean lost = false;
        for (int seed = 0; seed < CRASHES; seed++) {
            MemoryDisk before = freshDisk();
            try (DiskFile file = before.open(folder.resolve("a"), Access.READ_WRITE)) {
                before.forceDirectory(folder);
                file.write(utf8("data"), 0);
                before.hook((operation, path, bytes) -> {
                    if (operation == DiskOperation.FORCE) throw new IOException("Input/output error");
                });
                assertThatThrownBy(file::force).hasMessage("Input/output error");
                before.hook((operation, path, bytes) -> {});
                file.force();
            }
            byte[] left = before.crash(new Random(seed)).readAll(folder.resolve("a"));
            lost |= !Arrays.equals(left, "data".getBytes(UTF_8));
        }
        assertThat(lost).isTrue();
    }

    @Test
    void aHookHearsOfEveryOperation() throws IOException {
        StringBuilder heard = new StringBuilder();
        disk.hook((operation, path, bytes) ->
                heard.append(operation).append(' ').append(bytes).append('\n'));
        try (DiskFile file = file("a", "123")) {
            read(file, 0, 2);
            file.truncate(1);
            file.force();
        }
        assertThat(heard).hasToString("OPEN 0\nWRITE 3\nREAD 2\nTRUNCATE 1\nFORCE 0\n");
    }

    @Test
    void theSameSeedLeavesTheSameBytes() throws IOException {
        assertThat(crashed(5)).isEqualTo(crashed(5));
        assertThat(crashed(5)).isNotEqualTo(crashed(6));
    }

    private byte[] crashed(int seed) throws IOException {
        MemoryDisk before = freshDisk();
        try (DiskFile file = before.open(folder.resolve("a"), Access.READ_WRITE)) {
            before.forceDirectory(folder);
            file.write(ByteBuffer.wrap(randomBytes(400_000)), 0);
        }
        return before.crash(new Random(seed)).readAll(folder.resolve("a"));
    }

    private MemoryDisk freshDisk() throws IOException {
        disk = new MemoryDisk(Clock.SYSTEM);
        createFolder();
        return disk;
    }

    private void create(Disk where, String name) throws IOException {
        where.open(folder.resolve(name), Access.READ_WRITE).close();
    }
}
