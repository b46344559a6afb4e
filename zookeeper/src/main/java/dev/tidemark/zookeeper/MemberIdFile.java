package dev.tidemark.zookeeper;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalInt;

/// `myid`, ZooKeeper's own file of a member's id in its data folder: keeps one member's data from being taken for
/// another's, or for that of a server of its own.
final class MemberIdFile {
    private MemberIdFile() {}

    private static Path file(Path dataDir) {
        return dataDir.resolve("myid");
    }

    /// @throws IOException if the folder belongs to somebody else
    static void claim(Path dataDir, int memberId) throws IOException {
        OptionalInt owner = read(dataDir);
        if (owner.isPresent() && owner.getAsInt() != memberId) {
            throw new IOException("The ZooKeeper data folder " + dataDir + " belongs to member " + owner.getAsInt()
                    + " of the ensemble, not to member " + memberId
                    + ". Check tidemark.zookeeper.data.dir and log.dirs.");
        }
        if (owner.isPresent()) return;
        if (TransactionLogRepair.newestLog(dataDir.resolve("version-2")).isPresent()) {
            throw new IOException("The ZooKeeper data folder " + dataDir + " holds the data of a single server. Members"
                    + " without that data could outvote it, and it would be lost: copy the folder to every member first,"
                    + " and write each one's id into the file 'myid' in its folder.");
        }
        Files.createDirectories(dataDir);
        Files.writeString(file(dataDir), memberId + "\n");
    }

    /// @throws IOException if the folder belongs to a member of an ensemble
    static void refuseMember(Path dataDir) throws IOException {
        OptionalInt owner = read(dataDir);
        if (owner.isEmpty()) return;
        throw new IOException("The ZooKeeper data folder " + dataDir + " belongs to member " + owner.getAsInt()
                + " of an ensemble. Set tidemark.zookeeper.ensemble as before; or, to go on with this member's data"
                + " alone, remove the file 'myid' in it.");
    }

    private static OptionalInt read(Path dataDir) throws IOException {
        Path file = file(dataDir);
        if (!Files.exists(file)) return OptionalInt.empty();
        String text = Files.readString(file).strip();
        try {
            return OptionalInt.of(Integer.parseInt(text));
        } catch (NumberFormatException e) {
            throw new IOException(file + " holds '" + text + "', which is not a member's id", e);
        }
    }
}
