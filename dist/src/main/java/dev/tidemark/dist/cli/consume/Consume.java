package dev.tidemark.dist.cli.consume;

import dev.tidemark.dist.cli.*;
import java.util.List;

public final class Consume implements Command {
    @Override
    public String summary() {
        return "Read records from topics.";
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
