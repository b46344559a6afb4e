package dev.tidemark.bench.broker;

import java.io.IOException;
import java.util.List;

/// A product that can be measured: how a node of it is laid out on disk and which command starts it. A cluster of
/// several nodes is given to [#prepare] as a whole; a single broker is a cluster of one.
public interface BrokerUnderTest {
    String name();

    /// What ran, for the report.
    String version();

    /// Writes the node's configuration, and formats its folder where the product asks for that. Not measured.
    void prepare(Node node, List<Node> cluster) throws IOException, InterruptedException;

    /// The command whose process is the broker (a script must `exec`), given a prepared node.
    List<String> command(Node node);
}
