package dev.tidemark.base.disk;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout.PathElement;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Linux's `syncfs`, which has no counterpart in Java. One descriptor for each folder stays open as long as the
/// process lives: errors that the kernel met since the call before are told to the descriptor that was open meanwhile.
/// Any thread.
final class FileSystemForce {
    /// `O_RDONLY | O_CLOEXEC`, the same number on every Linux.
    private static final int OPEN_FLAGS = 0x80000;

    /// Before this release `syncfs` does not tell of bytes that could not be written.
    private static final int[] RELEASE_MIN = {5, 8};

    private static final Pattern RELEASE = Pattern.compile("^(\\d+)\\.(\\d+)");

    static final FileSystemForce INSTANCE = new FileSystemForce();

    /// The two functions, as this machine has them.
    private record Calls(MethodHandle open, MethodHandle syncfs, StructLayout state, VarHandle errno) {}

    private final Optional<Calls> calls = isLinuxThatTells() ? link() : Optional.empty();
    private final Map<Path, Integer> descriptors = new ConcurrentHashMap<>();

    private static boolean isLinuxThatTells() {
        Matcher release = RELEASE.matcher(System.getProperty("os.version", ""));
        if (!System.getProperty("os.name", "").equals("Linux") || !release.find()) return false;
        int major = Integer.parseInt(release.group(1));
        int minor = Integer.parseInt(release.group(2));
        return major > RELEASE_MIN[0] || (major == RELEASE_MIN[0] && minor >= RELEASE_MIN[1]);
    }

    @SuppressWarnings("restricted") // Both functions are called as the C library declares them.
    private static Optional<Calls> link() {
        Linker linker = Linker.nativeLinker();
        SymbolLookup symbols = linker.defaultLookup();
        Optional<MemorySegment> open = symbols.find("open");
        Optional<MemorySegment> syncfs = symbols.find("syncfs");
        if (open.isEmpty() || syncfs.isEmpty()) return Optional.empty();
        Linker.Option errno = Linker.Option.captureCallState("errno");
        StructLayout state = Linker.Option.captureStateLayout();
        MethodHandle openHandle = linker.downcallHandle(
                open.get(),
                FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.JAVA_INT),
                errno,
                Linker.Option.firstVariadicArg(2));
        MethodHandle syncHandle = linker.downcallHandle(
                syncfs.get(), FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT), errno);
        return Optional.of(
                new Calls(openHandle, syncHandle, state, state.varHandle(PathElement.groupElement("errno"))));
    }

    /// See [Disk#forceAll].
    boolean force(Path directory) throws IOException {
        if (calls.isEmpty()) return false;
        Path absolute = directory.toAbsolutePath();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = arena.allocate(calls.get().state);
            Integer known = descriptors.get(absolute);
            int descriptor = known != null ? known : open(absolute, calls.get(), arena, state);
            check(call(() -> (int) calls.get().syncfs.invokeExact(state, descriptor)), calls.get(), state, absolute);
        }
        return true;
    }

    private int open(Path directory, Calls linked, Arena arena, MemorySegment state) throws IOException {
        MemorySegment name = arena.allocateFrom(directory.toString());
        int opened = call(() -> (int) linked.open.invokeExact(state, name, OPEN_FLAGS));
        check(opened, linked, state, directory);
        Integer before = descriptors.putIfAbsent(directory, opened);
        return before != null ? before : opened;
    }

    private static void check(int result, Calls linked, MemorySegment state, Path directory) throws IOException {
        if (result >= 0) return;
        int error = (int) linked.errno.get(state, 0L);
        throw new IOException("cannot force the file system of " + directory + ": error " + error);
    }

    private interface NativeCall {
        int run() throws Throwable;
    }

    /// The handles declare that they throw anything, but call functions of C, which throw nothing.
    private static int call(NativeCall call) {
        try {
            return call.run();
        } catch (RuntimeException | Error bug) {
            throw bug;
        } catch (Throwable impossible) {
            throw new IllegalStateException(impossible);
        }
    }
}
