package dev.tidemark.dist;

import dev.tidemark.dist.broker.BrokerProcess;
import dev.tidemark.dist.broker.LogProvider;
import dev.tidemark.dist.cli.BrokerStart;
import dev.tidemark.dist.cli.Cli;
import dev.tidemark.dist.cli.Start;
import dev.tidemark.dist.cli.Training;

/// `./tidemark`: the command line, and the broker behind its `start` command.
public final class Main {
    private Main() {}

    public static void main(String[] arguments) {
        LogProvider.use();
        BrokerStart start = Start.simple(arguments);
        if (start != null) System.exit(startBroker(start));
        boolean isTraining = arguments.length > 0 && arguments[0].equals("train");
        System.exit(isTraining ? Training.run(arguments, Main::startBroker) : Cli.run(arguments, Main::startBroker));
    }

    /// Runs a broker until it is told to stop; its exit code.
    private static int startBroker(BrokerStart start) {
        return BrokerProcess.run(start.propertiesFile(), start.overrides());
    }
}
