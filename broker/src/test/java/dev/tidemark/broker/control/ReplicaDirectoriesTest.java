package dev.tidemark.broker.control;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.broker.TestPartitions;
import dev.tidemark.storage.directory.LogDirectory;
import java.io.IOException;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ReplicaDirectoriesTest {
    private final TestPartitions full = new TestPartitions();
    private final LogDirectory empty = new TestPartitions().directory;
    private final Set<LogDirectory> cordoned = new HashSet<>();
    private final ReplicaDirectories directories = new ReplicaDirectories() {
        @Override
        public List<LogDirectory> all() {
            return List.of(full.directory, empty);
        }

        @Override
        public boolean isCordoned(LogDirectory directory) {
            return cordoned.contains(directory);
        }
    };

    ReplicaDirectoriesTest() {
        full.held("t", 0);
    }

    @Test
    void newReplicasGoWhereTheFewestAre() {
        assertThat(directories.forNewReplica()).contains(empty);
    }

    @Test
    void whatIsCordonedGetsNoneWhileThereIsAnother() {
        cordoned.add(empty);
        assertThat(directories.forNewReplica()).contains(full.directory);

        cordoned.add(full.directory);
        assertThat(directories.forNewReplica()).contains(empty);
    }

    @Test
    void whatIsOfflineGetsNoneAtAll() {
        cordoned.add(full.directory);
        empty.onDiskFailure(new IOException("broken"));
        assertThat(directories.forNewReplica()).contains(full.directory);
    }
}
