package dev.tidemark.dist.cli.produce;

import dev.tidemark.dist.cli.*;
import java.util.List;

public final class Produce implements Command {
    @Override
    public String summary() {
        return "Write records from standard input to a topic.";
    }

    @Override
    public void declare(Arguments arguments) {
        arguments.positional("TOPIC", "The topic.");
    }

    @Override
    public List<String> examples() {
        return List.of();
    }

    @Override
    public int run(Invocation invocation) {
        return 1;
    }
}
