package dev.tidemark.base.disk;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidemark.base.disk.Disk.Access;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

/// What every disk does.
abstract class DiskContract {
    abstract Disk disk();

    /// An empty folder.
    abstract Path folder();

    @Test
    void whatWasWrittenIsReadBack() throws IOException {
        byte[] content = randomBytes(1_000_000);
        Path path = folder().resolve("a.log");
        try (DiskFile file = disk().open(path, Access.READ_WRITE)) {
            file.write(ByteBuffer.wrap(content, 0, 600_000), 0);
            ByteBuffer direct = ByteBuffer.allocateDirect(400_000)
                    .put(content, 600_000, 400_000)
                    .flip();
            file.write(direct, 600_000);

            assertThat(direct.hasRemaining()).isFalse();
            assertThat(file.sizeBytes()).isEqualTo(1_000_000);
            assertThat(read(file, 123_456, 500_000)).isEqualTo(Arrays.copyOfRange(content, 123_456, 623_456));
        }
        assertThat(disk().readAll(path)).isEqualTo(content);
        assertThat(disk().sizeBytes(path)).isEqualTo(1_000_000);
    }

    @Test
    void readingStopsAtTheEndOfTheFile() throws IOException {
        try (DiskFile file = file("x", "0123456789")) {
            ByteBuffer target = ByteBuffer.allocate(8);

            assertThat(file.read(target, 6)).isEqualTo(4);
            assertThat(target.position()).isEqualTo(4);
            assertThat(file.read(target, 10)).isZero();
            assertThat(file.read(target, 99)).isZero();
        }
    }

    @Test
    void manyBuffersAreWrittenOneBehindTheOther() throws IOException {
        try (DiskFile file = file("x", "0123456789")) {
            ByteBuffer[] sources = {utf8("ab"), utf8(""), utf8("cde"), ByteBuffer.allocateDirect(3)};
            file.write(sources, 8);

            assertThat(sources).noneMatch(ByteBuffer::hasRemaining);
            assertThat(new String(read(file, 0, 99), UTF_8)).isEqualTo("01234567abcde\0\0\0");
        }
    }

    @Test
    void aHoleIsZeros() throws IOException {
        try (DiskFile file = file("x", "ab")) {
            file.write(utf8("z"), 10_000);

            byte[] content = read(file, 0, 20_000);
            assertThat(content).hasSize(10_001).startsWith('a', 'b', 0).endsWith(0, 'z');
        }
    }

    @Test
    void whatWasCutOffComesBackAsZeros() throws IOException {
        try (DiskFile file = file("x", "0123456789")) {
            file.truncate(4);
            assertThat(file.sizeBytes()).isEqualTo(4);
            file.truncate(20);
            assertThat(file.sizeBytes()).isEqualTo(4);
            file.write(utf8("z"), 8);
            file.force();

            assertThat(new String(read(file, 0, 99), UTF_8)).isEqualTo("0123\0\0\0\0z");
        }
    }

    @Test
    void twoHandlesSeeTheSameFile() throws IOException {
        try (DiskFile writer = file("x", "");
                DiskFile reader = disk().open(folder().resolve("x"), Access.READ)) {
            writer.write(utf8("news"), 0);

            assertThat(new String(read(reader, 0, 10), UTF_8)).isEqualTo("news");
            assertThatThrownBy(() -> reader.write(utf8("x"), 0))
                    .isInstanceOfAny(IOException.class, RuntimeException.class);
        }
    }

    @Test
    void aMissingFileIsNotOpenedForReading() {
        assertThatThrownBy(() -> disk().open(folder().resolve("none"), Access.READ))
                .isInstanceOf(NoSuchFileException.class);
        assertThatThrownBy(() -> disk().open(folder().resolve("none/none"), Access.READ_WRITE))
                .isInstanceOf(NoSuchFileException.class);
        assertThatThrownBy(() -> disk().readAll(folder().resolve("none"))).isInstanceOf(NoSuchFileException.class);
        assertThatThrownBy(() -> disk().sizeBytes(folder().resolve("none"))).isInstanceOf(NoSuchFileException.class);
        assertThatThrownBy(() -> disk().list(folder().resolve("none"))).isInstanceOf(NoSuchFileException.class);
    }

    @Test
    void aFolderIsNotAFile() throws IOException {
        disk().createDirectories(folder().resolve("t-0"));

        assertThatThrownBy(() -> disk().open(folder().resolve("t-0"), Access.READ_WRITE))
                .isInstanceOf(IOException.class);
        assertThatThrownBy(() -> disk().readAll(folder().resolve("t-0"))).isInstanceOf(IOException.class);
    }

