package dev.tidemark.compatibility;

import dev.tidemark.bench.broker.RunningBroker;
import dev.tidemark.compatibility.driver.ForeignClients;
import dev.tidemark.compatibility.matrix.ClientMatrix;
import dev.tidemark.compatibility.matrix.Outcomes;
import java.io.IOException;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.DynamicNode;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.extension.ExtendWith;

/// Every client with every feature that it offers, each a test of its own.
@ExtendWith(SharedBroker.class)
class ClientMatrixTest {
    @TestFactory
    Stream<DynamicNode> clients(RunningBroker broker) throws IOException, InterruptedException {
        return ClientMatrix.of(ForeignClients.all(), broker.bootstrap());
    }

    @AfterAll
    static void writeTable() throws IOException, InterruptedException {
        Outcomes.ofThisRun().write(SharedBroker.product().version());
    }
}
