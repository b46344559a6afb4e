package dev.tidemark.zookeeper;

import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/// Who makes up an ensemble: `tidemark.zookeeper.ensemble`, taken apart.
///
/// @param members by id
public record Ensemble(SortedMap<Integer, Member> members) {
    private static final Pattern FORM =
            Pattern.compile("(\\d{1,3})@(\\[[0-9a-fA-F:.%]+]|[^@:\\[\\]/]+):(\\d{1,5}):(\\d{1,5}):(\\d{1,5})");
    private static final int ID_MAX = 255;
    private static final int PORT_MAX = 65_535;

    /// @param host an IPv6 address without brackets
    /// @param clientPort for brokers
    /// @param peerPort for members that follow this one
    /// @param electionPort for the vote on who leads
    public record Member(int id, String host, int clientPort, int peerPort, int electionPort) {
        private String bracketedHost() {
            return host.indexOf(':') < 0 ? host : "[" + host + "]";
        }

        /// For `zookeeper.connect`.
        public String clientAddress() {
            return bracketedHost() + ":" + clientPort;
        }

        @Override
        public String toString() {
            return id + "@" + bracketedHost() + ":" + clientPort + ":" + peerPort + ":" + electionPort;
        }
    }

    /// @param entries `id@host:clientPort:peerPort:electionPort` each
    /// @throws IllegalArgumentException saying what is wrong with them
    public static Ensemble parse(List<String> entries) {
        TreeMap<Integer, Member> members = new TreeMap<>();
        for (String entry : entries) {
            Member member = parse(entry.strip());
            if (members.put(member.id(), member) != null) {
                throw new IllegalArgumentException("the id " + member.id() + " comes twice");
            }
        }
        if (members.size() % 2 == 0) {
            throw new IllegalArgumentException("an ensemble has an odd number of members, and this has "
                    + members.size() + ": one more survives no more losses");
        }
        return new Ensemble(members);
    }

    private static Member parse(String entry) {
        Matcher form = FORM.matcher(entry);
        if (!form.matches()) {
            throw new IllegalArgumentException(
                    "'" + entry + "' is not of the form id@host:clientPort:peerPort:electionPort");
        }
        int id = Integer.parseInt(form.group(1));
        if (id > ID_MAX) throw new IllegalArgumentException("'" + entry + "' has an id above " + ID_MAX);
        String host = form.group(2);
        if (host.startsWith("[")) host = host.substring(1, host.length() - 1);
        return new Member(id, host, port(entry, form.group(3)), port(entry, form.group(4)), port(entry, form.group(5)));
    }

    private static int port(String entry, String text) {
        int port = Integer.parseInt(text);
        if (port < 1 || port > PORT_MAX) {
            throw new IllegalArgumentException("'" + entry + "' has a port that is not between 1 and " + PORT_MAX);
        }
        return port;
    }

    public Optional<Member> member(int id) {
        return Optional.ofNullable(members.get(id));
    }

    /// For `zookeeper.connect`: all members.
    public String connectString() {
        return members.values().stream().map(Member::clientAddress).collect(Collectors.joining(","));
    }
}
