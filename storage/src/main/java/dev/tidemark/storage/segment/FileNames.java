package dev.tidemark.storage.segment;

import java.util.OptionalLong;

/// Kafka's names of the files in a partition's folder: the base offset in 20 digits, then what it is, then at most one
/// mark of a file on its way in or out.
public final class FileNames {
    public static final String LOG = ".log";
    public static final String INDEX = ".index";
    public static final String TIME_INDEX = ".timeindex";
    public static final String TXN_INDEX = ".txnindex";
    public static final String SNAPSHOT = ".snapshot";

    /// Waits for its deletion.
    public static final String DELETED = ".deleted";
    /// Being written by the cleaner; worthless after a crash.
    public static final String CLEANED = ".cleaned";
    /// Complete, and about to replace older segments; a restart finishes that.
    public static final String SWAP = ".swap";

    public static final String LEADER_EPOCH_CHECKPOINT = "leader-epoch-checkpoint";
    public static final String PARTITION_METADATA = "partition.metadata";

    private static final int OFFSET_DIGITS = 20;

    private FileNames() {}

    /// Such as `00000000000000000042.log`.
    public static String of(long baseOffset, String suffix) {
        StringBuilder name = new StringBuilder(OFFSET_DIGITS + suffix.length());
        String digits = Long.toString(baseOffset);
        name.repeat('0', OFFSET_DIGITS - digits.length()).append(digits);
        return name.append(suffix).toString();
    }

    /// The offset that a name begins with; empty where it begins with anything else.
    public static OptionalLong offset(String name) {
        if (name.length() <= OFFSET_DIGITS || name.charAt(OFFSET_DIGITS) != '.') return OptionalLong.empty();
        long offset = 0;
        for (int i = 0; i < OFFSET_DIGITS; i++) {
            int digit = name.charAt(i) - '0';
            if (digit < 0 || digit > 9 || offset > (Long.MAX_VALUE - digit) / 10) return OptionalLong.empty();
            offset = offset * 10 + digit;
        }
        return OptionalLong.of(offset);
    }
}
