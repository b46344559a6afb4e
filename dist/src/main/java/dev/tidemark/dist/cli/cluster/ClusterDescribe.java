package dev.tidemark.dist.cli.cluster;

import dev.tidemark.client.Node;
import dev.tidemark.client.admin.AdminClient;
import dev.tidemark.client.admin.ClusterAdmin;
import dev.tidemark.client.admin.ClusterAdmin.LogDir;
import dev.tidemark.dist.cli.Arguments;
import dev.tidemark.dist.cli.Brokers;
import dev.tidemark.dist.cli.Command;
import dev.tidemark.dist.cli.ExitCode;
import dev.tidemark.dist.cli.Invocation;
import dev.tidemark.dist.cli.output.Progress;
import dev.tidemark.dist.cli.output.Table;
import dev.tidemark.protocol.ErrorCode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// `tidemark cluster describe`.
public final class ClusterDescribe implements Command {
    @Override
    public String summary() {
        return "Show the cluster: its id, brokers, controller and log directories.";
    }

    @Override
    public void declare(Arguments arguments) {
        arguments.connection().output();
    }

    @Override
    public List<String> examples() {
        return List.of("tidemark cluster describe", "tidemark cluster describe -b broker.example.org:9092 -o json");
    }

    @Override
    public int run(Invocation invocation) throws InterruptedException {
        ClusterAdmin.Description cluster;
        List<LogDir> dirs;
        try (AdminClient admin = Brokers.admin(invocation)) {
            cluster = admin.cluster().describe();
            dirs = admin.cluster().logDirs();
        }
        if (invocation.isJson()) invocation.printJson(json(cluster, dirs));
        else print(invocation, cluster, dirs);
        return ExitCode.OK;
    }

    private static void print(Invocation invocation, ClusterAdmin.Description cluster, List<LogDir> dirs) {
        var out = invocation.terminal().out();
        var style = invocation.terminal().outStyle();
        out.println("cluster " + style.bold(String.valueOf(cluster.clusterId())));
        Table brokers = new Table("BROKER", "HOST", "PORT", "RACK", "CONTROLLER");
        for (Node node : cluster.brokers())
            brokers.row(
                    node.id(),
                    node.host(),
                    node.port(),
                    node.rack() == null ? "-" : node.rack(),
                    node.id() == cluster.controllerId() ? "yes" : "no");
        brokers.print(out, style);
        out.println();
        Table table = new Table("BROKER", "LOG DIR", "STATE", "REPLICAS", "SIZE", "FREE", "VOLUME");
        for (LogDir dir : dirs)
            table.row(
                    dir.brokerId(),
                    dir.path(),
                    dir.error() == ErrorCode.NONE ? "online" : "offline: " + dir.error(),
                    dir.replicaBytes().size(),
                    Progress.size(usedBytes(dir)),
                    dir.usableBytes() < 0 ? "-" : Progress.size(dir.usableBytes()),
                    dir.totalBytes() < 0 ? "-" : Progress.size(dir.totalBytes()));
        table.print(out, style);
    }

    private static long usedBytes(LogDir dir) {
        return dir.replicaBytes().values().stream().mapToLong(Long::longValue).sum();
    }

    private static Map<String, @Nullable Object> json(ClusterAdmin.Description cluster, List<LogDir> dirs) {
        List<Map<String, @Nullable Object>> brokers = new ArrayList<>();
        for (Node node : cluster.brokers()) {
            Map<String, @Nullable Object> broker = new LinkedHashMap<>();
            broker.put("id", node.id());
            broker.put("host", node.host());
            broker.put("port", node.port());
            broker.put("rack", node.rack());
            broker.put("controller", node.id() == cluster.controllerId());
            broker.put(
                    "logDirs",
                    dirs.stream()
                            .filter(dir -> dir.brokerId() == node.id())
                            .map(ClusterDescribe::json)
                            .toList());
            brokers.add(broker);
        }
        Map<String, @Nullable Object> json = new LinkedHashMap<>();
        json.put("clusterId", cluster.clusterId());
        json.put("controllerId", cluster.controllerId());
        json.put("brokers", brokers);
        return json;
    }

    private static Map<String, Object> json(LogDir dir) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("path", dir.path());
        json.put("error", dir.error().name());
        json.put("replicas", dir.replicaBytes().size());
        json.put("bytes", usedBytes(dir));
        json.put("usableBytes", dir.usableBytes());
        json.put("totalBytes", dir.totalBytes());
        return json;
    }
}
