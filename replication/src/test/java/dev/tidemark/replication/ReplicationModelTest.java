package dev.tidemark.replication;

import static org.assertj.core.api.Assertions.assertThat;

import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/// The rules of replication under every order of messages: whatever was committed once is in the log of every later
/// leader, and the logs of all replicas agree below their high watermarks.
class ReplicationModelTest {
    @Property(tries = 400)
    void nothingCommittedIsLostAndLogsAgree(@ForAll long seed) {
        ReplicationModel model = new ReplicationModel(seed, 3, 1, false);

        model.run(400);
    }

    /// The answer to a proposal came after the metadata had told of it, and the next proposal was under way.
    @Example
    void aLateAnswerDoesNotTakeBackTheNextProposal() {
        new ReplicationModel(-13_045_698_385_657L, 3, 1, false).run(400);
    }

    @Property(tries = 200)
    void norWithFiveReplicasAndTwoToBeInSync(@ForAll long seed) {
        ReplicationModel model = new ReplicationModel(seed, 5, 2, false);

        model.run(500);
    }

    /// After an unclean election records may be lost, but never differ.
    @Property(tries = 200)
    void logsAgreeInTheEndAlsoAfterUncleanElections(@ForAll long seed) {
        ReplicationModel model = new ReplicationModel(seed, 3, 1, true);

        model.run(400);
        model.settle();

        assertThat(model.logsAreEqual()).isTrue();
    }

    /// Once messages arrive again, every replica is in sync and all is committed.
    @Property(tries = 200)
    void itRecoversWithoutHelp(@ForAll long seed) {
        ReplicationModel model = new ReplicationModel(seed, 3, 2, false);

        model.run(300);
        model.settle();

        assertThat(model.isrSize()).isEqualTo(3);
        assertThat(model.logsAreEqual()).isTrue();
        assertThat(model.allIsCommitted()).isTrue();
    }
}
