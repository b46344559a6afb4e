package dev.tidemark.zookeeper;

import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;

/// `zookeeper.connect`, taken apart.
///
/// @param hosts host:port pairs, separated by commas
/// @param chroot begins with a slash and does not end with one; empty where there is none
record ConnectString(String hosts, String chroot) {
    static final int DEFAULT_PORT = 2181;

    /// @throws IllegalArgumentException saying what is wrong with it
    static ConnectString parse(String connect) {
        String text = connect.strip();
        int slash = text.indexOf('/');
        String hosts = slash < 0 ? text : text.substring(0, slash);
        String chroot = slash < 0 ? "" : text.substring(slash);
        while (chroot.endsWith("/")) chroot = chroot.substring(0, chroot.length() - 1);
        if (hosts.isBlank()) {
            throw new IllegalArgumentException(
                    "zookeeper.connect '" + connect + "' names no server: expected host:port,host:port/chroot");
        }
        for (String part :
                chroot.isEmpty() ? new String[0] : chroot.substring(1).split("/", -1)) {
            if (part.isEmpty() || part.equals(".") || part.equals("..")) {
                throw new IllegalArgumentException("zookeeper.connect '" + connect + "' has a chroot that is no path");
            }
        }
        return new ConnectString(hosts, chroot);
    }

    /// The servers that a list of host:port names, not yet looked up.
    static List<InetSocketAddress> addresses(String hosts) {
        List<InetSocketAddress> addresses = new ArrayList<>();
        for (String server : hosts.split(",", -1)) {
            int colon = server.lastIndexOf(':');
            boolean hasPort = colon > server.lastIndexOf(']');
            String host = hasPort ? server.substring(0, colon) : server;
            if (host.startsWith("[")) host = host.substring(1, host.length() - 1);
            int port = hasPort ? portOf(server, server.substring(colon + 1)) : DEFAULT_PORT;
            addresses.add(InetSocketAddress.createUnresolved(host.strip(), port));
        }
        return addresses;
    }

    private static int portOf(String server, String text) {
        try {
            return Integer.parseInt(text.strip());
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("zookeeper.connect names '" + server + "', which is not host:port", e);
        }
    }

    /// The root of the cluster's tree.
    String root() {
        return chroot.isEmpty() ? "/" : chroot;
    }

    /// The nodes that make up the chroot, parents first.
    List<String> chrootParents() {
        List<String> parents = new ArrayList<>();
        for (int slash = chroot.indexOf('/', 1); slash > 0; slash = chroot.indexOf('/', slash + 1)) {
            parents.add(chroot.substring(0, slash));
        }
        if (!chroot.isEmpty()) parents.add(chroot);
        return parents;
    }
}
