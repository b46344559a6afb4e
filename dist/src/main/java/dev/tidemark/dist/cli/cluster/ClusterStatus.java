package dev.tidemark.dist.cli.cluster;

import dev.tidemark.dist.cli.Arguments;
import dev.tidemark.dist.cli.CliException;
import dev.tidemark.dist.cli.Command;
import dev.tidemark.dist.cli.ExitCode;
import dev.tidemark.dist.cli.Invocation;
import dev.tidemark.dist.cli.output.Table;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// `tidemark cluster status`.
public final class ClusterStatus implements Command {
    private static final int CONNECT_MS_MAX = 1_000;

    @Override
    public String summary() {
        return "Show which nodes of a cluster on this machine run; 1 is the exit code if one does not.";
    }

    @Override
    public void declare(Arguments arguments) {
        arguments
                .option("-d,--data", "DIR", "The cluster's folder. Default: ~/.tidemark/cluster.")
                .output();
    }

    @Override
    public List<String> examples() {
        return List.of("tidemark cluster status", "tidemark cluster status --data /tmp/cluster -o json");
    }

    /// @param pid 0 where none runs
    /// @param state running, starting, or ended
    private record Row(int id, int port, long pid, String state, Path folder) {}

    @Override
    public int run(Invocation invocation) throws IOException {
        Path folder = ClusterStart.folder(invocation);
        ClusterFile file = ClusterFile.read(folder)
                .orElseThrow(() ->
                        CliException.notFound("there is no cluster in " + folder, "Give its folder with --data."));
        List<Row> rows = new ArrayList<>();
        file.nodes().forEach((id, node) -> rows.add(row(folder, file, id, node.port())));
        if (invocation.isJson())
            invocation.printJson(rows.stream().map(ClusterStatus::json).toList());
        else print(invocation, rows);
        boolean allRun = rows.stream().allMatch(row -> row.state().equals("running"));
        return allRun ? ExitCode.OK : ExitCode.FAILED;
    }

    private static Row row(Path folder, ClusterFile file, int id, int port) {
        Optional<ProcessHandle> process = file.process(folder, id);
        String state = process.isEmpty() ? "ended" : listens(port) ? "running" : "starting";
        return new Row(id, port, process.map(ProcessHandle::pid).orElse(0L), state, folder.resolve("node-" + id));
    }

    private static boolean listens(int port) {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), CONNECT_MS_MAX);
            return true;
        } catch (IOException refused) {
            return false;
        }
    }

    private static void print(Invocation invocation, List<Row> rows) {
        Table table = new Table("NODE", "ADDRESS", "PID", "STATE", "DATA");
        for (Row row : rows)
            table.row(row.id(), "localhost:" + row.port(), row.pid() == 0 ? "-" : row.pid(), row.state(), row.folder());
        table.print(invocation.terminal().out(), invocation.terminal().outStyle());
    }

    private static Map<String, @Nullable Object> json(Row row) {
        Map<String, @Nullable Object> json = new LinkedHashMap<>();
        json.put("node", row.id());
        json.put("address", "localhost:" + row.port());
        json.put("pid", row.pid());
        json.put("state", row.state());
        json.put("data", row.folder().toString());
        return json;
    }
}
