package dev.tidemark.broker.handler;

/// What may be a topic's name: 1 to 249 of `[a-zA-Z0-9._-]`, but not `.` or `..`.
public final class TopicNames {
    private static final int LENGTH_MAX = 249;

    private TopicNames() {}

    public static boolean isValid(String name) {
        if (name.isEmpty() || name.length() > LENGTH_MAX || name.equals(".") || name.equals("..")) return false;
        for (int i = 0; i < name.length(); i++) {
            char c = name.charAt(i);
            boolean allowed = (c >= 'a' && c <= 'z')
                    || (c >= 'A' && c <= 'Z')
                    || (c >= '0' && c <= '9')
                    || c == '.'
                    || c == '_'
                    || c == '-';
            if (!allowed) return false;
        }
        return true;
    }
}
