package dev.tidemark.base.disk;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.tidemark.base.disk.Disk.Access;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class FileDiskTest extends DiskContract {
    private final FileDisk disk = new FileDisk();

    @TempDir
    @SuppressWarnings("NullAway")
    Path folder;

    @Override
    Disk disk() {
        return disk;
    }

    @Override
    Path folder() {
        return folder;
    }

    @Test
    void forcesAWholeFileSystemWhereLinuxCan() throws IOException {
        boolean isLinux = System.getProperty("os.name", "").equals("Linux");
        try (DiskFile file = file("a", "0123")) {
            assertThat(disk.forceAll(folder)).isEqualTo(isLinux);
            assertThat(disk.forceAll(folder)).isEqualTo(isLinux);
            assertThat(read(file, 0, 10)).isEqualTo("0123".getBytes(UTF_8));
        }
    }

    @Test
    void knowsHowManyFilesMayBeOpen() {
        assertThat(disk.openFilesMax()).isGreaterThanOrEqualTo(256);
    }

    @Test
    void aFileSystemThatIsNotThereCannotBeForced() {
        assumeTrue(System.getProperty("os.name", "").equals("Linux"));
        assertThatThrownBy(() -> disk.forceAll(folder.resolve("missing"))).isInstanceOf(IOException.class);
    }

    @Test
    void anInterruptedThreadReadsAndWritesAndStaysInterrupted() throws IOException {
        try (DiskFile file = file("a", "0123")) {
            Thread.currentThread().interrupt();
            file.write(utf8("45"), 4);
            file.write(new ByteBuffer[] {utf8("6"), utf8("7")}, 6);
            byte[] content = read(file, 0, 10);
            file.force();
            disk.forceDirectory(folder);

            assertThat(Thread.interrupted()).isTrue();
            assertThat(content).isEqualTo("01234567".getBytes(UTF_8));
        }
    }

    @Test
    void aChannelThatWasClosedUnderUsIsOpenedAgainWhereverTheFileIsNow() throws IOException {
        disk.createDirectories(folder.resolve("t-0"));
        try (DiskFile file = file("t-0/a.swap", "0123")) {
            disk.rename(folder.resolve("t-0/a.swap"), folder.resolve("t-0/a.log"));
            disk.rename(folder.resolve("t-0"), folder.resolve("t-0-delete"));
            file.channel().orElseThrow().close();
            file.write(utf8("45"), 4);
            file.channel().orElseThrow().close();
            file.force();
            file.channel().orElseThrow().close();

            assertThat(read(file, 0, 10)).isEqualTo("012345".getBytes(UTF_8));
        }
    }

    /// Interrupts hit a writer in the midst of its calls; nothing is lost, and the reader beside it never notices.
    @Test
    void interruptsInMidCallHurtNobody() throws Exception {
        byte[] content = randomBytes(16 << 20);
        AtomicReference<Throwable> failure = new AtomicReference<>();
        try (DiskFile file = disk.open(folder.resolve("a"), Access.READ_WRITE)) {
            Thread writer = Thread.ofPlatform().start(() -> {
                try {
                    for (int at = 0; at < content.length; at += 4096) {
                        file.write(ByteBuffer.wrap(content, at, 4096), at);
                    }
                } catch (IOException | RuntimeException e) {
                    failure.set(e);
                }
            });
            while (writer.isAlive()) {
                writer.interrupt();
                read(file, 0, 4096);
            }
            writer.join();

            assertThat(failure.get()).isNull();
            assertThat(disk.readAll(folder.resolve("a"))).isEqualTo(content);
        }
    }
}
