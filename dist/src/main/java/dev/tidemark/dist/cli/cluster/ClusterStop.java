package dev.tidemark.dist.cli.cluster;

import dev.tidemark.dist.cli.Arguments;
import dev.tidemark.dist.cli.CliException;
import dev.tidemark.dist.cli.Command;
import dev.tidemark.dist.cli.ExitCode;
import dev.tidemark.dist.cli.Invocation;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/// `tidemark cluster stop`.
public final class ClusterStop implements Command {
    private static final long WAIT_S_MAX = 90;

    @Override
    public String summary() {
        return "Stop a cluster that `cluster start` runs on this machine, cleanly; its data stay.";
    }

    @Override
    public void declare(Arguments arguments) {
        arguments.option("-d,--data", "DIR", "The cluster's folder. Default: ~/.tidemark/cluster.");
    }

    @Override
    public List<String> examples() {
        return List.of("tidemark cluster stop", "tidemark cluster stop --data /tmp/cluster");
    }

    @Override
    public int run(Invocation invocation) throws IOException {
        Path folder = ClusterStart.folder(invocation);
        List<ProcessHandle> living = ClusterFile.read(folder)
                .orElseThrow(
                        () -> CliException.notFound("there is no cluster in " + folder, "Give its folder with --data."))
                .living(folder);
        living.forEach(ProcessHandle::destroy);
        CompletableFuture<Void> ended = CompletableFuture.allOf(
                living.stream().map(ProcessHandle::onExit).toArray(CompletableFuture[]::new));
        var _ = ended.completeOnTimeout(null, WAIT_S_MAX, TimeUnit.SECONDS).join();
        List<Long> left = living.stream()
                .filter(ProcessHandle::isAlive)
                .map(ProcessHandle::pid)
                .toList();
        if (!left.isEmpty()) throw CliException.failed("processes that have not ended: " + left);
        invocation.terminal().out().println(living.isEmpty() ? "nothing was running" : "stopped");
        return ExitCode.OK;
    }
}
