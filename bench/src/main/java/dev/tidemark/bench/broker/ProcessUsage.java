package dev.tidemark.bench.broker;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// What a process has used so far, as Linux tells it under `/proc`.
///
/// @param cpuSeconds user and system time of all its threads, ended ones too
/// @param residentBytes memory resident now
/// @param residentPeakBytes the most that was ever resident
public record ProcessUsage(double cpuSeconds, long residentBytes, long residentPeakBytes) {
    /// USER_HZ is 100 on every Linux that a JDK runs on.
    private static final double TICKS_PER_SECOND = 100;

    public static ProcessUsage of(long pid) throws IOException {
        Path proc = Path.of("/proc", String.valueOf(pid));
        return new ProcessUsage(
                cpuSeconds(Files.readString(proc.resolve("stat"))),
                kibibytes(proc, "VmRSS:") << 10,
                kibibytes(proc, "VmHWM:") << 10);
    }

    static double cpuSeconds(String stat) {
        // The second field is the command's name in brackets and may hold spaces.
        String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
        return (Long.parseLong(fields[11]) + Long.parseLong(fields[12])) / TICKS_PER_SECOND;
    }

    private static long kibibytes(Path proc, String key) throws IOException {
        for (String line : Files.readAllLines(proc.resolve("status"))) {
            if (line.startsWith(key)) return Long.parseLong(line.replaceAll("\\D", ""));
        }
        throw new IOException("no " + key + " in " + proc + "/status");
    }
}