    @Test
    void namesAreListedInOrder() throws IOException {
        for (String name : new String[] {"b", "a", "c"}) file(name, name).close();
        disk().createDirectories(folder().resolve("d/e"));
        disk().createDirectories(folder().resolve("d/e"));

        assertThat(disk().list(folder())).containsExactly("a", "b", "c", "d");
        assertThat(disk().isDirectory(folder().resolve("d"))).isTrue();
        assertThat(disk().isDirectory(folder().resolve("a"))).isFalse();
        assertThat(disk().exists(folder().resolve("a"))).isTrue();
        assertThat(disk().exists(folder().resolve("z"))).isFalse();
    }

    @Test
    void aRenameReplaces() throws IOException {
        file("old", "old").close();
        file("new", "new").close();

        disk().rename(folder().resolve("new"), folder().resolve("old"));

        assertThat(disk().list(folder())).containsExactly("old");
        assertThat(disk().readAll(folder().resolve("old"))).isEqualTo("new".getBytes(UTF_8));
        assertThatThrownBy(() -> disk().rename(folder().resolve("new"), folder().resolve("old")))
                .isInstanceOf(NoSuchFileException.class);
    }

    @Test
    void anOpenFileFollowsItsRenames() throws IOException {
        disk().createDirectories(folder().resolve("t-0"));
        try (DiskFile file = file("t-0/a", "a")) {
            disk().rename(folder().resolve("t-0/a"), folder().resolve("t-0/b"));
            disk().rename(folder().resolve("t-0"), folder().resolve("t-0.deleted"));
            file.write(utf8("b"), 1);
            file.force();
            disk().forceDirectory(folder());

            assertThat(disk().readAll(folder().resolve("t-0.deleted/b"))).isEqualTo("ab".getBytes(UTF_8));
        }
    }

    @Test
    void aDeletedFileIsReadableForThoseWhoHaveItOpen() throws IOException {
        try (DiskFile file = file("a", "still here")) {
            assertThat(disk().delete(folder().resolve("a"))).isTrue();
            assertThat(disk().delete(folder().resolve("a"))).isFalse();

            assertThat(new String(read(file, 0, 99), UTF_8)).isEqualTo("still here");
            assertThat(disk().list(folder())).isEmpty();
        }
    }

    @Test
    void foldersAreDeletedWhenEmptyOrRecursively() throws IOException {
        disk().createDirectories(folder().resolve("t-0/deep"));
        file("t-0/a", "a").close();

        assertThatThrownBy(() -> disk().delete(folder().resolve("t-0"))).isInstanceOf(DirectoryNotEmptyException.class);
        disk().deleteRecursively(folder().resolve("t-0"));
        disk().deleteRecursively(folder().resolve("t-0"));

        assertThat(disk().list(folder())).isEmpty();
    }

    @Test
    void theTimeOfAFileCanBeSet() throws IOException {
        file("a", "a").close();
        disk().setLastModifiedMs(folder().resolve("a"), 1_234_567_000L);

        assertThat(disk().lastModifiedMs(folder().resolve("a"))).isEqualTo(1_234_567_000L);
    }

    @Test
    void aFileIsReplacedWhole() throws IOException {
        file("checkpoint", "a longer old content").close();
        disk().replaceAtomically(folder().resolve("checkpoint"), utf8("new"));

        assertThat(disk().readAll(folder().resolve("checkpoint"))).isEqualTo("new".getBytes(UTF_8));
        assertThat(disk().list(folder())).containsExactly("checkpoint");
    }

    @Test
    void aClosedFileIsOfNoUse() throws IOException {
        DiskFile file = file("a", "a");
        file.close();
        file.close();

        assertThatThrownBy(() -> file.read(ByteBuffer.allocate(1), 0)).isInstanceOf(IOException.class);
        assertThatThrownBy(() -> file.write(utf8("x"), 0)).isInstanceOf(IOException.class);
        assertThatThrownBy(file::force).isInstanceOf(IOException.class);
    }

    @Test
    void theSpaceIsKnown() throws IOException {
        Disk.Space space = disk().space(folder());

        assertThat(space.usableBytes()).isPositive().isLessThanOrEqualTo(space.totalBytes());
    }

    final DiskFile file(String name, String content) throws IOException {
        DiskFile file = disk().open(folder().resolve(name), Access.READ_WRITE);
        file.write(utf8(content), 0);
        return file;
    }

    static byte[] read(DiskFile file, long position, int bytesMax) throws IOException {
        ByteBuffer target = ByteBuffer.allocate(bytesMax);
        int read = file.read(target, position);
        return Arrays.copyOf(target.array(), read);
    }

    static ByteBuffer utf8(String text) {
        return ByteBuffer.wrap(text.getBytes(UTF_8));
    }

    static byte[] randomBytes(int size) {
        byte[] bytes = new byte[size];
        new Random(7).nextBytes(bytes);
        return bytes;
    }
}
