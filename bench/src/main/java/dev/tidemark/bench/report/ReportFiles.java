package dev.tidemark.bench.report;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// Writes a report as `latest.md` for people and `latest.json` with every single value.
public final class ReportFiles {
    private static final ObjectMapper JSON = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

    private ReportFiles() {}

    public static void write(Report report, Path folder) throws IOException {
        Files.createDirectories(folder);
        Files.writeString(folder.resolve("latest.md"), report.toMarkdown());
        Files.writeString(folder.resolve("latest.json"), toJson(report) + "\n");
    }

    static String toJson(Report report) throws IOException {
        ObjectNode root = JSON.createObjectNode();
        root.put("date", report.day()).put("command", report.command()).put("rounds", report.rounds());
        root.set("facts", JSON.valueToTree(report.facts()));
        ObjectNode rows = root.putObject("rows");
        for (Row row : Row.values()) {
            if (!report.theirs().has(row) && !report.ours().has(row)) continue;
            ObjectNode json = rows.putObject(row.id());
            json.put("title", row.title()).put("unit", row.unit()).put("target", row.target());
            json.set("kafka", JSON.valueToTree(report.theirs().of(row)));
            json.set("tidemark", JSON.valueToTree(report.ours().of(row)));
            if (report.theirs().has(row) && report.ours().has(row)) {
                json.put(
                        "ratio",
                        row.ratio(report.theirs().median(row), report.ours().median(row)));
            }
        }
        root.set("failures", JSON.valueToTree(report.failures()));
        return JSON.writeValueAsString(root);
    }
}
